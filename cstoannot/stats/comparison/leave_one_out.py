"""Pivotal passages: without one, the verdict on a code or the sign of an edge is different.

Everything else stays equal: a cell's balance is the mean of its sources' sides. Normalisation does
not matter because denominators are positive. Where repeats count once, the next repeat replaces the
removed passage.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cstoannot.stats.comparison.networks import (
    LevelCounts,
    OneMode,
    TwoMode,
    compute_level_factors,
    compute_two_mode_weights,
)
from cstoannot.stats.comparison.positions import (
    CellState,
    Verdict,
    compute_balances,
    compute_positions,
    compute_sides,
)
from cstoannot.stats.results import Bools, Floats, Ints, Numbers

VERDICTS = tuple(Verdict)


@dataclass(frozen=True, eq=False)
class VerdictsWithout:
    """Indices into VERDICTS with and without passages.

    ``whole`` (C,): verdict on each code; ``left`` (P,): verdict on a passage's code without it.
    """

    whole: Ints
    left: Ints

    def carries(self, code: Ints) -> Numbers:
        """(P,) whether the verdict on the code depends on the passage."""
        return np.not_equal(self.left, self.whole[code])


def compute_verdicts_without(
    actor: Ints, code: Ints, source: Ints, stance: Ints, *, actors: int, codes: int
) -> VerdictsWithout:
    """Compute the verdicts without each of the passages (P,).

    Stances are those of `positions`.
    """
    own, place = _number_source_cells(actor * codes + code, source)
    counts = np.bincount(place * 4 + stance, minlength=4 * len(own)).reshape(-1, 4)
    balance = compute_sides(compute_balances(counts[:, 1], counts[:, 3], counts[:, 2]))
    total, number = _sum_cell_balances(own, balance, actors * codes)
    states = compute_positions(_compute_cell_means(total, number))
    supports, opposes = (
        (states == side).reshape(actors, codes).sum(axis=0)
        for side in (CellState.SUPPORTS, CellState.OPPOSES)
    )
    left = np.empty((len(own), 4), np.int64)
    for taken in range(4):
        fewer = counts.copy()
        fewer[:, taken] -= 1
        after = compute_sides(compute_balances(fewer[:, 1], fewer[:, 3], fewer[:, 2]))
        state = compute_positions(
            _compute_cell_means(
                total[own] - np.nan_to_num(balance) + np.nan_to_num(after),
                number[own] - ~np.isnan(balance) + ~np.isnan(after),
            )
        )
        change = [
            (state == side).astype(np.int64) - (states[own] == side)
            for side in (CellState.SUPPORTS, CellState.OPPOSES)
        ]
        on = own % codes
        left[:, taken] = _compute_verdict_places(supports[on] + change[0], opposes[on] + change[1])
    return VerdictsWithout(_compute_verdict_places(supports, opposes), left[place, stance])


def _number_source_cells(cell: Ints, source: Ints) -> tuple[Ints, Ints]:
    """Return the cell of each source's part of a cell, and the part of each passage."""
    sources = int(source.max(initial=0)) + 1
    found, place = np.unique(cell.astype(np.int64) * sources + source, return_inverse=True)
    return found // sources, place


def _sum_cell_balances(cell: Ints, balance: Floats, cells: int) -> tuple[Floats, Ints]:
    known = np.flatnonzero(~np.isnan(balance))
    total = np.bincount(cell[known], balance[known], minlength=cells)
    return total.astype(np.float64), np.bincount(cell[known], minlength=cells).astype(np.int64)


def _compute_cell_means(total: Floats, number: Ints) -> Floats:
    return np.divide(total, number, out=np.full(len(total), np.nan), where=number > 0)


def _compute_verdict_places(supports: Ints, opposes: Ints) -> Ints:
    both = supports + opposes
    said: Sequence[tuple[Numbers, Verdict]] = (
        ((supports > 0) & (opposes > 0), Verdict.DIVERGE),
        (both >= 2, Verdict.AGREE),
        (both == 1, Verdict.SINGLE),
    )
    return np.select(
        [one for one, _ in said],
        [VERDICTS.index(verdict) for _, verdict in said],
        VERDICTS.index(Verdict.UNADDRESSED),
    )


CELLS_AT_ONCE = 500_000


@dataclass(frozen=True, eq=False)
class CountedPassages:
    """Passages that count (N,).

    ``level``: index in the scale; ``instead``: the level that would count in its place without the
    passage, -1 if none would.
    """

    actor: Ints
    code: Ints
    level: Ints
    instead: Ints


