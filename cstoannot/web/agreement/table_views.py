"""Tables of codes by pair, source and coder, and the profiles of the coders."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from cstoannot.agreement.code_tables import (
    CODER,
    COLUMNS,
    PAIR,
    CodeTable,
    TableCell,
    TableColumn,
    build_code_table,
)
from cstoannot.agreement.dataset import AgreementCode
from cstoannot.agreement.profiles import AgainstMajority, build_profile_report
from cstoannot.agreement.reports import AgreementQuery
from cstoannot.core.errors import Invalid
from cstoannot.core.fields import parse_whole_number
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import open_project
from cstoannot.stats.results import EXPLANATIONS
from cstoannot.web import downloads
from cstoannot.web.agreement.closed_page import render_closed_agreement
from cstoannot.web.agreement.params import (
    format_agreement_query,
    load_agreement_choices,
    parse_agreement_query,
)
from cstoannot.web.agreement.presenters import EvidenceLinks
from cstoannot.web.base import SignedInRequest, render_project_page, sign_in_required
from cstoannot.web.coefficient_display import classify_value, format_coefficient

COLUMNS_ON_A_PAGE = 12
TITLES = {"pair": "pair of coders", "source": "source", "coder": "coder"}


@dataclass(frozen=True)
class ShownColumn:
    """A column's heading; `sort`: the URL that sorts by it, `sorted`: a value of aria-sort."""

    label: str
    sort: str
    sorted: str


@dataclass(frozen=True)
class ShownCell:
    """A cell as text; `evidence`: the URL of what it counts, empty where nothing can be listed."""

    words: str
    level: str
    reason: str
    n: int
    marked: int | None
    evidence: str


@dataclass(frozen=True)
class ShownRow:
    code: AgreementCode
    cells: tuple[ShownCell, ...]


@require_safe
@sign_in_required
def show_code_table(request: SignedInRequest, project: str) -> HttpResponse:
    """Show codes by pair, source or coder, sorted by the column that was asked for."""
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    if not load_agreement_choices(scope).sources:
        return render_closed_agreement(request, scope)
    question, by = parse_agreement_query(request.GET), request.GET.get("by", PAIR)
    number = max(1, parse_whole_number(request.GET.get("page", "1")) or 1)
    context: dict[str, Any] = {
        "question": question,
        "address": format_agreement_query(question),
        "by": by,
        "choices": [
            (key, TITLES[key], _build_table_url(project, question, key)) for key in COLUMNS
        ],
    }
    try:
        offset = (number - 1) * COLUMNS_ON_A_PAGE
        found = build_code_table(scope, question, by, offset=offset, limit=COLUMNS_ON_A_PAGE)
    except Invalid as wrong:
        context["error"] = wrong
        status, template = 422, "agreement/table.html"
        return render_project_page(
            request, scope, template, context, place="agreement", status=status
        )
    order = request.GET.get("sort", "")
    context |= {
        "table": _sort_table(found, order),
        "columns": [_show_column(found, one, order, number) for one in found.columns],
        "by_title": TITLES[by],
        "page": Paginator(range(found.total), COLUMNS_ON_A_PAGE).get_page(number),
        "by_name": _build_table_url(project, question, by, page=number),
        "named": "" if order else "ascending",
    }
    links = EvidenceLinks(project, question)
    context["rows"] = [
        ShownRow(row.code, tuple(_show_cell(found, links, row.code, *pair) for pair in pairs))
        for row in context["table"].rows
        for pairs in [zip(found.columns, row.cells, strict=True)]
    ]
    return render_project_page(request, scope, "agreement/table.html", context, place="agreement")


def _build_table_url(project: str, question: AgreementQuery, by: str, **more: str | int) -> str:
    at = reverse("agreement_table", args=[project])
    return f"{at}?{format_agreement_query(question, by=by, **more)}"


def _sort_table(found: CodeTable, order: str) -> CodeTable:
    number = parse_whole_number(order.lstrip("-"))
    if number is None:
        return found
    return found.sort_rows(number, descending=order.startswith("-"))


def _show_column(found: CodeTable, column: TableColumn, order: str, page: int) -> ShownColumn:
    here = order.lstrip("-") == str(column.number)
    down = order.startswith("-")
    # The lowest values are what one looks for first; a second press turns the order.
    coming = f"-{column.number}" if here and not down else str(column.number)
    at = format_agreement_query(found.question, by=found.by, page=page, sort=coming)
    state = ("descending" if down else "ascending") if here else ""
    return ShownColumn(column.label, f"?{at}", state)


