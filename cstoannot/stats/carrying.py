"""Which passage carries an edge: without it, the weight's sign is another, or there is no weight.

Sign alone is asked, and denominators are positive, so normalisation makes no difference. Where
repeats count once, the next repeat takes a removed passage's place.
"""

from dataclasses import dataclass

import numpy as np

from cstoannot.stats.networks import OneMode, Tally, TwoMode, factors, two_mode
from cstoannot.stats.results import Bools, Floats, Ints

CELLS_AT_ONCE = 500_000


@dataclass(frozen=True, eq=False)
class Counted:
    """Passages that count (N,): ``level`` is a place in the scale; ``instead`` the level that
    would count in its place if it were not there, -1 if nothing would."""

    actor: Ints
    code: Ints
    level: Ints
    instead: Ints


def weight_of(tally: Tally, kind: OneMode, first: int, second: int) -> float:
    """The weight of two actors, without normalisation."""
    return float((tally.weighed(kind)[first] * tally.counts[second]).sum())


def without(tally: Tally, kind: OneMode, first: int, second: int, counted: Counted) -> Floats:
    """(N,) the weight of the two actors if the passage were not there; others' change nothing."""
    pair = Tally(tally.counts[[first, second]], tally.scale)
    by_other = pair.weighed(kind)[::-1]
    weight = weight_of(pair, kind, 0, 1)
    side = np.where(counted.actor == first, 0, 1)
    gone = by_other[side, counted.code, counted.level]
    comes = np.where(counted.instead >= 0, by_other[side, counted.code, counted.instead], 0.0)
    ours = (counted.actor == first) | (counted.actor == second)
    return np.where(ours, weight - gone + comes, weight)


def cells_without(tally: Tally, kind: TwoMode, counted: Counted) -> Floats:
    """(N,) what the passage's actor would say on its code if the passage were not there."""
    levels = tally.counts[counted.actor, counted.code]
    each = np.arange(len(levels))
    levels[each, counted.level] -= 1
    some = counted.instead >= 0
    levels[each[some], counted.instead[some]] += 1
    return two_mode(Tally(levels[:, None, :], tally.scale), kind)[:, 0]


def cells_carried(tally: Tally, kind: TwoMode, counted: Counted) -> Bools:
    """(I, J) whether one passage carries what the actor says on the code."""
    whole = two_mode(tally, kind)[counted.actor, counted.code]
    rows = changes(kind, whole, cells_without(tally, kind, counted))
    found = np.zeros(tally.counts.shape[:2], bool)
    found[counted.actor[rows], counted.code[rows]] = True
    return found


def changes(kind: OneMode | TwoMode, whole: Floats | float, left: Floats) -> Bools:
    """Whether what is left is another answer: another sign, or for names another name."""
    if kind is TwoMode.COMBINE:
        return np.not_equal(left, whole)
    return np.not_equal(np.sign(left), np.sign(whole))


@dataclass(frozen=True, eq=False)
class Removals:
    """``cells``: for each change of level, (I, J) whether leaving one passage out brings it about.

    A change is from a level to the one that would count instead, -1 for none.
    """

    cells: dict[tuple[int, int], Bools]

    @classmethod
    def of(cls, tally: Tally, counted: Counted) -> "Removals":
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


def carried(tally: Tally, kind: OneMode, first: Ints, second: Ints, possible: Removals) -> Bools:
    """(E,) whether one passage carries the edge between the two actors."""
    found = np.zeros(len(first), bool)
    size = max(1, CELLS_AT_ONCE // max(tally.counts.shape[1], 1))
    adds = factors(tally.scale, kind)
    for start in range(0, len(first), size):
        one, other = first[start : start + size], second[start : start + size]
        weighed = tally.counts[one] @ adds
        weight = (weighed * tally.counts[other]).sum(axis=(1, 2))
        here = _changed(weight, tally.counts[other] @ adds, possible, one)
        here |= _changed(weight, weighed, possible, other)
        found[start : start + size] = here
    return found


def _changed(weight: Floats, by_other: Floats, possible: Removals, mine: Ints) -> Bools:
    """(E,) whether one of the removals that are possible in `mine` changes the weight's sign."""
    changed = np.zeros(len(weight), bool)
    for (level, instead), cells in possible.cells.items():
        left = weight[:, None] - by_other[..., level]
        if instead >= 0:
            left += by_other[..., instead]
        changed |= (cells[mine] & (np.sign(left) != np.sign(weight)[:, None])).any(axis=1)
    return changed
