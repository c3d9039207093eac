import csv
import io
import json
import tracemalloc
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cstoannot.accounts.actions import create_token
from cstoannot.annotations.models import Annotation
from cstoannot.codebook.actions import change_code
from cstoannot.exchange.formats import xlsx
from cstoannot.exchange.formats.registry import FORMATS
from cstoannot.exchange.row_pages import output, stored_rows
from tests.api.hostile import assert_problem
from tests.builders import add_source, annotate, assign_to, finish


def _read(answer):
    return b"".join(answer.streaming_content)


def _lines(answer):
    return [json.loads(line) for line in _read(answer).decode().split("\n")[:-1]]


def test_list_says_what_there_is(world, api):
    found = api(world.alice).get(f"{world.api}export/").json()["formats"]
    assert [one["key"] for one in found] == list(FORMATS)
    (csv_format,) = [one for one in found if one["key"] == "csv"]
    assert list(csv_format) == [
        *("key", "title", "extension", "media_type", "readers", "url", "rows", "refused"),
        *("rows_are", "streamed", "filtered", "options", "carries", "loses"),
    ]
    assert (csv_format["rows"], csv_format["refused"], csv_format["streamed"]) == (5, None, True)
    assert csv_format["options"][0]["key"] == "flavour"
    assert csv_format["url"] == f"http://testserver{world.api}export/csv/"


def test_list_counts_and_links_what_the_filters_leave(world, api):
    query = f"?code=failure&descendants=true&annotator=bob&source={world.shared.pk}"
    found = api(world.alice).get(f"{world.api}export/{query}").json()["formats"]
    (one,) = [one for one in found if one["key"] == "jsonl"]
    assert one["rows"] == 2
    assert len(_lines(api(world.alice).get(one["url"].removeprefix("http://testserver")))) == 2


def test_costly_counts_are_made_for_those_who_name_the_format(world, api):
    for user in (world.bob, world.beth):
        finish(world.scope(user), world.shared)
    client = api(world.alice)
    rows = {one["key"]: one["rows"] for one in client.get(f"{world.api}export/").json()["formats"]}
    costly = {key for key, format in FORMATS.items() if format.costly}
    assert {key for key, count in rows.items() if count is None} == costly
    (one,) = client.get(f"{world.api}export/?format=matrix&source={world.shared.pk}").json()[
        "formats"
    ]
    assert (one["key"], one["rows"]) == ("matrix", 1)
    assert one["url"].endswith(f"export/matrix/?source={world.shared.pk}")
    assert_problem(client.get(f"{world.api}export/?format=docx"), 400)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?layer=individual",
        "?layer=consensus",
        "?stance=none",
        "?stance=supports,mixed",
        "?code=plea",
        "?code=failure&descendants=true",
        "?annotator=beth",
        "?voice=The%20minister",
        "?voice=",
        "?stale=false",
        "?stale=true",
        "?q=Secret",
        "?updated_since=2026-01-01T00:00:00Z",
        "?updated_since=2100-01-01T00:00:00Z",
    ],
)
def test_filters_are_those_of_the_list(world, api, query):
    """Every field of the list stands in the export, with the same value."""
    client = api(world.alice)
    listed = client.get(f"{world.api}annotations/{query}").json()["results"]
    lines = _lines(client.get(f"{world.api}export/jsonl/{query}"))
    assert [
        {name: line[name] for name in one} for line, one in zip(lines, listed, strict=True)
    ] == (listed)


@pytest.mark.parametrize("key", FORMATS)
def test_file_has_its_name_and_type(world, api, key):
    for user in (world.bob, world.beth):
        finish(world.scope(user), world.shared)
    format = FORMATS[key]
    answer = api(world.alice).get(f"{world.api}export/{key}/")
    assert answer.status_code == 200
    assert answer["Content-Type"] == format.media_type
    assert answer["Content-Disposition"].startswith(f'attachment; filename="{world.slug}-')
    assert answer["Content-Disposition"].endswith(f'.{format.extension}"')
    assert answer["Cache-Control"] == "private, no-cache"
    size = len(_read(answer))
    assert ("Content-Length" in answer) is not format.streamed
    assert int(answer.get("Content-Length", size)) == size


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("docx/", 404, "not_found"),
        ("csv/?colour=red", 400, "malformed"),
        ("csv/?ordering=position", 400, "malformed"),
        ("jsonl/?flavour=scripts", 400, "malformed"),
        ("csv/?flavour=excel", 422, "invalid"),
        ("csv/?source=x", 400, "malformed"),
        ("csv/?updated_since=yesterday", 400, "malformed"),
        ("units/", 422, "invalid"),
        ("units/?stance=opposes", 422, "invalid"),
        ("?page_size=3", 400, "malformed"),
    ],
)
def test_errors_come_before_the_first_byte(world, api, path, status, code):
    answer = api(world.alice).get(f"{world.api}export/{path}")
    assert_problem(answer, status)
    assert answer.json()["type"] == f"urn:cstoannot:problem:{code}"


