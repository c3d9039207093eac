"""How many more sources the codes need, and the test of a difference."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from cstoannot.agreement.precision import (
    CODERS,
    CODES,
    COMPARED,
    CodeNeed,
    build_difference_report,
    build_precision_report,
)
from cstoannot.agreement.reports import AgreementQuery
from cstoannot.core.errors import Invalid
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.stats.agreement.difference import TEST_EXPLANATIONS
from cstoannot.stats.agreement.more_sources import HALF_WIDTHS
from cstoannot.web import downloads
from cstoannot.web.agreement.closed_page import render_closed_agreement
from cstoannot.web.agreement.params import (
    format_agreement_query,
    load_agreement_choices,
    parse_agreement_query,
)
from cstoannot.web.base import SignedInRequest, render_project_page, sign_in_required
from cstoannot.web.coefficient_display import format_coefficient, format_interval


@require_safe
@sign_in_required
def show_precision(request: SignedInRequest, project: str) -> HttpResponse:
    """Show what the codes need and, if two are chosen, the test of their difference."""
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    offered = load_agreement_choices(scope)
    if not offered.sources:
        return render_closed_agreement(request, scope)
    question = parse_agreement_query(request.GET)
    found = build_precision_report(scope, question)
    context: dict[str, Any] = {
        "found": found,
        "rows": [_show_need(one) for one in found.codes],
        "address": format_agreement_query(question),
        "fields": [
            (name, value)
            for name, values in request.GET.lists()
            for value in values
            if name not in {*COMPARED, "of", "first", "second"}
        ],
        "offered": offered,
        "tests": [
            (CODERS, "Two coders", [(one.username, one.username) for one in offered.annotators]),
            (CODES, "Two codes", [(one.slug, one.name) for one in offered.codes]),
        ],
        **_test_difference(request, scope, question),
    }
    return render_project_page(
        request, scope, "agreement/precision.html", context, place="agreement"
    )


def _show_need(one: CodeNeed) -> dict[str, Any]:
    result = one.code.result
    return {
        "code": one.code.code,
        "value": format_coefficient(result.value),
        "interval": format_interval(result.interval) or "none",
        "further": one.further,
    }


def _test_difference(
    request: SignedInRequest, scope: Scope, question: AgreementQuery
) -> dict[str, Any]:
    """Return the test that the query asks for, or why it is refused."""
    of, first, second = (request.GET.get(name, "") for name in ("of", "first", "second"))
    if not first and not second:
        return {}
    chosen = {"of": of, "first": first, "second": second}
    try:
        found = build_difference_report(scope, question, of, first, second)
    except Invalid as wrong:
        return {"refused": wrong, "chosen": chosen}
    test = found.test
    reason = TEST_EXPLANATIONS[test.reason] if test.reason else ""
    return {"difference": found, "reason": reason, "chosen": chosen}


@require_safe
@sign_in_required
def download_precision_csv(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    found = build_precision_report(scope, parse_agreement_query(request.GET))
    rows = [
        (
            *(one.code.code.slug, one.code.code.name),
            *downloads.list_coefficient_cells(one.code.result),
            *one.further,
        )
        for one in found.codes
    ]
    needs = (f"further_sources_for_{width:.2f}" for width in HALF_WIDTHS)
    head = ("code", "name", *downloads.NUMBERS, *needs)
    return downloads.render_csv_download(f"{scope.project.slug}-agreement-precision", head, rows)
