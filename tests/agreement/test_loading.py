"""What is loaded, however the database hands it over."""

import uuid

import numpy as np
import pytest
from django.db import ProgrammingError, connection, transaction

from cstoannot.agreement import queries
from cstoannot.agreement.dataset import ROW, STANCES, Annotator
from cstoannot.agreement.queries import load_agreement_dataset, load_passage_rows
from cstoannot.annotations.actions import delete_annotation
from cstoannot.annotations.models import Annotation, Speaker
from cstoannot.text.normalise import WHITE_SPACE
from tests.builders import add_source, annotate, assign_to, finish


def _everybody(world):
    return [Annotator(one.pk, one.username) for one in (world.beth, world.bob)]


def _stored():
    """The same rows, one by one from the models."""
    found = [
        (
            *(row.source_id, row.annotator_id, row.code_id, row.start, row.end),
            *(STANCES.index(row.stance), row.voice_id or 0),
            len(row.quote) - len(row.quote.lstrip()),
            len(row.quote) - len(row.quote.rstrip()),
            row.revision,
            row.pk.bytes,
        )
        for row in Annotation.objects.filter(project__slug="alliances")
    ]
    found.sort(key=lambda row: (row[0], row[3], row[4], row[-1]))
    return [(*row[:-1], uuid.UUID(bytes=row[-1])) for row in found]


def _shown(rows):
    return [(*row.tolist()[:-1], uuid.UUID(bytes=row["id"].tobytes())) for row in rows]


def test_rows_are_what_is_stored(world):
    rows = load_passage_rows(world.lead, _everybody(world))
    assert _shown(rows) == _stored()
    assert len(rows) == 5
    assert rows.dtype == ROW


def test_rows_without_a_voice_have_number_nought(world):
    voices = load_passage_rows(world.lead, _everybody(world))["voice"].tolist()
    named = dict(Speaker.objects.values_list("pk", "name"))
    assert sorted(named.get(voice, "") for voice in voices) == [
        "",
        "",
        "A silent witness",
        "The minister",
        "The minister",
    ]


def test_rows_of_one_annotation_are_one(world):
    bob, beth = world.scope(world.bob), world.scope(world.beth)
    for name, coder in (
        ("bob plea", bob),
        ("beth failure", beth),
        ("beth plea", beth),
        ("beth own", beth),
    ):
        delete_annotation(coder, uuid.UUID(str(world.said[name]["id"])))
    rows = load_passage_rows(world.lead, _everybody(world))
    assert _shown(rows) == _stored()
    assert len(rows) == 1


def test_rows_tell_how_much_white_space_they_begin_and_end_with(world):
    source = add_source(world.lead, "Spaced", f"x{WHITE_SPACE}a b{WHITE_SPACE}x")
    spaces = source.text.index("a") - 1
    annotate(world.scope(world.bob), world.bobs, " minister said ".rstrip())
    assign_to(world.lead, source, world.bob)
    annotate(world.scope(world.bob), source, source.text[1:-1])
    rows = load_passage_rows(world.lead, _everybody(world))
    found = {(int(row["lead"]), int(row["trail"])) for row in rows}
    assert found == {(0, 0), (1, 0), (spaces, spaces)}
    assert spaces > 20


@pytest.mark.parametrize("sources", [None, [], [0]])
def test_rows_of_nothing_are_none(world, sources):
    Annotation.objects.all().delete()
    for people in (_everybody(world), []):
        rows = load_passage_rows(world.lead, people, sources)
        assert (len(rows), rows.dtype) == (0, ROW)


def test_coding_of_nobody_finished_is_empty(world):
    coding = load_agreement_dataset(world.lead)
    assert (coding.sources, coding.annotators, len(coding.rows)) == ((), (), 0)
    assert len(coding.spans) == 0


def test_rows_with_the_same_bounds_are_ordered_by_their_ids(world):
    bob = world.scope(world.bob)
    ids = [uuid.UUID(int=number << 64 | 9 - number % 3) for number in (5, 2, 9, 1, 7)]
    for one in ids:
        annotate(bob, world.bobs, "Nobody", id=one)
    rows = load_passage_rows(world.lead, _everybody(world))
    assert _shown(rows) == _stored()
    here = rows[rows["source"] == world.bobs.pk]
    assert [uuid.UUID(bytes=row["id"].tobytes()) for row in here] == sorted(ids)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL aggregates")
def test_rows_aggregated_are_those_fetched(world, monkeypatch):
    aggregated = load_passage_rows(world.lead, _everybody(world))
    monkeypatch.setattr(queries, "_aggregate_passage_rows", queries._fetch_passage_rows)
    assert np.array_equal(aggregated, load_passage_rows(world.lead, _everybody(world)))


def test_work_in_sources_that_its_coder_has_not_finished_stays_out(world):
    finish(world.scope(world.bob), world.shared)
    finish(world.scope(world.beth), world.beths)
    coding = load_agreement_dataset(world.lead)
    assert [one.username for one in coding.annotators] == ["beth", "bob"]
    finished = dict(zip([s.title for s in coding.sources], coding.finished.tolist(), strict=True))
    assert finished == {"Shared": [False, True], "Beths": [True, False]}
    ids = {coding.annotation_id(int(row)) for row in coding.spans.row}
    assert {str(one) for one in ids} == {
        str(world.said[name]["id"]) for name in ("bob failure", "bob plea", "beth own")
    }


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL aggregates")
def test_failures_of_the_database_are_those_of_django(world, monkeypatch):
    """So that an outage or a timeout is answered as everywhere else."""
    monkeypatch.setattr(queries, "_PARTS", "nonsense")
    with pytest.raises(ProgrammingError), transaction.atomic():
        load_passage_rows(world.lead, _everybody(world))
