"""List the disagreements between coders, with the passages of both sides."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cstoannot.agreement.dataset import (
    STANCES,
    AgreementCode,
    AgreementDataset,
    AgreementSource,
    Annotator,
)
from cstoannot.agreement.project_cache import CachedAgreement, load_cached_agreement
from cstoannot.agreement.reports import (
    AgreementQuery,
    AgreementSelection,
    build_agreement_selection,
    check_known_names,
)
from cstoannot.codebook.meaning import ANY
from cstoannot.core.errors import Invalid
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import load_source_with_text
from cstoannot.stats.agreement.disagreements import (
    KINDS,
    DisagreementTable,
    build_confusion_matrix,
    build_disagreements,
)
from cstoannot.stats.tables import SpanTable
from cstoannot.text.spans import unpack_flat_bounds

ORDERS = ("position", "size")
LISTED = ("place", "pair")
KIND_NAMES = tuple(kind.value for kind in KINDS)


@dataclass(frozen=True)
class DisagreementFilter:
    """Selects disagreements by kind, code, annotator and source; empty selects all.

    Two or more annotators select the disagreements between them. `between`: two codes that two
    coders gave the same stretch. `order`: by position, or the longest stretch first. `by`: whether
    to list places, or each pair of coders apart. `meaning`: CURRENT leaves out stale codings.
    """

    kinds: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    annotators: tuple[str, ...] = ()
    sources: tuple[int, ...] = ()
    order: str = "position"
    between: tuple[str, ...] = ()
    by: str = LISTED[0]
    meaning: str = ANY
    round: str = ""


@dataclass(frozen=True)
class CodedPassage:
    """One annotator's passage; offsets in code points, half-open; `voice` empty for the author."""

    annotation_id: uuid.UUID
    annotator: Annotator
    code: AgreementCode
    start: int
    end: int
    stance: str
    voice: str


@dataclass(frozen=True)
class DisagreementEntry:
    """One disagreement, its index in the list, and its passages."""

    number: int
    kind: str
    source: AgreementSource
    first: Annotator
    second: Annotator
    codes: tuple[AgreementCode, AgreementCode]
    start: int
    end: int
    passages: tuple[CodedPassage, ...]


@dataclass(frozen=True)
class DisagreementList:
    """One page of the list; `counts` by kind, over all that match the other filters."""

    asked: DisagreementFilter
    total: int
    counts: dict[str, int]
    offset: int
    entries: tuple[DisagreementEntry, ...]


@dataclass(frozen=True)
class MixedCodes:
    """How often one coder gave a stretch the row's code and another the column's.

    Symmetric off the diagonal; the diagonal counts passages that overlap another's with the same
    code. `missed`: passages without any counterpart by the other coder.
    """

    codes: tuple[AgreementCode, ...]
    matrix: list[list[int]]
    missed: list[int]


@dataclass(frozen=True)
class DisagreementContext:
    """The paragraphs around a stretch, and all visible passages that touch them."""

    start: int
    end: int
    text: str
    passages: tuple[CodedPassage, ...]


def list_disagreements(
    scope: Scope, asked: DisagreementFilter, *, offset: int = 0, limit: int = 50
) -> DisagreementList:
    """Return the visible disagreements, at most `limit` from `offset` on."""
    check_disagreement_filter(asked)
    kept = load_cached_agreement(scope, asked.meaning)
    with kept.lock:
        check_filter_names(kept, asked)
        found, chosen = filter_disagreements(kept, asked)
        order = _sort_disagreements(found, _filter_kinds(found, chosen, asked), asked.order)
        part = order[offset : offset + limit]
        return DisagreementList(
            asked=asked,
            total=len(order),
            counts=_count_by_kind(found, chosen),
            offset=offset,
            entries=tuple(
                _build_disagreement_entry(kept.coding, found, int(index), offset + place)
                for place, index in enumerate(part)
            ),
        )


def count_disagreement_kinds(kept: CachedAgreement, asked: DisagreementFilter) -> dict[str, int]:
    """Return the number of disagreements of each kind; the caller holds the view's lock."""
    return _count_by_kind(*filter_disagreements(kept, asked))


