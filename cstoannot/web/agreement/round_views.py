"""The page of agreement from round to round, its figure and its CSV file."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from cstoannot.agreement.round_trend import RoundAgreement, RoundTrend, build_round_trend
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import open_project
from cstoannot.stats.agreement.difference import TEST_EXPLANATIONS
from cstoannot.stats.results import Coefficient
from cstoannot.web import downloads
from cstoannot.web.agreement.params import format_agreement_query, parse_agreement_query
from cstoannot.web.agreement.views import svg_response
from cstoannot.web.base import SignedInRequest, render_project_page, sign_in_required
from cstoannot.web.coefficient_display import format_coefficient, format_interval
from cstoannot.web.figures.intervals import render_round_figure


@require_safe
@sign_in_required
def show_round_trend(request: SignedInRequest, project: str) -> HttpResponse:
    """Show each round's agreement, and how it differs from the round before."""
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    found = build_round_trend(scope, parse_agreement_query(request.GET))
    context = {
        "found": found,
        "rows": [_show_round(one) for one in found.rounds],
        "codes": [
            (code, [_show_value(result) for result in results]) for code, results in found.codes
        ],
        "address": format_agreement_query(found.question),
    }
    return render_project_page(request, scope, "agreement/rounds.html", context, place="agreement")


def _show_round(one: RoundAgreement) -> dict[str, Any]:
    test = one.change
    return {
        "round": one.round,
        "sources": len(one.report.sources),
        "coders": len(one.report.annotators),
        "value": _show_value(one.overall),
        "interval": format_interval(one.overall.interval) or "none",
        "change": test,
        "reason": TEST_EXPLANATIONS[test.reason] if test and test.reason else "",
    }


def _show_value(result: Coefficient | None) -> str:
    return format_coefficient(result.value) if result else ""


@require_safe
@sign_in_required
def serve_round_figure(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    found = build_round_trend(scope, parse_agreement_query(request.GET))
    return svg_response(render_round_figure(found), f"{scope.project.slug}-agreement-rounds.svg")


@require_safe
@sign_in_required
def download_rounds_csv(request: SignedInRequest, project: str) -> HttpResponse:
    """Return a CSV with a row for each round overall, then for each code and round."""
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    found = build_round_trend(scope, parse_agreement_query(request.GET))
    head = ("round", "revision", "sources", "code", *downloads.NUMBERS)
    name = f"{scope.project.slug}-agreement-rounds"
    return downloads.render_csv_download(name, head, _list_csv_rows(found))


def _list_csv_rows(found: RoundTrend) -> list[tuple[downloads.Field, ...]]:
    rows: list[tuple[downloads.Field, ...]] = []
    for place, one in enumerate(found.rounds):
        start = (one.round.name, one.round.revision, len(one.report.sources))
        rows.append((*start, "", *downloads.list_coefficient_cells(one.overall)))
        for code, results in found.codes:
            result = results[place]
            if result is not None:
                rows.append((*start, code.slug, *downloads.list_coefficient_cells(result)))
    return rows
