"""Sums of the similarities of many sets, without comparing each two of them.

The similarity depends only on the sizes of two sets and of their intersection. How many sets of a
size share exactly so much with a given set follows from how many contain each of its subsets, by
inclusion and exclusion. So small sets cost no more than their subsets; large ones are compared one
by one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb

import numpy as np

from cstoannot.stats.agreement.overlaps import expand_row_counts, sum_by_place
from cstoannot.stats.coefficients.set_alpha import SetSimilarity
from cstoannot.stats.results import Floats, Ints, Words

MOST_SUBSETS = 1 << 18
"""Subsets kept in memory at once, as far as groups are smaller."""
_BLOCK = 1 << 22  # words compared at once


@dataclass(frozen=True, eq=False)
class CodeSets:
    """Sets of codes (K,): bits by code (K, W), and the codes one after the other.

    Set k has the codes ``codes[offsets[k]:offsets[k + 1]]``, ascending.
    """

    words: Words
    offsets: Ints
    codes: Ints

    @classmethod
    def of(cls, words: Words) -> "CodeSets":
        # Little-endian bytes, so that bit c of the row is code c.
        flat = np.ascontiguousarray(words).astype("<u8").view(np.uint8)
        bits = np.unpackbits(flat, axis=1, bitorder="little")
        owner, codes = np.nonzero(bits)
        sizes = np.bincount(owner, minlength=len(words))
        return cls(words, np.concatenate(([0], np.cumsum(sizes))), codes.astype(np.int64))

    @property
    def sizes(self) -> Ints:
        return np.diff(self.offsets)


def sum_set_similarities(
    sets: CodeSets, group: Ints, which: Ints, weight: Floats, similarity: SetSimilarity
) -> Floats:
    """Return (R,) the weighted sum of each row's similarities to all rows of its group.

    Rows (R,), ordered by ``group``; ``which``: the row's set.
    """
    found = np.zeros(len(group))
    firsts = np.flatnonzero(np.diff(group, prepend=-1))
    subsets = np.exp2(sets.sizes[which].astype(float))
    for rows, by_subsets in _cut_into_chunks(subsets, firsts):
        part = which[rows], weight[rows], similarity
        if by_subsets:
            found[rows] = _sum_by_subsets(sets, group[rows], *part)
        else:
            found[rows] = _sum_one_by_one(sets, *part)
    return found


def _cut_into_chunks(subsets: Floats, firsts: Ints) -> Iterator[tuple[slice, bool]]:
    """Yield chunks of rows, with whether to sum by subsets: several groups, or one large one.

    One by one only where that is less work than all subsets of a group's sets.
    """
    bounds = np.append(firsts, len(subsets))
    cost = np.add.reduceat(subsets, firsts) if len(firsts) else subsets
    sizes = np.diff(bounds).astype(float)
    dear = (cost > MOST_SUBSETS) & (cost > sizes * sizes)
    begin, held = 0, 0.0
    for nth, amount in enumerate(cost.tolist()):
        if nth > begin and (dear[nth] or held + amount > MOST_SUBSETS):
            yield slice(bounds[begin], bounds[nth]), True
            begin, held = nth, 0.0
        if dear[nth]:
            yield slice(bounds[nth], bounds[nth + 1]), False
            begin = nth + 1
        else:
            held += amount
    if begin < len(cost):
        yield slice(bounds[begin], bounds[-1]), True


def _sum_one_by_one(
    sets: CodeSets, which: Ints, weight: Floats, similarity: SetSimilarity
) -> Floats:
    words, sizes = sets.words[which], sets.sizes[which]
    found = np.zeros(len(which))
    step = max(1, _BLOCK // max(1, words.size))
    for low in range(0, len(which), step):
        part = slice(low, low + step)
        shared = np.bitwise_count(words[part, None] & words[None]).sum(axis=2, dtype=np.int64)
        found[part] = similarity(sizes[part, None], sizes[None], shared) @ weight
    return found


def _sum_by_subsets(
    sets: CodeSets, group: Ints, which: Ints, weight: Floats, similarity: SetSimilarity
) -> Floats:
    """Sum by how many sets of each size share how many codes."""
    sizes = sets.sizes[which]
    known, by_size = np.unique(sizes, return_inverse=True)
    containing = _count_containing_sets(sets, group, which, weight, by_size)
    found = np.zeros(len(which))
    for shared in range(len(containing)):
        exact = np.zeros((len(which), len(known)))
        for least in range(shared, len(containing)):
            sign = -1 if (least - shared) % 2 else 1
            exact += sign * comb(least, shared) * containing[least]
        # Combinations that cannot be have a count of 0, whatever their similarity.
        possible = shared <= np.minimum(sizes[:, None], known)
        some = np.where(possible, shared, 0)
        alike = np.where(possible, similarity(sizes[:, None], known[None], some), 0.0)
        found += (alike * exact).sum(axis=1)
    return found


def _count_containing_sets(
    sets: CodeSets, group: Ints, which: Ints, weight: Floats, by_size: Ints
) -> list[Floats]:
    """Return, by number t of codes, (R, B): for each row and size, how many sets contain a subset.

    Summed over the row's subsets of t codes; a set counts by its weight, once for each of them.
    """
    rows, width = len(which), int(by_size.max(initial=0)) + 1
    base, sizes = sets.offsets[which], sets.sizes[which]
    stride = int(sets.codes.max(initial=0)) + 1
    # A subset is a node: its group for the empty one, otherwise the node of all but its last code,
    # and that code.
    owner, last = np.arange(rows), np.full(rows, -1)
    node = np.unique(group, return_inverse=True)[1]
    found = []
    while len(owner):
        cell = node * width + by_size[owner]
        holders = sum_by_place(cell, weight[owner], (int(node.max()) + 1) * width)
        each = holders.reshape(-1, width)[node]
        sums = [sum_by_place(owner, column, rows) for column in each.T]
        found.append(np.stack(sums, axis=1))
        row, nth = expand_row_counts(sizes[owner] - last - 1)
        last = last[row] + 1 + nth
        owner = owner[row]
        key = node[row] * stride + sets.codes[base[owner] + last]
        node = np.unique(key, return_inverse=True)[1]
    return found
