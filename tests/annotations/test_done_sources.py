"""Nothing is saved on a source that its annotator marked as done, until they reopen it."""

import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest

from cstoannot.annotations.actions import Draft, change_speaker, delete_annotation, save_annotation
from cstoannot.annotations.bulk_actions import save_annotations
from cstoannot.annotations.models import Annotation, Speaker
from cstoannot.annotations.queries import require_annotation_row
from cstoannot.assignments.actions import set_assignment_state, unassign_source
from cstoannot.assignments.models import AssignmentState
from cstoannot.codebook.actions import create_code
from cstoannot.core.errors import Conflict, DomainError, Invalid, NotFound, Stale
from cstoannot.core.fields import expect_version
from cstoannot.decisions.merge_actions import merge_code
from cstoannot.history.models import Event
from cstoannot.projects.scope import Scope
from tests.builders import World, annotate, finish, recorded

NEW = uuid.UUID("01980000-0000-7000-8000-000000000001")


@pytest.fixture
def bob(world: World) -> Scope:
    """Bob, who has finished the shared source."""
    bob = world.scope(world.bob)
    finish(bob, world.shared)
    return bob


def _as_stored(world: World) -> Draft:
    row = world.said["bob failure"]
    names = ("source", "code", "start", "end", "stance", "voice", "note")
    return Draft(**{name: row[name] for name in names})


WRITES: dict[str, Callable[[World, Scope], object]] = {
    "create": lambda w, bob: save_annotation(bob, NEW, Draft(w.shared.pk, "plea", 0, 3)),
    "change": lambda w, bob: save_annotation(
        bob,
        w.said["bob failure"]["id"],
        replace(_as_stored(w), note="No."),
        expected=expect_version(1),
    ),
    "change that names no version": lambda w, bob: save_annotation(
        bob, w.said["bob failure"]["id"], replace(_as_stored(w), note="No.")
    ),
    "move to a source that is open": lambda w, bob: save_annotation(
        bob,
        w.said["bob failure"]["id"],
        replace(_as_stored(w), source=w.bobs.pk),
        expected=expect_version(1),
    ),
    "delete": lambda w, bob: delete_annotation(bob, w.said["bob plea"]["id"]),
    "list": lambda w, bob: save_annotations(
        bob,
        [
            (uuid.uuid4(), Draft(w.bobs.pk, "plea", 0, 3)),
            (NEW, Draft(w.shared.pk, "plea", 0, 3)),
        ],
    ),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_write_on_a_done_source_is_refused(world, bob, write):
    before = list(Annotation.objects.order_by("pk").values())
    with recorded() as events, pytest.raises(Conflict) as refusal:
        write(world, bob)
    assert refusal.value.code == "source_done"
    assert "reopen it" in refusal.value.message
    assert events == []
    assert list(Annotation.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_write_on_a_reopened_source_is_done(world, bob, write):
    set_assignment_state(bob, world.assignments["bob shared"].pk, AssignmentState.STARTED)
    if write is WRITES["change that names no version"]:
        with pytest.raises(DomainError, match="send its version"):
            write(world, bob)
    else:
        write(world, bob)


def test_move_into_a_done_source_is_refused(world, bob):
    moved = annotate(bob, world.bobs, "Nobody came.")
    draft = Draft(world.shared.pk, "failure", moved["start"], moved["end"])
    with pytest.raises(Conflict) as refusal:
        save_annotation(bob, moved["id"], draft, expected=expect_version(1))
    assert refusal.value.code == "source_done"


def test_what_is_stored_already_is_answered_as_before(world, bob):
    row = world.said["bob failure"]
    assert save_annotation(bob, row["id"], _as_stored(world)) == (
        require_annotation_row(bob, row["id"]),
        False,
    )
    assert save_annotations(bob, [(row["id"], _as_stored(world))]).created == 0


def test_list_names_every_item_on_a_done_source(world, bob):
    drafts = [Draft(world.shared.pk, "plea", 0, 3), Draft(world.bobs.pk, "plea", 0, 3)]
    with pytest.raises(
        Conflict, match=r"1 of 2 annotations are not valid\. Index 0: This source is marked"
    ) as no:
        save_annotations(bob, [(uuid.uuid4(), draft) for draft in drafts])
    assert list(no.value.errors) == ["0"]


def test_other_faults_are_told_as_before(world, bob):
    """What does not exist or is somebody else's, whatever is done."""
    with pytest.raises(NotFound):
        delete_annotation(bob, NEW)
    with pytest.raises(NotFound):
        delete_annotation(bob, world.said["beth failure"]["id"])
    with pytest.raises(Stale):
        save_annotation(bob, NEW, _as_stored(world), expected=expect_version(1))
    with pytest.raises(Invalid):
        save_annotation(bob, NEW, replace(_as_stored(world), code="none"))


def test_others_go_on_with_a_source_that_one_has_finished(world, bob):
    beth = world.scope(world.beth)
    assert annotate(beth, world.shared, "Nobody came.")["annotator"] == "beth"


def test_coding_on_a_source_that_was_taken_away_can_be_deleted_not_added(world):
    bob = world.scope(world.bob)
    unassign_source(world.lead, world.assignments["bob shared"].pk, confirmed=True)
    delete_annotation(bob, world.said["bob plea"]["id"])
    with pytest.raises(Invalid):
        annotate(bob, world.shared, "Nobody came.")


def test_lead_merges_codes_and_renames_speakers_over_done_sources(world, bob):
    create_code(world.lead, name="Appeal")
    merge_code(world.lead, "plea", into="appeal")
    assert require_annotation_row(bob, world.said["bob plea"]["id"])["code"] == "appeal"
    speaker = Speaker.objects.get(name="The minister")
    change_speaker(world.lead, speaker.key, name="A minister")
    assert require_annotation_row(bob, world.said["bob plea"]["id"])["voice"] == "A minister"


def test_reopening_is_in_the_history(world, bob):
    with recorded() as events:
        set_assignment_state(bob, world.assignments["bob shared"].pk, AssignmentState.STARTED)
    [event] = events
    assert (event.actor, event.kind, event.source_id) == (world.bob, "assignment", world.shared.pk)
    assert (event.before, event.after) == ({"state": "done"}, {"state": "started"})
    assert Event.objects.filter(pk=event.pk, at__isnull=False).exists()
