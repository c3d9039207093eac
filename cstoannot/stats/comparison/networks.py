"""Networks between actors, after Discourse Network Analyzer (Leifeld 2017).

Rows are actors, columns are codes with a claim, levels are places on a scale of stances: x[i, j, k]
is the number of actor i's passages on code j at level k. With d = |k - k'| / R, the weight of two
actors is the sum over codes and both levels of x[i, j, k] x[i', j, k'] times 1 (co-mention), 1 - d
(congruence), d (conflict) or 1 - 2d (subtract). R is the length of the *full* scale, never the
observed range. A code on which one of the two is silent adds nothing: silence is not conflict.

Integers are summed exactly (below 2**53), so the same data give the same numbers whatever the order
of summation.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cstoannot.stats.results import Bools, Floats, Ints

# Only distances of levels matter: opposes = 0, supports = 1 with R = 1 is equivalent.
TWO_LEVELS = (-1.0, 1.0)
THREE_LEVELS = (-1.0, 0.0, 1.0)
PAIRS_AT_ONCE = 1_000_000  # weights in memory at once: 8 MB an array
EDGES_AT_ONCE = 10_000


class OneMode(StrEnum):
    CO_MENTION = "co_mention"
    CONGRUENCE = "congruence"
    CONFLICT = "conflict"
    SUBTRACT = "subtract"


class Normalisation(StrEnum):
    """What the weight of two actors is divided by; a weight over 0 is 0."""

    NONE = "none"
    AVERAGE_ACTIVITY = "average_activity"
    JACCARD = "jaccard"
    PRODUCT_OF_TOTALS = "product_of_totals"
    COSINE = "cosine"


class TwoMode(StrEnum):
    COUNT = "count"
    SUBTRACT = "subtract"
    COMBINE = "combine"


class TwoModeShare(StrEnum):
    """What a cell of the two-mode network is divided by: the row's total or the column's."""

    NONE = "none"
    ACTIVITY = "activity"
    PROMINENCE = "prominence"


@dataclass(frozen=True, eq=False)
class LevelCounts:
    """Numbers of passages by actor, code and level.

    ``counts`` (I, J, K): x[i, j, k]; ``scale`` (K,): each level's value, in order. Values below 0
    oppose, values above 0 support. The scale includes its ends even if no passage has them.
    """

    counts: Floats
    scale: Floats

    @classmethod
    def of(
        cls,
        actor: Ints,
        code: Ints,
        level: Ints,
        *,
        size: tuple[int, int],
        scale: tuple[float, ...],
    ) -> "LevelCounts":
        """Count passages: each one's actor, code and index in ``scale``; ``size`` is (I, J)."""
        (actors, codes), levels = size, len(scale)
        place = (actor * codes + code) * levels + level
        flat = np.bincount(place, minlength=actors * codes * levels)
        counts = flat.reshape(actors, codes, levels).astype(np.float64)
        return cls(counts, np.asarray(scale, np.float64))

    @property
    def totals(self) -> Floats:
        """(I,) passages of each actor."""
        return self.counts.sum(axis=(1, 2))

    @property
    def by_code(self) -> Floats:
        """(I, J) passages of each actor on each code."""
        return self.counts.sum(axis=2)

    @property
    def flat(self) -> Floats:
        """(I, J K)."""
        return self.counts.reshape(len(self.counts), self.counts.shape[1] * self.counts.shape[2])

    def weighed(self, kind: OneMode) -> Floats:
        """(I, J, K) what one more passage of another actor with that code and level would add."""
        return self.counts @ compute_level_factors(self.scale, kind)


@dataclass(frozen=True, eq=False)
class StrongestEdges:
    """Pairs of actors (E,), strongest first, then by actors; ``first`` < ``second``.

    ``weight`` is normalised, ``congruence`` and ``conflict`` are not. ``passing``: how many pairs
    reach the threshold, of which these are the strongest.
    """

    first: Ints
    second: Ints
    weight: Floats
    congruence: Floats
    conflict: Floats
    passing: int

    def __len__(self) -> int:
        return len(self.first)


def compute_level_factors(scale: Floats, kind: OneMode) -> Floats:
    """(K, K) what a passage at one level and one at another add to a weight."""
    length = scale[-1] - scale[0]
    distance = np.abs(scale[:, None] - scale[None, :]) / length
    return {
        OneMode.CO_MENTION: np.ones_like(distance),
        OneMode.CONGRUENCE: 1.0 - distance,
        OneMode.CONFLICT: distance,
        OneMode.SUBTRACT: 1.0 - 2.0 * distance,
    }[kind]


