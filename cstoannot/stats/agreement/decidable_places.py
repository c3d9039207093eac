"""Places to decide: what annotators marked at one place of a text, and whether it is decided.

Passages of one code that overlap, whoever marked them, are one place; places of different codes are
joined only where a *different code* disagreement links them, and by a decision that weighed both.
A passage is *settled* if a decision weighed it in the version that it has now. Settled passages are
joined with each other by their decision alone, so that a decision stays apart from its neighbours
until something new lies between them.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from cstoannot.stats.agreement.disagreements import KINDS, DisagreementKind, DisagreementTable
from cstoannot.stats.agreement.overlaps import argsort_columns
from cstoannot.stats.agreement.places import join_numbers, number_code_clusters
from cstoannot.stats.results import Bools, Ints
from cstoannot.stats.tables import SpanTable


class DecidedState(IntEnum):
    """Whether a place is decided. AGAIN: what was weighed is no longer what is there."""

    UNDECIDED = 0
    DECIDED = 1
    AGAIN = 2


@dataclass(frozen=True, eq=False)
class WeighedDecisions:
    """Decisions (D,), what they weighed (W,), and the passages that they made (M,).

    ``source``, ``start``, ``end`` (D,): the place as it was decided; ``lost`` (D,): whether a
    passage that was weighed is there no more. ``decision``, ``span``, ``unchanged`` (W,): a
    decision, a passage that it weighed (an index into the table), and whether in its version of
    now. ``made_by``, ``made_code``, ``made_start``, ``made_end`` (M,): by which decision, and what.
    """

    source: Ints
    start: Ints
    end: Ints
    lost: Bools
    decision: Ints
    span: Ints
    unchanged: Bools
    made_by: Ints
    made_code: Ints
    made_start: Ints
    made_end: Ints

    def __len__(self) -> int:
        return len(self.source)


@dataclass(frozen=True, eq=False)
class DecidablePlaceTable:
    """Places in columns (P,), ordered by source, start and end.

    ``state``: as in `DecidedState`. ``of_span`` (N,), ``of_decision`` (D,): their places. The
    passages of place p are ``spans[offsets[p]:offsets[p + 1]]``, by annotator and position; its
    decisions ``decisions[decided_from[p]:decided_from[p + 1]]``, by position.
    """

    source: Ints
    start: Ints
    end: Ints
    state: Ints
    of_span: Ints
    of_decision: Ints
    offsets: Ints
    spans: Ints
    decided_from: Ints
    decisions: Ints

    def __len__(self) -> int:
        return len(self.source)

    def spans_of(self, place: int) -> Ints:
        return self.spans[self.offsets[place] : self.offsets[place + 1]]

    def decisions_of(self, place: int) -> Ints:
        return self.decisions[self.decided_from[place] : self.decided_from[place + 1]]


def group_decidable_places(
    spans: SpanTable, found: DisagreementTable, linking: Bools, weighed: WeighedDecisions
) -> DecidablePlaceTable:
    """Group all passages and decisions by place; takes n log n time.

    ``found``: the table's disagreements, of which those that count are True in ``linking`` (C,).
    """
    settled = np.zeros(len(spans), bool)
    settled[weighed.span[weighed.unchanged]] = True
    nodes, pairs = _list_links(spans, settled, weighed)
    pairs.append(_list_code_links(spans, found, linking, settled))
    root = join_numbers(nodes, *(np.concatenate(side) for side in zip(*pairs, strict=True)))
    size = len(spans)
    roots = np.unique(root[: size + len(weighed)])
    of_span = np.searchsorted(roots, root[:size])
    of_decision = np.searchsorted(roots, root[size : size + len(weighed)])
    return _order_places(spans, weighed, settled, of_span, of_decision)


def _list_links(
    spans: SpanTable, settled: Bools, weighed: WeighedDecisions
) -> tuple[int, list[tuple[Ints, Ints]]]:
    """Return how many nodes there are, and pairs of them that belong to one place.

    Nodes: passages, then decisions, then clusters of overlapping passages that are not settled.
    """
    size, open_spans = len(spans), np.flatnonzero(~settled)
    part = spans.take(open_spans)
    cluster = number_code_clusters(part)
    group, start, end = _measure_clusters(part, cluster)
    first = size + len(weighed)
    group_of_span = spans.source * spans.n_codes + spans.code
    held = np.flatnonzero(settled)
    near, met = _pair_with_clusters(
        (group, start, end), (group_of_span[held], spans.start[held], spans.end[held])
    )
    made_group = weighed.source[weighed.made_by] * spans.n_codes + weighed.made_code
    made, reached = _pair_with_clusters(
        (group, start, end), (made_group, weighed.made_start, weighed.made_end)
    )
    return first + len(group), [
        (open_spans, first + cluster),
        (held[near], first + met),
        (size + weighed.made_by[made], first + reached),
        (weighed.span, size + weighed.decision),
    ]


def _measure_clusters(part: SpanTable, cluster: Ints) -> tuple[Ints, Ints, Ints]:
    """Return each cluster's group (source × code), start and end; clusters are in that order."""
    count = int(cluster.max(initial=-1)) + 1
    group = np.zeros(count, np.int64)
    start, end = np.full(count, np.iinfo(np.int64).max), np.zeros(count, np.int64)
    group[cluster] = part.source * part.n_codes + part.code
    np.minimum.at(start, cluster, part.start)
    np.maximum.at(end, cluster, part.end)
    return group, start, end