def compute_edge_weight(tally: LevelCounts, kind: OneMode, first: int, second: int) -> float:
    """Compute the weight of two actors, without normalisation."""
    return float((tally.weighed(kind)[first] * tally.counts[second]).sum())


def compute_weights_without(
    tally: LevelCounts, kind: OneMode, first: int, second: int, counted: CountedPassages
) -> Floats:
    """(N,) the weight of the two actors without each passage; of other actors it is unchanged."""
    pair = LevelCounts(tally.counts[[first, second]], tally.scale)
    by_other = pair.weighed(kind)[::-1]
    weight = compute_edge_weight(pair, kind, 0, 1)
    side = np.where(counted.actor == first, 0, 1)
    gone = by_other[side, counted.code, counted.level]
    comes = np.where(counted.instead >= 0, by_other[side, counted.code, counted.instead], 0.0)
    ours = (counted.actor == first) | (counted.actor == second)
    return np.where(ours, weight - gone + comes, weight)


def compute_cells_without(tally: LevelCounts, kind: TwoMode, counted: CountedPassages) -> Floats:
    """(N,) the cell of the passage's actor and code without the passage."""
    levels = tally.counts[counted.actor, counted.code]
    each = np.arange(len(levels))
    levels[each, counted.level] -= 1
    some = counted.instead >= 0
    levels[each[some], counted.instead[some]] += 1
    return compute_two_mode_weights(LevelCounts(levels[:, None, :], tally.scale), kind)[:, 0]


def mark_pivotal_cells(tally: LevelCounts, kind: TwoMode, counted: CountedPassages) -> Bools:
    """(I, J) whether the cell depends on a single passage."""
    whole = compute_two_mode_weights(tally, kind)[counted.actor, counted.code]
    rows = mark_changed_answers(kind, whole, compute_cells_without(tally, kind, counted))
    found = np.zeros(tally.counts.shape[:2], bool)
    found[counted.actor[rows], counted.code[rows]] = True
    return found


def mark_changed_answers(kind: OneMode | TwoMode, whole: Floats | float, left: Floats) -> Bools:
    """Whether the result is different: another sign, or for `TwoMode.COMBINE` another category."""
    if kind is TwoMode.COMBINE:
        return np.not_equal(left, whole)
    return np.not_equal(np.sign(left), np.sign(whole))


@dataclass(frozen=True, eq=False)
class PossibleRemovals:
    """The changes of level that leaving out one passage can cause.

    ``cells``: for each change, (I, J) whether it is possible. A change is from a level to the one
    that would count instead, -1 for none.
    """

    cells: dict[tuple[int, int], Bools]

    @classmethod
    def of(cls, tally: LevelCounts, counted: CountedPassages) -> "PossibleRemovals":
        actors, codes, levels = tally.counts.shape
        found = {}
        for level in range(levels):
            for instead in range(-1, levels):
                rows = (counted.level == level) & (counted.instead == instead)
                if instead != level and rows.any():
                    cells = np.zeros((actors, codes), bool)
                    cells[counted.actor[rows], counted.code[rows]] = True
                    found[level, instead] = cells
        return cls(found)


def mark_pivotal_edges(
    tally: LevelCounts, kind: OneMode, first: Ints, second: Ints, possible: PossibleRemovals
) -> Bools:
    """(E,) whether the edge between the two actors depends on a single passage."""
    found = np.zeros(len(first), bool)
    size = max(1, CELLS_AT_ONCE // max(tally.counts.shape[1], 1))
    adds = compute_level_factors(tally.scale, kind)
    for start in range(0, len(first), size):
        one, other = first[start : start + size], second[start : start + size]
        weighed = tally.counts[one] @ adds
        weight = (weighed * tally.counts[other]).sum(axis=(1, 2))
        here = _mark_changed_signs(weight, tally.counts[other] @ adds, possible, one)
        here |= _mark_changed_signs(weight, weighed, possible, other)
        found[start : start + size] = here
    return found


def _mark_changed_signs(
    weight: Floats, by_other: Floats, possible: PossibleRemovals, mine: Ints
) -> Bools:
    """(E,) whether one of the possible removals in `mine` changes the weight's sign."""
    changed = np.zeros(len(weight), bool)
    for (level, instead), cells in possible.cells.items():
        left = weight[:, None] - by_other[..., level]
        if instead >= 0:
            left += by_other[..., instead]
        changed |= (cells[mine] & (np.sign(left) != np.sign(weight)[:, None])).any(axis=1)
    return changed
