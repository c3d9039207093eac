import csv
import io

import pytest

from cstoannot.annotations.queries import AnnotationFilter
from cstoannot.core.formulas import FORMULA_STARTS
from cstoannot.exchange.formats.registry import FORMATS, build_export_request, describe_format
from cstoannot.exchange.row_pages.output import read_rows
from cstoannot.exchange.row_pages.rows import COLUMNS
from tests.exchange.reading import ODD, file_of, stored

SPREADSHEETS = [("spreadsheets", ","), ("spreadsheets-semicolon", ";")]


def _table(data: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    text = io.StringIO(data.decode("utf-8-sig"), newline="")
    return list(csv.DictReader(text, delimiter=delimiter, strict=True))


def test_scripts_get_every_cell_unaltered(world, odd):
    data = file_of(world.lead, "csv")
    assert data.startswith(b"id,source,") and data.endswith(b"Z\n") and b"\r\n" not in data[:400]
    table = _table(data)
    assert list(table[0]) == list(COLUMNS)
    for row, one in zip(table, stored(world.lead), strict=True):
        assert row["id"] == str(one["id"])
        for name in ("quote", "note", "voice", "stance", "code", "layer", "annotator"):
            assert row[name] == (one[name] or "")
        for name in ("source", "start", "end", "version", "revision"):
            assert row[name] == str(one[name])
    assert ODD in {row["quote"] for row in table}
    assert {row["note"] for row in table} >= {"\t=cmd\r\nnext", "=1"}


@pytest.mark.parametrize(("flavour", "delimiter"), SPREADSHEETS)
def test_spreadsheets_get_no_cell_that_they_would_run(world, odd, flavour, delimiter):
    data = file_of(world.lead, "csv", flavour=flavour)
    assert data.startswith("\ufeffid".encode()) and data.endswith(b"Z\r\n")
    guarded, plain = _table(data, delimiter), _table(file_of(world.lead, "csv"))
    cells = [cell for row in guarded for cell in row.values()]
    assert [cell for cell in cells if cell.startswith(FORMULA_STARTS)] == []
    changed = 0
    for row, was in zip(guarded, plain, strict=True):
        for name, cell in row.items():
            if cell != was[name]:
                assert (cell, was[name].startswith(FORMULA_STARTS)) == (f"'{was[name]}", True)
                changed += 1
    # title, publisher, author of three rows; the passage; two notes; a voice.
    assert changed == 3 * 3 + 1 + 2 + 1


def test_file_says_for_whom_it_is(world):
    format = FORMATS["csv"]
    names = {
        flavour: format.file_name(
            build_export_request(world.lead, format, AnnotationFilter(), {"flavour": flavour})
        )
        for flavour in format.options[0].choices
    }
    assert names == {
        "scripts": "alliances-annotations-for-scripts.csv",
        "spreadsheets": "alliances-annotations-for-spreadsheets.csv",
        "spreadsheets-semicolon": "alliances-annotations-for-spreadsheets-semicolon.csv",
    }


def test_only_what_alters_cells_says_so(world):
    def told(flavour):
        asked = build_export_request(
            world.lead, FORMATS["csv"], AnnotationFilter(), {"flavour": flavour}
        )
        return [
            line for line in describe_format(FORMATS["csv"], asked).loses if "apostrophe" in line
        ]

    assert (len(told("scripts")), len(told("spreadsheets"))) == (0, 1)


def test_passages_are_what_the_text_says_there(world, odd):
    texts = {source.pk: source.text for source in (world.shared, world.beths, odd)}
    for row in read_rows(build_export_request(world.lead, FORMATS["csv"], AnnotationFilter())):
        assert texts[row.source][row.start : row.end] == row.quote
