"""What formats take: pages of rows, rows, or lines.

Who may see what was decided when the scope was opened; `exportable_annotations` asks the gate.
"""

from collections.abc import Iterator
from itertools import chain, islice

from cstoannot.database.transactions import release_pooled_connection
from cstoannot.exchange.formats.base import ExportRequest
from cstoannot.exchange.queries import exportable_annotations
from cstoannot.exchange.row_pages.cells import Cells, CellStyle, CellWriter
from cstoannot.exchange.row_pages.rows import ExportRow
from cstoannot.exchange.row_pages.stored_rows import read_stored_pages, select_stored_rows

LINES = 500  # in one piece of a file
_PLAIN = CellStyle(str, (False, True), None)


def write_lines(asked: ExportRequest, line: str, style: CellStyle) -> Iterator[bytes]:
    """The rows as lines, some at a time. `line` has %s for each column."""
    for page in _read_cells(asked, style):
        while lines := [line % cells for cells in islice(page, LINES)]:
            yield "".join(lines).encode()


def read_row_pages(asked: ExportRequest) -> Iterator[list[ExportRow]]:
    """The rows by source, start and id; a source is in one page, except for a very large one."""
    for page in _read_cells(asked, _PLAIN):
        yield list(map(ExportRow._make, page))


def read_rows(asked: ExportRequest) -> Iterator[ExportRow]:
    return chain.from_iterable(read_row_pages(asked))


def read_rows_at(asked: ExportRequest, first: int, count: int) -> list[ExportRow]:
    """At most `count` rows, from number `first` on, counted from 0."""
    rows = select_stored_rows(exportable_annotations(asked.scope, asked.filters), first, count)
    writer = CellWriter(asked.scope, _PLAIN)
    if rows:
        writer.load_names(rows)
    return list(map(ExportRow._make, writer.write_cells(rows)))


def _read_cells(asked: ExportRequest, style: CellStyle) -> Iterator[Iterator[Cells]]:
    writer = CellWriter(asked.scope, style)
    for rows in read_stored_pages(exportable_annotations(asked.scope, asked.filters)):
        writer.load_names(rows)
        release_pooled_connection()  # the reader of a page may be slow
        yield writer.write_cells(rows)
