"""How many sources bring an interval of the jackknife under a given half width.

The standard error of ln x, x = 1 − value, falls with the square root of the number of sources if
the further sources are like those in view. The half width is that of the value, half of the
distance between its limits.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

from cstoannot.stats.agreement.student_t import compute_student_t
from cstoannot.stats.results import Coefficient, IntervalMethod

HALF_WIDTHS = (0.10, 0.05)
MOST_SOURCES = 100_000
"""Beyond this, the answer is that no practical number of sources is enough."""


@dataclass(frozen=True, slots=True)
class ErrorModel:
    """What an interval says of x: ``plain`` and ``padded`` ratio, ``error`` of ln x, ``sources``.

    ``tail``: the probability below the upper limit.
    """

    plain: float
    padded: float
    error: float
    sources: int
    tail: float

    def half_width(self, sources: int) -> float:
        """Compute the expected half width of the interval with so many sources."""
        share = self.sources / sources
        # The added judgement weighs less with every source.
        centre = self.plain + (self.padded - self.plain) * share
        if self.plain <= 0:  # without disagreement neither the error nor its quantile changes
            return (centre * math.exp(NormalDist().inv_cdf(self.tail) * self.error)) / 2
        reach = compute_student_t(self.tail, sources - 1) * self.error * math.sqrt(share)
        high = max(1 - centre * math.exp(-reach), 1 - self.plain)
        return (high - (1 - centre * math.exp(reach))) / 2


def expect_half_width(result: Coefficient, sources: int) -> float | None:
    """Return the expected half width with so many sources in all, like those of the interval.

    None without an interval of the jackknife.
    """
    model = build_error_model(result)
    return None if model is None else model.half_width(sources)


def count_further_sources(result: Coefficient, half_width: float) -> int | None:
    """Return how many more sources are needed; 0 if the interval is narrow enough.

    None without an interval of the jackknife, and where more than `MOST_SOURCES` are needed.
    """
    model, interval = build_error_model(result), result.interval
    if model is None or interval is None:
        return None
    if (interval.high - interval.low) / 2 <= half_width:
        return 0
    low, high = interval.drawn, MOST_SOURCES
    if model.half_width(high) > half_width:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if model.half_width(middle) <= half_width else (middle, high)
    return high - interval.drawn


def build_error_model(result: Coefficient) -> ErrorModel | None:
    """Derive the error from the limits of x; where the upper limit was cut, from the lower one.

    None without an interval of the jackknife.
    """
    interval = result.interval
    if result.value is None or interval is None:
        return None
    if interval.method is not IntervalMethod.JACKKNIFE:
        return None
    plain, most, least = 1 - result.value, 1 - interval.low, 1 - interval.high
    tail, sources = 1 - (1 - interval.level) / 2, interval.drawn
    if plain <= 0:
        # The limit is padded · exp(z · error), and without disagreement the error is 1.
        return ErrorModel(0.0, most / math.exp(NormalDist().inv_cdf(tail)), 1.0, sources, tail)
    cut = least <= 0 or math.isclose(least, plain)
    padded = plain if cut else math.sqrt(most * least)
    error = math.log(most / padded) / compute_student_t(tail, sources - 1)
    return ErrorModel(plain, padded, error, sources, tail)
