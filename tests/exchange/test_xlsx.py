import io
import zipfile

import openpyxl
import pytest

from cstoannot.annotations.queries import AnnotationFilter
from cstoannot.core.errors import TooLarge
from cstoannot.exchange.formats import xlsx
from cstoannot.exchange.formats.registry import FORMATS, build_export_request, describe_format
from cstoannot.exchange.formats.workbook import LONGEST_CELL, CellEncoder
from cstoannot.exchange.row_pages.output import read_rows
from cstoannot.exchange.row_pages.rows import COLUMNS
from tests.builders import add_source, annotate, assign_to
from tests.exchange.reading import file_of


def _book(scope, **options):
    return openpyxl.load_workbook(io.BytesIO(file_of(scope, "xlsx", **options)))


def _asked(scope):
    return build_export_request(scope, FORMATS["xlsx"], AnnotationFilter())


def test_openpyxl_reads_every_row(world, odd):
    sheet = _book(world.lead)["annotations"]
    head, *rows = sheet.iter_rows(values_only=True)
    assert head == tuple(COLUMNS)
    expected = [
        tuple(
            {True: "true", False: "false"}[value]
            if name in ("stale", "after_look")
            else value or None
            if isinstance(value, str)
            else value
            for name, value in row._asdict().items()
        )
        for row in read_rows(_asked(world.lead))
    ]
    assert rows == expected


def test_no_cell_is_a_formula(world, odd):
    cells = [cell for sheet in _book(world.lead) for row in sheet for cell in row]
    assert {cell.data_type for cell in cells} == {"n", "s"}
    dangerous = [cell for cell in cells if str(cell.value)[:1] in ("=", "+", "-", "@", "\t")]
    assert len(dangerous) > 4
    assert all(cell.quotePrefix for cell in dangerous)


def test_codebook_sources_and_read_me_are_beside(world, odd):
    book = _book(world.lead)
    assert book.sheetnames == ["annotations", "codebook", "sources", "read me"]
    codes = list(book["codebook"].iter_rows(min_row=2, max_col=3, values_only=True))
    assert codes == [
        ("failure", "Failure", "Failure"),
        ("plea", "Plea", "Failure > Plea"),
        ("odd-code", 'Odd, "code"', 'Failure > Odd, "code"'),
    ]
    titles = [row[1] for row in book["sources"].iter_rows(min_row=2, values_only=True)]
    assert titles == ["Shared", "Bobs", "Beths", "=SUM(1) “odd”"]
    assert ("cells cut", "0 of more than 32,767 characters; they end with …") in list(
        book["read me"].iter_rows(values_only=True)
    )


def test_same_data_give_the_same_bytes(world, odd):
    assert file_of(world.lead, "xlsx") == file_of(world.lead, "xlsx")
    archive = zipfile.ZipFile(io.BytesIO(file_of(world.lead, "xlsx")))
    assert archive.testzip() is None
    assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


def test_cells_hold_what_xml_cannot(world):
    cells = CellEncoder()
    assert cells.content("a\x00\x0b\ufffe") == "a���".encode()
    assert cells.content("<&>\r\n\t") == b"&lt;&amp;&gt;&#13;\n\t"
    assert cells.content("_x0041_ _x") == b"_x005F_x0041_ _x"
    assert (cells.cut, cells.replaced) == (0, 1)


@pytest.mark.parametrize("letter", ["a", "🙂"])
def test_long_cells_are_cut_and_counted(letter):
    cells = CellEncoder()
    units = len(letter.encode("utf-16-le")) // 2
    fits = letter * (LONGEST_CELL // units)
    assert cells.content(fits).decode() == fits
    cut = cells.content(fits + letter).decode()
    assert len(cut.encode("utf-16-le")) // 2 <= LONGEST_CELL
    assert cut == letter * (len(cut) - 1) + "…"
    assert cells.cut == 1


@pytest.mark.parametrize("text", ["word " * 7_000, "🙂" * 16_400], ids=["words", "emoji"])
def test_long_passages_are_told_before(world, text):
    source = add_source(world.lead, "Long", text)
    assign_to(world.lead, source, world.bob)
    annotate(world.scope(world.bob), source, text)
    asked = _asked(world.lead)
    assert (
        "1 passage of more than 32,767 characters will be cut there"
        in describe_format(FORMATS["xlsx"], asked).loses
    )
    sheet = _book(world.lead)["annotations"]
    cells = [row[15] for row in sheet.iter_rows(min_row=2, values_only=True)]
    longest = max(len(cell.encode("utf-16-le")) // 2 for cell in cells)
    assert LONGEST_CELL - 1 <= longest <= LONGEST_CELL


def test_more_rows_than_a_sheet_holds_are_refused(world, monkeypatch):
    monkeypatch.setattr(xlsx, "MOST", 4)
    with pytest.raises(TooLarge, match="can hold 4 rows, but there are 5"):
        file_of(world.lead, "xlsx")
    told = describe_format(FORMATS["xlsx"], _asked(world.lead))
    assert (told.rows, told.refused[:42]) == (None, "A sheet can hold 4 rows, but there are 5. ")
