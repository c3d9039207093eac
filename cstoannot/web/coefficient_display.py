"""Display of a coefficient: value, interval, reliability level, whisker drawing."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from cstoannot.stats.coefficients.definitions import Measure
from cstoannot.stats.results import (
    EXPLANATIONS,
    INTERVAL_EXPLANATIONS,
    Coefficient,
    ConfidenceInterval,
)
from cstoannot.web.interval_words import describe_interval_basis

CAUTIOUS, RELIABLE = 0.667, 0.8  # Krippendorff (2019), chapter 12
STEP = 0.2
MOST_PLACES = 6  # decimals of a value next to a limit


@dataclass(frozen=True, slots=True)
class CoefficientScale:
    """From `low` at `left` to 1 at `left + width`; lower values are drawn at the edge."""

    low: float
    left: float
    width: float

    def x(self, value: float) -> float:
        share = (max(value, self.low) - self.low) / (1.0 - self.low)
        return self.left + self.width * share

    def ticks(self) -> list[float]:
        count = round((1.0 - self.low) / STEP)
        return [round(1.0 - STEP * place, 1) + 0.0 for place in range(count, -1, -1)]


def compute_scale_minimum(results: Iterable[Coefficient]) -> float:
    """Return a round number below all values and intervals: 0, or less if one is negative."""
    found = [0.0]
    for result in results:
        found += [] if result.value is None else [result.value]
        found += [] if result.interval is None else [result.interval.low]
    steps = math.floor(round(min(found) / STEP, 6))
    return max(-1.0, round(steps * STEP, 1)) + 0.0


def classify_coefficient(result: Coefficient, measure: Measure) -> str:
    """Return the level by the lower limit of the interval; `plain` where no limits apply.

    `high`, `cautious`, `low` (the value itself is), or `open` where the value is above .667 but its
    interval reaches below, or there is none.
    """
    level = classify_value(result.value, measure)
    if level != "open" or result.interval is None or result.interval.low < CAUTIOUS:
        return level
    return "high" if result.interval.low >= RELIABLE else "cautious"


def classify_value(value: float | None, measure: Measure) -> str:
    """Return the level of a value that has no interval; see `classify_coefficient`."""
    if value is None:
        return "none"
    if not measure.has_limits:
        return "plain"
    return "low" if value < CAUTIOUS else "open"


WIDTH, HEIGHT = 200.0, 18.0
EDGE = 5.0  # room for the dot at either end


def render_whisker(result: Coefficient, measure: Measure, *, low: float) -> str:
    """Draw value and interval as SVG; empty without a value. The next cell has both as text."""
    if result.value is None:
        return ""
    scale = CoefficientScale(low, EDGE, WIDTH - 2 * EDGE)
    middle = HEIGHT / 2
    parts = (
        [_render_whisker_line(scale, CAUTIOUS, ".25"), _render_whisker_line(scale, RELIABLE, ".5")]
        if measure.has_limits
        else []
    )
    if low < 0:
        parts.append(_render_whisker_line(scale, 0.0, ".12"))
    if result.interval:
        one, other = scale.x(result.interval.low), scale.x(result.interval.high)
        parts.append(
            f'<line x1="{one:.1f}" x2="{other:.1f}" y1="{middle:g}" y2="{middle:g}" '
            'stroke="currentColor" stroke-width="1.5"/>'
        )
    level = classify_coefficient(result, measure)
    parts.append(
        f'<circle cx="{scale.x(result.value):.1f}" cy="{middle:g}" r="4" data-level="{level}"/>'
    )
    return (
        f'<svg class="whisker" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" aria-hidden="true">'
        f"{''.join(parts)}</svg>"
    )


def _render_whisker_line(scale: CoefficientScale, value: float, opacity: str) -> str:
    x = scale.x(value)
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{HEIGHT:g}" stroke="currentColor" '
        f'opacity="{opacity}"/>'
    )


@dataclass(frozen=True)
class LevelWords:
    """The words for a level: beside a value, and as a sentence."""

    short: str = ""
    sentence: str = ""


LEVELS = {
    "high": LevelWords("reliable", "The interval lies at or above .800: reliable."),
    "cautious": LevelWords(
        "cautious",
        "The interval lies above .667 and reaches below .800: cautious conclusions only.",
    ),
    "open": LevelWords("open", "The interval reaches below .667: more sources have to be coded."),
    "low": LevelWords("low", "Below .667: too low for conclusions."),
    "plain": LevelWords(),
    "none": LevelWords(),
}
WITHOUT_INTERVAL = "Above .667, but without an interval nobody can say by how much."
CONVENTION = (
    "By convention, α of .800 and above is reliable. From .667 on it is for cautious conclusions "
    "only, below it allows none (Krippendorff, 2019). What counts is the lower limit of its "
    "interval. Other coefficients have no such limits."
)
LEGEND = "Lines: .667 cautious conclusions, .800 reliable (Krippendorff, 2019)"
METHODS_SENTENCE = (
    "Following Krippendorff (2019), α is taken as reliable if the lower limit of its interval is "
    "at least .800, and as a basis for cautious conclusions only if it is at least .667."
)


@dataclass(frozen=True)
class CoefficientDisplay:
    """A coefficient in a table or on a card; `evidence` is the URL of what it counts.

    `basis`: the method of the interval and what it rests on, or why there is no interval.
    """

    value: str
    level: str
    verdict: str
    interval: str
    basis: str
    reason: str
    whisker: SafeString
    prevalence: str
    n: int
    evidence: str


def describe_coefficient(
    result: Coefficient, measure: Measure, *, low: float, evidence: str
) -> CoefficientDisplay:
    level = classify_coefficient(result, measure)
    share = result.prevalence
    return CoefficientDisplay(
        value=format_coefficient(result.value),
        level=level,
        verdict=LEVELS[level].short,
        interval=format_interval(result.interval),
        basis=describe_basis(result),
        reason=EXPLANATIONS[result.reason] if result.reason else "",
        # Drawn from numbers only; contains no user's text.
        whisker=mark_safe(render_whisker(result, measure, low=low)),
        prevalence="" if share is None else f"{100 * share:.1f} %",
        n=result.n,
        evidence=evidence,
    )


def describe_basis(result: Coefficient) -> str:
    """Describe what the interval rests on, or why there is none; empty if none was asked for."""
    if result.interval:
        return describe_interval_basis(result.interval)
    return INTERVAL_EXPLANATIONS[result.no_interval] if result.no_interval else ""


def format_coefficient(value: float | None) -> str:
    """Format with a real minus sign; empty without a value.

    Two decimals, or as many as it takes to show on which side of .667 and .800 the value lies.
    """
    if value is None:
        return ""
    tried = (f"{value:.{places}f}" for places in range(2, MOST_PLACES))
    fitting = (words for words in tried if _keeps_side(words, value))
    words = next(fitting, f"{value:.{MOST_PLACES}f}")
    return "0.00" if words == "-0.00" else words.replace("-", "−")


def _keeps_side(words: str, value: float) -> bool:
    """Return whether the rounded value is on the same side of both limits."""
    return all((float(words) >= limit) == (value >= limit) for limit in (CAUTIOUS, RELIABLE))


def format_interval(interval: ConfidenceInterval | None) -> str:
    return (
        f"{format_coefficient(interval.low)} to {format_coefficient(interval.high)}"
        if interval
        else ""
    )


def describe_conclusion(result: Coefficient, measure: Measure) -> str:
    """Describe what conclusions the lower limit of the interval allows."""
    level = classify_coefficient(result, measure)
    if level == "open" and result.interval is None:
        return WITHOUT_INTERVAL
    return LEVELS[level].sentence
