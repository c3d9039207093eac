from collections.abc import Iterable, Mapping, Sequence
from typing import Any, BinaryIO

from django.db.models import F

from cstoannot.codebook.models import Code
from cstoannot.codebook.queries import visible_codes
from cstoannot.core.errors import TooLarge
from cstoannot.core.plurals import count_of
from cstoannot.exchange.formats.base import ExportFormat, ExportRequest, count_exported_annotations
from cstoannot.exchange.formats.workbook import (
    EMPTY,
    LONGEST_CELL,
    MOST_ROWS,
    ROW,
    CellEncoder,
    Workbook,
    is_too_long_for_cell,
    render_cell_row,
    render_number_cell,
)
from cstoannot.exchange.queries import exportable_annotations, load_code_facts
from cstoannot.exchange.row_pages.cells import CellStyle
from cstoannot.exchange.row_pages.output import write_lines
from cstoannot.exchange.row_pages.rows import COLUMNS
from cstoannot.sources.queries import visible_sources

MOST = MOST_ROWS - 1
SHEETS = ("annotations", "codebook", "sources", "read me")
QUOTES_AT_ONCE = 100  # quotes that may be too long for a cell
LARGE = 300_000  # from this many rows on, a sheet may exceed 2 GiB
_WIDTHS = {
    "quote": 60,
    "note": 30,
    "source_title": 30,
    "code_path": 30,
    "id": 12,
    "text_sha256": 12,
}
_USUAL_WIDTH = 14
_NUMBERS = ("source", "start", "end", "version", "revision")
_PLAIN_TEXTS = ("id", "layer", "stale", "after_look", "created_at", "updated_at")
_CODE_COLUMNS = (
    "code",
    "name",
    "path",
    "colour",
    "claim",
    "definition",
    "include",
    "exclude",
    "example",
    "meaning_revision",
    "retired_at",
)
_SOURCE_COLUMNS = (
    "id",
    "title",
    "publisher",
    "author",
    "published",
    "url",
    "language",
    "group",
    "note",
    "length",
    "words",
    "sha256",
)


_CELLS = {name: '<c t="inlineStr"><is><t>%s</t></is></c>' for name in _PLAIN_TEXTS}
_CELLS |= dict.fromkeys(_NUMBERS, "<c><v>%s</v></c>")
_LINE = "".join(_CELLS.get(name, "%s") for name in COLUMNS).join(map(bytes.decode, ROW))


def write_xlsx(asked: ExportRequest, file: BinaryIO) -> None:
    cells = CellEncoder()
    style = CellStyle(lambda text: cells.text(text).decode(), nobody=EMPTY.decode())
    widths = [_WIDTHS.get(name, _USUAL_WIDTH) for name in COLUMNS]
    large = count_exported_annotations(asked) > LARGE
    with Workbook(file, SHEETS) as book:
        with book.sheet("annotations", list(COLUMNS), widths, large=large) as sheet:
            for written in write_lines(asked, _LINE, style):
                sheet.write(written)
        _write_xlsx_table(book, "codebook", _CODE_COLUMNS, _load_xlsx_codes(asked), cells)
        _write_xlsx_table(book, "sources", _SOURCE_COLUMNS, _load_xlsx_sources(asked), cells)
        _write_xlsx_table(
            book, "read me", ("what", "meaning"), _describe_xlsx_sheets(asked, cells), cells
        )


def _write_xlsx_table(
    book: Workbook,
    name: str,
    head: Sequence[str],
    rows: Iterable[Sequence[Any]],
    cells: CellEncoder,
) -> None:
    widths = [_WIDTHS.get(title, 60 if name == "read me" else 20) for title in head]
    with book.sheet(name, head, widths) as sheet:
        for values in rows:
            sheet.write(
                render_cell_row(
                    [render_number_cell(v) if isinstance(v, int) else cells.text(v) for v in values]
                )
            )


def _load_xlsx_codes(asked: ExportRequest) -> Iterable[Sequence[Any]]:
    facts = load_code_facts(asked.scope)
    return [_build_xlsx_code_row(code, facts[code.pk].path) for code in visible_codes(asked.scope)]


def _build_xlsx_code_row(code: Code, path: str) -> Sequence[Any]:
    shown: Mapping[str, Any] = {
        "code": code.slug,
        "path": path,
        "retired_at": code.retired_at.isoformat() if code.retired_at else "",
    }
    return [shown[name] if name in shown else getattr(code, name) for name in _CODE_COLUMNS]


def _load_xlsx_sources(asked: ExportRequest) -> Iterable[Sequence[Any]]:
    found = visible_sources(asked.scope)
    if asked.filters.sources:
        found = found.filter(pk__in=asked.filters.sources)
    return found.values_list(*_SOURCE_COLUMNS).iterator(chunk_size=1_000)


def _describe_xlsx_sheets(asked: ExportRequest, cells: CellEncoder) -> Iterable[Sequence[str]]:
    """Return the content of the other sheets; call it last, when losses are known."""
    project = asked.scope.project
    yield "project", f"{project.name} ({project.slug})"
    yield (
        "offsets",
        (
            "start and end count Unicode code points from 0; end is the character after the last. "
            "Excel's own functions count UTF-16 units, which differ after emoji and the like."
        ),
    )
    yield from ((name, meaning) for name, meaning in COLUMNS.items() if meaning)
    yield "cells cut", f"{cells.cut:,} of more than {LONGEST_CELL:,} characters; they end with …"
    yield "cells changed", f"{cells.replaced:,} with characters that XML cannot hold, now U+FFFD"


def _check_sheet_row_count(asked: ExportRequest) -> None:
    count = count_exported_annotations(asked)
    if count > MOST:
        raise TooLarge(
            f"A sheet can hold {MOST:,} rows, but there are {count:,}. Use the filters to export "
            f"a part, or use CSV.",
            field="format",
        )


def _describe_xlsx_losses(asked: ExportRequest) -> Sequence[str]:
    perhaps = exportable_annotations(asked.scope, asked.filters).filter(
        end__gt=F("start") + LONGEST_CELL // 2
    )
    quotes = perhaps.order_by().values_list("quote", flat=True).iterator(QUOTES_AT_ONCE)
    long = sum(is_too_long_for_cell(quote) for quote in quotes)
    if not long:
        return ()
    passages = count_of(long, "passage")
    return (f"{passages} of more than {LONGEST_CELL:,} characters will be cut there",)


FORMAT = ExportFormat(
    key="xlsx",
    title="Excel workbook",
    extension="xlsx",
    media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    readers="Excel, LibreOffice, Google Sheets: annotations, codebook, sources and a read-me.",
    carries=(
        "everything that CSV carries, with numbers as numbers and texts that never run as formulas",
        "the codebook with claims, definitions, examples and colours",
        "what is known of the sources, with the hashes of their texts",
    ),
    loses=(
        "the texts themselves, beyond the passages",
        f"cells end after {LONGEST_CELL:,} characters, and control characters become U+FFFD; the "
        "read-me sheet says how many",
        "speakers' notes, history, members",
    ),
    write=write_xlsx,
    check=_check_sheet_row_count,
    warn=_describe_xlsx_losses,
    name=lambda asked: "annotations",
)
