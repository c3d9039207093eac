"""Columns that the database gathers say what Django says of them, one by one."""

import random
import uuid
from datetime import UTC, datetime, timedelta
from itertools import islice
from operator import attrgetter, itemgetter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cstoannot.annotations.models import Annotation, Speaker, Stance
from cstoannot.annotations.queries import AnnotationFilter, find_source_annotations
from cstoannot.database.stored_text import (
    format_stored_ids,
    format_stored_timestamps,
    join_character_columns,
)
from cstoannot.exchange.columnar import columns
from cstoannot.exchange.columnar.columns import ColumnGatherer, ColumnKind
from cstoannot.exchange.columnar.keys import (
    build_keyed_column,
    build_keyed_pairs,
    parse_key_numbers,
)
from cstoannot.exchange.exporting import iterate_export_rows
from cstoannot.exchange.formats.registry import FORMATS, build_export_request
from tests.builders import World

WHOLE = datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)
MOMENTS = [
    WHOLE,
    WHOLE + timedelta(microseconds=120_000),  # ends in zeros, which are shown
    WHOLE + timedelta(microseconds=1),
    WHOLE + timedelta(microseconds=999_999),
    datetime(2000, 1, 1, tzinfo=UTC),
    datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(1969, 7, 20, 20, 17, 40, tzinfo=UTC),
    datetime(2024, 2, 29, 12, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
]
NOTES = ["", "one", "", "two\nlines, with commas", "٣ 🙂 é", "", "\x1f", " "]


def shown(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


@pytest.fixture
def many(world: World) -> World:
    """Annotations with odd ids, notes and moments; a third was never changed."""
    like = Annotation.objects.get(pk=world.said["bob failure"]["id"])
    dice = random.Random(5)
    Annotation.objects.all().delete()
    voices = [None, Speaker.objects.create(project=like.project, name="A minister")]
    for number in range(300):
        like.pk = uuid.UUID(int=dice.getrandbits(128) >> dice.choice((0, 40, 80)))
        like.created_at = dice.choice(MOMENTS) + timedelta(microseconds=-dice.randrange(2))
        like.updated_at = like.created_at if number % 3 == 0 else dice.choice(MOMENTS)
        like.note = dice.choice(NOTES)
        like.version = dice.choice((1, 2, 2**31 - 1))
        like.stance = dice.choice(Stance.values)
        like.voice = dice.choice(voices)
        like.save(force_insert=True)
    return world


def test_columns_say_what_the_rows_say(many: World):
    kinds = {
        ("id",): ColumnKind.ID,
        ("created_at",): ColumnKind.MOMENT,
        ("updated_at",): ColumnKind.MOMENT,
        ("note",): ColumnKind.TEXT,
        ("stance",): ColumnKind.WORD,
        ("voice_id",): ColumnKind.KEY,
        ("source_id",): ColumnKind.KEY,
        ("end",): ColumnKind.WORD,
        ("annotator_id", "version"): ColumnKind.PAIR,
    }
    gathered = ColumnGatherer(Annotation.objects.order_by("-pk"), kinds)()
    assert gathered is not None
    ids, created, updated, notes, stances, voices, sources, ends, authors = gathered.columns
    known = list(Annotation.objects.order_by("-pk"))
    assert gathered.rows == len(known)
    shown_ids = format_stored_ids(ids)
    shown_moments = [format_stored_timestamps(column, len(known)) for column in (created, updated)]
    assert join_character_columns([shown_ids]) == [str(one.pk).encode() for one in known]
    assert join_character_columns(
        [shown_moments[0], b" to ", shown_moments[1], b", ", shown_ids]
    ) == [f"{shown(one.created_at)} to {shown(one.updated_at)}, {one.pk}".encode() for one in known]
    assert notes.split(gathered.mark) == [one.note.encode() for one in known]
    assert stances.decode().split("\n") == [one.stance for one in known]
    assert list(build_keyed_column(parse_key_numbers(voices)).each()) == [
        one.voice_id or 0 for one in known
    ]
    assert parse_key_numbers(sources).tolist() == [one.source_id for one in known]
    assert ends.split(b"\n") == [b"%d" % one.end for one in known]
    said_by = build_keyed_pairs(parse_key_numbers(authors))
    assert list(said_by.each()) == [(one.annotator_id, one.version) for one in known]
    assert len(set(said_by.keys)) == len(said_by.keys)


def test_no_rows_have_no_columns(db):
    assert ColumnGatherer(Annotation.objects.all(), {("id",): ColumnKind.ID})() is None
    assert ColumnGatherer(Annotation.objects.none(), {("id",): ColumnKind.ID})() is None


def test_a_page_is_what_comes_after_a_place_in_order(many: World):
    """In the order of the columns that it is named by, whatever their rows' order in the table."""
    dice = random.Random(6)
    for one in Annotation.objects.all():
        one.version = dice.randrange(5)
        one.save(update_fields=["version"])
    order = sorted(Annotation.objects.values_list("version", "pk"))
    raw = str if connection.vendor == "postgresql" else attrgetter("hex")
    read = ColumnGatherer(
        Annotation.objects.order_by(), {("id",): ColumnKind.ID}, after=("version", "id")
    )
    for place, count in ((0, 50), (120, 50), (290, 50), (299, 50)):
        version, pk = order[place]
        gathered = read(version, raw(pk), count)
        wanted = [str(pk).encode() for _, pk in order[place + 1 :][:count]]
        assert (gathered.rows if gathered else 0) == len(wanted)
        if gathered:
            assert join_character_columns([format_stored_ids(gathered.columns[0])]) == wanted


def test_a_mark_that_somebody_wrote_is_not_used(many: World, monkeypatch):
    marks = iter(("one", "🙂", "nobody wrote this"))
    monkeypatch.setattr(columns, "_iterate_separators", lambda: marks)
    gathered = ColumnGatherer(Annotation.objects.order_by("pk"), {("note",): ColumnKind.TEXT})()
    assert gathered is not None
    assert gathered.mark == b"nobody wrote this"
    assert list(marks) == []
    written = [note.decode() for note in gathered.columns[0].split(gathered.mark)]
    assert written == list(Annotation.objects.order_by("pk").values_list("note", flat=True))


def test_marks_after_the_one_that_is_tried_first_are_too_many_to_be_written():
    """Whoever writes every character of them with every letter keeps no project from leaving."""
    first, *others = islice(columns._iterate_separators(), 200)
    assert first == "\x7f"
    assert len(set(others)) == len(others)
    assert all("\U00100000" <= mark[0] <= "\U0010fffd" for mark in others)
    assert all(mark[1:].isascii() and mark[1:].isalpha() for mark in others)
    assert {len(mark) for mark in others} == {9}


def test_whatever_reads_them_shows_them_alike(many: World):
    one = Annotation.objects.first()
    assert one is not None
    known = {
        str(one.pk): (shown(one.created_at), shown(one.updated_at))
        for one in Annotation.objects.all()
    }
    brought = find_source_annotations(many.lead, one.source_id, most=1_000) or []
    mark = itemgetter("created_at", "updated_at")
    assert {row["id"]: mark(row) for row in brought} == known
    leaving = iterate_export_rows(
        build_export_request(many.lead, FORMATS["jsonl"], AnnotationFilter())
    )
    assert {row.id: (row.created_at, row.updated_at) for row in leaving} == known


def _planning() -> list[str]:
    """How PostgreSQL plans statements, as far as it is told to plan otherwise."""
    shown = []
    with connection.cursor() as cursor:
        for setting in ("enable_sort", "jit"):
            cursor.execute(f"SHOW {setting}")
            shown += cursor.fetchone()
    return shown


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's planner")
def test_no_project_is_sorted_for_a_page_while_there_are_no_statistics(many: World):
    rows, kinds = Annotation.objects.order_by("pk"), {("id",): ColumnKind.ID}
    usual = _planning()
    with connection.cursor() as cursor:
        for tuples, unsorted in ((1_000, 0), (-1, 1)):
            cursor.execute(
                "UPDATE pg_class SET reltuples = %s WHERE oid = 'cstoannot_annotation'::regclass",
                [tuples],
            )
            with CaptureQueriesContext(connection) as asked:
                assert ColumnGatherer(rows, kinds)() is not None
            said = [query["sql"] for query in asked if "enable_sort = off" in query["sql"]]
            assert len(said) == unsorted
            assert _planning() == usual, "it was not for that statement alone"
