"""Places in dispute: what differs at one place of a text, by whatever pairs of coders.

Passages of one code that overlap, whoever marked them, are one place. Places of different codes are
joined only where a *different_code* disagreement links them, so that long chains of overlaps across
codes do not become one place.
"""

from dataclasses import dataclass

import numpy as np

from cstoannot.stats.agreement.disagreements import KINDS, DisagreementKind, DisagreementTable
from cstoannot.stats.agreement.overlaps import argsort_columns
from cstoannot.stats.results import Ints
from cstoannot.stats.tables import SpanTable


@dataclass(frozen=True, eq=False)
class DisputedPlaces:
    """Places in dispute in columns (P,), ordered by source, start and end.

    ``of_case`` (C,): the place of each case given. The passages of place p are
    ``spans[offsets[p]:offsets[p + 1]]``, indices into the table, by coder and position.
    """

    source: Ints
    start: Ints
    end: Ints
    of_case: Ints
    offsets: Ints
    spans: Ints

    def __len__(self) -> int:
        return len(self.source)

    def spans_of(self, place: int) -> Ints:
        return self.spans[self.offsets[place] : self.offsets[place + 1]]


def group_disputed_places(
    spans: SpanTable, found: DisagreementTable, cases: Ints
) -> DisputedPlaces:
    """Group the cases (C,), indices into ``found``, by place; takes n log n time."""
    cluster = number_code_clusters(spans)
    position = np.zeros(int(spans.row.max(initial=0)) + 1, np.int64)
    position[spans.row] = np.arange(len(spans))
    one = cluster[position[found.rows[found.offsets[cases]]]]
    other = cluster[position[found.rows[found.offsets[cases + 1] - 1]]]
    linked = found.kind[cases] == KINDS.index(DisagreementKind.DIFFERENT_CODE)
    root = join_numbers(int(cluster.max(initial=-1)) + 1, one[linked], other[linked])
    roots, of_case = np.unique(root[one], return_inverse=True)
    return _order_places(spans, root[cluster], roots, of_case)


def number_code_clusters(spans: SpanTable) -> Ints:
    """(N,) the same number for overlapping passages of one source and code, and for no others."""
    group = spans.source * spans.n_codes + spans.code
    order = argsort_columns(group, spans.start, spans.end)
    key = np.unique(group[order], return_inverse=True)[1]
    reach = int(spans.end.max(initial=0)) + 1
    low, high = key * reach + spans.start[order], key * reach + spans.end[order]
    begins = np.zeros(len(order), bool)
    begins[1:] = low[1:] >= np.maximum.accumulate(high)[:-1]
    cluster = np.empty(len(order), np.int64)
    cluster[order] = np.cumsum(begins)
    return cluster


def join_numbers(size: int, one: Ints, other: Ints) -> Ints:
    """(size,) the smallest number of those that a cluster is linked with, directly or not."""
    root = list(range(size))

    def find(number: int) -> int:
        while root[number] != number:
            root[number] = root[root[number]]
            number = root[number]
        return number

    for first, second in zip(one.tolist(), other.tolist(), strict=True):
        low, high = sorted((find(first), find(second)))
        root[high] = low
    return np.array([find(number) for number in range(size)], np.int64)


def _order_places(spans: SpanTable, root: Ints, roots: Ints, of_case: Ints) -> DisputedPlaces:
    """Number the places by position; ``root`` (N,) of each passage, ``roots`` (P,) of places."""
    inside = np.flatnonzero(np.isin(root, roots))
    place = np.searchsorted(roots, root[inside])
    size = len(roots)
    start, end = np.full(size, np.iinfo(np.int64).max), np.zeros(size, np.int64)
    source = np.zeros(size, np.int64)
    np.minimum.at(start, place, spans.start[inside])
    np.maximum.at(end, place, spans.end[inside])
    source[place] = spans.source[inside]
    order = argsort_columns(source, start, end, roots)
    number = np.empty(size, np.int64)
    number[order] = np.arange(size)
    place = number[place]
    kept = np.lexsort((spans.end[inside], spans.start[inside], spans.annotator[inside], place))
    offsets = np.concatenate(([0], np.cumsum(np.bincount(place, minlength=size))))
    return DisputedPlaces(
        source[order], start[order], end[order], number[of_case], offsets, inside[kept]
    )
