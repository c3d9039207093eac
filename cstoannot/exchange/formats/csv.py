from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from cstoannot.core.formulas import guard_formula
from cstoannot.exchange.columnar.lines import LineFormat, render_page_lines
from cstoannot.exchange.columnar.rows import COLUMNS, ExportRow, JoinedColumn
from cstoannot.exchange.exporting import iterate_export_pages
from cstoannot.exchange.formats.base import ExportFormat, ExportRequest, FormatOption

FLAVOUR = FormatOption(
    "flavour",
    "For",
    {
        "scripts": "scripts (R, pandas): UTF-8, every cell unaltered",
        "spreadsheets": "spreadsheets: opens by a click, cells cannot act as formulas",
        "spreadsheets-semicolon": "spreadsheets where a comma is the decimal mark",
    },
)


def format_csv_cell(text: str) -> bytes:
    """A cell as RFC 4180 has it; an empty one is empty."""
    return b'"%b"' % text.encode().replace(b'"', b'""') if text else b""


def format_guarded_cell(text: str) -> bytes:
    """The same, led by an apostrophe where a spreadsheet would run it."""
    return format_csv_cell(guard_formula(text))


def format_csv_cells(column: JoinedColumn) -> Sequence[bytes]:
    """`plain` for a column."""
    text, mark = column.text, column.mark
    inside = text.replace(b'"', b'""').replace(mark, mark.join((b'"', b'"')))
    cells = replace(column, text=b'"%b"' % inside).each()
    if text.startswith(mark) or text.endswith(mark) or mark * 2 in text or not text:
        return [b"" if cell == b'""' else cell for cell in cells]
    return cells


def format_guarded_cells(column: JoinedColumn) -> Sequence[bytes]:
    """`format_guarded_cell` for a column."""
    return [format_guarded_cell(text.decode()) for text in column.each()]


def format_csv_passages(column: JoinedColumn) -> Sequence[bytes]:
    """What stands between the quotes of passages."""
    return replace(column, text=column.text.replace(b'"', b'""')).each()


def format_guarded_passages(column: JoinedColumn) -> Sequence[bytes]:
    return [cell[1:-1] for cell in format_guarded_cells(column)]


@dataclass(frozen=True)
class CsvDialect:
    """How a flavour writes: what stands before all, between cells and after a row, and a text."""

    mark: bytes
    comma: bytes
    end: bytes
    cell: Callable[[str], bytes]
    cells: Callable[[JoinedColumn], Sequence[bytes]]
    insides: Callable[[JoinedColumn], Sequence[bytes]]

    def row(self, cells: Iterable[str | float | None]) -> bytes:
        """A row of texts and numbers; None is an empty cell."""
        return self.comma.join(map(self._written, cells)) + self.end

    def _written(self, value: str | float | None) -> bytes:
        if value is None:
            return b""
        return self.cell(value) if isinstance(value, str) else repr(value).encode()


DIALECTS = {
    "scripts": CsvDialect(b"", b",", b"\n", format_csv_cell, format_csv_cells, format_csv_passages),
    "spreadsheets": CsvDialect(
        "\ufeff".encode(),
        b",",
        b"\r\n",
        format_guarded_cell,
        format_guarded_cells,
        format_guarded_passages,
    ),
    "spreadsheets-semicolon": CsvDialect(
        "\ufeff".encode(),
        b";",
        b"\r\n",
        format_guarded_cell,
        format_guarded_cells,
        format_guarded_passages,
    ),
}


def select_csv_dialect(asked: ExportRequest) -> CsvDialect:
    return DIALECTS[asked.options[FLAVOUR.key]]


def stream_csv(asked: ExportRequest) -> Iterator[bytes]:
    dialect = select_csv_dialect(asked)
    shape = LineFormat(
        begin=b"",
        end=dialect.end,
        field=lambda name: b"" if name == ExportRow._fields[0] else dialect.comma,
        number=(b"", b""),
        word=(b"", b""),
        passage=(b'"', b'"'),
        passages=dialect.insides,
        text=dialect.cell,
        texts=dialect.cells,
        truths=(b"false", b"true"),
        nobody=b"",
    )
    # The first row leaves with the head: what goes wrong with it is an error, not a short file.
    head = dialect.mark + dialect.comma.join(name.encode() for name in COLUMNS) + dialect.end
    for written in render_page_lines(iterate_export_pages(asked), shape):
        yield head + written
        head = b""
    if head:
        yield head


def describe_csv_losses(asked: ExportRequest) -> Sequence[str]:
    if asked.options[FLAVOUR.key] == "scripts":
        return ()
    return (
        "cells that begin with = + - @, a tab or a line break gain an apostrophe in front, so that "
        "no spreadsheet runs them",
        "Excel cuts what a cell holds beyond 32,767 characters",
    )


FORMAT = ExportFormat(
    key="csv",
    title="CSV",
    extension="csv",
    media_type="text/csv; charset=utf-8",
    readers="R, pandas, SPSS, Excel, LibreOffice: one row for each annotation.",
    carries=(
        "every annotation with its passage, place in code points, stance, voice and note",
        "annotator, layer, version, codebook revision and moments",
        "what is known of the source, and the hash of its text",
    ),
    loses=(
        "the texts themselves, beyond the passages",
        "the codes' definitions, claims and colours",
    ),
    warn=describe_csv_losses,
    options=(FLAVOUR,),
    stream=stream_csv,
    name=lambda asked: f"annotations-for-{asked.options[FLAVOUR.key]}",
)