def compute_mixed_codes(scope: Scope, asked: DisagreementFilter) -> MixedCodes:
    """Count which codes are mixed up with which: the selected ones and those mixed up with them."""
    check_disagreement_filter(asked)
    kept = load_cached_agreement(scope, asked.meaning)
    with kept.lock:
        check_filter_names(kept, asked)
        chosen = build_disagreement_selection(kept.coding, asked, all_codes=True)
        found: MixedCodes = kept.answer(
            ("mixed", chosen),
            lambda: _build_mixed_codes(
                kept.coding, _compute_all_disagreements(kept, chosen), chosen
            ),
        )
    chosen_codes = [
        n for n, code in enumerate(found.codes) if not asked.codes or code.slug in asked.codes
    ]
    wanted = [
        n
        for n, row in enumerate(found.matrix)
        if n in chosen_codes or any(row[other] for other in chosen_codes)
    ]
    return MixedCodes(
        codes=tuple(found.codes[n] for n in wanted),
        matrix=[[found.matrix[row][column] for column in wanted] for row in wanted],
        missed=[found.missed[n] for n in wanted],
    )


def load_disagreement_context(
    scope: Scope, pk: int, bounds: tuple[int, int], meaning: str = ANY
) -> DisagreementContext:
    """Load the paragraphs around a stretch of a source, with everybody's passages there."""
    source = load_source_with_text(scope, pk)
    touched = [
        (start, end)
        for start, end in unpack_flat_bounds(bytes(source.paragraphs))
        if start < bounds[1] and end > bounds[0]
    ] or [bounds]
    start, end = min(touched[0][0], bounds[0]), max(touched[-1][1], bounds[1])
    kept = load_cached_agreement(scope, meaning)
    number = kept.coding.source_number(pk)
    spans = kept.coding.spans
    near = np.flatnonzero(
        (spans.source == (-1 if number is None else number))
        & (spans.start < end)
        & (spans.end > start)
    )
    return DisagreementContext(
        start=start,
        end=end,
        text=source.text[start:end],
        passages=tuple(build_coded_passage(kept.coding, int(spans.row[place])) for place in near),
    )


def build_coded_passage(coding: AgreementDataset, row: int) -> CodedPassage:
    """Build the passage at an index of `coding.rows`, with its names."""
    held = coding.rows[row]
    return CodedPassage(
        annotation_id=coding.annotation_id(row),
        annotator=coding.annotator_of(int(held["annotator"])),
        code=coding.code_of(int(held["code"])),
        start=int(held["start"]),
        end=int(held["end"]),
        stance=STANCES[held["stance"]],
        voice=coding.voices.get(int(held["voice"]), ""),
    )


def check_disagreement_filter(asked: DisagreementFilter) -> None:
    unknown = [kind for kind in asked.kinds if kind not in KIND_NAMES]
    if unknown:
        raise Invalid(f"kind is one of: {', '.join(KIND_NAMES)}.", field="kind")
    if asked.between and len(asked.between) != 2:
        raise Invalid("between names two codes.", field="between")
    if asked.order not in ORDERS:
        raise Invalid(f"ordering is one of: {', '.join(ORDERS)}.", field="ordering")


def check_filter_names(kept: CachedAgreement, asked: DisagreementFilter) -> None:
    codes = (*asked.codes, *asked.between)
    check_known_names(
        kept,
        codes=codes,
        annotators=asked.annotators,
        sources=asked.sources,
        round=asked.round,
    )


def build_disagreement_selection(
    coding: AgreementDataset, asked: DisagreementFilter, *, all_codes: bool
) -> AgreementSelection:
    question = AgreementQuery(
        codes=() if all_codes else asked.codes,
        annotators=asked.annotators if len(asked.annotators) > 1 else (),
        sources=asked.sources,
        round=asked.round,
    )
    return build_agreement_selection(question, coding)


def select_disputed_spans(coding: AgreementDataset, chosen: AgreementSelection) -> SpanTable:
    return coding.spans.select(sources=chosen.sources, annotators=chosen.annotators)


def _compute_all_disagreements(
    kept: CachedAgreement, chosen: AgreementSelection
) -> DisagreementTable:
    """Return all disagreements among these annotators in these sources, for all codes."""
    found: DisagreementTable = kept.answer(
        ("disagreements", chosen.annotators, chosen.sources),
        lambda: build_disagreements(select_disputed_spans(kept.coding, chosen)),
    )
    return found


def filter_disagreements(
    kept: CachedAgreement, asked: DisagreementFilter
) -> tuple[DisagreementTable, NDArray[np.int64]]:
    """Return all disagreements, and the indexes of those that match all filters but kinds."""
    chosen = build_disagreement_selection(kept.coding, asked, all_codes=True)
    found = _compute_all_disagreements(kept, chosen)
    left = np.ones(len(found), bool)
    if asked.codes:
        numbers = [n for n, code in enumerate(kept.coding.codes) if code.slug in asked.codes]
        left &= np.isin(found.codes, numbers).any(axis=0)
    for slug in asked.between:
        number = next((n for n, code in enumerate(kept.coding.codes) if code.slug == slug), -1)
        left &= (found.codes == number).any(axis=0)
    if len(asked.annotators) == 1:
        left &= (found.coders == _find_annotator_number(kept.coding, asked.annotators[0])).any(
            axis=0
        )
    return found, np.flatnonzero(left & mark_visible_disagreements(kept, found))


