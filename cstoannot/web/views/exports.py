from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from cstoannot.annotations.models import Layer
from cstoannot.annotations.queries import Filters
from cstoannot.core.errors import Invalid
from cstoannot.exchange.exporting import export as exported
from cstoannot.exchange.formats.kinds import Asked, Format
from cstoannot.exchange.registry import ask, available, describe, get_format
from cstoannot.projects.scope import Scope, open_project
from cstoannot.web.base import SignedInRequest, project_page, signed_in
from cstoannot.web.exporting import STANCES, address, filters_of, offered


@dataclass(frozen=True)
class Link:
    """A format or an option's value to choose, and where choosing it leads."""

    title: str
    url: str
    chosen: bool
    about: str = ""


@dataclass(frozen=True)
class Choice:
    title: str
    links: list[Link]


@dataclass(frozen=True)
class Query:
    """What an address asks for; `error` says what in it could not be understood."""

    filters: Filters
    options: Mapping[str, str]
    error: Invalid | None = None


def _query(given: QueryDict, format: Format) -> Query:
    options = {one.key: given.get(one.key, "") for one in format.options if one.key in given}
    return Query(filters_of(given), options)


@require_safe
@signed_in
def export(request: SignedInRequest, project: str) -> HttpResponse:
    """What there is, and what the chosen format would carry, lose and count."""
    scope = open_project(request.user, project)
    formats = available(scope)
    format = get_format(request.GET.get("format") or formats[0].key)
    scope.require(format.permission)
    try:
        query = _query(request.GET, format)
        asked = _asked(scope, format, query)
    except Invalid as error:
        query = Query(Filters(), {}, error)
        asked = _asked(scope, format, query)
    filters = query.filters
    context = {
        "format": format,
        "formats": [
            Link(one.title, f"?{address(filters, format=one.key)}", one is format, one.readers)
            for one in formats
        ],
        "choices": list(_choices(asked, format, filters)),
        "described": describe(format, asked),
        "options": asked.options,
        "filters": filters,
        "layers": Layer.values,
        "stances": STANCES,
        "is_filtered": not filters.everything,
        "offered": offered(scope),
        "file_name": format.file_name(asked),
        "file": f"{reverse('export_file', args=[project, format.key])}?{_address(asked)}",
        "error": query.error,
    }
    status = 422 if query.error else 200
    return project_page(request, scope, "exports/page.html", context, place="export", status=status)


def _asked(scope: Scope, format: Format, query: Query) -> Asked:
    """Formats that hold the whole project are asked for without the filters."""
    return ask(scope, format, query.filters if format.filtered else Filters(), query.options)


def _address(asked: Asked) -> str:
    return address(asked.filters, asked.options)


def _choices(asked: Asked, format: Format, filters: Filters) -> Iterator[Choice]:
    for option in format.options:
        links = [
            Link(
                title,
                f"?{address(filters, {**asked.options, option.key: value}, format.key)}",
                asked.options[option.key] == value,
            )
            for value, title in option.choices.items()
        ]
        yield Choice(option.title, links)


@require_safe
@signed_in
def file(request: SignedInRequest, project: str, format: str) -> StreamingHttpResponse:
    scope = open_project(request.user, project)
    chosen = get_format(format)
    made = exported(chosen, _asked(scope, chosen, _query(request.GET, chosen)))
    headers = {"Content-Disposition": content_disposition_header(True, made.name) or ""}
    if made.length is not None:
        headers["Content-Length"] = str(made.length)
    return StreamingHttpResponse(made.chunks, content_type=made.media_type, headers=headers)
