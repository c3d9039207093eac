"""Lines written in pages say what each cell says when it is written alone."""

import csv
import io
import random
import uuid
import zipfile
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cstoannot.annotations.models import Annotation, Speaker, Stance
from cstoannot.annotations.queries import AnnotationFilter, find_source_annotations
from cstoannot.core.formulas import guard_formula
from cstoannot.exchange.formats.csv import DIALECTS
from cstoannot.exchange.formats.registry import FORMATS, build_export_request
from cstoannot.exchange.formats.workbook import CellEncoder, render_number_cell
from cstoannot.exchange.row_pages import stored_rows
from cstoannot.exchange.row_pages.output import read_row_pages, read_rows_at
from cstoannot.exchange.row_pages.rows import COLUMNS
from cstoannot.sources.models import Source
from tests.builders import World, add_source
from tests.exchange.reading import file_of

WHOLE = datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)
TIMESTAMPS = [
    WHOLE,
    WHOLE + timedelta(microseconds=120_000),  # ends in zeros, which are shown
    WHOLE + timedelta(microseconds=1),
    WHOLE + timedelta(microseconds=999_999),
    datetime(2000, 1, 1, tzinfo=UTC),
    datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(1969, 7, 20, 20, 17, 40, tzinfo=UTC),
    datetime(987, 2, 28, 12, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
]
PIECES = [
    *('"', '""', "\\", ",", ";", "'", "%s", "%", "{0}", "=1+1", "+", "-", "@", "＝", "\t", "\n"),
    *("\r", "\r\n", "\u2028", "\x01", "\x1f", "\x7f", "\x85", "\ufeff", "\ufffe", "\U00100001"),
    *("🙂", "e\u0301", "שָׁ", "٣", "<&>", "_x0041_", " ", "word", "NULL", "null", "0"),
]
# Which PostgreSQL and every form refuse.
NUL = ["\x00"] if connection.vendor == "sqlite" else []


@pytest.fixture
def hostile(world: World) -> World:
    """Annotations with generated ids, texts and timestamps, in sources with generated titles."""
    dice = random.Random(5)

    def make_text(least: int) -> str:
        return "".join(dice.choices(PIECES + NUL, k=dice.randint(least, 4)))

    like = Annotation.objects.get(pk=world.said["bob failure"]["id"])
    Annotation.objects.all().delete()
    texts = ["".join(dice.choices(PIECES, k=400)) for _ in range(3)]
    sources = [add_source(world.lead, f"Source {n}", text) for n, text in enumerate(texts)]
    for source in sources:
        Source.objects.filter(pk=source.pk).update(
            title=make_text(1), publisher=make_text(0), author=make_text(0), url=make_text(0)
        )
    speaker = Speaker.objects.create(project=like.project, name='=A "minister", 🙂')
    for one in range(300):
        like.pk = uuid.UUID(int=dice.getrandbits(128) >> dice.choice((0, 40, 80)))
        like.source = dice.choice(sources)
        like.created_at = dice.choice(TIMESTAMPS) - timedelta(microseconds=dice.randrange(2))
        like.updated_at = like.created_at if one % 3 == 0 else dice.choice(TIMESTAMPS)
        like.start = dice.choice((0, 7, dice.randrange(300)))
        like.end = like.start + dice.randint(1, 9)
        like.quote = like.source.text[like.start : like.end]
        like.note, like.stance = make_text(0), dice.choice(Stance.values)
        like.voice = dice.choice((None, speaker))
        like.version = dice.choice((1, 2, 2**31 - 1))
        like.save(force_insert=True)
    return world


def show_timestamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def expected_rows(world: World) -> list[dict[str, Any]]:
    """Every row by column, from Django's objects."""
    found = Annotation.objects.select_related("source", "code", "voice", "annotator")
    rows = []
    for one in found.order_by("source_id", "start", "id"):
        source = one.source
        assert one.annotator and one.code.parent is None
        values = (
            *(str(one.pk), source.pk, source.title, source.publisher, source.author),
            *(source.published, source.url, source.language, source.group, source.sha256),
            *(one.code.slug, one.code.name, one.code.name, one.start, one.end, one.quote),
            *(one.stance, one.voice.name if one.voice else "", one.note, one.annotator.username),
            *(one.layer, one.version, one.revision, one.revision < one.code.meaning_revision),
            *(False, show_timestamp(one.created_at), show_timestamp(one.updated_at)),
        )
        rows.append(dict(zip(COLUMNS, values, strict=True)))
    return rows


def test_json_lines_are_those_of_each_row_alone(hostile: World):
    lines = [orjson.dumps(row) + b"\n" for row in expected_rows(hostile)]
    assert file_of(hostile.lead, "jsonl") == b"".join(lines)


def write_cell(name: str, value: Any, flavour: str) -> str:
    """One cell, by Python's own writer; texts that are not empty stand in quotes."""
    bare = ("id", "layer", "stale", "after_look", "created_at", "updated_at")
    if not isinstance(value, str) or name in bare:
        return str(value).lower() if isinstance(value, bool) else str(value)
    cell = io.StringIO()
    text = value if flavour == "scripts" else guard_formula(value)
    csv.writer(cell, quoting=csv.QUOTE_ALL, lineterminator="").writerow([text])
    return cell.getvalue() if text else ""


@pytest.mark.parametrize("flavour", DIALECTS)
def test_csv_is_that_of_each_cell_alone(hostile: World, flavour):
    comma = ";" if flavour.endswith("semicolon") else ","
    mark, end = ("", "\n") if flavour == "scripts" else ("\ufeff", "\r\n")
    lines = [mark + comma.join(COLUMNS) + end]
    for row in expected_rows(hostile):
        lines.append(comma.join(write_cell(*one, flavour) for one in row.items()) + end)
    assert file_of(hostile.lead, "csv", flavour=flavour) == "".join(lines).encode()


def test_workbook_has_each_cell_alone(hostile: World):
    cells = CellEncoder()
    texts = ("id", "layer", "stale", "after_look", "created_at", "updated_at")
    lines = []
    for row in expected_rows(hostile):
        line = b""
        for name, value in row.items():
            if name in texts:
                shown = str(value).lower() if isinstance(value, bool) else str(value)
                line += b'<c t="inlineStr"><is><t>%b</t></is></c>' % shown.encode()
            else:
                line += (
                    render_number_cell(value) if isinstance(value, int) else cells.text(str(value))
                )
        lines.append(b"<row>%b</row>" % line)
    book = zipfile.ZipFile(io.BytesIO(file_of(hostile.lead, "xlsx")))
    sheet = book.read("xl/worksheets/sheet1.xml")
    assert sheet.partition(b"</row>")[2] == b"".join(lines) + b"</sheetData></worksheet>"


def test_pages_of_any_size_have_every_row_once(hostile: World, monkeypatch):
    whole = expected_rows(hostile)
    asked = build_export_request(hostile.lead, FORMATS["jsonl"], AnnotationFilter())
    for page, first, full in product((1, 7, 64, 200), (1, 100), (1, 99, 9999)):
        monkeypatch.setattr(stored_rows, "PAGE", page)
        monkeypatch.setattr(stored_rows, "FIRST", first)
        monkeypatch.setattr(stored_rows, "FULL", full)
        rows = [row._asdict() for some in read_row_pages(asked) for row in some]
        assert rows == whole


def test_rows_from_a_number_on_are_those_of_the_pages(hostile: World):
    whole = expected_rows(hostile)
    asked = build_export_request(hostile.lead, FORMATS["webannotation"], AnnotationFilter())
    for first, count in ((0, 10), (290, 10), (295, 10), (300, 10)):
        found = [row._asdict() for row in read_rows_at(asked, first, count)]
        assert found == whole[first : first + count]


def test_statement_of_a_page_uses_the_index_by_position(hostile: World):
    """Otherwise each page would read and sort the whole project."""
    with CaptureQueriesContext(connection) as asked:
        file_of(hostile.lead, "jsonl")
    *_, page = [query["sql"] for query in asked if "ORDER BY 1 ASC, 2 ASC" in query["sql"]]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {page}")
        else:
            for other in ("seqscan", "sort", "incremental_sort"):
                cursor.execute(f"SET LOCAL enable_{other} = off")
            cursor.execute(f"EXPLAIN {page}")
        plan = " ".join(str(step) for row in cursor.fetchall() for step in row)
    assert "annotation_by_position" in plan
    assert "(source_id" in plan
    assert "TEMP B-TREE" not in plan and "Sort" not in plan


def test_the_annotate_page_shows_timestamps_as_exports_do(hostile: World):
    told = expected_rows(hostile)
    source = told[0]["source"]
    names = ("id", "created_at", "updated_at", "quote", "note")
    rows = find_source_annotations(hostile.lead, source, most=1_000)
    shown = orjson.loads(orjson.dumps(rows, option=orjson.OPT_UTC_Z))
    assert [[row[name] for name in names] for row in shown] == [
        [row[name] for name in names] for row in told if row["source"] == source
    ]
