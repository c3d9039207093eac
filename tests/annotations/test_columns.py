"""Ids and moments as the database has them say what Django says of them, one by one."""

import random
import uuid
from datetime import UTC, datetime, timedelta
from operator import itemgetter

import pytest

from cstoannot.annotations.columns import StoredId, StoredMoment, id_texts, moment_texts
from cstoannot.annotations.models import Annotation
from cstoannot.annotations.queries import Filters, rows_of_source
from cstoannot.exchange.exporting import rows_of
from cstoannot.exchange.registry import FORMATS, ask
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


def shown(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


@pytest.fixture
def many(world: World) -> World:
    """Annotations with odd ids and moments; a third was never changed."""
    like = Annotation.objects.get(pk=world.said["bob failure"]["id"])
    dice = random.Random(5)
    Annotation.objects.all().delete()
    for number in range(300):
        like.pk = uuid.UUID(int=dice.getrandbits(128) >> dice.choice((0, 40, 80)))
        like.created_at = dice.choice(MOMENTS) + timedelta(microseconds=-dice.randrange(2))
        like.updated_at = like.created_at if number % 3 == 0 else dice.choice(MOMENTS)
        like.save(force_insert=True)
    return world


def test_columns_say_what_the_rows_say(many: World):
    columns = StoredId("id"), StoredMoment("created_at"), StoredMoment("updated_at")
    stored = Annotation.objects.order_by("pk").values_list(*columns)
    ids, created, updated = zip(*stored, strict=True)
    known = list(Annotation.objects.order_by("pk"))
    assert id_texts(ids) == [str(one.pk).encode() for one in known]
    assert moment_texts(created) == [shown(one.created_at).encode() for one in known]
    assert moment_texts(updated) == [shown(one.updated_at).encode() for one in known]


def test_no_rows_have_no_texts(db):
    assert id_texts([]) == moment_texts([]) == []


def test_whatever_reads_them_shows_them_alike(many: World):
    one = Annotation.objects.first()
    assert one is not None
    known = {
        str(one.pk): (shown(one.created_at), shown(one.updated_at))
        for one in Annotation.objects.all()
    }
    brought = rows_of_source(many.lead, one.source_id, most=1_000) or []
    mark = itemgetter("created_at", "updated_at")
    assert {row["id"]: mark(row) for row in brought} == known
    leaving = rows_of(ask(many.lead, FORMATS["jsonl"], Filters()))
    assert {row.id: (row.created_at, row.updated_at) for row in leaving} == known
