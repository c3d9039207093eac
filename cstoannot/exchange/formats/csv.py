from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from cstoannot.core.formulas import guard_formula
from cstoannot.exchange.formats.base import ExportFormat, ExportRequest, FormatOption
from cstoannot.exchange.row_pages.cells import CellStyle
from cstoannot.exchange.row_pages.output import write_lines
from cstoannot.exchange.row_pages.rows import COLUMNS

FLAVOUR = FormatOption(
    "flavour",
    "For",
    {
        "scripts": "scripts (R, pandas): UTF-8, every cell unaltered",
        "spreadsheets": "spreadsheets: opens by a click, cells cannot act as formulas",
        "spreadsheets-semicolon": "spreadsheets where a comma is the decimal mark",
    },
)

QUOTE = '"'


def format_csv_cell(text: str) -> str:
    """Format a cell as in RFC 4180, without quotes if empty."""
    return f'"{text.replace(QUOTE, QUOTE * 2)}"' if text else ""


def format_guarded_cell(text: str) -> str:
    """Format a cell, with an apostrophe before what a spreadsheet would run as a formula."""
    return format_csv_cell(guard_formula(text))


@dataclass(frozen=True)
class CsvDialect:
    """How a flavour writes: byte order mark, separator, end of row, and function for texts."""

    mark: bytes
    comma: str
    end: str
    cell: Callable[[str], str]

    def row(self, cells: Iterable[str | float | None]) -> bytes:
        """Encode a row of texts and numbers; None is an empty cell."""
        return (self.comma.join(map(self._written, cells)) + self.end).encode()

    def _written(self, value: str | float | None) -> str:
        if value is None:
            return ""
        return self.cell(value) if isinstance(value, str) else repr(value)


_BYTE_ORDER_MARK = "\ufeff".encode()
DIALECTS = {
    "scripts": CsvDialect(b"", ",", "\n", format_csv_cell),
    "spreadsheets": CsvDialect(_BYTE_ORDER_MARK, ",", "\r\n", format_guarded_cell),
    "spreadsheets-semicolon": CsvDialect(_BYTE_ORDER_MARK, ";", "\r\n", format_guarded_cell),
}


def select_csv_dialect(asked: ExportRequest) -> CsvDialect:
    return DIALECTS[asked.options[FLAVOUR.key]]


def stream_csv(asked: ExportRequest) -> Iterator[bytes]:
    dialect = select_csv_dialect(asked)
    head, line = (dialect.comma.join(row) + dialect.end for row in (COLUMNS, ["%s"] * len(COLUMNS)))
    # Send the first row with the header, so that its failure is an error, not a short file.
    before = dialect.mark + head.encode()
    for written in write_lines(asked, line, CellStyle(dialect.cell)):
        yield before + written
        before = b""
    if before:
        yield before


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
