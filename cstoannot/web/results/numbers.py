"""A coefficient as people read it: its value, its interval, and what they may conclude."""

from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from cstoannot.stats.coefficients.kinds import Kind, Measure
from cstoannot.stats.results import EXPLANATIONS, Coefficient, Interval
from cstoannot.web.figures.scale import RELIABLE, TENTATIVE, level_of
from cstoannot.web.figures.whisker import whisker

SHORT = {"high": "reliable", "tentative": "tentative", "low": "low", "plain": "", "none": ""}
INTERVAL_TITLES = {
    "bootstrap": "Bootstrap",
    "gwet": "Gwet’s analytic",
    "krippendorff": "Krippendorff’s bootstrap",
    "none": "None",
}
OF_ONE_CODE = frozenset({"gwet", "krippendorff"})
CONCLUSIONS = {
    "high": "At or above .800, the customary limit for reliable data.",
    "tentative": "Between .667 and .800: enough for tentative conclusions only.",
    "low": "Below .667: too low to rest conclusions on.",
}


@dataclass(frozen=True)
class Shown:
    """A coefficient in a table or on a card; `evidence` is the address of what it counts."""

    value: str
    level: str
    verdict: str
    interval: str
    reason: str
    whisker: SafeString
    prevalence: str
    n: int
    evidence: str


def shown(result: Coefficient, measure: Measure, *, low: float, evidence: str) -> Shown:
    judged = measure.chance_corrected
    level = level_of(result.value, judged=judged)
    share = result.prevalence
    return Shown(
        value=rounded(result.value),
        level=level,
        verdict=SHORT[level],
        interval=between(result.interval),
        reason=EXPLANATIONS[result.reason] if result.reason else "",
        # Drawn from numbers alone; no text of anybody's is in it.
        whisker=mark_safe(whisker(result, low=low, judged=judged)),
        prevalence="" if share is None else f"{100 * share:.1f} %",
        n=result.n,
        evidence=evidence,
    )


def rounded(value: float | None) -> str:
    """Two places and a real minus; empty for what has no value."""
    if value is None:
        return ""
    words = f"{value:.2f}"
    return "0.00" if words == "-0.00" else words.replace("-", "−")


def between(interval: Interval | None) -> str:
    return f"{rounded(interval.low)} to {rounded(interval.high)}" if interval else ""


def conclusion(result: Coefficient, measure: Measure) -> str:
    """What the value allows to conclude, with the interval's lower end in view."""
    level = level_of(result.value, judged=measure.chance_corrected)
    said = CONCLUSIONS.get(level, "")
    limit = {"high": RELIABLE, "tentative": TENTATIVE}.get(level)
    if limit and result.interval and result.interval.low < limit:
        said += f" The interval reaches below {f'{limit:.3f}'[1:]}."
    return said


def resampled(interval: Interval, measure: Measure, unit: str) -> str:
    """How the interval came about, such as "over sentences within sources"."""
    if interval.method == "sources":
        return "over sources"
    if interval.method == "blocks":
        return "over sentences within sources"
    if interval.method == "units" and measure.kind is Kind.LABELS:
        return "over shared passages"
    if interval.method == "units":
        return "over sources" if unit == "source" else f"over {unit}s within sources"
    return f"over {interval.method}"
