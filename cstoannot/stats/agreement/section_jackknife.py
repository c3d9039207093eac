"""The jackknife of Krippendorff's α_U of 1995: its terms without each source.

A source's units meet the gaps of all sources, so the expected disagreement is no sum over sources.
Without source d it is that of all, less what the units of d meet anywhere, less what its gaps meet
anywhere, plus what its units meet in its own gaps.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cstoannot.stats.agreement.code_intervals import IntervalChoice
from cstoannot.stats.agreement.jackknife import (
    DisagreementRatios,
    compute_jackknife_intervals,
    spread_judgement,
)
from cstoannot.stats.agreement.overlaps import count_coders_in_mask, sum_by_place
from cstoannot.stats.agreement.section_table import (
    SectionCells,
    SectionTable,
    collect_cell_gaps,
    sum_room_in_gaps,
)
from cstoannot.stats.coefficients.definitions import compute_disagreement_ratio
from cstoannot.stats.results import Floats, Interval, IntervalMethod, Ints


def compute_section_intervals(
    table: SectionTable, codes: Ints, choice: IntervalChoice
) -> Sequence[Interval | None]:
    """Return the intervals of α_U of each code and, last, of the value over codes."""
    if choice.method is not IntervalMethod.JACKKNIFE:
        return [None] * (len(codes) + 1)
    terms = _SectionTerms.of(table, codes)
    shared = np.flatnonzero(table.finished.any(axis=1))
    involved = np.ones((len(shared), len(codes) + 1), bool)
    without = terms.compute_ratios(terms.added * spread_judgement(involved), shared)
    plain = terms.compute_ratios(np.zeros(len(codes) + 1))[0]
    padded = terms.compute_ratios(terms.added)[0]
    return compute_jackknife_intervals(
        DisagreementRatios(plain, padded, without, involved, terms.runs, of_passages=True)
    )


@dataclass(frozen=True, eq=False)
class _SectionTerms:
    """Terms of D_o and D_e, (S, K) by source and code.

    ``apart`` Σ of squared differences; ``number`` of units; ``cubes`` Σ 2u³ − 3u² + u; ``pairs`` Σ
    u(u − 1); ``met`` what the source's units meet in the gaps of all sources, ``meeting`` what its
    gaps meet of the units of all, ``within`` what both meet in the source. ``totals`` (S,) Σ m L;
    ``lengths`` (S,). ``added`` (K + 1,): what a discordant unit of average length adds to
    ``apart``; ``runs`` (K + 1,): disagreements that stand apart.
    """

    apart: Floats
    number: Floats
    cubes: Floats
    pairs: Floats
    met: Floats
    meeting: Floats
    within: Floats
    totals: Floats
    lengths: Floats
    added: Floats
    runs: Floats

    @classmethod
    def of(cls, table: SectionTable, codes: Ints) -> "_SectionTerms":
        cells = SectionCells.build(table, codes, by_source=True)
        shape = (len(table.lengths), len(codes))
        weight = 1.0 / np.maximum(table.finished.sum(axis=1) - 1, 1)
        ours = cells.column[table.unit[1]] >= 0
        source, column = table.unit[0, ours], cells.column[table.unit[1, ours]]
        unit, cell = table.unit[3, ours].astype(float), source * shape[1] + column
        alone = table.finished.sum(axis=1)[source] - 1 - count_coders_in_mask(table.mask[ours])
        met = table.met[:, cells.column[table.met[1]] >= 0]
        met_cell = met[0] * shape[1] + cells.column[met[1]]

        def by_cell(place: Ints, amount: Floats) -> Floats:
            return sum_by_place(place, amount, shape[0] * shape[1]).reshape(shape)

        apart = by_cell(cell, 2.0 * unit**2 * alone * weight[source])
        number = by_cell(cell, np.ones(len(unit)))
        chains = weight[met[0]] * (1.0 + (met[4] == 0))
        runs = number.sum(axis=0) - by_cell(met_cell, chains).sum(axis=0)
        lengths = np.append(by_cell(cell, unit).sum(axis=0), unit.sum())
        lengths /= np.maximum(np.append(number.sum(axis=0), len(unit)), 1.0)
        whole = SectionCells.build(table, codes, by_source=False)
        room = unit**2 * sum_room_in_gaps(unit, column, *collect_cell_gaps(table, whole))
        inside = unit**2 * sum_room_in_gaps(unit, cell, *collect_cell_gaps(table, cells))
        read = table.finished.sum(axis=1)
        texts = np.where(read > 0, table.lengths, 0).astype(float)
        return cls(
            apart=apart + by_cell(met_cell, 2.0 * met[4] * weight[met[0]]),
            number=number,
            cubes=by_cell(cell, 2 * unit**3 - 3 * unit**2 + unit),
            pairs=by_cell(cell, unit * (unit - 1)),
            met=by_cell(cell, room),
            meeting=_sum_units_in_gaps(table, whole, unit, column),
            within=by_cell(cell, inside),
            totals=texts * read,
            lengths=texts,
            added=2.0 * lengths**2,
            runs=np.append(runs, runs.sum()),
        )

    def compute_ratios(self, added: Floats, left_out: Ints | None = None) -> Floats:
        """(D, K + 1) D_o/D_e without each of these sources; (1, K + 1) of all."""

        def remaining(part: Floats) -> Floats:
            total = part.sum(axis=0)
            return total[None] if left_out is None else total - part[left_out]

        total, length = remaining(self.totals[:, None]), remaining(self.lengths[:, None])
        number = remaining(self.number)
        met = self.met.sum(axis=0)[None]
        if left_out is not None:
            met = met - (self.met + self.meeting - self.within)[left_out]
        chance = (number - 1) / 3.0 * remaining(self.cubes) + met
        free = (total * (total - 1) - remaining(self.pairs)) * length
        expected = np.divide(2.0 * chance, free, out=np.zeros_like(chance), where=free > 0)
        expected = np.where(number > 0, np.maximum(expected, 0.0), 0.0)
        area = np.maximum(total * length, 1.0)
        observed = np.where(number > 0, remaining(self.apart), 0.0) / area
        codes = compute_disagreement_ratio(observed + added[:-1] / area, expected)
        pooled = observed.sum(axis=1, keepdims=True) + added[-1] / area
        whole = compute_disagreement_ratio(pooled, expected.sum(axis=1, keepdims=True))
        return np.concatenate((codes, whole), axis=1)


def _sum_units_in_gaps(
    table: SectionTable, cells: SectionCells, unit: Floats, column: Ints
) -> Floats:
    """(S, K) Σ u²(g − u + 1) over each source's gaps g and all sources' units u ≤ g of the code."""
    shape = cells.gaps.shape
    gap = table.gap[:, cells.column[table.gap[1]] >= 0]
    source, whole = np.nonzero(cells.gaps)
    of = np.concatenate((gap[0], source)), np.concatenate((cells.column[gap[1]], whole))
    length = np.concatenate((gap[3], table.lengths[source])).astype(float)
    number = np.concatenate((np.ones(gap.shape[1]), cells.gaps[source, whole]))
    order = np.lexsort((unit, column))
    unit, column = unit[order], column[order]
    reach = float(max(length.max(initial=0), unit.max(initial=0))) + 1.0
    last = np.searchsorted(column * reach + unit, of[1] * reach + length, side="right")
    first = np.searchsorted(column, of[1])
    squares = np.concatenate(([0.0], np.cumsum(unit**2)))
    cubes = np.concatenate(([0.0], np.cumsum(unit**3)))
    met = (length + 1.0) * (squares[last] - squares[first]) - (cubes[last] - cubes[first])
    return sum_by_place(of[0] * shape[1] + of[1], number * met, shape[0] * shape[1]).reshape(shape)
