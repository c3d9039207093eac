"""A methods paragraph with the numbers of a report, ready for a paper."""

from collections.abc import Iterator, Sequence

from cstoannot.agreement.reports import AgreementReport
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.results import EXPLANATIONS, OVER_UNITS, ConfidenceInterval
from cstoannot.web.agreement.presenters import EvidenceLinks, LinkedWords, Text
from cstoannot.web.coefficient_display import (
    METHODS_SENTENCE,
    format_coefficient,
    format_interval,
)
from cstoannot.web.interval_words import describe_interval_method, list_interval_citations

MOST_NAMES = 12
_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def build_methods_paragraph(report: AgreementReport, links: EvidenceLinks) -> Text:
    """Build the paragraph; its numbers link to what they count."""
    parts: list[str | LinkedWords] = []
    for sentence in _iterate_method_sentences(report, links):
        parts += [" ", *sentence] if parts else sentence
    return tuple(parts)


def list_cited_works(report: AgreementReport) -> list[str]:
    """List the works that the paragraph cites, in alphabetical order."""
    cited = {report.measure.citation}
    if report.measure.has_limits:
        cited.add(MEASURES["krippendorff_alpha"].citation)
    if interval := _find_example_interval(report):
        cited.update(list_interval_citations(interval.method))
    return sorted(cited)


def _iterate_method_sentences(report: AgreementReport, links: EvidenceLinks) -> Iterator[Text]:
    yield _describe_coders_and_sources(report, links)
    yield _describe_compared_units(report, links)
    yield from _describe_stale_passages(report)
    yield from _describe_overall_value(report, links)
    yield from _describe_interval_method(report)
    if report.measure.has_limits:
        yield (METHODS_SENTENCE,)
    yield ("Agreement was computed with cstoannot.",)


def _describe_coders_and_sources(report: AgreementReport, links: EvidenceLinks) -> Text:
    names = [one.username for one in report.annotators]
    listed = f" ({', '.join(names)})" if len(names) <= MOST_NAMES else ""
    coders = _format_small_count(len(names), "coder")
    return (
        LinkedWords(f"{coders[0].upper()}{coders[1:]}", links.counted("coders")),
        f"{listed} took part; the ",
        LinkedWords(_format_small_count(len(report.sources), "source"), links.counted("compared")),
        " that at least two of them finished are compared.",
    )


def _describe_compared_units(report: AgreementReport, links: EvidenceLinks) -> Text:
    measure, unit, n = report.measure, report.unit, f"{report.overall.n:,}"
    codes = LinkedWords(_format_small_count(len(report.codes), "code"), links.counted("codes"))
    if len(measure.units) > 1:
        return (
            "For each of ",
            codes,
            " it was recorded whether a coder’s passage of that code covers any part of a "
            f"{unit} (n = ",
            LinkedWords(f"{n} {unit}s", links.evidence()),
            "); overlapping passages of one coder and code count once.",
        )
    compared = LinkedWords(f"{n} {measure.counts}", links.evidence())
    return ("The comparison rests on ", compared, " with ", codes, ".")


def _describe_stale_passages(report: AgreementReport) -> Iterator[Text]:
    if report.stale:
        one = report.stale == 1
        passages = _format_small_count(report.stale, "passage")
        yield (
            f"{passages[0].upper()}{passages[1:]} {'was' if one else 'were'} coded before the "
            f"meaning of {'its' if one else 'their'} code last changed, and "
            f"{'is' if one else 'are'} {'counted' if report.counts_stale else 'left out'}.",
        )


def _describe_overall_value(report: AgreementReport, links: EvidenceLinks) -> Iterator[Text]:
    overall, phrase = report.overall, report.measure.phrase
    if overall.reason:
        why = EXPLANATIONS[overall.reason]
        yield (f"We report {phrase}; over all codes it is undefined: {why}",)
    else:
        behind = links.evidence()
        pooled = f" {report.measure.pooling}" if len(report.codes) > 1 else ""
        yield (
            f"We report {phrase}: ",
            LinkedWords(format_coefficient(overall.value), behind),
            pooled,
            *_describe_value_interval(overall.interval, behind),
            ".",
        )
    yield from _describe_values_over_codes(report, links)


def _describe_value_interval(
    interval: ConfidenceInterval | None, behind: str
) -> Iterator[str | LinkedWords]:
    if interval:
        yield from (
            f", {100 * interval.level:.0f} % interval ",
            LinkedWords(format_interval(interval), behind),
        )


def _describe_values_over_codes(report: AgreementReport, links: EvidenceLinks) -> Iterator[Text]:
    values = [(one.result.value, one.code) for one in report.codes]
    known = [(value, code) for value, code in values if value is not None]
    known.sort(key=lambda one: (one[0], one[1].name))
    if len(known) > 1 and report.mean_over_codes is not None:
        (low, lowest), (high, highest) = known[0], known[-1]
        averaged = links.counted("measured")
        yield (
            "The mean over ",
            LinkedWords(_format_small_count(len(known), "code"), averaged),
            " is ",
            LinkedWords(format_coefficient(report.mean_over_codes), averaged),
            ", from ",
            LinkedWords(format_coefficient(low), links.evidence(of_code=lowest.slug)),
            f" (“{lowest.name}”) to ",
            LinkedWords(format_coefficient(high), links.evidence(of_code=highest.slug)),
            f" (“{highest.name}”).",
        )
    without = [code.name for value, code in values if value is None]
    if without and known:
        undefined = LinkedWords(
            _format_small_count(len(without), "code"), links.counted("undefined")
        )
        yield ("It is undefined for ", undefined, f": {_format_code_names(without)}.")


def _describe_interval_method(report: AgreementReport) -> Iterator[Text]:
    interval = _find_example_interval(report)
    if interval is None:
        return
    yield (describe_interval_method(interval),)
    if interval.method in OVER_UNITS:
        yield ("They are given for single codes, not for values pooled over several.",)


def _find_example_interval(report: AgreementReport) -> ConfidenceInterval | None:
    """Return the overall value's interval, or that of the first code with one."""
    results = (report.overall, *(one.result for one in report.codes))
    return next((one.interval for one in results if one.interval), None)


def _format_small_count(count: int, thing: str) -> str:
    number = _SMALL[count] if count < len(_SMALL) else f"{count:,}"
    return f"{number} {thing}{'' if count == 1 else 's'}"


def _format_code_names(names: Sequence[str]) -> str:
    some = ", ".join(f"“{name}”" for name in names[:MOST_NAMES])
    return f"{some} and others" if len(names) > MOST_NAMES else some