def test_too_many_rows_for_a_sheet_are_refused(world, api, monkeypatch):
    monkeypatch.setattr(xlsx, "MOST", 4)
    assert_problem(api(world.alice).get(f"{world.api}export/xlsx/"), 413)
    found = api(world.alice).get(f"{world.api}export/").json()["formats"]
    told = {one["key"]: one["refused"] for one in found}
    assert (told["xlsx"][:23], told["csv"]) == ("A sheet can hold 4 rows", None)


def test_what_fails_in_the_database_is_no_short_file(world, api, monkeypatch):
    def fail(*asked):
        raise RuntimeError("gone")

    monkeypatch.setattr(output, "read_stored_pages", fail)
    client = api(world.alice)
    client.client.raise_request_exception = False
    assert client.get(f"{world.api}export/csv/").status_code == 500


def test_annotator_takes_the_consensus_and_their_own(world, api):
    table = csv.DictReader(
        io.StringIO(_read(api(world.bob).get(f"{world.api}export/csv/")).decode())
    )
    assert {row["annotator"] for row in table} == {"bob"}
    found = api(world.bob).get(f"{world.api}export/").json()["formats"]
    assert {one["rows"] for one in found if one["key"] in ("csv", "jsonl")} == {2}
    assert "units" not in {one["key"] for one in found}
    assert_problem(api(world.bob).get(f"{world.api}export/units/"), 403)


def _grow(world, count):
    source = add_source(world.lead, "More", "word " * 2_000)
    assign_to(world.lead, source, world.bob)
    said = annotate(world.scope(world.bob), source, "word")
    one = Annotation.objects.get(pk=said["id"])
    now = datetime.now(UTC)
    Annotation.objects.bulk_create(
        [
            Annotation(
                id=uuid4(),
                project_id=one.project_id,
                source_id=source.pk,
                code_id=one.code_id,
                annotator_id=one.annotator_id,
                start=number % 1_999 * 5,
                end=number % 1_999 * 5 + 4,
                quote="word",
                revision=1,
                created_at=now,
                updated_at=now,
            )
            for number in range(count)
        ],
        batch_size=500,
    )


@pytest.mark.parametrize("key", ["csv", "jsonl", "statements", "xlsx"])
@pytest.mark.parametrize("name", ["alice", "bob", "vera"])
def test_queries_do_not_grow_with_rows_and_sources(world, key, name, monkeypatch):
    """Within a page; each page is one more."""
    monkeypatch.setattr(stored_rows, "FIRST", stored_rows.PAGE)
    _, secret = create_token(getattr(world, name))
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    def queries():
        with CaptureQueriesContext(connection) as captured:
            _read(client.get(f"{world.api}export/{key}/"))
        return len(captured)

    _grow(world, 1)
    queries()  # notes the token's last use, once
    _grow(world, 1)
    few = queries()
    _grow(world, 300)
    assert queries() == few


def test_list_takes_as_many_queries_however_many_rows(world, api):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            api(world.bob).get(f"{world.api}export/")
        return len(captured)

    few = queries()
    _grow(world, 300)
    assert queries() == few


@pytest.mark.slow
@pytest.mark.parametrize("key", ["csv", "jsonl"])
def test_memory_stays_flat(world, api, key, monkeypatch):
    """Ten times the rows take no more memory than the pages that are read at once."""
    monkeypatch.setattr(stored_rows, "PAGE", 200)
    client = api(world.alice)

    def peak():
        tracemalloc.start()
        size = sum(map(len, client.get(f"{world.api}export/{key}/").streaming_content))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size, most

    _grow(world, 1_000)
    peak()
    small, little = peak()
    _grow(world, 9_000)
    large, much = peak()
    assert large > 8 * small
    assert much < little + 1_000_000


def test_current_meaning_leaves_outdated_annotations_out_of_every_format(world, api):
    for user in (world.bob, world.beth):
        finish(world.scope(user), world.shared)
    change_code(world.lead, "failure", definition="Only of the alliance.")
    client = api(world.alice)

    def listed(query):
        found = client.get(f"{world.api}export/{query}").json()["formats"]
        return {one["key"]: one for one in found}

    every, current = listed(""), listed("?meaning=current")
    assert (every["csv"]["rows"], current["csv"]["rows"]) == (5, 2)
    left = "3 outdated annotations, made before the meaning of their code changed"
    assert left in current["csv"]["loses"]
    assert not any("outdated" in line for line in every["csv"]["loses"])
    assert any("3 of them count" in line for line in listed("?format=graphml")["graphml"]["loses"])
    rows = _lines(client.get(f"{world.api}export/jsonl/?meaning=current"))
    assert {(row["code"], row["stale"]) for row in rows} == {("plea", False)}
    matrix = client.get(f"{world.api}export/matrix/?meaning=current")
    cells = list(csv.DictReader(io.StringIO(_read(matrix).decode())))
    assert {(cell["state"], cell["stale"]) for cell in cells} == {("pending", "1")}
    annotations = f"{world.api}annotations/"
    assert len(client.get(f"{annotations}?meaning=current").json()["results"]) == 2
    assert client.get(f"{annotations}?meaning=current&stale=true").status_code == 422
    majority = client.get(f"{annotations}?layer=majority&meaning=current").json()["results"]
    assert {row["code"] for row in majority} == {"plea"}
