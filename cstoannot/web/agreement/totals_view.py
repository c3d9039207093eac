"""The agreement page of those who see results without names: overall and by code."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse

from cstoannot.agreement.reports import DEFAULT_MEASURE, AgreementQuery, AgreementReport
from cstoannot.agreement.totals import build_agreement_totals
from cstoannot.core.errors import Invalid
from cstoannot.projects.scope import Scope
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.web.agreement.cards import QUESTIONS
from cstoannot.web.agreement.methods_paragraph import (
    build_methods_paragraph,
    list_cited_works,
    load_unnamed_methods_context,
)
from cstoannot.web.agreement.params import fit_query_to_measure, parse_agreement_query
from cstoannot.web.agreement.presenters import NoLinks
from cstoannot.web.base import SignedInRequest, render_project_page
from cstoannot.web.coefficient_display import (
    CONVENTION,
    compute_scale_minimum,
    describe_basis,
    describe_coefficient,
    describe_conclusion,
    format_coefficient,
)


def render_agreement_totals(request: SignedInRequest, scope: Scope) -> HttpResponse:
    """Render values overall and by code, with the methods paragraph, without names."""
    question = parse_agreement_query(request.GET)
    try:
        found = build_agreement_totals(scope, question)
        context, status = _build_totals_context(scope, found), 200
    except Invalid as wrong:
        known = question.measure if question.measure in MEASURES else DEFAULT_MEASURE
        question = fit_query_to_measure(AgreementQuery(measure=known))
        context, status = {"error": wrong, "measure": MEASURES[known]}, 422
    context |= {"question": question, "measures": _list_measures()}
    template = "agreement/totals.html"
    return render_project_page(request, scope, template, context, place="agreement", status=status)


def _list_measures() -> list[tuple[str, list[Any]]]:
    """Return the measures by the question that they answer."""
    return [
        (title, [one for one in MEASURES.values() if one.question == name])
        for name, title in QUESTIONS.items()
    ]


def _build_totals_context(scope: Scope, found: AgreementReport) -> dict[str, Any]:
    links = NoLinks(scope.project.slug, found.question)
    shown = describe_coefficient(found.overall, found.measure, low=0, evidence="")
    return {
        "report": found,
        "measure": found.measure,
        "unit": found.unit if len(found.measure.units) > 1 else "",
        "shown": shown,
        "lacking": describe_basis(found.overall) or "No interval was asked for.",
        "conclusion": describe_conclusion(found.overall, found.measure),
        "mean": format_coefficient(found.mean_over_codes),
        "rows": list(_iterate_code_rows(found)),
        "convention": CONVENTION,
        "methods": build_methods_paragraph(load_unnamed_methods_context(scope, found), links),
        "references": [work.apa for work in list_cited_works(found)],
    }


def _iterate_code_rows(found: AgreementReport) -> Iterator[dict[str, Any]]:
    low = compute_scale_minimum([one.result for one in found.codes])
    for one in found.codes:
        shown = describe_coefficient(one.result, found.measure, low=low, evidence="")
        yield {"code": one.code, "shown": shown}
