"""Quantiles of Student's t, without SciPy."""

import math
from functools import cache
from statistics import NormalDist

_MANY = 1000  # degrees of freedom beyond which the expansion is used
_FEW = 10
_STEPS = 3  # of Newton's method, which doubles the exact places with each


@cache
def compute_student_t(probability: float, freedom: int) -> float:
    """Return the quantile of Student's t, for a probability of at least one half.

    By bisection up to 10 degrees of freedom, and by Newton's method from an expansion that is
    close to it beyond.
    """
    normal = NormalDist().inv_cdf(probability)
    if freedom > _MANY:
        return _expand_student_t(normal, freedom)
    if freedom <= _FEW:
        return _bisect_student_t(probability, freedom)
    value = _expand_student_t(normal, freedom)
    for _ in range(_STEPS):
        apart = _compute_t_probability(value, freedom) - probability
        value -= apart / _compute_t_density(value, freedom)
    return value


def _bisect_student_t(probability: float, freedom: int) -> float:
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


def _compute_t_density(value: float, freedom: int) -> float:
    scale = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
    power = (freedom + 1) / 2 * math.log1p(value * value / freedom)
    return math.exp(scale - power) / math.sqrt(freedom * math.pi)


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


def compute_student_p(statistic: float, freedom: int) -> float:
    """Return the two-sided p-value of a statistic of Student's t."""
    if freedom > _MANY:
        # Abramowitz & Stegun 26.7.8.
        square = 1.0 + statistic * statistic / (2 * freedom)
        normal = abs(statistic) * (1.0 - 1.0 / (4 * freedom)) / math.sqrt(square)
        return 2.0 * NormalDist().cdf(-normal)
    return 2.0 * (1.0 - _compute_t_probability(abs(statistic), freedom))
