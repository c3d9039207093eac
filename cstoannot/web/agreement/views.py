"""The agreement page, its parts, its figures and its CSV files."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from cstoannot.agreement.disagreements import (
    DisagreementFilter,
    compute_mixed_codes,
    list_disagreements,
)
from cstoannot.agreement.places import list_disputed_places
from cstoannot.agreement.reports import (
    DEFAULT_MEASURE,
    AgreementQuery,
    AgreementReport,
    build_agreement_report,
    list_measure_intervals,
)
from cstoannot.codebook.meaning import ANY, CURRENT
from cstoannot.codebook.names import build_code_headings
from cstoannot.comparison.reviewer_remarks import list_reviewer_remarks
from cstoannot.core.errors import Invalid, NotFound
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.stats.coefficients.definitions import Measure
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.web import downloads
from cstoannot.web.agreement.apa_table import build_apa_table
from cstoannot.web.agreement.cards import (
    QUESTIONS,
    build_coefficient_card,
    build_pending_cards,
    describe_ignored_interval,
    describe_late_codes,
    describe_stale_passages,
    describe_unblinded_passages,
)
from cstoannot.web.agreement.closed_page import render_closed_agreement
from cstoannot.web.agreement.disagreement_presenters import iterate_disagreement_rows
from cstoannot.web.agreement.methods_paragraph import (
    build_methods_paragraph,
    list_cited_works,
    load_methods_context,
)
from cstoannot.web.agreement.params import (
    MOST_CHOICES,
    AgreementChoices,
    fit_query_to_measure,
    format_agreement_query,
    format_disagreement_filter,
    load_agreement_choices,
    parse_agreement_query,
)
from cstoannot.web.agreement.presenters import (
    EvidenceLinks,
    ReportRows,
    build_mixed_codes_table,
    build_remark_rows,
)
from cstoannot.web.agreement.totals_view import render_agreement_totals
from cstoannot.web.base import SignedInRequest, paginate_rows, render_project_page, sign_in_required
from cstoannot.web.coefficient_display import CONVENTION
from cstoannot.web.downloads import svg_response
from cstoannot.web.figures.intervals import OF, render_interval_figure
from cstoannot.web.figures.mixed_codes import render_mixed_codes_figure
from cstoannot.web.interval_words import INTERVAL_TITLES

ON_A_PAGE = 100
EXAMPLES = 4
# Up to this many sources, the page itself contains mixed-up codes, diagnostics and F1; with more,
# a script loads them after the page.
FEW_SOURCES = 200


@require_safe
@sign_in_required
def show_agreement(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project)
    if not scope.can(Permission.SEE_AGREEMENT):
        return render_agreement_totals(request, scope)
    question = parse_agreement_query(request.GET)
    offered = load_agreement_choices(scope)
    if not offered.sources:
        return render_closed_agreement(request, scope)
    try:
        found = build_agreement_report(scope, question)
    except Invalid as wrong:
        return _render_refused_query(request, scope, question, offered, wrong)
    slug = scope.project.slug
    rows, links = ReportRows(slug, found), EvidenceLinks(slug, question)
    whole = len(found.sources) <= FEW_SOURCES or request.GET.get("whole") == "1"
    page = paginate_rows(request, found.by_source, ON_A_PAGE)
    f1 = _load_f1_report(scope, question) if whole else None
    context = {
        "report": found,
        "question": question,
        **_build_cards_context(scope, found),
        "code_rows": list(rows.codes(f1)),
        "with_f1": f1 is not None,
        "pair_rows": list(rows.pairs()),
        "source_rows": list(rows.sources(list(page.object_list))),
        "page": page,
        "coders": links.counted("coders"),
        "compared": links.counted("compared"),
        "methods": build_methods_paragraph(load_methods_context(scope, found), links),
        "apa": build_apa_table(found, links),
        "references": [work.apa for work in list_cited_works(found)],
        "address": format_agreement_query(question),
        "whole": whole,
        **(_build_diagnostics_context(scope, question) if whole else {}),
        **(_build_mixed_codes_context(scope, question) if whole else {}),
        **_build_agreement_menus(question, offered),
        "left_out": describe_ignored_interval(request, found.measure),
        **_describe_doubtful_passages(found),
    }
    return render_project_page(request, scope, "agreement/page.html", context, place="agreement")


def _build_cards_context(scope: Scope, found: AgreementReport) -> dict[str, Any]:
    slug = scope.project.slug
    return {
        "card": build_coefficient_card(scope, slug, found),
        "convention": CONVENTION,
        "coming": build_pending_cards(slug, found.question),
    }


def _describe_doubtful_passages(found: AgreementReport) -> dict[str, str]:
    """Describe passages that are not blind, and outdated ones with the URL that turns these."""
    question = found.question
    other = replace(question, meaning=ANY if question.meaning == CURRENT else CURRENT)
    return {
        "after_look": describe_unblinded_passages(found),
        "stale": describe_stale_passages(found),
        "late": describe_late_codes(found),
        "meaning_address": format_agreement_query(other),
    }


def _render_refused_query(
    request: SignedInRequest,
    scope: Scope,
    question: AgreementQuery,
    offered: AgreementChoices,
    wrong: Invalid,
) -> HttpResponse:
    """Render the error above the form, which keeps the valid values."""
    asked = question if question.measure in MEASURES else replace(question, measure=DEFAULT_MEASURE)
    asked = fit_query_to_measure(asked)
    measure = MEASURES[asked.measure]
    context = {
        "error": wrong,
        "question": asked,
        "report": {"measure": measure, "unit": asked.unit or measure.units[0]},
        **_build_agreement_menus(asked, offered),
    }
    template = "agreement/refused.html"
    return render_project_page(request, scope, template, context, place="agreement", status=422)


@require_safe
@sign_in_required
def show_agreement_card(request: SignedInRequest, project: str) -> HttpResponse:
    """Return one card as an HTML fragment for the page."""
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    if not load_agreement_choices(scope).sources:
        return HttpResponse()
    found = build_agreement_report(scope, parse_agreement_query(request.GET))
    context = {"card": build_coefficient_card(scope, scope.project.slug, found)}
    return render(request, "agreement/card.html", context)


@require_safe
@sign_in_required
def show_diagnostics(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    if not load_agreement_choices(scope).sources:
        return HttpResponse()
    question = parse_agreement_query(request.GET)
    context = {
        "scope": scope,
        "address": format_agreement_query(question),
        **_build_diagnostics_context(scope, question),
    }
    return render(request, "agreement/diagnostics.html", context)


@require_safe
@sign_in_required
def show_mixed_codes(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    if not load_agreement_choices(scope).sources:
        return HttpResponse()
    question = parse_agreement_query(request.GET)
    context = {
        "scope": scope,
        "question": question,
        "address": format_agreement_query(question),
        **_build_mixed_codes_context(scope, question),
    }
    return render(request, "agreement/mixed.html", context)


@require_safe
@sign_in_required
def serve_agreement_figure(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    question, of = parse_agreement_query(request.GET), request.GET.get("of", "codes")
    if of == "mixed":
        drawn = render_mixed_codes_figure(
            compute_mixed_codes(scope, _build_disagreement_filter(question))
        )
    elif of in OF:
        drawn = render_interval_figure(build_agreement_report(scope, question), of)
    else:
        raise NotFound(
            "This figure does not exist. The figures are codes, pairs, sources and mixed."
        )
    return svg_response(drawn, f"{scope.project.slug}-agreement-{of}.svg")


@require_safe
@sign_in_required
def download_mixed_codes_csv(request: SignedInRequest, project: str) -> HttpResponse:
    """Return a CSV of how often each two codes were mixed up, one row per code, with misses."""
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    found = compute_mixed_codes(
        scope, _build_disagreement_filter(parse_agreement_query(request.GET))
    )
    rows: list[Sequence[downloads.Field]] = [
        (code.slug, code.name, *counts, missed)
        for code, counts, missed in zip(found.codes, found.matrix, found.missed, strict=True)
    ]
    own, last = ("code", "name"), "missed"
    head = (*own, *build_code_headings(found.codes, beside=[*own, last]), last)
    return downloads.render_csv_download(f"{scope.project.slug}-agreement-mixed", head, rows)


@require_safe
@sign_in_required
def download_code_agreement_csv(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    found = build_agreement_report(scope, parse_agreement_query(request.GET))
    rows = [
        (
            *(one.code.slug, one.code.name),
            *downloads.list_coefficient_cells(one.result),
            *(one.stale, one.read_before),
        )
        for one in found.codes
    ]
    head = ("code", "name", *downloads.NUMBERS, "stale", "read_before")
    return downloads.render_csv_download(f"{scope.project.slug}-agreement-codes", head, rows)


@require_safe
@sign_in_required
def download_remarks_csv(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    found = list_reviewer_remarks(scope, parse_agreement_query(request.GET))
    rows = [(place, one.key, one.text, one.advice) for place, one in enumerate(found, 1)]
    head = ("rank", "key", "remark", "advice")
    return downloads.render_csv_download(f"{scope.project.slug}-agreement-remarks", head, rows)


@require_safe
@sign_in_required
def download_pair_agreement_csv(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    found = build_agreement_report(scope, parse_agreement_query(request.GET))
    rows = [
        (
            *(one.first.username, one.second.username),
            *downloads.list_coefficient_cells(one.result),
            one.stale,
        )
        for one in found.pairs
    ]
    head = ("first", "second", *downloads.NUMBERS, "stale")
    return downloads.render_csv_download(f"{scope.project.slug}-agreement-pairs", head, rows)


@require_safe
@sign_in_required
def download_source_agreement_csv(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    found = build_agreement_report(scope, parse_agreement_query(request.GET))
    rows = [
        (one.source.pk, one.source.title, *downloads.list_coefficient_cells(one.result), one.stale)
        for one in found.by_source
    ]
    head = ("source", "title", *downloads.NUMBERS, "stale")
    return downloads.render_csv_download(f"{scope.project.slug}-agreement-sources", head, rows)


def _load_f1_report(scope: Scope, question: AgreementQuery) -> AgreementReport | None:
    """Load F1 by overlap for a column beside the codes, without intervals."""
    if question.measure == "f1_overlap":
        return None
    return build_agreement_report(
        scope, replace(question, measure="f1_overlap", unit="", interval="none")
    )


def _build_diagnostics_context(scope: Scope, question: AgreementQuery) -> dict[str, Any]:
    links = EvidenceLinks(scope.project.slug, question)
    return {"remarks": build_remark_rows(list_reviewer_remarks(scope, question), links)}


def _build_mixed_codes_context(scope: Scope, question: AgreementQuery) -> dict[str, Any]:
    """Load the mixed-up codes and the number of disagreements of each kind."""
    asked = _build_disagreement_filter(question)
    listing = list_disputed_places(scope, asked, limit=0)
    longest = replace(asked, kinds=("different_code",), order="size", by="pair")
    at = reverse("disagreements", args=[scope.project.slug])
    kinds = [
        (kind, count, f"{at}?{format_disagreement_filter(asked, kind=kind)}")
        for kind, count in listing.counts.items()
    ]
    return {
        "mixed": build_mixed_codes_table(
            scope.project.slug, asked, compute_mixed_codes(scope, asked)
        ),
        "disputed": listing.total,
        "examples": list(
            iterate_disagreement_rows(scope, list_disagreements(scope, longest, limit=EXAMPLES))
        ),
        "kinds": kinds,
        "all_disagreements": f"{at}?{format_disagreement_filter(asked)}",
    }


def _build_disagreement_filter(question: AgreementQuery) -> DisagreementFilter:
    return DisagreementFilter(
        codes=question.codes,
        annotators=question.annotators,
        sources=question.sources,
        meaning=question.meaning,
        round=question.round,
    )


def _build_agreement_menus(question: AgreementQuery, offered: AgreementChoices) -> dict[str, Any]:
    groups: dict[str, list[Measure]] = {}
    for measure in MEASURES.values():
        groups.setdefault(measure.question, []).append(measure)
    known = MEASURES[question.measure]
    units: Sequence[str] = known.units
    intervals = [(key, INTERVAL_TITLES[key]) for key in list_measure_intervals(known)]
    return {
        "measures": [(QUESTIONS[name], group) for name, group in groups.items()],
        "units": units if len(units) > 1 else (),
        "intervals": intervals if known.intervals else (),
        "unselected": format_agreement_query(
            replace(question, codes=(), annotators=(), sources=(), round="")
        ),
        "offered": offered,
        "offers_sources": len(offered.sources) <= MOST_CHOICES,
    }
