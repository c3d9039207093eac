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
    """A cell as RFC 4180 has it; an empty one is empty."""
    return f'"{text.replace(QUOTE, QUOTE * 2)}"' if text else ""


def format_guarded_cell(text: str) -> str:
    """The same, led by an apostrophe where a spreadsheet would run it."""
    return format_csv_cell(guard_formula(text))


@dataclass(frozen=True)
class CsvDialect:
    """How a flavour writes: what stands before all, between cells and after a row, and a text."""

    mark: bytes
    comma: str
    end: str
    cell: Callable[[str], str]

    def row(self, cells: Iterable[str | float | None]) -> bytes:
        """A row of texts and numbers; None is an empty cell."""
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
    # The first row leaves with the head: what goes wrong with it is an error, not a short file.
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