def _pair_with_clusters(
    clusters: tuple[Ints, Ints, Ints], stretches: tuple[Ints, Ints, Ints]
) -> tuple[Ints, Ints]:
    """Pair stretches with the clusters of their group that they overlap: two arrays of indexes.

    Clusters of a group do not overlap each other, and are ordered.
    """
    reach = 1 + max(int(part.max(initial=0)) for part in (*clusters[1:], *stretches[1:]))
    group, start, end = clusters
    wanted, low, high = stretches
    first = np.searchsorted(group * reach + end, wanted * reach + low, side="right")
    last = np.searchsorted(group * reach + start, wanted * reach + high, side="left")
    counts = np.maximum(last - first, 0)
    one = np.repeat(np.arange(len(counts)), counts)
    before = np.repeat(np.cumsum(counts) - counts, counts)
    return one, np.repeat(first, counts) + np.arange(len(one)) - before


def _list_code_links(
    spans: SpanTable, found: DisagreementTable, linking: Bools, settled: Bools
) -> tuple[Ints, Ints]:
    """Return the pairs of passages that are the same stretch under different codes."""
    different = found.kind == KINDS.index(DisagreementKind.DIFFERENT_CODE)
    cases = np.flatnonzero(different & linking)
    position = np.zeros(int(spans.row.max(initial=0)) + 1, np.int64)
    position[spans.row] = np.arange(len(spans))
    one = position[found.rows[found.offsets[cases]]]
    other = position[found.rows[found.offsets[cases + 1] - 1]]
    kept = ~(settled[one] & settled[other])
    return one[kept], other[kept]


def _order_places(
    spans: SpanTable, weighed: WeighedDecisions, settled: Bools, of_span: Ints, of_decision: Ints
) -> DecidablePlaceTable:
    """Number the places by position; a place without passages lies where it was decided."""
    size = 1 + max(int(of_span.max(initial=-1)), int(of_decision.max(initial=-1)))
    far = np.iinfo(np.int64).max
    start, end, source = np.full(size, far), np.zeros(size, np.int64), np.zeros(size, np.int64)
    bare = np.bincount(of_span, minlength=size)[of_decision] == 0
    for place, columns in (
        (of_span, (spans.source, spans.start, spans.end)),
        (of_decision[bare], (weighed.source[bare], weighed.start[bare], weighed.end[bare])),
    ):
        source[place] = columns[0]
        np.minimum.at(start, place, columns[1])
        np.maximum.at(end, place, columns[2])
    order = argsort_columns(source, start, end, np.arange(size))
    number = np.empty(size, np.int64)
    number[order] = np.arange(size)
    of_span, of_decision = number[of_span], number[of_decision]
    by_place = np.lexsort((spans.end, spans.start, spans.annotator, of_span))
    by_decision = np.lexsort((weighed.start, of_decision))
    return DecidablePlaceTable(
        source[order],
        start[order],
        end[order],
        _compute_states(size, weighed, settled, of_span, of_decision),
        of_span,
        of_decision,
        _count_offsets(of_span, size),
        by_place,
        _count_offsets(of_decision, size),
        by_decision,
    )


def _count_offsets(of_place: Ints, size: int) -> Ints:
    return np.concatenate(([0], np.cumsum(np.bincount(of_place, minlength=size))))


def _compute_states(
    size: int, weighed: WeighedDecisions, settled: Bools, of_span: Ints, of_decision: Ints
) -> Ints:
    state = np.full(size, int(DecidedState.UNDECIDED))
    state[of_decision] = DecidedState.DECIDED
    again = np.zeros(size, bool)
    again[of_span[~settled]] = True
    again[of_decision[weighed.lost]] = True
    # Two decisions may have weighed one passage in different versions.
    again[of_decision[weighed.decision[~weighed.unchanged]]] = True
    state[again & (state == DecidedState.DECIDED)] = DecidedState.AGAIN
    return state
