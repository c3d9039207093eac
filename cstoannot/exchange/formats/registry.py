"""The registry of formats: look up, check a request, and describe what a file would hold."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from cstoannot.annotations.queries import AnnotationFilter, resolve_filter_round
from cstoannot.core.errors import Forbidden, Invalid, NotFound, TooLarge
from cstoannot.exchange.formats import (
    archive,
    csv,
    decisions,
    gexf,
    graphml,
    jsonl,
    matrix,
    qdc,
    qdpx,
    statements,
    units,
    webannotation,
    xlsx,
)
from cstoannot.exchange.formats.base import ExportFormat, ExportRequest, describe_stale_losses
from cstoannot.projects.scope import Scope

FORMATS: Mapping[str, ExportFormat] = {
    one.FORMAT.key: one.FORMAT
    for one in (
        csv,
        jsonl,
        xlsx,
        units,
        matrix,
        statements,
        decisions,
        graphml,
        gexf,
        webannotation,
        qdpx,
        qdc,
        archive,
    )
}


def require_format(key: str) -> ExportFormat:
    if key not in FORMATS:
        known = ", ".join(FORMATS)
        raise NotFound(f"There is no format “{key[:80]}”. Formats: {known}.")
    return FORMATS[key]


def build_export_request(
    scope: Scope,
    format: ExportFormat,
    filters: AnnotationFilter,
    options: Mapping[str, str] | None = None,
) -> ExportRequest:
    """Build the request, with a value for each option.

    Raises Invalid for options that the format does not have, and for filters if it always exports
    the whole project.
    """
    filters = resolve_filter_round(scope, filters)
    given = options or {}
    known = {option.key: option for option in format.options}
    for key, value in given.items():
        if key not in known:
            raise Invalid(f"{format.title} has no option “{key[:80]}”.", field=key[:80])
        if value not in known[key].choices:
            choices = ", ".join(known[key].choices)
            raise Invalid(f"{key} is one of: {choices}.", field=key)
    if not format.filtered and not filters.everything:
        raise Invalid(
            f"{format.title} always contains the whole project. Leave the filters out.",
            field="format",
        )
    chosen = {key: given.get(key, option.default) for key, option in known.items()}
    return ExportRequest(scope, filters, chosen)


@dataclass(frozen=True)
class FormatDescription:
    """The loss report of a format: its number of rows, and what it loses.

    `rows` is None if only creating the file would tell. `refused` says why this selection cannot
    be exported and what to do; empty if it can.
    """

    format: ExportFormat
    rows: int | None
    loses: Sequence[str]
    refused: str = ""


def describe_format(format: ExportFormat, asked: ExportRequest) -> FormatDescription:
    """Build the loss report of one format before the download."""
    try:
        format.check(asked)
        rows, more = format.count(asked), format.warn(asked)
        if format.filtered:
            more = (*more, *describe_stale_losses(asked, marked=format.marks_stale))
    except (Invalid, TooLarge, Forbidden) as error:
        return FormatDescription(format, None, format.loses, error.message)
    return FormatDescription(format, rows, (*format.loses, *more))


def describe_formats(
    scope: Scope, filters: AnnotationFilter, named: Collection[str] = ()
) -> list[FormatDescription]:
    """Build loss reports with default options, for the formats in `named` or, if empty, all.

    Rows of costly formats are counted only if they are named. Formats that export the whole
    project are described without the filters.
    """
    found: list[FormatDescription] = []
    counted: list[int] = []
    outdated: list[int] = []
    for format in list_available_formats(scope):
        if named and format.key not in named:
            continue
        asked = build_export_request(
            scope, format, filters if format.filtered else AnnotationFilter()
        )
        if format.filtered:
            asked = replace(asked, counted=counted, outdated=outdated)
        described = not format.costly or format.key in named
        found.append(
            describe_format(format, asked)
            if described
            else FormatDescription(format, None, format.loses)
        )
    return found


def list_available_formats(scope: Scope) -> list[ExportFormat]:
    return [one for one in FORMATS.values() if scope.can(one.permission)]