def _show_cell(
    found: CodeTable,
    links: EvidenceLinks,
    code: AgreementCode,
    column: TableColumn,
    cell: TableCell,
) -> ShownCell:
    part: dict[str, Any] = {"of_code": code.slug}
    if column.source:
        part["of_source"] = column.source.pk
    elif found.by == PAIR:
        part["of_pair"] = [one.username for one in column.annotators]
    if found.by == CODER:
        words = "" if cell.value is None else f"{100 * cell.value:.1f} %"
    else:
        words = format_coefficient(cell.value)
    return ShownCell(
        words=words,
        level="plain" if found.by == CODER else classify_value(cell.value, found.measure),
        reason=EXPLANATIONS[cell.reason] if cell.reason else "",
        n=cell.n,
        marked=cell.marked,
        evidence=links.evidence(**part) if found.by != CODER and cell.n else "",
    )


@require_safe
@sign_in_required
def download_code_table_csv(request: SignedInRequest, project: str) -> StreamingHttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    by = request.GET.get("by", PAIR)
    found = build_code_table(scope, parse_agreement_query(request.GET), by)
    head = ("code", "name", *_list_column_headings(by), "value", "n", "marked", "undefined_because")
    name = f"{scope.project.slug}-agreement-codes-by-{by}"
    return downloads.stream_csv_download(name, head, _iterate_table_rows(found))


def _list_column_headings(by: str) -> tuple[str, ...]:
    return {"pair": ("first", "second"), "source": ("source", "title"), "coder": ("coder",)}[by]


def _iterate_table_rows(found: CodeTable) -> Iterator[tuple[downloads.Field, ...]]:
    for row in found.rows:
        for column, cell in zip(found.columns, row.cells, strict=True):
            named: tuple[downloads.Field, ...] = tuple(one.username for one in column.annotators)
            if column.source:
                named = (column.source.pk, column.source.title)
            why = EXPLANATIONS[cell.reason] if cell.reason else None
            own = (row.code.slug, row.code.name)
            yield (*own, *named, cell.value, cell.n, cell.marked, why)


@require_safe
@sign_in_required
def show_coder_profiles(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    if not load_agreement_choices(scope).sources:
        return render_closed_agreement(request, scope)
    question = parse_agreement_query(request.GET)
    found = build_profile_report(scope, question)
    context = {
        "found": found,
        "address": format_agreement_query(question),
        "summaries": [(one, _show_against(one.against)) for one in found.profiles],
        "profiles": [
            (one, [(code, _show_against(code.against)) for code in one.codes])
            for one in found.profiles
        ],
    }
    return render_project_page(
        request, scope, "agreement/profiles.html", context, place="agreement"
    )


def _show_against(against: AgainstMajority) -> dict[str, str]:
    """Format the numbers; a difference from the others with its sign."""
    difference = against.own - against.others
    sign = "+" if difference > 0 else "−" if difference < 0 else ""
    shares = ("precision", "recall", "f1", "alpha")
    return {
        "others": f"{against.others:.1f}",
        "difference": f"{sign}{abs(difference):.1f}",
        **{name: format_coefficient(getattr(against, name)) for name in shares},
    }


PROFILE_HEAD = (
    *("coder", "code", "name", "sources", "units", "passages", "units_marked"),
    *("units_marked_by_others", "units_of_majority", "precision", "recall", "f1", "alpha"),
)


@require_safe
@sign_in_required
def download_profiles_csv(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    found = build_profile_report(scope, parse_agreement_query(request.GET))
    rows: list[tuple[downloads.Field, ...]] = []
    for one in found.profiles:
        parts = [("", "", one.passages, one.against)]
        parts += [(c.code.slug, c.code.name, c.passages, c.against) for c in one.codes]
        for slug, title, passages, against in parts:
            read = (one.annotator.username, slug, title, one.sources, one.units, passages)
            rows.append((*read, *_list_against_cells(against)))
    return downloads.render_csv_download(f"{scope.project.slug}-coder-profiles", PROFILE_HEAD, rows)


def _list_against_cells(against: AgainstMajority) -> tuple[downloads.Field, ...]:
    counts = (against.own, against.others, against.majority)
    return (*counts, against.precision, against.recall, against.f1, against.alpha)
