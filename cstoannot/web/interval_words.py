"""How intervals are named, described and cited: one table for pages, figures, files and texts."""

from dataclasses import dataclass

from cstoannot.stats.agreement.resampling import DRAWS
from cstoannot.stats.results import ConfidenceInterval, IntervalMethod


@dataclass(frozen=True)
class IntervalWords:
    """`title` in menus; `name` in a sentence; `citation` in full; `drawn`: what it rests on."""

    title: str
    name: str
    citation: str
    drawn: str


INTERVAL_WORDS = {
    IntervalMethod.JACKKNIFE: IntervalWords(
        "Jackknife over sources",
        "delete-one-source jackknife intervals (Efron & Tibshirani, 1993; Hughes, 2022) on the "
        "logarithm of the disagreement",
        "Hughes, J. (2022). Toward improved inference for Krippendorff’s alpha agreement "
        "coefficient. arXiv:2210.13265.",
        "sources",
    ),
    IntervalMethod.BOOTSTRAP: IntervalWords(
        "Bootstrap over sources",
        "percentile bootstrap intervals (Efron & Tibshirani, 1993), drawing sources",
        "",
        "sources",
    ),
    IntervalMethod.GWET: IntervalWords(
        "Gwet’s analytic",
        "Gwet’s analytic intervals (Gwet, 2014), over units taken as independent",
        "Gwet, K. L. (2014). Handbook of inter-rater reliability (4th ed.). Advanced Analytics.",
        "units",
    ),
    IntervalMethod.KRIPPENDORFF: IntervalWords(
        "Krippendorff’s bootstrap",
        "Krippendorff’s bootstrap intervals (Hayes & Krippendorff, 2007), over pairs of values "
        "taken as independent",
        "Hayes, A. F., & Krippendorff, K. (2007). Answering the call for a standard reliability "
        "measure for coding data. Communication Methods and Measures, 1(1), 77–89.",
        "pairs of values",
    ),
    IntervalMethod.NONE: IntervalWords("None", "", "", ""),
}
_EFRON = "Efron, B., & Tibshirani, R. J. (1993). An introduction to the bootstrap. Chapman & Hall."
INTERVAL_TITLES = {method.value: words.title for method, words in INTERVAL_WORDS.items()}


def describe_interval_basis(interval: ConfidenceInterval) -> str:
    """Describe method and basis, such as "jackknife over 5 sources"."""
    words = INTERVAL_WORDS[interval.method]
    title = words.title.removesuffix(" over sources")
    title = title[0].lower() + title[1:] if words.drawn == "sources" else title
    replicates = ""
    if interval.replicates:
        missing = f", {interval.undefined:,} of them undefined" if interval.undefined else ""
        replicates = f", {interval.replicates:,} replicates{missing}"
    return f"{title} over {interval.drawn:,} {words.drawn}{replicates}"


def describe_interval_method(interval: ConfidenceInterval) -> str:
    """Describe the method as a sentence of a methods section."""
    replicates = ""
    if interval.replicates:
        missing = f", of which {interval.undefined:,} are undefined" if interval.undefined else ""
        replicates = f", of {interval.replicates:,} replicates (seed {DRAWS.seed}){missing}"
    words = INTERVAL_WORDS[interval.method]
    return f"Intervals are {100 * interval.level:.0f} % {words.name}{replicates}."


def list_interval_citations(method: IntervalMethod) -> list[str]:
    """List the works that `describe_interval_method` refers to."""
    words = INTERVAL_WORDS[method]
    found = [_EFRON] if "Efron" in words.name else []
    return [*found, words.citation] if words.citation else found
