"""Each coder's passages of one code without overlaps, and who covers which stretch together.

The sweeps behind every per-code measure: sorting and running sums, no step that grows faster
than n log n in the number of passages, and nothing that grows with the length of the texts.
"""

from dataclasses import dataclass

import numpy as np

from cstoannot.stats.results import Bools, Floats, Ints, Numbers, Words

WORD = 64  # annotators per word of a mask


@dataclass(frozen=True, eq=False)
class Layers:
    """Stretches (N,) ordered by source, code, annotator and start, apart within these three."""

    source: Ints
    code: Ints
    annotator: Ints
    start: Ints
    stop: Ints

    def take(self, kept: Ints | Bools) -> "Layers":
        return Layers(
            self.source[kept],
            self.code[kept],
            self.annotator[kept],
            self.start[kept],
            self.stop[kept],
        )


@dataclass(frozen=True, eq=False)
class Segments:
    """Stretches (R,) of a source and code that the same coders cover, ordered by place.

    ``mask`` (R, W): bit a of the words is set if annotator a covers it; at least one bit is.
    """

    source: Ints
    code: Ints
    start: Ints
    width: Ints
    mask: Words


def order_by(*columns: Ints) -> Ints:
    """The order by the first column, then the next, and so on; ties as they stand.

    One sort of packed numbers where they fit 63 bits, else a sort a column.
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


def united(source: Ints, code: Ints, annotator: Ints, start: Ints, stop: Ints) -> Layers:
    """Unite what overlaps within a source, code and annotator; what only touches stays apart.

    Touching stretches stay two units: the 1995 and 2016 measures count units (FORMULAE,
    decision A), and position by position it makes no difference.
    """
    order = order_by(source, code, annotator, start)
    rows = Layers(source, code, annotator, start, stop).take(order)
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
    return Layers(kept.source, kept.code, kept.annotator, kept.start, stops)


def bits(annotator: Ints, n_annotators: int) -> Words:
    """(N, W) one bit set in each row: the annotator's."""
    words = np.zeros((len(annotator), max(1, -(-n_annotators // WORD))), np.uint64)
    one = np.left_shift(np.uint64(1), (annotator % WORD).astype(np.uint64))
    words[np.arange(len(annotator)), annotator // WORD] = one
    return words


def has(mask: Words, annotator: int) -> Bools:
    """(R,) whether each row's mask (R, W) holds the annotator."""
    shift = np.uint64(annotator % WORD)
    return (mask[:, annotator // WORD] >> shift & np.uint64(1)).astype(bool)


def size_of(mask: Words) -> Ints:
    """(R,) how many annotators each row's mask (R, W) holds."""
    return np.bitwise_count(mask).sum(axis=1, dtype=np.int64)


def swept(layers: Layers, n_annotators: int) -> Segments:
    """Cut every source and code where a coder's stretch begins or ends.

    Beginnings add the coder's bit and ends take it away, so that the running sum over the
    places in order is the set of coders there; it is empty between sources and codes.
    """
    at = np.concatenate((layers.start, layers.stop))
    source, code = np.tile(layers.source, 2), np.tile(layers.code, 2)
    order = order_by(source, code, at)
    change = bits(layers.annotator, n_annotators)
    mask = np.cumsum(np.concatenate((change, np.uint64(0) - change))[order], axis=0)
    at, source, code = at[order], source[order], code[order]
    width = np.append(at[1:] - at[:-1], 0)
    kept = (width != 0) & mask.any(axis=1)
    return Segments(source[kept], code[kept], at[kept], width[kept], mask[kept])


def summed(place: Ints, amount: Numbers, size: int) -> Floats:
    """(size,) the amounts by place; also of nothing, for which `bincount` gives whole numbers."""
    return np.bincount(place, weights=amount, minlength=size).astype(np.float64, copy=False)


def spread(counts: Ints) -> tuple[Ints, Ints]:
    """For rows with so many entries each: every entry's row, and its number within the row."""
    rows = np.repeat(np.arange(len(counts)), counts)
    firsts = np.cumsum(counts) - counts
    return rows, np.arange(len(rows)) - firsts[rows]


def overlapping(group: Ints, start: Ints, stop: Ints, most: int | None = None) -> tuple[Ints, Ints]:
    """Every two stretches of a group that share a place, each pair once, as two index arrays.

    ``most``: look at no more than so many that begin next after each one. Without it the number
    of pairs is that of the overlaps, which is small where each coder's stretches lie apart.
    """
    order = order_by(group, start, stop)
    group, start, stop = group[order], start[order], stop[order]
    reach = int(stop.max(initial=0)) + 1
    last = np.searchsorted(group * reach + start, group * reach + stop, side="left")
    count = last - np.arange(len(order)) - 1
    if most is not None:
        count = np.minimum(count, most)
    row, nth = spread(count)
    return order[row], order[row + 1 + nth]
