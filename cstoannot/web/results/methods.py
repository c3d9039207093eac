"""A methods paragraph with the numbers of a report, ready for a paper."""

from collections.abc import Iterator, Sequence

from cstoannot.agreement.reports import Report
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.resampling import DRAWS
from cstoannot.stats.results import EXPLANATIONS, Interval
from cstoannot.web.results.links import Linked, Links, Text
from cstoannot.web.results.numbers import OF_ONE_CODE, between, resampled, rounded

MOST_NAMES = 12
_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


# How an interval is named and cited, by the option that it was asked for with.
_INTERVALS = {
    "bootstrap": (
        "percentile bootstrap intervals (Efron & Tibshirani, 1993)",
        "Efron, B., & Tibshirani, R. J. (1993). An introduction to the bootstrap. Chapman & Hall.",
    ),
    "gwet": (
        "Gwet’s analytic intervals (Gwet, 2014)",
        "Gwet, K. L. (2014). Handbook of inter-rater reliability (4th ed.). Advanced Analytics.",
    ),
    "krippendorff": (
        "Krippendorff’s bootstrap intervals (Hayes & Krippendorff, 2007)",
        "Hayes, A. F., & Krippendorff, K. (2007). Answering the call for a standard reliability "
        "measure for coding data. Communication Methods and Measures, 1(1), 77–89.",
    ),
}


def methods_paragraph(report: Report, links: Links) -> Text:
    """The paragraph; its numbers lead to what they count."""
    parts: list[str | Linked] = []
    for sentence in _sentences(report, links):
        parts += [" ", *sentence] if parts else sentence
    return tuple(parts)


def references(report: Report) -> list[str]:
    """The works that the paragraph rests on, in alphabetical order."""
    cited = {report.measure.citation}
    if report.measure.chance_corrected:
        cited.add(MEASURES["krippendorff_alpha"].citation)
    if _some_interval(report):
        cited.add(_INTERVALS[report.question.interval][1])
    return sorted(cited)


def _sentences(report: Report, links: Links) -> Iterator[Text]:
    yield _who(report, links)
    yield _how(report, links)
    yield from _found(report, links)
    yield from _sure(report)
    if report.measure.chance_corrected:
        yield (
            "Following Krippendorff (2019), values of at least .800 are taken as reliable, and "
            "values between .667 and .800 as a basis for tentative conclusions only.",
        )
    yield ("Agreement was computed with cstoannot.",)


def _who(report: Report, links: Links) -> Text:
    names = [one.username for one in report.annotators]
    listed = f" ({', '.join(names)})" if len(names) <= MOST_NAMES else ""
    coders = _counted(len(names), "coder")
    return (
        Linked(f"{coders[0].upper()}{coders[1:]}", links.counted("coders")),
        f"{listed} took part; the ",
        Linked(_counted(len(report.sources), "source"), links.counted("compared")),
        " that at least two of them finished are compared.",
    )


def _how(report: Report, links: Links) -> Text:
    measure, unit, n = report.measure, report.unit, f"{report.overall.n:,}"
    codes = Linked(_counted(len(report.codes), "code"), links.counted("codes"))
    if len(measure.units) > 1:
        return (
            "For each of ",
            codes,
            " it was recorded whether a coder’s passage of that code covers any part of a "
            f"{unit} (n = ",
            Linked(f"{n} {unit}s", links.evidence()),
            "); overlapping passages of one coder and code count once.",
        )
    compared = Linked(f"{n} {measure.counts}", links.evidence())
    return ("The comparison rests on ", compared, " with ", codes, ".")


def _found(report: Report, links: Links) -> Iterator[Text]:
    overall, phrase = report.overall, report.measure.phrase
    if overall.reason:
        why = EXPLANATIONS[overall.reason]
        yield (f"We report {phrase}; over all codes it is undefined: {why}",)
    else:
        behind = links.evidence()
        pooled = " pooled over codes" if len(report.codes) > 1 else ""
        yield (
            f"We report {phrase}: ",
            Linked(rounded(overall.value), behind),
            pooled,
            *_interval(overall.interval, behind),
            ".",
        )
    yield from _over_codes(report, links)


def _interval(interval: Interval | None, behind: str) -> Iterator[str | Linked]:
    if interval:
        yield from (f", {100 * interval.level:.0f} % interval ", Linked(between(interval), behind))


def _over_codes(report: Report, links: Links) -> Iterator[Text]:
    values = [(one.result.value, one.code) for one in report.codes]
    known = [(value, code) for value, code in values if value is not None]
    known.sort(key=lambda one: (one[0], one[1].name))
    if len(known) > 1 and report.mean_over_codes is not None:
        (low, lowest), (high, highest) = known[0], known[-1]
        averaged = links.counted("measured")
        yield (
            "The mean over ",
            Linked(_counted(len(known), "code"), averaged),
            " is ",
            Linked(rounded(report.mean_over_codes), averaged),
            ", from ",
            Linked(rounded(low), links.evidence(of_code=lowest.slug)),
            f" (“{lowest.name}”) to ",
            Linked(rounded(high), links.evidence(of_code=highest.slug)),
            f" (“{highest.name}”).",
        )
    without = [code.name for value, code in values if value is None]
    if without and known:
        undefined = Linked(_counted(len(without), "code"), links.counted("undefined"))
        yield ("It is undefined for ", undefined, f": {_listed(without)}.")


def _sure(report: Report) -> Iterator[Text]:
    interval, asked = _some_interval(report), report.question.interval
    if interval is None:
        return
    name = _INTERVALS[asked][0]
    replicates = f"of {interval.replicates:,} replicates (seed {DRAWS.seed})"
    if asked == "bootstrap":
        drawn = resampled(interval, report.measure, report.unit)
        yield (f"Intervals are {name} {replicates}, resampled {drawn}.",)
        return
    made = f" {replicates}" if interval.replicates else ""
    yield (
        f"Intervals are {name}{made}, {100 * interval.level:.0f} % each, over units taken as "
        "independent; they are given for single codes, not for values pooled over several.",
    )


def _some_interval(report: Report) -> Interval | None:
    """The overall value's; of a kind that is of one code, that of the first code with one."""
    if report.overall.interval or report.question.interval not in OF_ONE_CODE:
        return report.overall.interval
    return next((one.result.interval for one in report.codes if one.result.interval), None)


def _counted(count: int, thing: str) -> str:
    number = _SMALL[count] if count < len(_SMALL) else f"{count:,}"
    return f"{number} {thing}{'' if count == 1 else 's'}"


def _listed(names: Sequence[str]) -> str:
    some = ", ".join(f"“{name}”" for name in names[:MOST_NAMES])
    return f"{some} and others" if len(names) > MOST_NAMES else some
