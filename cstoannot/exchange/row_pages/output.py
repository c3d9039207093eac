"""The rows of an export for formats: as pages, rows or lines.

`exportable_annotations` applies the permissions of the scope.
"""

from collections.abc import Iterator
from itertools import chain, islice

from cstoannot.database.transactions import release_pooled_connection
from cstoannot.exchange.formats.base import ExportRequest
from cstoannot.exchange.queries import exportable_annotations
from cstoannot.exchange.row_pages.cells import Cells, CellStyle, CellWriter
from cstoannot.exchange.row_pages.rows import ExportRow
from cstoannot.exchange.row_pages.stored_rows import read_stored_pages, select_stored_rows

LINES = 500  # in one chunk of a file
_PLAIN = CellStyle(str, (False, True), None)


def write_lines(asked: ExportRequest, line: str, style: CellStyle) -> Iterator[bytes]:
    """Yield the rows as lines, in chunks. `line` has one %s per column."""
    for page in _read_cells(asked, style):
        while lines := [line % cells for cells in islice(page, LINES)]:
            yield "".join(lines).encode()


def read_row_pages(asked: ExportRequest) -> Iterator[list[ExportRow]]:
    """Yield pages of rows by source, start and id; only a very large source spans pages."""
    for page in _read_cells(asked, _PLAIN):
        yield list(map(ExportRow._make, page))


def read_rows(asked: ExportRequest) -> Iterator[ExportRow]:
    return chain.from_iterable(read_row_pages(asked))


def read_rows_at(asked: ExportRequest, first: int, count: int) -> list[ExportRow]:
    """Return at most `count` rows from number `first` on, counted from 0."""
    rows = select_stored_rows(exportable_annotations(asked.scope, asked.filters), first, count)
    writer = CellWriter(asked.scope, _PLAIN)
    if rows:
        writer.load_names(rows)
    return list(map(ExportRow._make, writer.write_cells(rows)))


def _read_cells(asked: ExportRequest, style: CellStyle) -> Iterator[Iterator[Cells]]:
    writer = CellWriter(asked.scope, style)
    for rows in read_stored_pages(exportable_annotations(asked.scope, asked.filters)):
        writer.load_names(rows)
        release_pooled_connection()  # the client may read the page slowly
        yield writer.write_cells(rows)