def compute_one_mode_weights(
    tally: LevelCounts, kind: OneMode, by: Normalisation = Normalisation.NONE
) -> Floats:
    """(I, I) the weight of each two actors; the diagonal is 0."""
    found = _WeightFactors(tally, kind, by).weights(np.arange(len(tally.counts)), 0)
    np.fill_diagonal(found, 0.0)
    return found


def compute_denominators(tally: LevelCounts, by: Normalisation) -> Floats:
    """(I, I) the divisor of each two actors' weight."""
    return _WeightDivisors(tally, by).between(np.arange(len(tally.counts)), 0)


def select_strongest_edges(
    tally: LevelCounts, kind: OneMode, by: Normalisation, *, least: float = 0.0, most: int
) -> StrongestEdges:
    """Select the ``most`` strongest pairs whose weight is not 0 and at least ``least``.

    If ``least`` is 0, contested pairs come last: those whose congruence and conflict cancel out.
    Weights are computed in blocks of rows, so that memory does not grow with the number of pairs.
    """
    maker, kept = _WeightFactors(tally, kind, by), _StrongestEntries(most, least)
    met = None
    if kind is OneMode.SUBTRACT:
        met = _WeightFactors(tally, OneMode.CO_MENTION, Normalisation.NONE)
    count = len(tally.counts)
    size = max(1, PAIRS_AT_ONCE // max(count, 1))
    for start in range(0, count, size):
        rows = np.arange(start, min(start + size, count))
        weight = maker.weights(rows, start)
        contested = (weight == 0) & (met.weights(rows, start) > 0) if met else None
        for each in (weight, contested):
            if each is not None:
                each[np.tril_indices(len(rows), 0, weight.shape[1])] = 0
        kept.take(weight, start, start, contested)
    first, second, weight = kept.pairs()
    sides = [
        _compute_pair_weights(tally, one, first, second)
        for one in (OneMode.CONGRUENCE, OneMode.CONFLICT)
    ]
    return StrongestEdges(first, second, weight, sides[0], sides[1], kept.passing)


def _compute_pair_weights(tally: LevelCounts, kind: OneMode, first: Ints, second: Ints) -> Floats:
    """(E,) the weights of given pairs, without normalisation."""
    found = np.zeros(len(first))
    for start in range(0, len(first), EDGES_AT_ONCE):
        part = slice(start, start + EDGES_AT_ONCE)
        one = tally.counts[first[part]] @ compute_level_factors(tally.scale, kind)
        found[part] = (one * tally.counts[second[part]]).sum(axis=(1, 2))
    return found


def divide_or_zero(values: Floats, below: Floats) -> Floats:
    """Return the quotient; 0 where the denominator is 0."""
    return np.divide(
        values, below, out=np.zeros(np.broadcast(values, below).shape), where=below != 0
    )


def compute_two_mode_weights(
    tally: LevelCounts, kind: TwoMode, by: TwoModeShare = TwoModeShare.NONE
) -> Floats:
    """(I, J) the weight of each actor and code.

    ``combine`` is a category: 1 for only support, 2 for only opposition, 3 for both or for the
    middle of the scale. Shares of it raise ValueError.
    """
    if kind is TwoMode.COMBINE:
        if by is not TwoModeShare.NONE:
            raise ValueError("combine names what was said; it has no share")
        return _combine_levels(tally)
    found = tally.by_code if kind is TwoMode.COUNT else tally.counts @ tally.scale
    if by is TwoModeShare.ACTIVITY:
        return divide_or_zero(found, tally.totals[:, None])
    if by is TwoModeShare.PROMINENCE:
        return divide_or_zero(found, tally.counts.sum(axis=(0, 2))[None, :])
    return found


def select_strongest_cells(
    tally: LevelCounts, kind: TwoMode, by: TwoModeShare, *, least: float = 0.0, most: int
) -> StrongestEdges:
    """Do the same as `select_strongest_edges` between actors and codes: ``second`` is a code.

    ``congruence`` and ``conflict`` are the passages above and below the middle of the scale.
    """
    kept = _StrongestEntries(most, least)
    weight = compute_two_mode_weights(tally, kind, by)
    contested = (weight == 0) & (tally.by_code > 0) if kind is TwoMode.SUBTRACT else None
    kept.take(weight, 0, 0, contested)
    first, second, weight = kept.pairs()
    said = tally.counts[first, second]
    above, below = said[:, tally.scale > 0], said[:, tally.scale < 0]
    return StrongestEdges(first, second, weight, above.sum(axis=1), below.sum(axis=1), kept.passing)


def _combine_levels(tally: LevelCounts) -> Floats:
    supports = (tally.counts[..., tally.scale >= 0] > 0).any(axis=2)
    opposes = (tally.counts[..., tally.scale <= 0] > 0).any(axis=2)
    return np.where(supports, 1.0, 0.0) + np.where(opposes, 2.0, 0.0)


class _WeightFactors:
    """The factors whose products are the weights, computed once for all blocks."""

    def __init__(self, tally: LevelCounts, kind: OneMode, by: Normalisation) -> None:
        self.divisors = None if by is Normalisation.NONE else _WeightDivisors(tally, by)
        self.left = self.right = tally.flat
        if kind is OneMode.CO_MENTION:
            self.left = self.right = tally.by_code
        elif kind is OneMode.SUBTRACT and len(tally.scale) == 2:
            # The four products of two levels add up to (s - o)(s' - o').
            self.left = self.right = tally.counts[..., 1] - tally.counts[..., 0]
        else:
            self.left = tally.weighed(kind).reshape(self.left.shape)

    def weights(self, rows: Ints, start: int) -> Floats:
        """Return the weights of these actors with all from ``start`` on."""
        raw: Floats = self.left[rows] @ self.right[start:].T
        return (
            raw
            if self.divisors is None
            else divide_or_zero(raw, self.divisors.between(rows, start))
        )


class _WeightDivisors:
    def __init__(self, tally: LevelCounts, by: Normalisation) -> None:
        self.by = by
        self.flat = tally.flat
        self.totals = tally.totals
        self.norms = np.sqrt((self.flat**2).sum(axis=1))
        self.some = (self.flat > 0).astype(np.float64) if by is Normalisation.JACCARD else None

    def between(self, rows: Ints, start: int) -> Floats:
        """Return the divisors of these actors with all from ``start`` on."""
        mine, theirs = self.totals[rows, None], self.totals[None, start:]
        if self.by is Normalisation.NONE:
            return np.ones((len(rows), theirs.shape[1]))
        if self.by is Normalisation.AVERAGE_ACTIVITY:
            return (mine + theirs) / 2
        if self.by is Normalisation.PRODUCT_OF_TOTALS:
            return mine * theirs
        if self.by is Normalisation.COSINE:
            return self.norms[rows, None] * self.norms[None, start:]
        return self._jaccard(rows, start, mine, theirs)

    def _jaccard(self, rows: Ints, start: int, mine: Floats, theirs: Floats) -> Floats:
        """Add what only one of the two speaks of to the weight of what both speak of."""
        assert self.some is not None
        met = self.flat[rows] @ self.some[start:].T
        meeting = self.some[rows] @ self.flat[start:].T
        return (mine - met) + (theirs - meeting) + self.flat[rows] @ self.flat[start:].T


class _StrongestEntries:
    """Collects the strongest entries of blocks of rows; blocks come in order."""

    def __init__(self, most: int, least: float) -> None:
        self.most, self.least = most, least
        self.parts: list[tuple[Ints, Ints, Floats]] = []
        self.held = self.passing = 0
        self.bar = -1.0
        """Enough entries are stronger or came earlier: an entry must exceed this to enter."""

    def take(self, weight: Floats, row: int, column: int, contested: Bools | None) -> None:
        """Add a block that begins at this row and column; zeros are no entries unless contested."""
        size = np.abs(weight)
        passes = size >= self.least if self.least > 0 else size > 0
        if contested is not None and self.least <= 0:
            passes |= contested
        self.passing += int(np.count_nonzero(passes))
        down, across = np.nonzero(passes & (size > self.bar))
        self.parts.append((down + row, across + column, weight[down, across]))
        self.held += len(down)
        if self.held > 2 * self.most:
            self._cut()

    def _cut(self) -> None:
        first, second, weight = (np.concatenate(column) for column in zip(*self.parts, strict=True))
        order = np.lexsort((second, first, -np.abs(weight)))[: self.most]
        self.parts, self.held = [(first[order], second[order], weight[order])], len(order)
        if 0 < self.most <= len(order):
            self.bar = float(np.abs(weight[order[-1]]))

    def pairs(self) -> tuple[Ints, Ints, Floats]:
        """Return rows, columns and weights, strongest first."""
        if not self.parts:
            return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
        self._cut()
        return self.parts[0]
