"""Bootstrap intervals from sufficient statistics, seeded.

A replicate is a set of weights: how often each source was drawn. Its sums are one row of a
matrix product. Sums of integers are exact in floating point, so the same seed gives the same bytes
whatever the order of summation.
"""

import math
from dataclasses import dataclass

import numpy as np

from cstoannot.stats.coefficients.krippendorff_alpha import compute_coincidences
from cstoannot.stats.results import (
    ConfidenceInterval,
    Floats,
    Interval,
    IntervalMethod,
    IntervalReason,
    Ints,
    Numbers,
)
from cstoannot.stats.tables import ValueCounts

_AT_ONCE = 1 << 12  # numbers drawn at once, to save calls for few sources
_EXACT_IN_SINGLE = 2.0**24
_EXACT_IN_DOUBLE = 2.0**53


@dataclass(frozen=True, slots=True)
class BootstrapDraws:
    """How to resample: number of replicates, level and seed."""

    replicates: int = 2000
    level: float = 0.95
    seed: int = 1

    def of_sources(self, count: int) -> Numbers:
        """(B, count) how often each of ``count`` sources is drawn, in ``count`` draws."""
        random = np.random.default_rng([self.seed, count])
        weights = np.empty((self.replicates, count), np.float32)
        rows = max(1, _AT_ONCE // max(count, 1))
        for low in range(0, self.replicates, rows):
            high = min(low + rows, self.replicates)
            drawn = random.integers(0, count, size=(high - low, count))
            drawn[1:] += (np.arange(1, high - low) * count)[:, None]
            flat = np.bincount(drawn.ravel(), minlength=(high - low) * count)
            weights[low:high] = flat.reshape(high - low, count)
        return weights

    def interval(self, values: Floats, method: IntervalMethod, drawn: int) -> Interval:
        """Return the middle ``level`` of the replicates (B,), or the reason why there is none."""
        some = values[~np.isnan(values)]
        if 2 * len(some) < len(values) or not len(some):
            return IntervalReason.UNDEFINED_REPLICATES
        edge = 100.0 * (1.0 - self.level) / 2.0
        low, high = (float(end) for end in np.percentile(some, [edge, 100.0 - edge]))
        if low == high:
            return IntervalReason.NO_VARIATION
        missing = len(values) - len(some)
        return ConfidenceInterval(low, high, self.level, method, drawn, self.replicates, missing)


DRAWS = BootstrapDraws()
"""Two thousand replicates, for 95 % intervals."""
FEWEST_TO_DRAW = 10
"""The bootstrap over sources needs so many."""


def compute_weighted_sums(weights: Numbers, features: Floats) -> Floats:
    """(B, F) sums of non-negative (G, F) features by (B, G) weights.

    Integers are summed exactly: in single precision, twice as fast, if no sum exceeds 2²⁴.
    """
    if not features.size:
        return np.zeros((len(weights), features.shape[1]))
    small = features.sum(axis=0).max() < _EXACT_IN_SINGLE / 4
    if small and np.array_equal(features, np.rint(features)):
        quick = weights.astype(np.float32, copy=False) @ features.astype(np.float32)
        if quick.max() < _EXACT_IN_SINGLE:
            return quick.astype(np.float64)
    return weights.astype(np.float64) @ features


def scale_to_whole_numbers(values: Floats, divisor: Ints) -> tuple[Floats, float]:
    """(G, F) ``values`` over (G,) ``divisor``, as integers over one common divisor.

    Plain fractions over 1 if the common divisor is too large to be exact.
    """
    if divisor.max(initial=1) == 1:
        return values, 1.0
    common = math.lcm(*(int(number) for number in np.unique(divisor)))
    if common * max(float(values.sum()), 1.0) >= _EXACT_IN_DOUBLE / 16:
        return values / divisor[:, None], 1.0
    return values * (common // divisor)[:, None], float(common)


def bootstrap_krippendorff_alpha(
    counts: ValueCounts, draws: BootstrapDraws = DRAWS
) -> tuple[Interval | None, Floats]:
    """Return the interval of nominal α by Krippendorff's own bootstrap, and the sorted replicates.

    (2006, 2016; KALPHA.) Draws each unit's m(m − 1)/2 pairs from the observed coincidences and
    holds the expected disagreement fixed. Narrower than drawing units, as it assumes that the pairs
    of a unit are independent and that chance is known. None if α is undefined.
    """
    kept = counts.with_least(2)
    margins = np.asarray(kept.frequency @ kept.counts, float)
    total = margins.sum()
    apart = 1.0 - np.eye(len(margins))
    expected = (np.outer(margins, margins) * apart).sum()
    if not expected > 0:
        return None, np.zeros(0)
    expected /= total * (total - 1)
    share = (compute_coincidences(kept) / total).ravel()
    random = np.random.default_rng([draws.seed, int(total)])
    values = kept.counts.sum(axis=1)
    disagreement, pairs = np.zeros(draws.replicates), 0
    for size in np.unique(values):
        count = int(kept.frequency[values == size].sum()) * int(size) * (int(size) - 1) // 2
        drawn = random.multinomial(count, share / share.sum(), size=draws.replicates)
        disagreement += (drawn @ apart.ravel()) * 2.0 / (size - 1)
        pairs += count
    replicates = np.sort(1.0 - disagreement / (total * expected))
    return draws.interval(replicates, IntervalMethod.KRIPPENDORFF, pairs), replicates
