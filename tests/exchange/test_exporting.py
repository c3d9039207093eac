import csv
import io
import json

import pytest

from cstoannot.annotations.queries import Filters
from cstoannot.core.errors import Invalid, NotFound
from cstoannot.exchange import exporting
from cstoannot.exchange.exporting import rows_of
from cstoannot.exchange.registry import FORMATS, ask, get_format
from cstoannot.exchange.rows import COLUMNS, Row
from tests.exchange.reading import file_of, stored


def test_rows_are_the_visible_annotations(world, odd):
    found = list(rows_of(ask(world.lead, get_format("jsonl"), Filters())))
    assert [row.id for row in found] == [str(one["id"]) for one in stored(world.lead)]
    assert Row._fields == tuple(COLUMNS)


def test_pages_of_any_size_hold_every_row_once(world, odd, monkeypatch):
    whole = file_of(world.lead, "jsonl")
    for size in (1, 2, 3, 4, 7):
        monkeypatch.setattr(exporting, "PAGE", size)
        assert file_of(world.lead, "jsonl") == whole


def test_jsonl_reads_as_the_database(world, odd):
    found = [json.loads(line) for line in file_of(world.lead, "jsonl").decode().split("\n")[:-1]]
    for row, one in zip(found, stored(world.lead), strict=True):
        one["id"] = str(one["id"])
        for name in ("created_at", "updated_at"):
            one[name] = one[name].isoformat().replace("+00:00", "Z")
        assert {name: row[name] for name in one} == one


def test_rows_and_lines_say_the_same(world, odd):
    found = list(rows_of(ask(world.lead, get_format("jsonl"), Filters())))
    lines = file_of(world.lead, "jsonl").decode().split("\n")[:-1]
    assert [row._asdict() for row in found] == [json.loads(line) for line in lines]
    table = csv.DictReader(io.StringIO(file_of(world.lead, "csv").decode(), newline=""))
    written = [
        {
            name: ("" if value is None else str(value).lower() if name == "stale" else str(value))
            for name, value in row._asdict().items()
        }
        for row in found
    ]
    assert list(table) == written


def test_export_of_nothing_is_a_head_alone(world):
    nothing = Filters(codes=["no-such-code"])
    assert file_of(world.lead, "jsonl", nothing) == b""
    assert file_of(world.lead, "csv", nothing).decode() == ",".join(COLUMNS) + "\n"
    assert file_of(world.lead, "csv", Filters(stale=True)).decode() == ",".join(COLUMNS) + "\n"


def test_unknown_formats_and_options_are_refused(world):
    with pytest.raises(NotFound):
        get_format("docx")
    with pytest.raises(Invalid) as refused:
        ask(world.lead, FORMATS["csv"], Filters(), {"flavour": "excel"})
    assert refused.value.field == "flavour"
    with pytest.raises(Invalid):
        ask(world.lead, FORMATS["jsonl"], Filters(), {"flavour": "scripts"})
