"""Pages of the results for readers that a view of the project does not have."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from cstoannot.agreement.reports import AgreementQuery
from cstoannot.agreement.totals import build_agreement_totals
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import open_project
from cstoannot.web.agreement.methods_paragraph import (
    build_methods_paragraph,
    list_cited_works,
    load_unnamed_methods_context,
)
from cstoannot.web.agreement.presenters import NoLinks
from cstoannot.web.base import SignedInRequest, render_project_page, sign_in_required


@require_safe
@sign_in_required
def show_methods(request: SignedInRequest, project: str) -> HttpResponse:
    """Show what the study is about, and how its agreement was measured."""
    scope = open_project(request.user, project, Permission.SEE_RESULTS)
    found = build_agreement_totals(scope, AgreementQuery())
    links = NoLinks(scope.project.slug, found.question)
    context = {
        "methods": build_methods_paragraph(load_unnamed_methods_context(scope, found), links),
        "references": [work.apa for work in list_cited_works(found)],
    }
    return render_project_page(request, scope, "results/methods.html", context, place="methods")


@require_safe
@sign_in_required
def open_article(request: SignedInRequest, project: str, source: int) -> HttpResponse:
    """Lead to the whole article, or to its passages where readers see no more."""
    scope = open_project(request.user, project, Permission.SEE_RESULTS)
    whole = scope.can(Permission.READ_ARTICLES)
    name = "compare_reading" if whole else "compare_passages"
    return redirect(f"{reverse(name, args=[project])}?source={source}")
