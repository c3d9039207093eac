"""Which passage of one coder answers to which of another: one to one, the same way every time.

Passages with the same bounds go together first, then those that share most text; ties go to
those that begin, then end, first. Greedy, as a coder's reader would do it; in order n log n as
long as few passages of one code lie upon each other.
"""

from dataclasses import dataclass

import numpy as np

from cstoannot.stats.layers import order_by, overlapping, spread
from cstoannot.stats.results import Bools, Ints
from cstoannot.stats.tables import SpanTable

NEIGHBOURS = 64
"""A passage is compared with so many that begin next after it, at most: it bounds the work where
hundreds of passages of one code lie upon each other."""


@dataclass(frozen=True, eq=False)
class Views:
    """Each passage once for every other coder of its source (V,).

    ``span``: its place in the table; ``pair``: a number for source, and the two coders;
    ``second``: whether the passage is the second coder's; ``first_coder``, ``second_coder``.
    """

    span: Ints
    pair: Ints
    second: Bools
    first_coder: Ints
    second_coder: Ints

    @classmethod
    def of(cls, spans: SpanTable) -> "Views":
        coders = spans.n_annotators
        shared = spans.finished.sum(axis=1).astype(np.int64)
        span, nth = spread(np.maximum(shared[spans.source] - 1, 0))
        # The n-th finisher of each source other than the passage's own.
        listed = np.argsort(~spans.finished, axis=1, kind="stable")
        place = np.cumsum(spans.finished, axis=1) - 1
        own = place[spans.source[span], spans.annotator[span]]
        other = listed[spans.source[span], nth + (nth >= own)]
        mine = spans.annotator[span]
        first, second = np.minimum(mine, other), np.maximum(mine, other)
        pair = (spans.source[span] * coders + first) * coders + second
        return cls(span, pair, mine > other, first, second)

    def __len__(self) -> int:
        return len(self.span)

    def take(self, kept: Ints | Bools) -> "Views":
        return Views(
            self.span[kept],
            self.pair[kept],
            self.second[kept],
            self.first_coder[kept],
            self.second_coder[kept],
        )


def matched(spans: SpanTable, views: Views, group: Ints) -> tuple[Ints, Ints]:
    """Places in ``views`` of the first coders' passages and of those that answer to them.

    Only views of the same ``group`` (V,), which must be finer than the pair, can go together.
    """
    start, end = spans.start[views.span], spans.end[views.span]
    one, other = overlapping(group, start, end, NEIGHBOURS)
    across = views.second[one] != views.second[other]
    one, other = one[across], other[across]
    one, other = np.where(views.second[one], other, one), np.where(views.second[one], one, other)
    shared = np.minimum(end[one], end[other]) - np.maximum(start[one], start[other])
    different = (start[one] != start[other]) | (end[one] != end[other])
    rank = np.lexsort((other, end[other], end[one], start[other], start[one], -shared, different))
    kept = greedy(one[rank], other[rank], len(views))
    one, other = one[rank][kept], other[rank][kept]
    order = order_by(one)
    return one[order], other[order]


def greedy(one: Ints, other: Ints, size: int) -> Ints:
    """Places of the edges that a greedy matching takes, the edges being in order of preference.

    In rounds: an edge that is the first of those left at both its ends is taken, which is
    what going through them one by one would do. Whatever is left after some rounds, long chains
    of preferences, is gone through one by one.
    """
    taken: list[Ints] = []
    left = np.arange(len(one))
    free = np.ones(size, bool)
    for _ in range(16):
        left = left[free[one[left]] & free[other[left]]]
        if not len(left):
            return np.sort(np.concatenate(taken)) if taken else left
        best = np.full(size, len(one))
        # Written back to front, so that the first edge of an end is written last.
        best[one[left][::-1]] = left[::-1]
        best_other = np.full(size, len(one))
        best_other[other[left][::-1]] = left[::-1]
        mutual = left[(best[one[left]] == left) & (best_other[other[left]] == left)]
        free[one[mutual]] = free[other[mutual]] = False
        taken.append(mutual)
    slow = [*np.concatenate(taken).tolist()]
    for edge in left.tolist():
        if free[one[edge]] and free[other[edge]]:
            free[one[edge]] = free[other[edge]] = False
            slow.append(edge)
    return np.sort(np.array(slow, np.int64))
