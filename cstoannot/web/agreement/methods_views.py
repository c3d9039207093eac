"""Files for the methods section: cited works as BibTeX and RIS, and the table by code."""

from collections.abc import Callable, Iterable

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from cstoannot.agreement.reports import build_agreement_report
from cstoannot.core.formulas import guard_formula
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import open_project
from cstoannot.web.agreement.apa_table import build_apa_table
from cstoannot.web.agreement.cited_works import CitedWork, format_bibtex, format_ris
from cstoannot.web.agreement.methods_paragraph import list_cited_works
from cstoannot.web.agreement.params import parse_agreement_query
from cstoannot.web.agreement.presenters import EvidenceLinks
from cstoannot.web.base import SignedInRequest, sign_in_required
from cstoannot.web.downloads import as_download


@require_safe
@sign_in_required
def download_bibtex(request: SignedInRequest, project: str) -> HttpResponse:
    return _render_citations(request, project, format_bibtex, "application/x-bibtex", "bib")


@require_safe
@sign_in_required
def download_ris(request: SignedInRequest, project: str) -> HttpResponse:
    media = "application/x-research-info-systems"
    return _render_citations(request, project, format_ris, media, "ris")


def _render_citations(
    request: SignedInRequest,
    project: str,
    write: Callable[[Iterable[CitedWork]], str],
    media: str,
    ending: str,
) -> HttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    found = build_agreement_report(scope, parse_agreement_query(request.GET))
    text = write(list_cited_works(found))
    response = HttpResponse(text.encode(), content_type=f"{media}; charset=utf-8")
    return as_download(response, f"{scope.project.slug}-agreement.{ending}")


@require_safe
@sign_in_required
def download_apa_table(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    question = parse_agreement_query(request.GET)
    found = build_agreement_report(scope, question)
    table = build_apa_table(found, EvidenceLinks(scope.project.slug, question))
    rows = [table.head, *((row.name, *row.cells) for row in table.rows)]
    lines = ["\t".join(guard_formula(" ".join(cell.split())) for cell in row) for row in rows]
    text = "".join(f"{line}\n" for line in lines)
    response = HttpResponse(text.encode(), content_type="text/tab-separated-values; charset=utf-8")
    return as_download(response, f"{scope.project.slug}-agreement-codes.tsv")
