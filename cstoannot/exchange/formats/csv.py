from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from cstoannot.core.formulas import guard_formula
from cstoannot.exchange.exporting import pages
from cstoannot.exchange.formats.kinds import Asked, Format, Option
from cstoannot.exchange.formats.lines import Shape, lines
from cstoannot.exchange.rows import COLUMNS, Joined, Row

FLAVOUR = Option(
    "flavour",
    "For",
    {
        "scripts": "scripts (R, pandas): UTF-8, every cell unaltered",
        "spreadsheets": "spreadsheets: opens by a click, cells cannot act as formulas",
        "spreadsheets-semicolon": "spreadsheets where a comma is the decimal mark",
    },
)


def plain(text: str) -> bytes:
    """A cell as RFC 4180 has it; an empty one is empty."""
    return b'"%b"' % text.encode().replace(b'"', b'""') if text else b""


def guarded(text: str) -> bytes:
    """The same, led by an apostrophe where a spreadsheet would run it."""
    return plain(guard_formula(text))


def all_plain(column: Joined) -> Sequence[bytes]:
    """`plain` for a column."""
    text, mark = column.text, column.mark
    inside = text.replace(b'"', b'""').replace(mark, mark.join((b'"', b'"')))
    cells = replace(column, text=b'"%b"' % inside).each()
    if text.startswith(mark) or text.endswith(mark) or mark * 2 in text or not text:
        return [b"" if cell == b'""' else cell for cell in cells]
    return cells


def all_guarded(column: Joined) -> Sequence[bytes]:
    """`guarded` for a column."""
    return [guarded(text.decode()) for text in column.each()]


def plain_insides(column: Joined) -> Sequence[bytes]:
    """What stands between the quotes of passages."""
    return replace(column, text=column.text.replace(b'"', b'""')).each()


def guarded_insides(column: Joined) -> Sequence[bytes]:
    return [cell[1:-1] for cell in all_guarded(column)]


@dataclass(frozen=True)
class Dialect:
    """How a flavour writes: what stands before all, between cells and after a row, and a text."""

    mark: bytes
    comma: bytes
    end: bytes
    cell: Callable[[str], bytes]
    cells: Callable[[Joined], Sequence[bytes]]
    insides: Callable[[Joined], Sequence[bytes]]

    def row(self, cells: Iterable[str | float | None]) -> bytes:
        """A row of texts and numbers; None is an empty cell."""
        return self.comma.join(map(self._written, cells)) + self.end

    def _written(self, value: str | float | None) -> bytes:
        if value is None:
            return b""
        return self.cell(value) if isinstance(value, str) else repr(value).encode()


DIALECTS = {
    "scripts": Dialect(b"", b",", b"\n", plain, all_plain, plain_insides),
    "spreadsheets": Dialect(
        "\ufeff".encode(), b",", b"\r\n", guarded, all_guarded, guarded_insides
    ),
    "spreadsheets-semicolon": Dialect(
        "\ufeff".encode(), b";", b"\r\n", guarded, all_guarded, guarded_insides
    ),
}


def dialect_of(asked: Asked) -> Dialect:
    return DIALECTS[asked.options[FLAVOUR.key]]


def stream(asked: Asked) -> Iterator[bytes]:
    dialect = dialect_of(asked)
    shape = Shape(
        begin=b"",
        end=dialect.end,
        field=lambda name: b"" if name == Row._fields[0] else dialect.comma,
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
    for written in lines(pages(asked), shape):
        yield head + written
        head = b""
    if head:
        yield head


def warn(asked: Asked) -> Sequence[str]:
    if asked.options[FLAVOUR.key] == "scripts":
        return ()
    return (
        "cells that begin with = + - @, a tab or a line break gain an apostrophe in front, so that "
        "no spreadsheet runs them",
        "Excel cuts what a cell holds beyond 32,767 characters",
    )


FORMAT = Format(
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
    warn=warn,
    options=(FLAVOUR,),
    stream=stream,
    name=lambda asked: f"annotations-for-{asked.options[FLAVOUR.key]}",
)
