from collections.abc import Iterable, Mapping, Sequence
from typing import Any, BinaryIO

from django.db.models import F

from cstoannot.codebook.models import Code
from cstoannot.codebook.queries import visible_codes
from cstoannot.core.errors import TooLarge
from cstoannot.core.plurals import count_of
from cstoannot.exchange.exporting import pages
from cstoannot.exchange.formats.kinds import Asked, Format, count_annotations
from cstoannot.exchange.formats.lines import Shape, lines
from cstoannot.exchange.queries import code_facts, leaving
from cstoannot.exchange.rows import COLUMNS, Joined
from cstoannot.exchange.workbook import (
    EMPTY,
    LONGEST_CELL,
    MOST_ROWS,
    ROW,
    Cells,
    Workbook,
    is_too_long,
    number,
    row,
)
from cstoannot.sources.queries import visible_sources

MOST = MOST_ROWS - 1
SHEETS = ("annotations", "codebook", "sources", "read me")
QUOTES_AT_ONCE = 100  # of those that may be too long for a cell
LARGE = 300_000  # rows from which a sheet may grow beyond 2 GiB
_WIDTHS = {
    "quote": 60,
    "note": 30,
    "source_title": 30,
    "code_path": 30,
    "id": 12,
    "text_sha256": 12,
}
_USUAL_WIDTH = 14
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


def _shape(cells: Cells) -> Shape:
    text = b'<c t="inlineStr"><is><t>', b"</t></is></c>"

    def written(column: Joined) -> Sequence[bytes]:
        return [cells.text(one.decode()) for one in column.each()]

    return Shape(
        begin=ROW[0],
        end=ROW[1],
        field=lambda name: b"",
        number=(b"<c><v>", b"</v></c>"),
        word=text,
        passage=(b"", b""),
        passages=written,
        text=cells.text,
        texts=written,
        truths=(b"false".join(text), b"true".join(text)),
        nobody=EMPTY,
    )


def write(asked: Asked, file: BinaryIO) -> None:
    cells = Cells()
    shape = _shape(cells)
    widths = [_WIDTHS.get(name, _USUAL_WIDTH) for name in COLUMNS]
    large = count_annotations(asked) > LARGE
    with Workbook(file, SHEETS) as book:
        with book.sheet("annotations", list(COLUMNS), widths, large=large) as sheet:
            for written in lines(pages(asked), shape):
                sheet.write(written)
        _table(book, "codebook", _CODE_COLUMNS, _codes(asked), cells)
        _table(book, "sources", _SOURCE_COLUMNS, _sources(asked), cells)
        _table(book, "read me", ("what", "meaning"), _read_me(asked, cells), cells)


def _table(
    book: Workbook, name: str, head: Sequence[str], rows: Iterable[Sequence[Any]], cells: Cells
) -> None:
    widths = [_WIDTHS.get(title, 60 if name == "read me" else 20) for title in head]
    with book.sheet(name, head, widths) as sheet:
        for values in rows:
            sheet.write(row([number(v) if isinstance(v, int) else cells.text(v) for v in values]))


def _codes(asked: Asked) -> Iterable[Sequence[Any]]:
    facts = code_facts(asked.scope)
    return [_code(code, facts[code.pk].path) for code in visible_codes(asked.scope)]


def _code(code: Code, path: str) -> Sequence[Any]:
    shown: Mapping[str, Any] = {
        "code": code.slug,
        "path": path,
        "retired_at": code.retired_at.isoformat() if code.retired_at else "",
    }
    return [shown[name] if name in shown else getattr(code, name) for name in _CODE_COLUMNS]


def _sources(asked: Asked) -> Iterable[Sequence[Any]]:
    found = visible_sources(asked.scope)
    if asked.filters.sources:
        found = found.filter(pk__in=asked.filters.sources)
    return found.values_list(*_SOURCE_COLUMNS).iterator(chunk_size=1_000)


def _read_me(asked: Asked, cells: Cells) -> Iterable[Sequence[str]]:
    """What the other sheets hold; made last, when it is known what did not fit."""
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


def _check(asked: Asked) -> None:
    count = count_annotations(asked)
    if count > MOST:
        raise TooLarge(
            f"A sheet holds {MOST:,} rows, and these are {count:,}. Choose a part with the "
            "filters, or take CSV.",
            field="format",
        )


def _warn(asked: Asked) -> Sequence[str]:
    perhaps = leaving(asked.scope, asked.filters).filter(end__gt=F("start") + LONGEST_CELL // 2)
    quotes = perhaps.order_by().values_list("quote", flat=True).iterator(QUOTES_AT_ONCE)
    long = sum(is_too_long(quote) for quote in quotes)
    if not long:
        return ()
    passages = count_of(long, "passage")
    return (f"{passages} of more than {LONGEST_CELL:,} characters will be cut there",)


FORMAT = Format(
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
    write=write,
    check=_check,
    warn=_warn,
    name=lambda asked: "annotations",
)
