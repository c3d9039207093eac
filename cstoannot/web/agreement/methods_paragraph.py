"""A methods paragraph with the numbers of a report, ready for a paper."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cstoannot.agreement.condition_queries import CodingConditions
from cstoannot.agreement.decision_queries import DecisionSummary
from cstoannot.agreement.diagnosis import load_report_conditions, load_report_decisions
from cstoannot.agreement.evidence import CountedSources
from cstoannot.agreement.reports import AgreementReport
from cstoannot.agreement.totals import load_unnamed_conditions
from cstoannot.core.plurals import count_of
from cstoannot.projects.models import Visibility
from cstoannot.projects.scope import Scope, widen_to_coding
from cstoannot.stats.results import EXPLANATIONS, OVER_UNITS, ConfidenceInterval
from cstoannot.web.agreement.cited_works import SOFTWARE, CitedWork, find_works, get_work
from cstoannot.web.agreement.decision_words import describe_decisions
from cstoannot.web.agreement.number_words import (
    capitalise_first,
    format_number,
    format_small_count,
    join_words,
)
from cstoannot.web.agreement.presenters import EvidenceLinks, LinkedWords, Text
from cstoannot.web.coefficient_display import (
    METHODS_SENTENCE,
    format_coefficient,
    format_interval,
)
from cstoannot.web.interval_words import describe_interval_method, list_interval_citations

MOST_NAMES = 12


_VISIBILITIES = {
    Visibility.OWN: "saw nothing of what others had marked",
    Visibility.DONE: "saw others’ coding of a source only once everybody assigned to it had "
    "finished",
    Visibility.ALL: "could see each other’s coding",
}


@dataclass(frozen=True)
class MethodsContext:
    """What the paragraph tells: a report, and the conditions of its coding."""

    report: AgreementReport
    conditions: CodingConditions
    named: bool = True
    """Whether the reader may know the coders' names."""
    decisions: DecisionSummary | None = None
    """How the team decided; None if it did not, or the reader may not know."""


def load_methods_context(scope: Scope, report: AgreementReport) -> MethodsContext:
    conditions = load_report_conditions(scope, report)
    decisions = load_report_decisions(scope, report.question)
    return MethodsContext(report, conditions, decisions=decisions)


def load_unnamed_methods_context(scope: Scope, report: AgreementReport) -> MethodsContext:
    """Load the context for those who see results without names; `report`: the totals."""
    conditions = load_unnamed_conditions(scope, report.question)
    decisions = load_report_decisions(widen_to_coding(scope), report.question)
    return MethodsContext(report, conditions, named=False, decisions=decisions)


def build_methods_paragraph(context: MethodsContext, links: EvidenceLinks) -> Text:
    """Build the paragraph; its numbers link to what they count."""
    parts: list[str | LinkedWords] = []
    for sentence in _iterate_method_sentences(context, links):
        parts += [" ", *sentence] if parts else sentence
    return tuple(parts)


def list_cited_works(report: AgreementReport) -> list[CitedWork]:
    """List the works that the paragraph cites, in alphabetical order."""
    cited = {work.key: work for work in _list_measure_works(report)}
    if report.measure.has_limits:
        cited["krippendorff2019"] = get_work("krippendorff2019")
    if interval := _find_example_interval(report):
        works = find_works(" ".join(list_interval_citations(interval.method)))
        cited |= {work.key: work for work in works}
    return sorted(cited.values(), key=lambda work: work.apa)


def _list_measure_works(report: AgreementReport) -> list[CitedWork]:
    """Return the measure's works; with two coders, without those for more."""
    citation = report.measure.citation
    if len(report.annotators) == 2:
        citation = citation.partition(" For more than two coders:")[0]
    return find_works(citation)


def _iterate_method_sentences(context: MethodsContext, links: EvidenceLinks) -> Iterator[Text]:
    report = context.report
    if report.question.round:
        yield (f"The sources are those of the round “{report.question.round}”.",)
    yield from _describe_coders_and_sources(context, links)
    if report.sources:
        yield from _describe_finished_sources(context, links)
        yield from _describe_independence(context)
        yield from _describe_revisions(context)
        yield _describe_compared_units(report, links)
        yield from _describe_stale_passages(report)
    yield from _describe_overall_value(report, links)
    yield from _describe_interval_method(report)
    if report.measure.has_limits and report.sources:
        yield (METHODS_SENTENCE,)
    if context.decisions:
        for said in describe_decisions(context.decisions, named=context.named):
            yield (said,)
    yield (f"Agreement was computed with {SOFTWARE}.",)


def _describe_coders_and_sources(context: MethodsContext, links: EvidenceLinks) -> Iterator[Text]:
    report = context.report
    names = [one.username for one in report.annotators]
    listed = 0 < len(names) <= MOST_NAMES and context.named
    told = f" ({join_words(names)})" if listed else ""
    coders = capitalise_first(format_small_count(len(names), "coder"))
    took_part: Text = (LinkedWords(coders, links.counted("coders")), f"{told} took part; ")
    count = len(report.sources)
    if not count:
        yield (*took_part, "no source was finished by two of them.")
        return
    yield (
        *took_part,
        "the ",
        LinkedWords(format_small_count(count, "source"), links.counted(CountedSources.COMPARED)),
        f" that {'both' if len(names) == 2 else 'at least two of them'} finished "
        f"{'is' if count == 1 else 'are'} compared.",
    )
    yield _describe_double_coding(context, links)


