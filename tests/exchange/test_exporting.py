import csv
import io
import json

import pytest

from cstoannot.annotations.queries import Filters, finish, rows, visible_annotations
from cstoannot.core.errors import Invalid, NotFound
from cstoannot.exchange import exporting
from cstoannot.exchange.exporting import export, rows_of
from cstoannot.exchange.registry import FORMATS, ask, get_format
from cstoannot.exchange.rows import COLUMNS, Row
from tests.builders import add_code, add_source, annotate, assign_to

ODD = '=1+1 🙂 cafe\u0301 “q” a,b;c\tשָׁלוֹם עולם\n-second "line"\u2028end'


def _bytes(scope, key, filters=None, **options):
    format = get_format(key)
    return b"".join(export(format, ask(scope, format, filters or Filters(), options)).chunks)


def _stored(scope):
    found = rows(visible_annotations(scope)).order_by("source_id", "start", "id")
    return [finish(row) for row in found]


@pytest.fixture
def odd(world):
    """Passages that formats could stumble over."""
    source = add_source(world.lead, "=SUM(1) “odd”", ODD, publisher="+1", author="@a, b")
    add_code(world.lead, 'Odd, "code"', parent="failure")
    assign_to(world.lead, source, world.bob)
    bob = world.scope(world.bob)
    annotate(bob, source, ODD, "odd-code", voice="-minus", note="\t=cmd\r\nnext")
    annotate(bob, source, "🙂 cafe\u0301", stance="mixed", note="=1")
    annotate(bob, source, "שָׁלוֹם", stance="opposes")
    return source


def test_rows_are_the_visible_annotations(world, odd):
    found = list(rows_of(ask(world.lead, get_format("jsonl"), Filters())))
    assert [row.id for row in found] == [str(one["id"]) for one in _stored(world.lead)]
    assert Row._fields == tuple(COLUMNS)


def test_pages_of_any_size_hold_every_row_once(world, odd, monkeypatch):
    whole = _bytes(world.lead, "jsonl")
    for size in (1, 2, 3, 4, 7):
        monkeypatch.setattr(exporting, "PAGE", size)
        assert _bytes(world.lead, "jsonl") == whole


def test_jsonl_reads_as_the_database(world, odd):
    found = [json.loads(line) for line in _bytes(world.lead, "jsonl").decode().split("\n")[:-1]]
    for row, stored in zip(found, _stored(world.lead), strict=True):
        stored["id"] = str(stored["id"])
        for name in ("created_at", "updated_at"):
            stored[name] = stored[name].isoformat().replace("+00:00", "Z")
        assert {name: row[name] for name in stored} == stored


def test_rows_and_lines_say_the_same(world, odd):
    found = list(rows_of(ask(world.lead, get_format("jsonl"), Filters())))
    lines = _bytes(world.lead, "jsonl").decode().split("\n")[:-1]
    assert [row._asdict() for row in found] == [json.loads(line) for line in lines]
    table = csv.DictReader(io.StringIO(_bytes(world.lead, "csv").decode(), newline=""))
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
    assert _bytes(world.lead, "jsonl", nothing) == b""
    assert _bytes(world.lead, "csv", nothing).decode() == ",".join(COLUMNS) + "\n"
    assert _bytes(world.lead, "csv", Filters(stale=True)).decode() == ",".join(COLUMNS) + "\n"


def test_unknown_formats_and_options_are_refused(world):
    with pytest.raises(NotFound):
        get_format("docx")
    with pytest.raises(Invalid) as refused:
        ask(world.lead, FORMATS["csv"], Filters(), {"flavour": "excel"})
    assert refused.value.field == "flavour"
    with pytest.raises(Invalid):
        ask(world.lead, FORMATS["jsonl"], Filters(), {"flavour": "scripts"})
