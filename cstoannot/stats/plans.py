"""Plans of who codes what: balanced by words and by pairs of coders, and seeded.

Balanced means a small sum of squares: of the coders' loads, in sources of average length, and of
the numbers of sources that each pair of coders shares.
"""

import random
from dataclasses import dataclass

import numpy as np

from cstoannot.stats.results import Bools, Floats, Ints

MOST_PASSES = 8
WORTH_MOVING = 0.5
"""By how much a move of what was given before must lower half of the sum of squares."""


@dataclass(frozen=True, eq=False)
class PlanTask:
    """Sources to hand out: ``words`` and ``wanted`` coders (S,), and what stays ``kept`` (S, A).

    ``movable`` (S, A): given before, but not begun. ``loads`` (A,): words that coders have besides.
    ``wanted`` counts kept and movable ones; nothing is taken from a source that has more.
    """

    words: Ints
    wanted: Ints
    kept: Bools
    movable: Bools
    loads: Ints
    seed: int = 1

    @classmethod
    def build(cls, words: Ints, wanted: Ints, coders: int, seed: int) -> "PlanTask":
        """Return a task in which nothing is given yet."""
        nothing = np.zeros((len(words), coders), bool)
        return cls(words, wanted, nothing, nothing, np.zeros(coders, np.int64), seed)


def draw_order(count: int, *seeds: object) -> Ints:
    """Return a random order of ``count`` things, the same for the same seeds."""
    # Python promises that these numbers stay the same, NumPy does not.
    numbers = random.Random("/".join(map(str, seeds)))
    drawn = np.array([numbers.random() for _ in range(count)])
    return np.argsort(drawn, kind="stable").astype(np.int64)


def draw_share(count: int, percent: int, seed: int) -> Bools:
    """Return (count,): a random share of this many percent, rounded to whole things."""
    chosen = np.zeros(count, bool)
    chosen[draw_order(count, seed, "share")[: (count * percent + 50) // 100]] = True
    return chosen


def plan_assignments(task: PlanTask) -> Bools:
    """Return (S, A): who codes what, kept and movable ones included."""
    plan = _PlanBuilder(task)
    mixed = draw_order(len(task.words), task.seed, "sources")
    # Long sources first: the short ones then even out the loads.
    for source in mixed[np.argsort(-task.words[mixed], kind="stable")].tolist():
        plan.fill(source)
    for _ in range(MOST_PASSES):
        if not any([plan.improve(source) for source in mixed.tolist()]):
            break
    return plan.given


class _PlanBuilder:
    """The assignments so far, with the loads and shared sources that they make."""

    def __init__(self, task: PlanTask) -> None:
        self.task = task
        self.given = task.kept | task.movable
        average = max(float(task.words.mean()) if len(task.words) else 1.0, 1.0)
        self.size: Floats = task.words / average
        self.load: Floats = task.loads / average + self.size @ self.given
        both = self.given.astype(np.float64)
        self.pairs: Floats = both.T @ both
        np.fill_diagonal(self.pairs, 0)
        coders = self.given.shape[1]
        # Ties go to a coder by chance, not to the first by name.
        self.chance = draw_order(coders, task.seed, "coders") * 1e-9

    def fill(self, source: int) -> None:
        """Give the source to those for whom it costs least, until enough have it."""
        row = self.given[source]
        while row.sum() < min(self.task.wanted[source], len(row)):
            cost = self.size[source] * self.load + self.pairs[row].sum(axis=0) + self.chance
            self._give(source, int(np.where(row, np.inf, cost).argmin()))

    def improve(self, source: int) -> bool:
        """Move the source between coders where that lowers the sum; return whether it did."""
        moved = False
        row = self.given[source]
        for coder in np.flatnonzero(row & ~self.task.kept[source]).tolist():
            self._take(source, coder)
            cost = self.size[source] * self.load + self.pairs[row].sum(axis=0)
            other = int(np.where(row, np.inf, cost + self.chance).argmin())
            # Half of the difference between the sums of squares.
            gain = cost[coder] - cost[other]
            worth = WORTH_MOVING if self.task.movable[source, coder] else 1e-6
            better = other != coder and gain > worth
            self._give(source, other if better else coder)
            moved |= better
        return moved

    def _give(self, source: int, coder: int) -> None:
        self._count(source, coder, 1)
        self.given[source, coder] = True

    def _take(self, source: int, coder: int) -> None:
        self.given[source, coder] = False
        self._count(source, coder, -1)

    def _count(self, source: int, coder: int, sign: int) -> None:
        others = self.given[source]
        self.load[coder] += sign * self.size[source]
        self.pairs[coder, others] += sign
        self.pairs[others, coder] += sign


def count_pairs(given: Bools) -> Ints:
    """Return (A, A): how many sources each pair of coders shares; 0 on the diagonal."""
    both = given.astype(np.int64)
    pairs: Ints = both.T @ both
    np.fill_diagonal(pairs, 0)
    return pairs
