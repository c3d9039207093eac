"""Where a coefficient stands on a line, and the limits that are drawn across it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from cstoannot.stats.results import Coefficient

TENTATIVE, RELIABLE = 0.667, 0.8  # Krippendorff (2019), chapter 12
STEP = 0.2


@dataclass(frozen=True, slots=True)
class Scale:
    """From `low` at `left` to 1 at `left + width`; what lies below stands at the edge."""

    low: float
    left: float
    width: float

    def x(self, value: float) -> float:
        share = (max(value, self.low) - self.low) / (1.0 - self.low)
        return self.left + self.width * share

    def ticks(self) -> list[float]:
        count = round((1.0 - self.low) / STEP)
        return [round(1.0 - STEP * place, 1) + 0.0 for place in range(count, -1, -1)]


def lowest(results: Iterable[Coefficient]) -> float:
    """A round number below all values and intervals: 0, or less if one is negative."""
    found = [0.0]
    for result in results:
        found += [] if result.value is None else [result.value]
        found += [] if result.interval is None else [result.interval.low]
    steps = math.floor(round(min(found) / STEP, 6))
    return max(-1.0, round(steps * STEP, 1)) + 0.0


def level_of(value: float | None, *, judged: bool) -> str:
    """`high`, `tentative` or `low` by the conventional limits; `plain` where they do not apply."""
    if value is None:
        return "none"
    if not judged:
        return "plain"
    if value >= RELIABLE:
        return "high"
    return "tentative" if value >= TENTATIVE else "low"
