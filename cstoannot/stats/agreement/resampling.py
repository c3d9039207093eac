"""Bootstrap intervals from sufficient statistics, seeded.

A replicate is a set of weights: how often each source or unit was drawn. Its sums are one row of a
matrix product. Sums of integers are exact in floating point, so the same seed gives the same bytes
whatever the order of summation.
"""

import math
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np

from cstoannot.stats.coefficients.krippendorff_alpha import compute_coincidences
from cstoannot.stats.results import ConfidenceInterval, Floats, Ints, Numbers
from cstoannot.stats.tables import ValueCounts

_AT_ONCE = 1 << 12  # numbers drawn at once, to save calls for few sources
_MANY = 1000  # degrees of freedom of Student's t
_EXACT_IN_SINGLE = 2.0**24
_EXACT_IN_DOUBLE = 2.0**53


@dataclass(frozen=True, slots=True)
class BootstrapDraws:
    """How to resample: number of replicates, level and seed."""

    replicates: int = 1000
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

    def of_units(self, strata: Ints, copies: Ints) -> Numbers:
        """(B, G) how often each group is drawn within its stratum.

        ``strata`` (G,) in order; ``copies`` (G,): how many equal units the group stands for. A
        stratum has as many draws as units.
        """
        weights = np.zeros((self.replicates, len(strata)), np.float32)
        for stratum in np.unique(strata):
            low, high = np.searchsorted(strata, [stratum, stratum + 1])
            random = np.random.default_rng([self.seed, int(stratum)])
            size = int(copies[low:high].sum())
            share = copies[low:high] / size
            weights[:, low:high] = random.multinomial(size, share, size=self.replicates)
        return weights

    def interval(self, values: Floats, method: str, drawn: int) -> ConfidenceInterval | None:
        """Return the middle ``level`` of the replicates (B,); None if too few have a value."""
        some = values[~np.isnan(values)]
        if 10 * len(some) < len(values) or not len(some):
            return None
        edge = 100.0 * (1.0 - self.level) / 2.0
        low, high = np.percentile(some, [edge, 100.0 - edge])
        missing = len(values) - len(some)
        return ConfidenceInterval(
            float(low), float(high), self.level, method, drawn, self.replicates, missing
        )


DRAWS = BootstrapDraws()
"""A thousand replicates, for 95 % intervals."""


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
    common = math.lcm(*(int(number) for number in np.unique(divisor)))
    if common * max(float(values.sum()), 1.0) >= _EXACT_IN_DOUBLE / 16:
        return values / divisor[:, None], 1.0
    return values * (common // divisor)[:, None], float(common)


def bootstrap_krippendorff_alpha(
    counts: ValueCounts, draws: BootstrapDraws = DRAWS
) -> tuple[ConfidenceInterval | None, Floats]:
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
    return draws.interval(replicates, "pairs", pairs), replicates


@cache
def compute_student_t(probability: float, freedom: int) -> float:
    """Return the quantile of Student's t, for a probability of at least one half."""
    if freedom > _MANY:
        return _expand_student_t(NormalDist().inv_cdf(probability), freedom)
    low, high = 0.0, 2.0
    while _compute_t_probability(high, freedom) < probability:
        low, high = high, 2.0 * high
    for _ in range(200):
        middle = (low + high) / 2.0
        if _compute_t_probability(middle, freedom) < probability:
            low = middle
        else:
            high = middle
    return high


def _expand_student_t(normal: float, freedom: int) -> float:
    """Expand Student's t around the normal quantile (Abramowitz & Stegun 26.7.5).

    Beyond `_MANY` the four terms are exact to about 12 places; the series would have as many terms
    as there are units.
    """
    x = normal * normal
    terms = (
        (x + 1) / 4,
        ((5 * x + 16) * x + 3) / 96,
        (((3 * x + 19) * x + 17) * x - 15) / 384,
        ((((79 * x + 776) * x + 1482) * x - 1920) * x - 945) / 92160,
    )
    more = sum(term / freedom**power for power, term in enumerate(terms, start=1))
    return normal * (1.0 + more)


def _compute_t_probability(value: float, freedom: int) -> float:
    """P(T ≤ value) for value ≥ 0, by the finite series (Abramowitz & Stegun 26.7.3, 26.7.4)."""
    angle = math.atan(value / math.sqrt(freedom))
    square = math.cos(angle) ** 2
    odd = freedom % 2
    term = math.cos(angle) if odd else 1.0
    total = term if freedom > 1 or not odd else 0.0
    for step in range(3 if odd else 2, freedom - 1, 2):
        term *= square * (step - 1) / step
        total += term
        if term < 1e-17 * total:
            break
    if not odd:
        return 0.5 + math.sin(angle) * total / 2.0
    if freedom == 1:
        total = 0.0
    return 0.5 + (angle + math.sin(angle) * total) / math.pi