def _describe_double_coding(context: MethodsContext, links: EvidenceLinks) -> Text:
    count = len(context.report.sources)
    alone = context.conditions.read - count
    if not alone:
        every = "This is every source" if count == 1 else "These are all sources"
        return (f"{every} that any of them finished.",)
    return (
        "Together they finished ",
        LinkedWords(
            format_small_count(context.conditions.read, "source"),
            links.counted(CountedSources.FINISHED),
        ),
        f", of which {100 * count / context.conditions.read:.0f} % were coded at least twice; the "
        "other ",
        LinkedWords(
            "one" if alone == 1 else format_number(alone), links.counted(CountedSources.ALONE)
        ),
        f" {'was' if alone == 1 else 'were'} read by one coder only and "
        f"{'is' if alone == 1 else 'are'} left out.",
    )


def _describe_finished_sources(context: MethodsContext, links: EvidenceLinks) -> Iterator[Text]:
    """Say how many of the compared sources each coder finished, where these differ."""
    report, finished = context.report, context.conditions.finished
    if set(finished) <= {len(report.sources)}:
        if len(report.annotators) > 2:
            which = "this source" if len(report.sources) == 1 else "all of these sources"
            yield (f"Every coder finished {which}.",)
        return
    if len(finished) > MOST_NAMES or not context.named:
        return
    parts: list[str | LinkedWords] = ["Of the compared sources, "]
    for nth, (one, count) in enumerate(zip(report.annotators, finished, strict=True)):
        parts += [", "] if nth else []
        link = links.counted(CountedSources.READ, of_annotator=one.username)
        parts += [f"{one.username} finished ", LinkedWords(format_number(count), link)]
    yield (*parts, ".")


def _describe_independence(context: MethodsContext) -> Iterator[Text]:
    conditions = context.conditions
    seers, outsiders = conditions.seers, conditions.outsiders
    rest = len(context.report.annotators) - len(seers)
    settings = [_VISIBILITIES[Visibility(one)] for one in conditions.visibilities]
    if settings and rest:
        who = "coders" if not seers else "the other coders" if rest > 1 else "the other coder"
        yield (f"While coding, {who} {', later '.join(settings)}.",)
    for name, role in seers:
        article, who = "an" if role[0] in "ao" else "a", name or "One of them"
        yield (f"{who} coded as {article} {role}, a role that sees what all others mark.",)
    if outsiders:
        count = format_small_count(len(outsiders), "coder")
        whose = join_words(outsiders) if context.named else count
        yield (
            f"The coding of {whose} was made elsewhere and brought in; whether it was independent "
            "is not recorded.",
        )
    if context.report.after_look:
        done = "counted" if context.report.counts_after_look else "left out"
        yield (f"What coders saved after they had seen others’ coding is {done}.",)


def _describe_revisions(context: MethodsContext) -> Iterator[Text]:
    revisions = [str(one) for one in context.conditions.revisions]
    if revisions:
        number = "revision" if len(revisions) == 1 else "revisions"
        yield (f"Coding was finished under {number} {join_words(revisions)} of the codebook.",)


def _describe_compared_units(report: AgreementReport, links: EvidenceLinks) -> Text:
    measure, unit, n = report.measure, report.unit, report.overall.n
    one = len(report.codes) == 1
    count = "the code" if one else format_small_count(len(report.codes), "code")
    codes = LinkedWords(count, links.counted("codes"))
    if len(measure.units) > 1:
        return (
            "For " if one else "For each of ",
            codes,
            " it was recorded whether a coder’s passage of that code covers any part of a "
            f"{unit} (n = ",
            LinkedWords(count_of(n, unit), links.evidence()),
            "); overlapping passages of one coder and code count once.",
        )
    compared = LinkedWords(count_of(n, measure.counts.removesuffix("s")), links.evidence())
    return ("The comparison rests on ", compared, " with ", codes, ".")


def _describe_stale_passages(report: AgreementReport) -> Iterator[Text]:
    if report.stale:
        one = report.stale == 1
        passages = format_small_count(report.stale, "passage")
        yield (
            f"{capitalise_first(passages)} {'was' if one else 'were'} coded before the "
            f"meaning of {'its' if one else 'their'} code last changed, and "
            f"{'is' if one else 'are'} {'counted' if report.counts_stale else 'left out'}.",
        )


def _describe_overall_value(report: AgreementReport, links: EvidenceLinks) -> Iterator[Text]:
    overall, phrase = report.overall, _describe_measure(report)
    if overall.reason:
        why = EXPLANATIONS[overall.reason]
        over = "over all codes it is" if len(report.codes) > 1 else "it is"
        yield (f"We report {phrase}; {over} undefined: {why}",)
    else:
        behind = links.evidence()
        yield (
            f"We report {phrase}, {_describe_pooling(report)}: ",
            LinkedWords(format_coefficient(overall.value), behind),
            *_describe_value_interval(overall.interval, behind),
            ".",
        )
    yield from _describe_values_over_codes(report, links)


def _describe_measure(report: AgreementReport) -> str:
    """Return the measure's phrase with its citation; with two coders without what is for more."""
    phrase, works = report.measure.phrase, _list_measure_works(report)
    if len(report.annotators) == 2:
        phrase = phrase.replace(", for more than two coders the mean over their pairs", "")
    return f"{phrase} ({'; '.join(work.brackets for work in works)})"


def _describe_pooling(report: AgreementReport) -> str:
    parts = [report.measure.pooling] if len(report.codes) > 1 else []
    parts += ["pooled over sources"] if len(report.sources) > 1 else ["within one source"]
    return " and ".join(parts)


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
            LinkedWords(format_small_count(len(known), "code"), averaged),
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
            format_small_count(len(without), "code"), links.counted("undefined")
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


def _format_code_names(names: Sequence[str]) -> str:
    some = ", ".join(f"“{name}”" for name in names[:MOST_NAMES])
    return f"{some} and others" if len(names) > MOST_NAMES else some
