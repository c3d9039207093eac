from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from cstoannot.agreement.diagnosis import diagnose_report
from cstoannot.agreement.disagreements import Asked, disagreements, mixed_codes
from cstoannot.agreement.reports import (
    DEFAULT_MEASURE,
    INTERVALS,
    Question,
    Report,
    intervals_of,
    report,
)
from cstoannot.codebook.headings import headings
from cstoannot.core.errors import Invalid, NotFound
from cstoannot.projects.models import Visibility
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.stats.coefficients.kinds import Measure
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.web.base import SignedInRequest, page_of, project_page, signed_in
from cstoannot.web.downloads import svg_response
from cstoannot.web.figures.intervals import OF, intervals_figure
from cstoannot.web.figures.matrix import matrix_figure
from cstoannot.web.results import tables
from cstoannot.web.results.asking import (
    Choices,
    address,
    asked_address,
    choices,
    fitting,
    question_of,
)
from cstoannot.web.results.links import Links
from cstoannot.web.results.listed import rows_of
from cstoannot.web.results.methods import methods_paragraph, references
from cstoannot.web.results.numbers import INTERVAL_TITLES, OF_ONE_CODE, Shown, conclusion, rounded
from cstoannot.web.results.rows import Rows, grouped, mixed_table

ON_A_PAGE = 100
EXAMPLES = 4
# Sources up to which codes mixed up, diagnostics and F1 are measured with the page; beyond, a
# script asks for them once the page stands.
FEW_SOURCES = 200
MOST_CHOICES = 100  # sources offered as a list of ticks
CARDS = ("krippendorff_alpha", "u_alpha", "f1_overlap", "stance_alpha", "voice_alpha")
BESIDE = {"u_alpha": "cu_alpha", "f1_overlap": "f1_exact"}
QUESTIONS = {
    "coding": "Do coders give the same codes?",
    "unitizing": "Do coders mark the same stretches?",
    "stance": "Given the same code, do they see the same stance?",
    "voice": "Given the same code, do they hear the same voice?",
}


@dataclass(frozen=True)
class Card:
    """One measure's overall value; `beside` is another measure's, said in its last line.

    `lacking`: why there is no interval; `averaged`: the codes that `mean` is the mean of.
    """

    measure: Measure
    question: str
    shown: Shown
    lacking: str
    conclusion: str
    mean: str
    codes: int
    averaged: str
    beside: Shown | None
    beside_title: str
    beside_page: str


@dataclass(frozen=True)
class Coming:
    """A card that is still to be asked for: where it is, and where to go without a script."""

    measure: Measure
    question: str
    part: str
    page: str


