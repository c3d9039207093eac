"""Units and gaps by source, from which Krippendorff's α_U of 1995 is computed."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from cstoannot.stats.agreement.overlaps import (
    CodedStretches,
    build_coder_masks,
    count_coders_in_mask,
    pair_overlapping_stretches,
    sum_by_place,
    unite_stretches,
)
from cstoannot.stats.results import Bools, Floats, Ints, Words
from cstoannot.stats.tables import SpanTable


@dataclass(frozen=True, eq=False)
class SectionTable:
    """Units (U,) with the coders they overlap, gaps between units, and differences of overlaps.

    A coder without a unit of a code has one gap, the whole source, which is not stored. ``unit_*``:
    source, code, annotator, length, mask of coders whose units of the code overlap it; ``gap_*``:
    the first four; ``met_*``: source, code, the two annotators, δ².
    """

    n_codes: int
    lengths: Ints
    finished: Bools
    unit: Ints
    mask: Words
    gap: Ints
    met: Ints

    @classmethod
    def of(cls, spans: SpanTable) -> "SectionTable":
        layers = unite_stretches(spans.source, spans.code, spans.annotator, spans.start, spans.end)
        source, code, coder = layers.source, layers.code, layers.annotator
        start, stop = layers.start, layers.stop
        one, other = pair_overlapping_stretches(source * spans.n_codes + code, start, stop)
        each = build_coder_masks(coder, spans.n_annotators)
        mask = np.zeros_like(each)
        np.bitwise_or.at(mask, one, each[other])
        np.bitwise_or.at(mask, other, each[one])
        apart = (start[one] - start[other]) ** 2 + (stop[one] - stop[other]) ** 2
        low, high = np.minimum(coder[one], coder[other]), np.maximum(coder[one], coder[other])
        met = np.stack((source[one], code[one], low, high, apart))
        met = met[:, np.argsort(met[0], kind="stable")]
        unit = np.stack((source, code, coder, stop - start))
        return cls(
            spans.n_codes,
            spans.lengths,
            spans.finished,
            unit,
            mask,
            _build_gap_rows(spans, layers),
            met,
        )

    def select(
        self, *, sources: ArrayLike | None = None, annotators: ArrayLike | None = None
    ) -> "SectionTable":
        """Select sources and annotators; leave out sources that fewer than two finished."""
        finished = self.finished.copy()
        for axis, chosen in ((0, sources), (1, annotators)):
            if chosen is not None:
                kept = np.zeros(finished.shape[axis], bool)
                kept[np.asarray(chosen, np.int64)] = True
                finished &= kept[:, None] if axis == 0 else kept[None, :]
        finished &= (finished.sum(axis=1) >= 2)[:, None]
        seen = build_coder_masks(np.arange(finished.shape[1]), finished.shape[1])
        masks = np.bitwise_or.reduce(
            np.where(finished[:, :, None], seen[None], np.uint64(0)), axis=1
        )
        unit = finished[self.unit[0], self.unit[2]]
        met = finished[self.met[0], self.met[2]] & finished[self.met[0], self.met[3]]
        return replace(
            self,
            finished=finished,
            unit=self.unit[:, unit],
            mask=self.mask[unit] & masks[self.unit[0, unit]],
            gap=self.gap[:, finished[self.gap[0], self.gap[2]]],
            met=self.met[:, met],
        )

    def replace(self, source: int, fresh: "SectionTable") -> "SectionTable":
        """Replace one source by that of a table of one source."""
        lengths, finished = self.lengths.copy(), self.finished.copy()
        lengths[source], finished[source] = fresh.lengths[0], fresh.finished[0]
        parts: dict[str, Any] = {}
        for name in ("unit", "gap", "met"):
            ours, theirs = getattr(self, name), getattr(fresh, name).copy()
            theirs[0] += source
            low, high = np.searchsorted(ours[0], [source, source + 1])
            parts[name] = np.concatenate((ours[:, :low], theirs, ours[:, high:]), axis=1)
        low, high = np.searchsorted(self.unit[0], [source, source + 1])
        mask = np.concatenate((self.mask[:low], fresh.mask, self.mask[high:]))
        return replace(self, lengths=lengths, finished=finished, mask=mask, **parts)


def _build_gap_rows(spans: SpanTable, layers: CodedStretches) -> Ints:
    """(4, G) the gaps before, between and after the units of each source, code and coder."""
    source, code, coder = layers.source, layers.code, layers.annotator
    start, stop = layers.start, layers.stop
    new = np.ones(len(source) + 1, bool)
    for column in (source, code, coder):
        new[1:-1] &= column[1:] == column[:-1]
    new[0] = new[-1] = False
    before = np.where(new[:-1], np.concatenate(([0], stop))[:-1], 0)
    lead = start - before
    last = ~new[1:]
    tail = (spans.lengths[source] - stop)[last]
    rows = np.concatenate(
        (
            np.stack((source, code, coder, lead)),
            np.stack((source[last], code[last], coder[last], tail)),
        ),
        axis=1,
    )
    rows = rows[:, rows[3] > 0]
    return rows[:, np.argsort(rows[0], kind="stable")]


@dataclass(frozen=True, eq=False)
class SectionCells:
    """What D_o and D_e are computed for: a code in all sources, or in each one.

    ``of`` (S, K') is the cell of a source and code, below ``count``; ``total`` (C,) Σ m L and
    ``length`` (C,) Σ L of the cell's sources; ``gaps`` (S, K'): coders without the code, whose one
    gap is the source.
    """

    column: Ints
    of: Ints
    count: int
    total: Floats
    length: Floats
    gaps: Ints

    @classmethod
    def build(cls, table: SectionTable, codes: Ints, *, by_source: bool) -> "SectionCells":
        sources, width = len(table.lengths), len(codes)
        column = np.full(table.n_codes, -1, np.int64)
        column[codes] = np.arange(width)
        coders = table.finished.sum(axis=1)
        having = np.zeros((sources, width), np.int64)
        source, code, coder, _ = table.unit
        new = np.ones(len(source), bool)
        for row in (source, code, coder):
            new[1:] &= row[1:] == row[:-1]
        new[:1] = False
        ours = ~new & (column[code] >= 0)
        np.add.at(having, (source[ours], column[code[ours]]), 1)
        gaps = coders[:, None] - having
        lengths = np.where(coders > 0, table.lengths, 0).astype(float)
        totals = lengths * coders
        of = np.broadcast_to(np.arange(width), (sources, width))
        if not by_source:
            whole = np.full(width, totals.sum()), np.full(width, lengths.sum())
            return cls(column, of, width, *whole, gaps)
        of = of + np.arange(sources)[:, None] * width
        gaps = np.where(having > 0, gaps, 0)
        each = np.repeat(totals, width), np.repeat(lengths, width)
        return cls(column, of, sources * width, *each, gaps)


def compute_cell_disagreements(table: SectionTable, cells: SectionCells) -> tuple[Floats, Floats]:
    """(C,) D_o and D_e of every cell."""
    coders = table.finished.sum(axis=1)
    weight = 1.0 / np.maximum(coders - 1, 1)
    ours = cells.column[table.unit[1]] >= 0
    source, code = table.unit[0, ours], table.unit[1, ours]
    unit, where = table.unit[3, ours].astype(float), cells.of[source, cells.column[code]]
    alone = coders[source] - 1 - count_coders_in_mask(table.mask[ours])
    apart = sum_by_place(where, 2.0 * unit**2 * alone * weight[source], cells.count)
    met = table.met[:, cells.column[table.met[1]] >= 0]
    place = cells.of[met[0], cells.column[met[1]]]
    apart += sum_by_place(place, 2.0 * met[4] * weight[met[0]], cells.count)
    number = np.bincount(where, minlength=cells.count)
    chance = (number[where] - 1) / 3.0 * (2 * unit**3 - 3 * unit**2 + unit)
    chance += unit**2 * sum_room_in_gaps(unit, where, *collect_cell_gaps(table, cells))
    sums = sum_by_place(where, chance, cells.count)
    free = cells.total * (cells.total - 1) - sum_by_place(where, unit * (unit - 1), cells.count)
    area = cells.total * cells.length
    observed = np.divide(apart, area, out=np.zeros_like(apart), where=area > 0)
    below = free * cells.length
    expected = np.divide(2.0 * sums, below, out=np.zeros_like(sums), where=below > 0)
    return observed, np.maximum(expected, 0.0)


def collect_cell_gaps(table: SectionTable, cells: SectionCells) -> tuple[Ints, Floats, Floats]:
    """Return the cells and lengths of all gaps, and how many there are of each."""
    gap = table.gap[:, cells.column[table.gap[1]] >= 0]
    source, column = np.nonzero(cells.gaps)
    return (
        np.concatenate((cells.of[gap[0], cells.column[gap[1]]], cells.of[source, column])),
        np.concatenate((gap[3], table.lengths[source])).astype(float),
        np.concatenate((np.ones(gap.shape[1]), cells.gaps[source, column])),
    )


def sum_room_in_gaps(
    unit: Floats, where: Ints, cell: Ints, length: Floats, number: Floats
) -> Floats:
    """Sum, for each unit, l_gap − l_unit + 1 over gaps of its cell that are long enough."""
    order = np.lexsort((length, cell))
    cell, length, number = cell[order], length[order], number[order]
    reach = float(max(length.max(initial=0), unit.max(initial=0))) + 1.0
    first = np.searchsorted(cell * reach + length, where * reach + unit)
    last = np.searchsorted(cell, where, side="right")
    sums = np.concatenate(([0.0], np.cumsum(number * length)))
    counts = np.concatenate(([0.0], np.cumsum(number)))
    longer, many = sums[last] - sums[first], counts[last] - counts[first]
    return longer - (unit - 1.0) * many
