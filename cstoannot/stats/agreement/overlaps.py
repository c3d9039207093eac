"""Overlapping stretches of text: who covers which stretch, and which passages match.

Everything runs in n log n for n passages, whatever the length of the texts. The matching is greedy
and deterministic: same bounds first, then most shared text; ties go to the passage that begins,
then ends, first.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from cstoannot.stats.results import Bools, Floats, Ints, Numbers, Words
from cstoannot.stats.tables import SpanTable

WORD = 64  # annotators per word of a mask


@dataclass(frozen=True, eq=False)
class CodedStretches:
    """Stretches (N,) ordered by source, code, annotator and start; equal keys do not overlap."""

    source: Ints
    code: Ints
    annotator: Ints
    start: Ints
    stop: Ints

    def take(self, kept: Ints | Bools) -> "CodedStretches":
        return CodedStretches(
            self.source[kept],
            self.code[kept],
            self.annotator[kept],
            self.start[kept],
            self.stop[kept],
        )


@dataclass(frozen=True, eq=False)
class SharedStretches:
    """Stretches (R,) of a source and code that the same coders cover, ordered by position.

    ``mask`` (R, W): bit a is set if annotator a covers the stretch; at least one bit is set.
    """

    source: Ints
    code: Ints
    start: Ints
    width: Ints
    mask: Words


def argsort_columns(*columns: Ints) -> Ints:
    """Return the stable order by the first column, then the next, and so on.

    Sorts packed numbers once if they fit into 63 bits, else column by column.
    """
    sizes = [int(column.max()) + 1 if len(column) else 1 for column in columns]
    if np.prod([float(size) for size in sizes]) >= 2.0**62:
        return np.lexsort(columns[::-1])
    key = columns[0]
    for column, size in zip(columns[1:], sizes[1:], strict=True):
        key = key * size + column
    if np.all(key[1:] >= key[:-1]):
        return np.arange(len(key))
    return np.argsort(key, kind="stable")


def unite_stretches(
    source: Ints, code: Ints, annotator: Ints, start: Ints, stop: Ints
) -> CodedStretches:
    """Unite overlapping stretches of the same source, code and annotator.

    Adjacent stretches stay separate units: the 1995 and 2016 measures count units, and for counts
    of code points it makes no difference.
    """
    order = argsort_columns(source, code, annotator, start)
    rows = CodedStretches(source, code, annotator, start, stop).take(order)
    if not len(order):
        return rows
    new = np.ones(len(order), bool)
    for column in (rows.source, rows.code, rows.annotator):
        new[1:] &= column[1:] == column[:-1]
    new[0] = False
    group = np.cumsum(~new)
    reach = int(rows.stop.max()) + 1
    furthest = np.maximum.accumulate(group * reach + rows.stop)
    begins = np.ones(len(order), bool)
    begins[1:] = group[1:] * reach + rows.start[1:] >= furthest[:-1]
    firsts = np.flatnonzero(begins)
    lasts = np.append(firsts[1:], len(order)) - 1
    kept = rows.take(firsts)
    stops = furthest[lasts] - group[lasts] * reach
    return CodedStretches(kept.source, kept.code, kept.annotator, kept.start, stops)


def list_sharing_pairs(finished: Bools) -> list[tuple[int, int]]:
    """List the pairs of coders who finished a common source."""
    each = finished.astype(np.float32)
    shared = each.T @ each
    coders = np.flatnonzero(np.diag(shared)).tolist()
    return [(i, j) for i, j in combinations(coders, 2) if shared[i, j]]


def build_coder_masks(annotator: Ints, n_annotators: int) -> Words:
    """(N, W) masks with only the annotator's bit set."""
    words = np.zeros((len(annotator), max(1, -(-n_annotators // WORD))), np.uint64)
    one = np.left_shift(np.uint64(1), (annotator % WORD).astype(np.uint64))
    words[np.arange(len(annotator)), annotator // WORD] = one
    return words


def has_coder_in_mask(mask: Words, annotator: int) -> Bools:
    """(R,) whether each mask (R, W) contains the annotator."""
    shift = np.uint64(annotator % WORD)
    return (mask[:, annotator // WORD] >> shift & np.uint64(1)).astype(bool)


def count_coders_in_mask(mask: Words) -> Ints:
    """(R,) how many annotators each mask (R, W) contains."""
    return np.bitwise_count(mask).sum(axis=1, dtype=np.int64)


def sweep_stretches(layers: CodedStretches, n_annotators: int) -> SharedStretches:
    """Cut every source and code where a coder's stretch begins or ends.

    A start adds the coder's bit and an end subtracts it, so the running sum over the positions in
    order is the set of coders there. It is empty between sources and codes.
    """
    at = np.concatenate((layers.start, layers.stop))
    source, code = np.tile(layers.source, 2), np.tile(layers.code, 2)
    order = argsort_columns(source, code, at)
    change = build_coder_masks(layers.annotator, n_annotators)
    mask = np.cumsum(np.concatenate((change, np.uint64(0) - change))[order], axis=0)
    at, source, code = at[order], source[order], code[order]
    width = np.append(at[1:] - at[:-1], 0)
    kept = (width != 0) & mask.any(axis=1)
    return SharedStretches(source[kept], code[kept], at[kept], width[kept], mask[kept])


def sum_by_place(place: Ints, amount: Numbers, size: int) -> Floats:
    """(size,) sums of the amounts by place; integers even for no amounts, unlike `bincount`."""
    return np.bincount(place, weights=amount, minlength=size).astype(np.float64, copy=False)


def expand_row_counts(counts: Ints) -> tuple[Ints, Ints]:
    """Return, for every entry, its row and its number within the row; ``counts`` are by row."""
    rows = np.repeat(np.arange(len(counts)), counts)
    firsts = np.cumsum(counts) - counts
    return rows, np.arange(len(rows)) - firsts[rows]


def pair_overlapping_stretches(
    group: Ints, start: Ints, stop: Ints, most: int | None = None
) -> tuple[Ints, Ints]:
    """Return all pairs of overlapping stretches of a group, each once, as two index arrays.

    ``most``: compare each stretch with at most so many that begin next after it. Without it the
    number of pairs is that of the overlaps, which is small if each coder's stretches are disjoint.
    """
    order = argsort_columns(group, start, stop)
    group, start, stop = group[order], start[order], stop[order]
    reach = int(stop.max(initial=0)) + 1
    last = np.searchsorted(group * reach + start, group * reach + stop, side="left")
    count = last - np.arange(len(order)) - 1
    if most is not None:
        count = np.minimum(count, most)
    row, nth = expand_row_counts(count)
    return order[row], order[row + 1 + nth]


NEIGHBOURS = 64
"""How many of the next passages each one is compared with, at most.

Bounds the work where hundreds of passages of one code overlap each other.
"""


@dataclass(frozen=True, eq=False)
class PassageViews:
    """Each passage once for every other coder of its source (V,).

    ``span``: its index in the table; ``pair``: a number for the source and the two coders;
    ``second``: whether the passage is the second coder's; ``first_coder``, ``second_coder``.
    """

    span: Ints
    pair: Ints
    second: Bools
    first_coder: Ints
    second_coder: Ints

    @classmethod
    def of(cls, spans: SpanTable) -> "PassageViews":
        coders = spans.n_annotators
        shared = spans.finished.sum(axis=1).astype(np.int64)
        span, nth = expand_row_counts(np.maximum(shared[spans.source] - 1, 0))
        # The n-th coder who finished the source, other than the passage's own.
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

    def take(self, kept: Ints | Bools) -> "PassageViews":
        return PassageViews(
            self.span[kept],
            self.pair[kept],
            self.second[kept],
            self.first_coder[kept],
            self.second_coder[kept],
        )


def match_passages(spans: SpanTable, views: PassageViews, group: Ints) -> tuple[Ints, Ints]:
    """Return the indices in ``views`` of the first coders' passages and of their matches.

    Only views of the same ``group`` (V,) can match; a group must not span several pairs.
    """
    start, end = spans.start[views.span], spans.end[views.span]
    one, other = pair_overlapping_stretches(group, start, end, NEIGHBOURS)
    across = views.second[one] != views.second[other]
    one, other = one[across], other[across]
    one, other = np.where(views.second[one], other, one), np.where(views.second[one], one, other)
    shared = np.minimum(end[one], end[other]) - np.maximum(start[one], start[other])
    different = (start[one] != start[other]) | (end[one] != end[other])
    rank = np.lexsort((other, end[other], end[one], start[other], start[one], -shared, different))
    kept = match_greedily(one[rank], other[rank], len(views))
    one, other = one[rank][kept], other[rank][kept]
    order = argsort_columns(one)
    return one[order], other[order]


def match_greedily(one: Ints, other: Ints, size: int) -> Ints:
    """Return the indices of the edges that a greedy matching takes; edges come by preference.

    Works in rounds: an edge that is the first remaining one at both its ends is taken, with the
    same result as one by one. What remains after some rounds (long chains of preferences) is
    processed one by one.
    """
    taken: list[Ints] = []
    left = np.arange(len(one))
    free = np.ones(size, bool)
    for _ in range(16):
        left = left[free[one[left]] & free[other[left]]]
        if not len(left):
            return np.sort(np.concatenate(taken)) if taken else left
        best = np.full(size, len(one))
        # Assigned in reverse, so that the first edge of an end is assigned last.
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
