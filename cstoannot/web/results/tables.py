"""Tables to be opened by spreadsheets: UTF-8 with its mark, and no cell that could be a formula."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from django.http import HttpResponse, StreamingHttpResponse

from cstoannot.core.formulas import guard_formula
from cstoannot.stats.results import EXPLANATIONS, Coefficient
from cstoannot.web.downloads import as_download

NUMBERS = (
    "value",
    "low",
    "high",
    "level",
    "resampled",
    "replicates",
    "n",
    "coders",
    "marked",
    "prevalence",
    "undefined_because",
)
ROWS_AT_ONCE = 1_000

Field = str | int | float | None


def table(name: str, head: Sequence[str], rows: Iterable[Sequence[Field]]) -> HttpResponse:
    """A download; words that a spreadsheet would take for a formula get an apostrophe."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerows([_cell(field) for field in row] for row in chain([head], rows))
    response = HttpResponse(
        written.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8"
    )
    return as_download(response, f"{name}.csv")


def streamed(
    name: str, head: Sequence[str], rows: Iterable[Sequence[Field]]
) -> StreamingHttpResponse:
    """As `table`, written as it is sent, for tables that may be large."""
    response = StreamingHttpResponse(_pieces(head, rows), content_type="text/csv; charset=utf-8")
    return as_download(response, f"{name}.csv")


def _pieces(head: Sequence[str], rows: Iterable[Sequence[Field]]) -> Iterator[bytes]:
    yield codecs.BOM_UTF8
    waiting = chain([head], rows)
    while some := list(islice(waiting, ROWS_AT_ONCE)):
        written = io.StringIO(newline="")
        csv.writer(written).writerows([_cell(field) for field in row] for row in some)
        yield written.getvalue().encode()


def numbers(result: Coefficient) -> tuple[Field, ...]:
    """A coefficient's cells, under NUMBERS, unrounded."""
    interval = result.interval
    of_interval: tuple[Field, ...] = (None,) * 5
    if interval:
        of_interval = (
            interval.low,
            interval.high,
            interval.level,
            interval.method,
            interval.replicates or None,
        )
    return (
        result.value,
        *of_interval,
        result.n,
        result.coders,
        result.marked,
        result.prevalence,
        EXPLANATIONS[result.reason] if result.reason else None,
    )


def _cell(field: Field) -> str:
    if field is None:
        return ""
    if isinstance(field, str):
        return guard_formula(field)
    return repr(field)
