import csv
import io
import json
from collections import Counter
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cstoannot.annotations.queries import AnnotationFilter
from cstoannot.core.errors import Invalid, NotFound
from cstoannot.exchange.formats.registry import FORMATS, build_export_request, require_format
from cstoannot.exchange.row_pages import cells, stored_rows
from cstoannot.exchange.row_pages.output import read_row_pages, read_rows
from cstoannot.exchange.row_pages.rows import COLUMNS, ExportRow
from cstoannot.projects.actions import change_project
from tests.builders import annotate, finish
from tests.exchange.reading import file_of, stored

FLAGS = ("stale", "after_look")


def test_rows_are_the_visible_annotations(world, odd):
    found = list(
        read_rows(build_export_request(world.lead, require_format("jsonl"), AnnotationFilter()))
    )
    assert [row.id for row in found] == [str(one["id"]) for one in stored(world.lead)]
    assert ExportRow._fields == tuple(COLUMNS)


def test_pages_of_any_size_hold_every_row_once(world, odd, monkeypatch):
    whole = file_of(world.lead, "jsonl")
    for size, first, full, ahead in product((1, 2, 3, 4, 7), (1, 2, 7), (1, 99, 9999), (1, 9)):
        monkeypatch.setattr(stored_rows, "PAGE", size)
        monkeypatch.setattr(stored_rows, "FIRST", first)
        monkeypatch.setattr(stored_rows, "FULL", full)
        monkeypatch.setattr(cells, "AHEAD", ahead)
        assert file_of(world.lead, "jsonl") == whole


def sizes(scope) -> list[int]:
    return [
        len(page)
        for page in read_row_pages(
            build_export_request(scope, FORMATS["jsonl"], AnnotationFilter())
        )
    ]


def test_a_page_ends_by_the_length_of_its_texts_and_where_a_source_ends(world, odd, monkeypatch):
    by_source = Counter(one["source"] for one in stored(world.lead))
    assert [by_source[key] for key in sorted(by_source)] == [4, 1, 3]
    assert sizes(world.lead) == [8]
    monkeypatch.setattr(stored_rows, "FIRST", 5)
    assert sizes(world.lead) == [4, 4]
    monkeypatch.setattr(stored_rows, "FULL", 1)
    assert sizes(world.lead) == [4, 1, 3]
    monkeypatch.setattr(stored_rows, "PAGE", 2)
    assert sizes(world.lead) == [2, 2, 1, 2, 1]


def test_sources_are_asked_for_once_in_many_pages(world, odd, monkeypatch):
    monkeypatch.setattr(stored_rows, "PAGE", 1)
    with CaptureQueriesContext(connection) as asked:
        assert len(sizes(world.lead)) > 3
    assert sum("publisher" in query["sql"] for query in asked) == 1


def test_jsonl_reads_as_the_database(world, odd):
    found = [json.loads(line) for line in file_of(world.lead, "jsonl").decode().split("\n")[:-1]]
    for row, one in zip(found, stored(world.lead), strict=True):
        one["id"] = str(one["id"])
        for name in ("created_at", "updated_at"):
            one[name] = one[name].isoformat().replace("+00:00", "Z")
        assert {name: row[name] for name in one} == one


def test_rows_and_lines_say_the_same(world, odd):
    found = list(
        read_rows(build_export_request(world.lead, require_format("jsonl"), AnnotationFilter()))
    )
    lines = file_of(world.lead, "jsonl").decode().split("\n")[:-1]
    assert [row._asdict() for row in found] == [json.loads(line) for line in lines]
    table = csv.DictReader(io.StringIO(file_of(world.lead, "csv").decode(), newline=""))
    written = [
        {
            name: "" if value is None else str(value).lower() if name in FLAGS else str(value)
            for name, value in row._asdict().items()
        }
        for row in found
    ]
    assert list(table) == written


def test_rows_saved_after_a_look_are_marked_in_every_format_of_lines(world):
    change_project(world.lead, visibility="done")
    for user in (world.bob, world.beth):
        finish(world.scope(user), world.shared)
    marked = str(annotate(world.scope(world.bob), world.shared, "Naïve", "plea")["id"])
    for scope in (world.lead, world.scope(world.bob)):
        found = list(
            read_rows(build_export_request(scope, require_format("jsonl"), AnnotationFilter()))
        )
        assert [row.id for row in found if row.after_look] == [marked]
        lines = file_of(scope, "jsonl").decode().split("\n")[:-1]
        assert [row._asdict() for row in found] == [json.loads(line) for line in lines]
        table = csv.DictReader(io.StringIO(file_of(scope, "csv").decode(), newline=""))
        assert [row["id"] for row in table if row["after_look"] == "true"] == [marked]
    beths = file_of(world.scope(world.beth), "csv").decode()
    assert marked not in beths and ",true," not in beths


def test_export_of_nothing_is_a_head_alone(world):
    nothing = AnnotationFilter(codes=["no-such-code"])
    assert file_of(world.lead, "jsonl", nothing) == b""
    assert file_of(world.lead, "csv", nothing).decode() == ",".join(COLUMNS) + "\n"
    assert (
        file_of(world.lead, "csv", AnnotationFilter(stale=True)).decode()
        == ",".join(COLUMNS) + "\n"
    )


def test_unknown_formats_and_options_are_refused(world):
    with pytest.raises(NotFound):
        require_format("docx")
    with pytest.raises(Invalid) as refused:
        build_export_request(world.lead, FORMATS["csv"], AnnotationFilter(), {"flavour": "excel"})
    assert refused.value.field == "flavour"
    with pytest.raises(Invalid):
        build_export_request(
            world.lead, FORMATS["jsonl"], AnnotationFilter(), {"flavour": "scripts"}
        )
