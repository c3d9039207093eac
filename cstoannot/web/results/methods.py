"""A methods paragraph with the numbers of a report, ready for a paper."""

from collections.abc import Iterator, Sequence

from cstoannot.agreement.reports import Report
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.resampling import DRAWS
from cstoannot.stats.results import EXPLANATIONS
from cstoannot.web.results.numbers import between, resampled, rounded

MOST_NAMES = 12
_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def methods_paragraph(report: Report) -> str:
    return " ".join(_sentences(report))


def references(report: Report) -> list[str]:
    """The works that the paragraph rests on, in alphabetical order."""
    cited = {report.measure.citation}
    if report.measure.chance_corrected:
        cited.add(MEASURES["krippendorff_alpha"].citation)
    return sorted(cited)


def _sentences(report: Report) -> Iterator[str]:
    yield _who(report)
    yield _how(report)
    yield from _found(report)
    yield from _sure(report)
    if report.measure.chance_corrected:
        yield (
            "Following Krippendorff (2019), values of at least .800 are taken as reliable, and "
            "values between .667 and .800 as a basis for tentative conclusions only."
        )
    yield "Agreement was computed with cstoannot."


def _who(report: Report) -> str:
    names = [one.username for one in report.annotators]
    listed = f" ({', '.join(names)})" if len(names) <= MOST_NAMES else ""
    coders = _counted(len(names), "coder")
    sources = _counted(len(report.sources), "source")
    first = f"{coders[0].upper()}{coders[1:]}{listed}"
    return f"{first} took part; the {sources} that at least two of them finished are compared."


def _how(report: Report) -> str:
    measure, unit = report.measure, report.unit
    codes = _counted(len(report.codes), "code")
    if len(measure.units) > 1:
        return (
            f"For each of {codes} it was recorded whether a coder’s passage of that code covers "
            f"any part of a {unit} (n = {report.overall.n:,} {unit}s); overlapping passages of one "
            "coder and code count once."
        )
    return f"The comparison rests on {report.overall.n:,} {measure.counts} with {codes}."


def _found(report: Report) -> Iterator[str]:
    overall, phrase = report.overall, report.measure.phrase
    if overall.reason:
        yield f"We report {phrase}; over all codes it is undefined: {EXPLANATIONS[overall.reason]}"
    else:
        interval = overall.interval
        level = f", {100 * interval.level:.0f} % interval {between(interval)}" if interval else ""
        pooled = " pooled over codes" if len(report.codes) > 1 else ""
        yield f"We report {phrase}: {rounded(overall.value)}{pooled}{level}."
    values = [(one.result.value, one.code.name) for one in report.codes]
    known = sorted((value, name) for value, name in values if value is not None)
    if len(known) > 1 and report.mean_over_codes is not None:
        (low, lowest), (high, highest) = known[0], known[-1]
        yield (
            f"The mean over {_counted(len(known), 'code')} is {rounded(report.mean_over_codes)}, "
            f"from {rounded(low)} (“{lowest}”) to {rounded(high)} (“{highest}”)."
        )
    undefined = [name for value, name in values if value is None]
    if undefined and known:
        yield f"It is undefined for {_listed(undefined)}."


def _sure(report: Report) -> Iterator[str]:
    interval = report.overall.interval
    if interval is None:
        return
    if interval.method == "analytic":
        yield "The interval is analytic."
        return
    yield (
        f"Intervals are percentile bootstrap intervals of {interval.replicates:,} replicates "
        f"(seed {DRAWS.seed}), resampled {resampled(interval, report.measure, report.unit)}."
    )


def _counted(count: int, thing: str) -> str:
    number = _SMALL[count] if count < len(_SMALL) else f"{count:,}"
    return f"{number} {thing}{'' if count == 1 else 's'}"


def _listed(names: Sequence[str]) -> str:
    some = ", ".join(f"“{name}”" for name in names[:MOST_NAMES])
    left = len(names) - MOST_NAMES
    return f"{some} and {left} more" if left > 0 else some
