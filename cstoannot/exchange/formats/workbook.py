"""Office Open XML workbooks, written in constant memory; the same rows give the same bytes.

The usual library stores the time in the file and needs 26 calls per row. This module writes the
part of ECMA-376 that a table needs: sheets of inline strings and numbers.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO
from xml.sax.saxutils import escape, quoteattr

from cstoannot.core.formulas import looks_like_formula
from cstoannot.exchange.archive.layout import build_zip_entry

MOST_ROWS = 1_048_576  # in a sheet, including the header
LONGEST_CELL = 32_767  # UTF-16 units
EMPTY = b"<c/>"
ROW = b"<row>", b"</row>"
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_LONE_BREAKS = {"\r": "&#13;"}

_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_ROOT = (
    f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>'
)
# Cell styles: 0 plain, 1 column header, 2 text that looks like a formula but is text.
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/>'
    '</font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill>'
    '<patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="3"><xf/><xf fontId="1" applyFont="1"/><xf quotePrefix="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


class CellEncoder:
    """Encodes texts as cells, and counts texts that had to be changed."""

    def __init__(self) -> None:
        self.cut = 0
        self.replaced = 0

    def text(self, text: str) -> bytes:
        """Encode a text cell, never a formula."""
        if not text:
            return EMPTY
        style = b' s="2"' if looks_like_formula(text) else b""
        return b'<c t="inlineStr"%b><is><t xml:space="preserve">%b</t></is></c>' % (
            style,
            self.content(text),
        )

    def content(self, text: str) -> bytes:
        """Escape the text for XML and Excel; replace forbidden characters and cut long texts."""
        if is_too_long_for_cell(text):
            text = self._shortened(text)
        if _UNWRITABLE.search(text):
            self.replaced += 1
            text = _UNWRITABLE.sub("\ufffd", text)
        return escape(_LOOKS_ESCAPED.sub("_x005F_", text), _LONE_BREAKS).encode()

    def _shortened(self, text: str) -> str:
        units = text.encode("utf-16-le")
        self.cut += 1
        return units[: 2 * (LONGEST_CELL - 1)].decode("utf-16-le", "ignore") + "…"


def is_too_long_for_cell(text: str) -> bool:
    """Return whether the text is longer than LONGEST_CELL UTF-16 units."""
    return len(text) > LONGEST_CELL // 2 and len(text.encode("utf-16-le")) > 2 * LONGEST_CELL


def render_number_cell(value: int) -> bytes:
    return b"<c><v>%d</v></c>" % value


def render_cell_row(cells: Sequence[bytes]) -> bytes:
    return b"".join(cells).join(ROW)


class Workbook:
    """A workbook whose sheets are written in any order; `order`: the names in tab order."""

    def __init__(self, file: BinaryIO, order: Sequence[str]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._order = list(order)

    def __enter__(self) -> "Workbook":
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            self._frame()
        self._zip.close()

    @contextmanager
    def sheet(
        self, name: str, head: Sequence[str], widths: Sequence[int], *, large: bool = False
    ) -> Iterator[BinaryIO]:
        """Open a sheet, write its header and yield it for rows; `large` allows more than 2 GiB."""
        place = self._order.index(name) + 1
        part = build_zip_entry(f"xl/worksheets/sheet{place}.xml")
        with self._zip.open(part, "w", force_zip64=large) as sheet:
            sheet.write(_render_sheet_start(widths))
            cells = [
                b'<c t="inlineStr" s="1"><is><t>%b</t></is></c>' % escape(title).encode()
                for title in head
            ]
            sheet.write(render_cell_row(cells))
            yield sheet  # type: ignore[misc]  # a zip entry has the file methods that are used
            sheet.write(b"</sheetData></worksheet>")

    def _frame(self) -> None:
        """Write the list of sheets, the styles and the package's metadata."""
        numbers = range(1, len(self._order) + 1)
        names = [quoteattr(name) for name in self._order]
        self._add("xl/workbook.xml", _render_sheet_list(names))
        self._add("xl/_rels/workbook.xml.rels", _render_sheet_relations(numbers))
        self._add("xl/styles.xml", _STYLES)
        self._add("_rels/.rels", _ROOT)
        self._add("[Content_Types].xml", _render_content_types(numbers))

    def _add(self, name: str, content: str) -> None:
        self._zip.writestr(build_zip_entry(name), _HEAD + content)


def _render_sheet_list(names: Iterable[str]) -> str:
    sheets = "".join(
        f'<sheet name={name} sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, 1)
    )
    return f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'


def _render_sheet_relations(numbers: Iterable[int]) -> str:
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    return (
        f'<Relationships xmlns="{_RELATIONS}">{links}<Relationship Id="styles" '
        f'Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    )


def _render_content_types(numbers: Iterable[int]) -> str:
    sheets = {f"worksheets/sheet{n}": "worksheet" for n in numbers}
    parts = {"workbook": "sheet.main", "styles": "styles", **sheets}
    return (
        f'<Types xmlns="{_TYPES}"><Default Extension="rels" ContentType="application/'
        'vnd.openxmlformats-package.relationships+xml"/>'
        + "".join(
            f'<Override PartName="/xl/{part}.xml" ContentType="{_KIND}.{kind}+xml"/>'
            for part, kind in parts.items()
        )
        + "</Types>"
    )


def _render_sheet_start(widths: Sequence[int]) -> bytes:
    """Render the start of a sheet: column widths in characters, and a frozen header."""
    columns = "".join(
        f'<col min="{place}" max="{place}" width="{width}" customWidth="1"/>'
        for place, width in enumerate(widths, 1)
    )
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane '
        'ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView>'
        f"</sheetViews><cols>{columns}</cols><sheetData>"
    ).encode()
