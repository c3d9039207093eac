import csv
import io

import pytest

from cstoannot.annotations.queries import AnnotationFilter
from cstoannot.core.errors import Forbidden, Invalid
from cstoannot.exchange.formats.registry import FORMATS, build_export_request, describe_format
from tests.builders import add_source, annotate, assign_to, finish
from tests.exchange.reading import file_of


@pytest.fixture
def done(world):
    for user in (world.bob, world.beth):
        finish(world.scope(user), world.shared)
    odd = add_source(world.lead, "=SUM(1)", "Nobody came. Nobody 🙂 will.", publisher="@paper")
    assign_to(world.lead, odd, world.bob)
    annotate(world.scope(world.bob), odd, "Nobody 🙂 will.", stance="opposes")
    finish(world.scope(world.bob), odd)
    return world


def _table(data):
    text = io.StringIO(data.decode("utf-8-sig"), newline="")
    return list(csv.DictReader(text, strict=True))


@pytest.mark.parametrize("by", ["source", "publisher", "group", "speaker"])
def test_cells_are_those_of_the_comparison(done, api, by):
    voice = "&voice=everyone" if by == "speaker" else ""
    told = api(done.alice).get(f"{done.api}comparison/?by={by}{voice}").json()
    table = _table(file_of(done.lead, "matrix", by=by))
    cells = {
        (str(cell.get("source", cell.get("actor"))), claim["code"]): (claim, cell)
        for claim in told["claims"]
        for cell in claim["cells"]
    }
    assert (
        len(table)
        == len(cells)
        == FORMATS["matrix"].count(
            build_export_request(done.lead, FORMATS["matrix"], AnnotationFilter(), {"by": by})
        )
    )
    for row in table:
        claim, cell = cells[row["key"], row["code"]]
        for name in ("state", "supports", "opposes", "mixed", "mentioned"):
            assert row[name] == str(cell[name])
        balance = float(row["balance"]) if row["balance"] else None
        assert balance == cell["balance"]
        assert (row["verdict"], row["claim"]) == (claim["verdict"], claim["claim"])
        assert row["tentative"].split() == claim["tentative"]
        if by == "source":
            readers = {name: row[f"coders_{name}"] or "0" for name in cell["readers"]}
            assert readers == {name: str(number) for name, number in cell["readers"].items()}


def test_wide_has_a_column_for_each_claim(done):
    cells = {
        (row["key"], row["code_name"]): row["balance"]
        for row in _table(file_of(done.lead, "matrix"))
    }
    for row in _table(file_of(done.lead, "matrix", layout="wide")):
        key, _ = row.pop("key"), row.pop("name")
        assert row == {name: cells[key, name] for name in row}


def test_spreadsheets_run_no_cell(done):
    names = {row["name"] for row in _table(file_of(done.lead, "matrix", flavour="spreadsheets"))}
    assert "'=SUM(1)" in names
    assert "=SUM(1)" in {row["name"] for row in _table(file_of(done.lead, "matrix"))}


def test_filters_are_those_of_compare(done):
    filters = AnnotationFilter(
        sources=[done.shared.pk], codes=["failure"], annotators=["bob"], voices=[""]
    )
    (row,) = _table(file_of(done.lead, "matrix", filters))
    assert (row["code"], row["supports"], row["opposes"]) == ("failure", "1", "0")
    for filters in (
        AnnotationFilter(q="came"),
        AnnotationFilter(stances=["opposes"]),
    ):
        with pytest.raises(Invalid, match="leave the other filters out"):
            file_of(done.lead, "matrix", filters)


def test_annotators_are_compared_in_their_own_coding(done):
    bob = done.scope(done.bob)
    shared = [row for row in _table(file_of(bob, "matrix")) if row["name"] == "Shared"]
    assert [(row["supports"], row["opposes"]) for row in shared] == [("1", "0")]
    asked = build_export_request(bob, FORMATS["matrix"], AnnotationFilter(annotators=["beth"]))
    assert "their own coding" in describe_format(FORMATS["matrix"], asked).refused
    with pytest.raises(Forbidden):
        file_of(bob, "matrix", AnnotationFilter(annotators=["beth"]))


@pytest.mark.parametrize("name", ["author", "everyone", "speaker:author", "speaker:"])
def test_speaker_asked_for_is_the_one_of_that_name(done, name):
    bob, counts = done.scope(done.bob), ("supports", "opposes")
    heard = (
        ("Nobody", name, "opposes"),
        ("came.", "author", "supports"),
        ("all", "somebody", "mixed"),
    )
    for quote, voice, stance in heard:
        annotate(bob, done.shared, quote, voice=voice, stance=stance)
    filters = AnnotationFilter(voices=[name], annotators=["bob"])
    asked = build_export_request(done.lead, FORMATS["matrix"], filters)
    assert FORMATS["matrix"].write is None
    rows = _table(b"".join(FORMATS["matrix"].stream(asked)))
    found = [tuple(row[count] for count in counts) for row in rows]
    assert [one for one in found if one != ("0", "0")] == [
        ("1", "1") if name == "author" else ("0", "1")
    ]