@require_safe
@signed_in
def agreement(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    question = question_of(request.GET)
    offered = choices(scope)
    if not offered.sources:
        return closed(request, scope)
    try:
        found = report(scope, question)
    except Invalid as wrong:
        return _refused(request, scope, question, offered, wrong)
    slug = scope.project.slug
    rows, links = Rows(slug, found), Links(slug, question)
    whole = len(found.sources) <= FEW_SOURCES or request.GET.get("whole") == "1"
    page = page_of(request, found.by_source, ON_A_PAGE)
    f1 = _f1(scope, question) if whole else None
    context = {
        "report": found,
        "question": question,
        "card": _card(scope, slug, found),
        "coming": [_coming(slug, question, key) for key in _others(question.measure)],
        "code_rows": list(rows.codes(f1)),
        "with_f1": f1 is not None,
        "pair_rows": list(rows.pairs()),
        "source_rows": list(rows.sources(list(page.object_list))),
        "page": page,
        "coders": links.counted("coders"),
        "compared": links.counted("compared"),
        "methods": methods_paragraph(found, links),
        "references": references(found),
        "address": address(question),
        "whole": whole,
        **(_diagnostics(scope, question) if whole else {}),
        **(_mixed(scope, question) if whole else {}),
        **_menus(question, offered),
        "left_out": _left_out(request, found.measure),
        "after_look": _said_after_look(found),
    }
    return project_page(request, scope, "agreement/page.html", context, place="agreement")


def _refused(
    request: SignedInRequest, scope: Scope, question: Question, offered: Choices, wrong: Invalid
) -> HttpResponse:
    """What cannot be answered is said above the form, which keeps what can be asked."""
    asked = question if question.measure in MEASURES else replace(question, measure=DEFAULT_MEASURE)
    asked = fitting(asked)
    measure = MEASURES[asked.measure]
    context = {
        "error": wrong,
        "question": asked,
        "report": {"measure": measure, "unit": asked.unit or measure.units[0]},
        **_menus(asked, offered),
    }
    template = "agreement/refused.html"
    return project_page(request, scope, template, context, place="agreement", status=422)


@require_safe
@signed_in
def card(request: SignedInRequest, project: str) -> HttpResponse:
    """One card alone, for the page to take in."""
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    if not choices(scope).sources:
        return HttpResponse()
    found = report(scope, question_of(request.GET))
    context = {"card": _card(scope, scope.project.slug, found)}
    return render(request, "agreement/card.html", context)


@require_safe
@signed_in
def diagnostics(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    if not choices(scope).sources:
        return HttpResponse()
    context = _diagnostics(scope, question_of(request.GET))
    return render(request, "agreement/diagnostics.html", context)


@require_safe
@signed_in
def mixed(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    if not choices(scope).sources:
        return HttpResponse()
    question = question_of(request.GET)
    context = {"scope": scope, "address": address(question), **_mixed(scope, question)}
    return render(request, "agreement/mixed.html", context)


@require_safe
@signed_in
def figure(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    question, of = question_of(request.GET), request.GET.get("of", "codes")
    if of == "mixed":
        drawn = matrix_figure(mixed_codes(scope, _asked(question)))
    elif of in OF:
        drawn = intervals_figure(report(scope, question), of)
    else:
        raise NotFound("There is no such figure. There are codes, pairs, sources and mixed.")
    return svg_response(drawn, f"{scope.project.slug}-agreement-{of}.svg")


@require_safe
@signed_in
def mixed_csv(request: SignedInRequest, project: str) -> HttpResponse:
    """How often each two codes were mixed up, a row a code, with what the other one missed."""
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    found = mixed_codes(scope, _asked(question_of(request.GET)))
    rows: list[Sequence[tables.Field]] = [
        (code.slug, code.name, *counts, missed)
        for code, counts, missed in zip(found.codes, found.matrix, found.missed, strict=True)
    ]
    own, last = ("code", "name"), "missed"
    head = (*own, *headings(found.codes, beside=[*own, last]), last)
    return tables.table(f"{scope.project.slug}-agreement-mixed", head, rows)


@require_safe
@signed_in
def codes_csv(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    found = report(scope, question_of(request.GET))
    rows = [(one.code.slug, one.code.name, *tables.numbers(one.result)) for one in found.codes]
    head = ("code", "name", *tables.NUMBERS)
    return tables.table(f"{scope.project.slug}-agreement-codes", head, rows)


@require_safe
@signed_in
def pairs_csv(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    found = report(scope, question_of(request.GET))
    rows = [
        (one.first.username, one.second.username, *tables.numbers(one.result))
        for one in found.pairs
    ]
    head = ("first", "second", *tables.NUMBERS)
    return tables.table(f"{scope.project.slug}-agreement-pairs", head, rows)


@require_safe
@signed_in
def sources_csv(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    found = report(scope, question_of(request.GET))
    rows = [
        (one.source.pk, one.source.title, *tables.numbers(one.result)) for one in found.by_source
    ]
    head = ("source", "title", *tables.NUMBERS)
    return tables.table(f"{scope.project.slug}-agreement-sources", head, rows)


def closed(request: SignedInRequest, scope: Scope) -> HttpResponse:
    """Nothing is compared yet that this member may know of; why, in a sentence."""
    if scope.can(Permission.SEE_ALL_CODING):
        why = "all"
    else:
        opened = scope.project.visibility in (Visibility.DONE, Visibility.ALL)
        why = str(scope.project.visibility) if opened else "own"
    context = {"why": why}
    return project_page(request, scope, "agreement/closed.html", context, place="agreement")


def _card(scope: Scope, slug: str, found: Report) -> Card:
    measure = found.measure
    other = BESIDE.get(measure.key)
    beside, title, page = None, "", ""
    if other:
        asked = fitting(replace(found.question, unit=""), other)
        second = report(scope, asked)
        beside, title = Rows(slug, second).overall(), second.measure.title
        page = f"{reverse('agreement', args=[slug])}?{address(asked)}"
    return Card(
        measure=measure,
        question=QUESTIONS[measure.question],
        shown=Rows(slug, found).overall(),
        lacking=_lacking(found),
        conclusion=conclusion(found.overall, measure),
        mean=rounded(found.mean_over_codes),
        codes=sum(one.result.value is not None for one in found.codes),
        averaged=Links(slug, found.question).counted("measured"),
        beside=beside,
        beside_title=title,
        beside_page=page,
    )


def _lacking(found: Report) -> str:
    """Why the overall value has no interval; empty if it has one."""
    if found.overall.interval:
        return ""
    if found.question.interval in OF_ONE_CODE and len(found.codes) > 1:
        return "no interval of a value pooled over codes: choose one code"
    return "no interval"


def _left_out(request: SignedInRequest, measure: Measure) -> str:
    """What was asked for and the measure does not have, in a sentence."""
    asked = request.GET.get("interval", "")
    if asked in intervals_of(measure) or asked not in INTERVAL_TITLES:
        return ""
    title, shown = INTERVAL_TITLES[asked], INTERVAL_TITLES[INTERVALS[0]]
    return f"{measure.title} has no interval of the kind “{title}”. What is shown: {shown}."


def _said_after_look(found: Report) -> str:
    """What became of passages that are no longer blind, in a sentence; empty if there are none."""
    if not found.after_look:
        return ""
    one = found.after_look == 1
    passages = "1 passage" if one else f"{found.after_look:,} passages"
    done = "counted" if found.counts_after_look else "left out"
    return (
        f"{passages} saved after {'its' if one else 'their'} coder had seen others’ coding "
        f"{'is' if one else 'are'} {done}."
    )


def _others(measure: str) -> list[str]:
    return [key for key in CARDS if key != measure]


def _coming(slug: str, question: Question, key: str) -> Coming:
    measure = MEASURES[key]
    query = address(fitting(question, key))
    part, page = reverse("agreement_card", args=[slug]), reverse("agreement", args=[slug])
    return Coming(measure, QUESTIONS[measure.question], f"{part}?{query}", f"{page}?{query}")


def _f1(scope: Scope, question: Question) -> Report | None:
    """F1 by overlap for a column beside the codes; intervals are not drawn there."""
    if question.measure == "f1_overlap":
        return None
    return report(scope, replace(question, measure="f1_overlap", unit="", interval="none"))


def _diagnostics(scope: Scope, question: Question) -> dict[str, Any]:
    links = Links(scope.project.slug, question)
    return {"findings": grouped(diagnose_report(scope, question), links)}


def _mixed(scope: Scope, question: Question) -> dict[str, Any]:
    """Codes mixed up with each other, and how many disagreements there are of each kind."""
    asked = _asked(question)
    listing = disagreements(scope, asked, limit=0)
    longest = replace(asked, kinds=("different_code",), order="size")
    at = reverse("disagreements", args=[scope.project.slug])
    kinds = [
        (kind, count, f"{at}?{asked_address(asked, kind=kind)}")
        for kind, count in listing.counts.items()
    ]
    return {
        "mixed": mixed_table(scope.project.slug, asked, mixed_codes(scope, asked)),
        "disagreements": listing.total,
        "examples": list(rows_of(scope, disagreements(scope, longest, limit=EXAMPLES))),
        "kinds": kinds,
        "all_disagreements": f"{at}?{asked_address(asked)}",
    }


def _asked(question: Question) -> Asked:
    return Asked(codes=question.codes, annotators=question.annotators, sources=question.sources)


def _menus(question: Question, offered: Choices) -> dict[str, Any]:
    groups: dict[str, list[Measure]] = {}
    for measure in MEASURES.values():
        groups.setdefault(measure.question, []).append(measure)
    known = MEASURES[question.measure]
    units: Sequence[str] = known.units
    intervals = [(key, INTERVAL_TITLES[key]) for key in intervals_of(known)]
    return {
        "measures": [(QUESTIONS[name], group) for name, group in groups.items()],
        "units": units if len(units) > 1 else (),
        "intervals": intervals if known.intervals else (),
        "unselected": address(replace(question, codes=(), annotators=(), sources=())),
        "offered": offered,
        "offers_sources": len(offered.sources) <= MOST_CHOICES,
    }
