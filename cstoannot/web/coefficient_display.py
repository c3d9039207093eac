"""Display of a coefficient: value, interval, reliability level, whisker drawing."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from cstoannot.stats.coefficients.definitions import Measure, MeasureKind
from cstoannot.stats.results import EXPLANATIONS, Coefficient, ConfidenceInterval

CAUTIOUS, RELIABLE = 0.667, 0.8  # Krippendorff (2019), chapter 12
STEP = 0.2


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


def classify_coefficient(value: float | None, *, judged: bool) -> str:
    """Return `high`, `cautious` or `low` by the usual limits; `plain` where they do not apply."""
    if value is None:
        return "none"
    if not judged:
        return "plain"
    if value >= RELIABLE:
        return "high"
    return "cautious" if value >= CAUTIOUS else "low"


WIDTH, HEIGHT = 200.0, 18.0
EDGE = 5.0  # room for the dot at either end


def render_whisker(result: Coefficient, *, low: float, judged: bool) -> str:
    """Draw value and interval as SVG; empty without a value. The next cell has both as text."""
    if result.value is None:
        return ""
    scale = CoefficientScale(low, EDGE, WIDTH - 2 * EDGE)
    middle = HEIGHT / 2
    parts = (
        [_render_whisker_line(scale, CAUTIOUS, ".25"), _render_whisker_line(scale, RELIABLE, ".5")]
        if judged
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
    level = classify_coefficient(result.value, judged=judged)
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
    "high": LevelWords("reliable", "At or above .800, the usual limit for reliable data."),
    "cautious": LevelWords("cautious", "Between .667 and .800: for cautious conclusions only."),
    "low": LevelWords("low", "Below .667: too low for conclusions."),
    "plain": LevelWords(),
    "none": LevelWords(),
}
CONVENTION = (
    "By convention, values of .800 and above are reliable. Values from .667 are for cautious "
    "conclusions only, lower values allow none (Krippendorff, 2019)."
)
LEGEND = "Lines: .667 cautious conclusions, .800 reliable (Krippendorff, 2019)"
METHODS_SENTENCE = (
    "Following Krippendorff (2019), values of at least .800 are taken as reliable, and values "
    "between .667 and .800 as a basis for cautious conclusions only."
)
INTERVAL_TITLES = {
    "bootstrap": "Bootstrap",
    "gwet": "Gwet’s analytic",
    "krippendorff": "Krippendorff’s bootstrap",
    "none": "None",
}
OF_ONE_CODE = frozenset({"gwet", "krippendorff"})


@dataclass(frozen=True)
class CoefficientDisplay:
    """A coefficient in a table or on a card; `evidence` is the URL of what it counts."""

    value: str
    level: str
    verdict: str
    interval: str
    reason: str
    whisker: SafeString
    prevalence: str
    n: int
    evidence: str


def describe_coefficient(
    result: Coefficient, measure: Measure, *, low: float, evidence: str
) -> CoefficientDisplay:
    judged = measure.chance_corrected
    level = classify_coefficient(result.value, judged=judged)
    share = result.prevalence
    return CoefficientDisplay(
        value=format_coefficient(result.value),
        level=level,
        verdict=LEVELS[level].short,
        interval=format_interval(result.interval),
        reason=EXPLANATIONS[result.reason] if result.reason else "",
        # Drawn from numbers only; contains no user's text.
        whisker=mark_safe(render_whisker(result, low=low, judged=judged)),
        prevalence="" if share is None else f"{100 * share:.1f} %",
        n=result.n,
        evidence=evidence,
    )


def format_coefficient(value: float | None) -> str:
    """Format with two decimals and a real minus sign; empty without a value."""
    if value is None:
        return ""
    words = f"{value:.2f}"
    return "0.00" if words == "-0.00" else words.replace("-", "−")


def format_interval(interval: ConfidenceInterval | None) -> str:
    return (
        f"{format_coefficient(interval.low)} to {format_coefficient(interval.high)}"
        if interval
        else ""
    )


def describe_conclusion(result: Coefficient, measure: Measure) -> str:
    """Describe what conclusions the value allows, given the interval's lower end."""
    level = classify_coefficient(result.value, judged=measure.chance_corrected)
    said = LEVELS[level].sentence
    limit = {"high": RELIABLE, "cautious": CAUTIOUS}.get(level)
    if limit and result.interval and result.interval.low < limit:
        said += f" The interval reaches below {f'{limit:.3f}'[1:]}."
    return said


def describe_resampling(interval: ConfidenceInterval, measure: Measure, unit: str) -> str:
    """Describe how the interval was computed, such as "over sentences within sources"."""
    if interval.method == "sources":
        return "over sources"
    if interval.method == "blocks":
        return "over sentences within sources"
    if interval.method == "units" and measure.kind is MeasureKind.LABELS:
        return "over shared passages"
    if interval.method == "units":
        return "over sources" if unit == "source" else f"over {unit}s within sources"
    return f"over {interval.method}"
