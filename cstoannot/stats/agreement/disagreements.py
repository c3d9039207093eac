"""All disagreements between two coders of a source, each of exactly one kind; confused codes.

For two coders A and B who finished a source, a passage of A with code c is

- *exact* if B has one with the same bounds and code, matched one to one;
- else *hit* if B has c on any part of it;
- else *unmatched*.

Passages that are hit but not exact make **boundary** disagreements: one for each connected stretch
of passages of A and B with code c, with all of these passages. Unmatched passages of A and B that
share text are matched one to one (`overlaps`) as **different_code**; the rest are **missed** by the
coder who has nothing there. Matched passages with the same code and common text are
**different_stance** or **different_voice** where the labels differ, whatever their bounds.

For every pair of coders, and so for sums over pairs:

- passages |A| + |B| = 2·exact + passages of boundary + 2·different_code + missed, where the
  passages of boundary are those not exact;
- f1_exact = 2·exact / (|A| + |B|);
- |A| + |B| − passages that f1_overlap counts as overlapping = 2·different_code + missed;
- different_stance is the number of stance_alpha's units whose two values differ, of n; the same for
  different_voice and voice_alpha;
- different_code is the sum of the confusion matrix off its diagonal.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cstoannot.stats.agreement.coding_builders import build_overlap_coding
from cstoannot.stats.agreement.overlaps import WORD, PassageViews, argsort_columns, match_passages
from cstoannot.stats.results import Bools, Ints, Numbers
from cstoannot.stats.tables import SpanTable


class DisagreementKind(StrEnum):
    """The kinds of disagreement."""

    MISSED = "missed"
    BOUNDARY = "boundary"
    DIFFERENT_CODE = "different_code"
    DIFFERENT_STANCE = "different_stance"
    DIFFERENT_VOICE = "different_voice"


KINDS = tuple(DisagreementKind)


@dataclass(frozen=True, slots=True)
class DisagreementCase:
    """One disagreement: its stretch of text, and the rows of both coders' passages.

    ``first`` and ``second`` are the annotators; ``codes`` are the codes of their passages (for a
    missed one, the same code twice). Rows are indices into the arrays from which the `SpanTable`
    was built.
    """

    kind: DisagreementKind
    source: int
    first: int
    second: int
    codes: tuple[int, int]
    start: int
    end: int
    rows_first: tuple[int, ...]
    rows_second: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class DisagreementTable:
    """All disagreements in columns (D,), ordered by source, start, end, kind and coders.

    ``kind`` is an index into `KINDS`. ``passages``: how many of its passages count in the sums
    above (for boundary those not exact, for missed 1, else 2). The rows of case d are
    ``rows[offsets[d]:offsets[d + 1]]``; ``second`` tells which belong to the second coder.
    ``exact``: how many pairs of passages agree in bounds and code; ``total``: Σ over pairs of |A| +
    |B|.
    """

    kind: Ints
    source: Ints
    coders: Ints
    codes: Ints
    start: Ints
    end: Ints
    passages: Ints
    offsets: Ints
    rows: Ints
    second: Bools
    exact: int
    total: int

    def __len__(self) -> int:
        return len(self.kind)

    def count(self, kind: DisagreementKind) -> int:
        return int((self.kind == KINDS.index(kind)).sum())

    def __getitem__(self, index: int) -> DisagreementCase:
        part = slice(self.offsets[index], self.offsets[index + 1])
        rows, second = self.rows[part], self.second[part]
        first_code, second_code = self.codes[:, index].tolist()
        return DisagreementCase(
            KINDS[self.kind[index]],
            int(self.source[index]),
            int(self.coders[0, index]),
            int(self.coders[1, index]),
            (first_code, second_code),
            int(self.start[index]),
            int(self.end[index]),
            tuple(rows[~second].tolist()),
            tuple(rows[second].tolist()),
        )

    def __iter__(self) -> Iterator[DisagreementCase]:
        return (self[index] for index in range(len(self)))


@dataclass(frozen=True, eq=False)
class _CaseViews:
    """Cases of one kind with their views: ``case`` (M,) for each view (M,)."""

    kind: DisagreementKind
    case: Ints
    view: Ints
    counts: Bools


def build_disagreements(spans: SpanTable) -> DisagreementTable:
    """Find all disagreements in the sources of the table; deterministic.

    Takes n log n time as long as few passages of one code overlap each other.
    """
    shared = spans.finished.sum(axis=1) >= 2
    spans = spans.take(np.flatnonzero(shared[spans.source]))
    views = PassageViews.of(spans)
    code = spans.code[views.span]
    same = views.pair * spans.n_codes + code
    one, other = match_passages(spans, views, same)
    exact = _mark_exact_views(spans, views, one, other)
    met = _mark_hit_views(spans, views)
    named = [_build_boundary_cases(spans, views, same, met, exact)]
    alone = np.flatnonzero(~met)
    named += _build_unmatched_cases(spans, views, alone)
    for kind, labels in (
        (DisagreementKind.DIFFERENT_STANCE, spans.stance),
        (DisagreementKind.DIFFERENT_VOICE, spans.voice),
    ):
        apart = labels[views.span[one]] != labels[views.span[other]]
        named.append(_build_matched_cases(kind, one[apart], other[apart]))
    return _join_case_views(spans, views, named, int(exact.sum()) // 2)


def _mark_exact_views(spans: SpanTable, views: PassageViews, one: Ints, other: Ints) -> Bools:
    """(V,) whether the passage is matched with one of equal bounds."""
    exact = np.zeros(len(views), bool)
    a, b = views.span[one], views.span[other]
    equal = (spans.start[a] == spans.start[b]) & (spans.end[a] == spans.end[b])
    exact[one[equal]] = exact[other[equal]] = True
    return exact


def _mark_hit_views(spans: SpanTable, views: PassageViews) -> Bools:
    """(V,) whether the other coder has the passage's code on any part of it."""
    table = build_overlap_coding(spans)
    other = np.where(views.second, views.first_coder, views.second_coder)
    word = table.mask[views.span, other // WORD]
    return (word >> (other % WORD).astype(np.uint64) & np.uint64(1)).astype(bool)


def _build_boundary_cases(
    spans: SpanTable, views: PassageViews, group: Ints, met: Bools, exact: Bools
) -> _CaseViews:
    """Build a case for each connected stretch of hit passages, unless all of them are exact."""
    some = np.flatnonzero(met)
    start, end = spans.start[views.span[some]], spans.end[views.span[some]]
    order = argsort_columns(group[some], start, end)
    some, start, end = some[order], start[order], end[order]
    key = group[some]
    part = np.cumsum(np.concatenate(([False], key[1:] != key[:-1]))) if len(some) else key
    reach = int(end.max(initial=0)) + 1
    furthest = np.maximum.accumulate(part * reach + end) if len(some) else end
    new = np.ones(len(some), bool)
    new[1:] = part[1:] * reach + start[1:] >= furthest[:-1]
    case = np.cumsum(new) - 1
    open_cases = np.unique(case[~exact[some]])
    kept = np.isin(case, open_cases)
    view = some[kept]
    number = np.searchsorted(open_cases, case[kept])
    return _CaseViews(DisagreementKind.BOUNDARY, number, view, ~exact[view])


def _build_unmatched_cases(spans: SpanTable, views: PassageViews, alone: Ints) -> list[_CaseViews]:
    """Build the cases of passages whose code the other coder has nowhere on them.

    The other coder has another code there, or nothing.
    """
    part = views.take(alone)
    one, other = match_passages(spans, part, part.pair)
    answered = np.zeros(len(alone), bool)
    answered[one] = answered[other] = True
    rest = alone[~answered]
    return [
        _build_matched_cases(DisagreementKind.DIFFERENT_CODE, alone[one], alone[other]),
        _CaseViews(DisagreementKind.MISSED, np.arange(len(rest)), rest, np.ones(len(rest), bool)),
    ]


def _build_matched_cases(kind: DisagreementKind, one: Ints, other: Ints) -> _CaseViews:
    both = np.stack((one, other), axis=1).ravel()
    return _CaseViews(kind, np.repeat(np.arange(len(one)), 2), both, np.ones(len(both), bool))


def _join_case_views(
    spans: SpanTable, views: PassageViews, named: list[_CaseViews], exact: int
) -> DisagreementTable:
    case, kind = _number_cases(named)
    view = np.concatenate([part.view for part in named])
    at = np.searchsorted(case, np.arange(len(kind) + 1))
    span, second = views.span[view], views.second[view]
    start, end = spans.start[span], spans.end[span]
    heads = view[at[:-1]]
    low = _reduce_by_case(np.minimum, start, at)
    high = _reduce_by_case(np.maximum, end, at)
    codes = np.stack(
        [_select_case_codes(spans.code[span], second == side, case, at) for side in (0, 1)]
    )
    coders = np.stack((views.first_coder[heads], views.second_coder[heads]))
    source = spans.source[views.span[heads]]
    passages = _reduce_by_case(
        np.add, np.concatenate([part.counts for part in named]).astype(int), at
    )
    order = np.lexsort((codes[1], codes[0], coders[1], coders[0], kind, high, low, source))
    count = np.diff(at)[order]
    offsets = np.concatenate(([0], np.cumsum(count)))
    moved = np.repeat(at[:-1][order] - offsets[:-1], count) + np.arange(len(case))
    return DisagreementTable(
        kind[order],
        source[order],
        coders[:, order],
        codes[:, order],
        low[order],
        high[order],
        passages[order],
        offsets,
        spans.row[span[moved]],
        second[moved],
        exact,
        len(views),
    )


def _number_cases(named: list[_CaseViews]) -> tuple[Ints, Ints]:
    """Return each view's case number, counted across all parts, and each case's index in KINDS."""
    sizes = [int(part.case[-1]) + 1 if len(part.case) else 0 for part in named]
    firsts = np.cumsum([0, *sizes])
    case = np.concatenate([part.case + low for part, low in zip(named, firsts, strict=False)])
    return case, np.repeat([KINDS.index(part.kind) for part in named], sizes)


def _reduce_by_case(how: np.ufunc, values: Numbers, at: Ints) -> Numbers:
    return how.reduceat(values, at[:-1]) if len(at) > 1 else values[:0]


def _select_case_codes(code: Ints, ours: Bools, case: Ints, at: Ints) -> Ints:
    """Return each case's code on one side; where that side has nothing, the other side's."""
    found = code[at[:-1]].copy()
    found[case[ours]] = code[ours]
    return found


@dataclass(frozen=True, slots=True)
class ConfusedPair:
    """Two codes, the smaller number first, and how often two coders gave one each to a stretch."""

    code: int
    other: int
    count: int


@dataclass(frozen=True, eq=False)
class ConfusionMatrix:
    """How often codes were confused, and how often they were agreed on or missed.

    ``matrix`` (K, K) is symmetric off the diagonal: different_code disagreements of all pairs of
    coders, each counted at both places. On the diagonal: passages of both coders that overlap the
    other's with the same code. ``missed`` (K,): passages where the other has nothing.

    A row with its ``missed`` adds up to the passages with that code, counted once for each other
    coder.
    """

    matrix: Ints
    missed: Ints

    def mixed(self) -> list[ConfusedPair]:
        """Return the pairs of confused codes, most frequent first."""
        above = np.triu(self.matrix, 1)
        places = np.argwhere(above)
        found = [ConfusedPair(int(i), int(j), int(above[i, j])) for i, j in places]
        return sorted(found, key=lambda pair: (-pair.count, pair.code, pair.other))


def build_confusion_matrix(disagreements: DisagreementTable, passages: Ints) -> ConfusionMatrix:
    """Build the matrix.

    ``passages`` (K,): passages by code, counted once for every other coder who finished the source.
    """
    size = len(passages)
    kinds, codes = disagreements.kind, disagreements.codes
    mixed = codes[:, kinds == KINDS.index(DisagreementKind.DIFFERENT_CODE)]
    flat = np.bincount(mixed[0] * size + mixed[1], minlength=size * size).reshape(size, size)
    matrix = flat + flat.T
    alone = codes[0, kinds == KINDS.index(DisagreementKind.MISSED)]
    missed = np.bincount(alone, minlength=size)
    matrix[np.arange(size), np.arange(size)] = passages - missed - matrix.sum(axis=1)
    return ConfusionMatrix(matrix, missed)
