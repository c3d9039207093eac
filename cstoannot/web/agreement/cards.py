"""The cards of the agreement page, one for each measure, and notes about what they show."""

from dataclasses import dataclass, replace

from django.urls import reverse

from cstoannot.agreement.reports import (
    INTERVALS,
    AgreementQuery,
    AgreementReport,
    CodeResult,
    build_agreement_report,
    list_measure_intervals,
)
from cstoannot.core.plurals import count_of
from cstoannot.projects.scope import Scope
from cstoannot.stats.coefficients.definitions import Measure
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.web.agreement.params import fit_query_to_measure, format_agreement_query
from cstoannot.web.agreement.presenters import EvidenceLinks, ReportRows
from cstoannot.web.base import SignedInRequest
from cstoannot.web.coefficient_display import (
    CoefficientDisplay,
    describe_basis,
    describe_conclusion,
    format_coefficient,
)
from cstoannot.web.interval_words import INTERVAL_TITLES

MOST_LATE = 5  # codes named
CARDS = ("krippendorff_alpha", "u_alpha", "f1_overlap", "stance_alpha", "voice_alpha")
BESIDE = {"u_alpha": "cu_alpha", "f1_overlap": "f1_exact"}
QUESTIONS = {
    "coding": "Do coders use the same codes?",
    "unitizing": "Do coders mark the same text?",
    "stance": "With the same code, do they choose the same stance?",
    "voice": "With the same code, do they choose the same voice?",
}


@dataclass(frozen=True)
class CoefficientCard:
    """One measure's overall value; `beside` is another measure's, shown in the last line.

    `lacking`: why there is no interval; `averaged`: URL of the codes that `mean` averages.
    """

    measure: Measure
    question: str
    shown: CoefficientDisplay
    lacking: str
    conclusion: str
    mean: str
    codes: int
    averaged: str
    beside: CoefficientDisplay | None
    beside_title: str
    beside_page: str


@dataclass(frozen=True)
class PendingCard:
    """A card loaded by script: its URL (`part`), and the page to use without scripts."""

    measure: Measure
    question: str
    part: str
    page: str


def build_coefficient_card(scope: Scope, slug: str, found: AgreementReport) -> CoefficientCard:
    measure = found.measure
    other = BESIDE.get(measure.key)
    beside, title, page = None, "", ""
    if other:
        asked = fit_query_to_measure(replace(found.question, unit=""), other)
        second = build_agreement_report(scope, asked)
        beside, title = ReportRows(slug, second).overall(), second.measure.title
        page = f"{reverse('agreement', args=[slug])}?{format_agreement_query(asked)}"
    return CoefficientCard(
        measure=measure,
        question=QUESTIONS[measure.question],
        shown=ReportRows(slug, found).overall(),
        lacking=describe_basis(found.overall) or "No interval was asked for.",
        conclusion=describe_conclusion(found.overall, measure),
        mean=format_coefficient(found.mean_over_codes),
        codes=sum(one.result.value is not None for one in found.codes),
        averaged=EvidenceLinks(slug, found.question).counted("measured"),
        beside=beside,
        beside_title=title,
        beside_page=page,
    )


def describe_ignored_interval(request: SignedInRequest, measure: Measure) -> str:
    """Describe the requested interval if the measure does not have it, else return ""."""
    asked = request.GET.get("interval", "")
    if asked in list_measure_intervals(measure) or asked not in INTERVAL_TITLES:
        return ""
    title, shown = INTERVAL_TITLES[asked], INTERVAL_TITLES[INTERVALS[0]]
    return f"{measure.title} has no “{title}” interval. Shown instead: {shown}."


def describe_unblinded_passages(found: AgreementReport) -> str:
    """Describe whether passages saved after a look are counted; empty if there are none."""
    if not found.after_look:
        return ""
    one = found.after_look == 1
    passages = "1 passage" if one else f"{found.after_look:,} passages"
    done = "counted" if found.counts_after_look else "left out"
    return (
        f"{passages} saved after {'its' if one else 'their'} coder had seen others’ coding "
        f"{'is' if one else 'are'} {done}."
    )


def describe_stale_passages(found: AgreementReport) -> str:
    """Describe whether passages made under an older meaning are counted; empty if none are."""
    if not found.stale:
        return ""
    one = found.stale == 1
    passages = "1 outdated passage" if one else f"{found.stale:,} outdated passages"
    return (
        f"{passages}, coded before the meaning of {'its' if one else 'their'} code changed, "
        f"{'is' if one else 'are'} {'counted' if found.counts_stale else 'left out'}."
    )


def describe_late_codes(found: AgreementReport) -> str:
    """Name the codes added after sources were finished, and what values cover; empty if none."""
    late = [one for one in found.codes if one.read_before]
    if not late:
        return ""
    said = "; ".join(_describe_late_code(one) for one in late[:MOST_LATE])
    more = f"; and {len(late) - MOST_LATE} more codes" if len(late) > MOST_LATE else ""
    covered = (
        f" Values over several codes cover the {count_of(found.pooled_codes, 'code')} that the "
        "same coders have read."
        if found.pooled_codes < len(found.codes)
        else ""
    )
    return f"{said}{more}. Coders who finished earlier are missing there.{covered}"


def _describe_late_code(one: CodeResult) -> str:
    verb = "was" if one.read_before == 1 else "were"
    sources = count_of(one.read_before, "finished source")
    return f"{sources} {verb} read before “{one.code.name}” existed"


def build_pending_cards(slug: str, question: AgreementQuery) -> list[PendingCard]:
    """Build the cards of all measures except the one in the query."""
    return [_build_pending_card(slug, question, key) for key in CARDS if key != question.measure]


def _build_pending_card(slug: str, question: AgreementQuery, key: str) -> PendingCard:
    measure = MEASURES[key]
    query = format_agreement_query(fit_query_to_measure(question, key))
    part, page = reverse("agreement_card", args=[slug]), reverse("agreement", args=[slug])
    return PendingCard(measure, QUESTIONS[measure.question], f"{part}?{query}", f"{page}?{query}")
