"""CSV files for spreadsheets: UTF-8 with a byte order mark; no cell can be a formula."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TypeVar

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from cstoannot.core.formulas import guard_formula
from cstoannot.stats.results import EXPLANATIONS, INTERVAL_EXPLANATIONS, Coefficient

R = TypeVar("R", bound=HttpResponseBase)


def as_download(response: R, name: str) -> R:
    """Make browsers save the response under the name."""
    return _name_file(response, name, is_attachment=True)


def svg_response(drawn: str, name: str) -> HttpResponse:
    """Return a figure that browsers show, with a name for saving."""
    response = HttpResponse(drawn, content_type="image/svg+xml; charset=utf-8")
    return _name_file(response, name, is_attachment=False)


def _name_file(response: R, name: str, *, is_attachment: bool) -> R:
    response["Content-Disposition"] = content_disposition_header(is_attachment, name) or ""
    return response


NUMBERS = (
    "value",
    "low",
    "high",
    "level",
    "method",
    "rests_on",
    "replicates",
    "undefined_replicates",
    "no_interval_because",
    "n",
    "coders",
    "marked",
    "prevalence",
    "undefined_because",
)
ROWS_AT_ONCE = 1_000

Field = str | int | float | None


def render_csv_download(
    name: str, head: Sequence[str], rows: Iterable[Sequence[Field]]
) -> HttpResponse:
    """Return a download; text that a spreadsheet would take for a formula gets an apostrophe."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerows([_format_csv_cell(field) for field in row] for row in chain([head], rows))
    response = HttpResponse(
        written.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8"
    )
    return as_download(response, f"{name}.csv")


def stream_csv_download(
    name: str, head: Sequence[str], rows: Iterable[Sequence[Field]]
) -> StreamingHttpResponse:
    """Stream the same as `render_csv_download`, for tables that may be large."""
    response = StreamingHttpResponse(
        _iterate_csv_chunks(head, rows), content_type="text/csv; charset=utf-8"
    )
    return as_download(response, f"{name}.csv")


def _iterate_csv_chunks(head: Sequence[str], rows: Iterable[Sequence[Field]]) -> Iterator[bytes]:
    yield codecs.BOM_UTF8
    waiting = chain([head], rows)
    while some := list(islice(waiting, ROWS_AT_ONCE)):
        written = io.StringIO(newline="")
        csv.writer(written).writerows([_format_csv_cell(field) for field in row] for row in some)
        yield written.getvalue().encode()


def list_coefficient_cells(result: Coefficient) -> tuple[Field, ...]:
    """Return a coefficient's cells, under NUMBERS, unrounded."""
    interval = result.interval
    of_interval: tuple[Field, ...] = (None,) * 7
    if interval:
        of_interval = (
            interval.low,
            interval.high,
            interval.level,
            interval.method.value,
            interval.drawn,
            interval.replicates or None,
            interval.undefined if interval.replicates else None,
        )
    return (
        result.value,
        *of_interval,
        INTERVAL_EXPLANATIONS[result.no_interval] if result.no_interval else None,
        result.n,
        result.coders,
        result.marked,
        result.prevalence,
        EXPLANATIONS[result.reason] if result.reason else None,
    )


def _format_csv_cell(field: Field) -> str:
    if field is None:
        return ""
    if isinstance(field, str):
        return guard_formula(field)
    return repr(field)