def mark_visible_disagreements(
    kept: CachedAgreement, found: DisagreementTable
) -> NDArray[np.bool_]:
    """Return (D,) which disagreements the reader sees: all, or only those of their own work.

    Only those between two coders who have read the source for the codes in question.
    """
    read = mark_read_disagreements(kept.coding, found)
    if kept.scope.can(Permission.SEE_ALL_CODING):
        return read
    me = _find_annotator_number(kept.coding, kept.scope.user.username)
    mine: NDArray[np.bool_] = (found.coders == me).any(axis=0)
    return mine & read


def mark_read_disagreements(
    coding: AgreementDataset, found: DisagreementTable
) -> NDArray[np.bool_]:
    """Return (D,) whether both coders have read the source for both codes."""
    read = np.ones(len(found), bool)
    if len(coding.readings) > 1:
        for coder in found.coders:
            for code in found.codes:
                read &= coding.has_read(found.source, coder, code)
    return read


def _count_by_kind(found: DisagreementTable, chosen: NDArray[np.int64]) -> dict[str, int]:
    counts = np.bincount(found.kind[chosen], minlength=len(KINDS)).tolist()
    return dict(zip(KIND_NAMES, counts, strict=True))


def _find_annotator_number(coding: AgreementDataset, username: str) -> int:
    names = (n for n, one in enumerate(coding.annotators) if one.username == username)
    return next(names, -1)


def _filter_kinds(
    found: DisagreementTable, chosen: NDArray[np.int64], asked: DisagreementFilter
) -> NDArray[np.int64]:
    if not asked.kinds:
        return chosen
    kinds = [KIND_NAMES.index(kind) for kind in asked.kinds]
    return chosen[np.isin(found.kind[chosen], kinds)]


def _sort_disagreements(
    found: DisagreementTable, chosen: NDArray[np.int64], order: str
) -> NDArray[np.int64]:
    if order == "position":
        return chosen
    size = found.end[chosen] - found.start[chosen]
    return chosen[np.argsort(-size, kind="stable")]


def _build_disagreement_entry(
    coding: AgreementDataset, found: DisagreementTable, index: int, number: int
) -> DisagreementEntry:
    case = found[index]
    first_code, second_code = case.codes
    return DisagreementEntry(
        number=number,
        kind=case.kind.value,
        source=coding.sources[case.source],
        first=coding.annotators[case.first],
        second=coding.annotators[case.second],
        codes=(coding.codes[first_code], coding.codes[second_code]),
        start=case.start,
        end=case.end,
        passages=_build_coded_passages(coding, (*case.rows_first, *case.rows_second)),
    )


def _build_coded_passages(
    coding: AgreementDataset, rows: Sequence[int]
) -> tuple[CodedPassage, ...]:
    return tuple(build_coded_passage(coding, row) for row in rows)


def _count_code_readers(coding: AgreementDataset, spans: SpanTable) -> NDArray[np.int64]:
    """Return (N,) how many of the coders in view have read each passage's source for its code."""
    readers = np.zeros(len(spans), np.int64)
    for coder in range(spans.finished.shape[1]):
        there = spans.finished[spans.source, coder]
        whose = np.full(len(spans), coder)
        readers += there & coding.has_read(spans.source, whose, spans.code)
    return readers


def _build_mixed_codes(
    coding: AgreementDataset, found: DisagreementTable, chosen: AgreementSelection
) -> MixedCodes:
    """Count mixed codes; for readers who see only their own pairs, from these alone."""
    spans = select_disputed_spans(coding, chosen)
    read = mark_read_disagreements(coding, found)
    found = replace(
        found, kind=found.kind[read], codes=found.codes[:, read], coders=found.coders[:, read]
    )
    views = np.maximum(_count_code_readers(coding, spans) - 1, 0)
    if coding.reader is not None:
        me = next((n for n, one in enumerate(coding.annotators) if one.pk == coding.reader), None)
        if me is None:
            size = len(coding.codes)
            return MixedCodes(coding.codes, [[0] * size for _ in range(size)], [0] * size)
        views = np.where(spans.annotator == me, views, spans.finished[spans.source, me])
        mine = (found.coders == me).any(axis=0)
        found = replace(found, kind=found.kind[mine], codes=found.codes[:, mine])
    counted = np.bincount(spans.code, weights=views, minlength=len(coding.codes))
    table = build_confusion_matrix(found, counted.astype(np.int64))
    return MixedCodes(coding.codes, table.matrix.tolist(), table.missed.tolist())
