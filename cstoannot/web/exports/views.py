"""The export page and the download of a file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from cstoannot.annotations.models import Layer
from cstoannot.annotations.queries import AnnotationFilter
from cstoannot.core.errors import Invalid
from cstoannot.exchange.exporting import prepare_export as exported
from cstoannot.exchange.formats.base import ExportFormat, ExportRequest
from cstoannot.exchange.formats.registry import (
    build_export_request,
    describe_format,
    list_available_formats,
    require_format,
)
from cstoannot.projects.scope import Scope, open_project
from cstoannot.web.base import SignedInRequest, render_project_page, sign_in_required
from cstoannot.web.exports.params import (
    STANCES,
    format_export_filter,
    load_export_choices,
    parse_export_filter,
)


@dataclass(frozen=True)
class ExportLink:
    """A format or an option's value, and the URL that selects it."""

    title: str
    url: str
    chosen: bool
    about: str = ""


@dataclass(frozen=True)
class ExportOptionLinks:
    title: str
    links: list[ExportLink]


@dataclass(frozen=True)
class ExportQuery:
    """A parsed query; `error` says what in it is invalid."""

    filters: AnnotationFilter
    options: Mapping[str, str]
    error: Invalid | None = None


def _parse_export_query(given: QueryDict, format: ExportFormat) -> ExportQuery:
    options = {one.key: given.get(one.key, "") for one in format.options if one.key in given}
    return ExportQuery(parse_export_filter(given), options)


@require_safe
@sign_in_required
def show_export(request: SignedInRequest, project: str) -> HttpResponse:
    """Show the formats, and what the selected one would contain, lose and count."""
    scope = open_project(request.user, project)
    formats = list_available_formats(scope)
    format = require_format(request.GET.get("format") or formats[0].key)
    scope.require(format.permission)
    try:
        query = _parse_export_query(request.GET, format)
        asked = _build_export_request(scope, format, query)
    except Invalid as error:
        query = ExportQuery(AnnotationFilter(), {}, error)
        asked = _build_export_request(scope, format, query)
    filters = query.filters
    context = {
        "format": format,
        "formats": [
            ExportLink(
                one.title,
                f"?{format_export_filter(filters, format=one.key)}",
                one is format,
                one.readers,
            )
            for one in formats
        ],
        "choices": list(_iterate_export_options(asked, format, filters)),
        "described": describe_format(format, asked),
        "options": asked.options,
        "filters": filters,
        "layers": Layer.values,
        "stances": STANCES,
        "is_filtered": not filters.everything,
        "offered": load_export_choices(scope),
        "file_name": format.file_name(asked),
        "file": f"{reverse('export_file', args=[project, format.key])}"
        f"?{_format_export_request(asked)}",
        "error": query.error,
    }
    status = 422 if query.error else 200
    return render_project_page(
        request, scope, "exports/page.html", context, place="export", status=status
    )


def _build_export_request(scope: Scope, format: ExportFormat, query: ExportQuery) -> ExportRequest:
    """Build the request; formats that contain the whole project ignore the filters."""
    return build_export_request(
        scope, format, query.filters if format.filtered else AnnotationFilter(), query.options
    )


def _format_export_request(asked: ExportRequest) -> str:
    return format_export_filter(asked.filters, asked.options)


def _iterate_export_options(
    asked: ExportRequest, format: ExportFormat, filters: AnnotationFilter
) -> Iterator[ExportOptionLinks]:
    for option in format.options:
        links = [
            ExportLink(
                title,
                "?"
                + format_export_filter(filters, {**asked.options, option.key: value}, format.key),
                asked.options[option.key] == value,
            )
            for value, title in option.choices.items()
        ]
        yield ExportOptionLinks(option.title, links)


@require_safe
@sign_in_required
def download_export(request: SignedInRequest, project: str, format: str) -> StreamingHttpResponse:
    scope = open_project(request.user, project)
    chosen = require_format(format)
    made = exported(
        chosen, _build_export_request(scope, chosen, _parse_export_query(request.GET, chosen))
    )
    headers = {"Content-Disposition": content_disposition_header(True, made.name) or ""}
    if made.length is not None:
        headers["Content-Length"] = str(made.length)
    return StreamingHttpResponse(made.chunks, content_type=made.media_type, headers=headers)
