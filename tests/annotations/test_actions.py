"""Saving is idempotent, versions are kept, and nothing of others is touched or told."""

import uuid
from dataclasses import replace
from typing import Any

import pytest

from cstoannot.annotations.actions import (
    Draft,
    add_listed_speaker,
    change_speaker,
    delete_annotation,
    save_annotation,
)
from cstoannot.annotations.models import Annotation, Speaker
from cstoannot.annotations.queries import require_annotation_row
from cstoannot.codebook.actions import change_code
from cstoannot.core.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionRequired,
    Stale,
)
from cstoannot.core.fields import ANY_VERSION, expect_version
from cstoannot.projects.actions import add_member, change_project, change_role
from cstoannot.projects.scope import Scope, open_project
from cstoannot.sources.actions import delete_source
from tests.builders import World, annotate, recorded

NEW = uuid.UUID("01980000-0000-7000-8000-000000000001")


@pytest.fixture
def bob(world: World) -> Scope:
    return world.scope(world.bob)


@pytest.fixture
def draft(world: World) -> Draft:
    """“The alliance” in the shared source."""
    return Draft(source=world.shared.pk, code="failure", start=0, end=12)


def test_annotation_is_stored_and_shown_as_it_is_read(bob, draft):
    row, created = save_annotation(
        bob, NEW, replace(draft, stance="mixed", voice="The minister", note="Two\nlines")
    )
    assert created
    assert row == require_annotation_row(bob, NEW)
    assert {name: row[name] for name in row if not name.endswith("_at")} == {
        "id": NEW,
        "source": draft.source,
        "code": "failure",
        "start": 0,
        "end": 12,
        "quote": "The alliance",
        "stance": "mixed",
        "voice": "The minister",
        "note": "Two\nlines",
        "annotator": "bob",
        "layer": "individual",
        "version": 1,
        "revision": 2,
        "stale": False,
    }


def test_annotation_of_emoji_and_marks_counts_code_points(world, bob):
    for quote in ("🙂", "cafe\u0301s", "\u0301", "Naïve 🙂 hopes"):
        assert annotate(bob, world.shared, quote)["quote"] == quote


def test_annotation_sent_again_is_the_same(bob, draft):
    first, _ = save_annotation(bob, NEW, draft)
    for again in (None, expect_version(1), expect_version(7), ANY_VERSION):
        assert save_annotation(bob, NEW, draft, expected=again) == (first, False)
    assert Annotation.objects.filter(pk=NEW).count() == 1


def test_annotation_sent_again_after_its_source_was_done_is_the_same(world, bob, draft):
    first, _ = save_annotation(bob, NEW, draft)
    change_code(world.lead, "failure", retired=True)
    assert save_annotation(bob, NEW, draft) == (first, False)


def test_two_annotations_that_say_the_same_are_two(bob, draft):
    save_annotation(bob, NEW, draft)
    _, created = save_annotation(bob, uuid.uuid4(), draft)
    assert created


def test_change_without_version_is_refused_and_shows_the_current_state(bob, draft):
    first, _ = save_annotation(bob, NEW, draft)
    with pytest.raises(PreconditionRequired) as refusal:
        save_annotation(bob, NEW, replace(draft, note="x"))
    assert refusal.value.current == first
    assert require_annotation_row(bob, NEW) == first


def test_change_from_an_old_version_is_refused_and_shows_the_current_state(bob, draft):
    save_annotation(bob, NEW, draft)
    second, _ = save_annotation(bob, NEW, replace(draft, note="a"), expected=expect_version(1))
    assert second["version"] == 2
    with pytest.raises(Stale) as refusal:
        save_annotation(bob, NEW, replace(draft, note="b"), expected=expect_version(1))
    assert refusal.value.current == second == require_annotation_row(bob, NEW)


@pytest.mark.parametrize(
    "changed",
    [
        {"code": "plea"},
        {"start": 4},
        {"end": 20},
        {"stance": "opposes"},
        {"voice": "The minister"},
        {"note": "x"},
    ],
)
def test_every_field_can_be_changed(bob, draft, changed):
    save_annotation(bob, NEW, draft)
    row, created = save_annotation(bob, NEW, replace(draft, **changed), expected=expect_version(1))
    assert (created, row["version"]) == (False, 2)
    assert {name: row[name] for name in changed} == changed
    assert row == require_annotation_row(bob, NEW)


def test_change_of_a_deleted_annotation_is_stale(bob, draft):
    save_annotation(bob, NEW, draft)
    delete_annotation(bob, NEW)
    with pytest.raises(Stale) as refusal:
        save_annotation(bob, NEW, replace(draft, note="x"), expected=expect_version(1))
    assert refusal.value.current is None
    assert save_annotation(bob, NEW, draft)[1], "undoing the deletion makes it anew"


@pytest.mark.parametrize(
    ("changed", "kind", "field"),
    [
        ({"start": 12}, Invalid, "end"),
        ({"start": -1}, Invalid, "start"),
        ({"end": 5_000}, Invalid, "end"),
        ({"start": 4_999, "end": 5_000}, Invalid, "start"),
        ({"code": "nothing"}, Invalid, "code"),
        ({"code": "strange"}, Invalid, "code"),
        ({"code": "fail\x00ure"}, Invalid, "code"),
        ({"source": 0}, Invalid, "source"),
        ({"source": 2**63}, Invalid, "source"),
        ({"stance": "for"}, Invalid, "stance"),
        ({"voice": "x" * 201}, Invalid, "voice"),
        ({"voice": "two\nlines"}, Invalid, "voice"),
        ({"note": "x" * 10_001}, Invalid, "note"),
        ({"note": "\x00"}, Invalid, "note"),
        ({"quote": "the alliance"}, Invalid, "quote"),
        ({"quote": ""}, Invalid, "quote"),
    ],
)
def test_annotation_that_cannot_mean_anything_is_refused(bob, draft, changed, kind, field):
    with recorded() as events, pytest.raises(kind) as refusal:
        save_annotation(bob, NEW, replace(draft, **changed))
    assert (refusal.value.field, events) == (field, [])


def test_quote_that_differs_is_refused_with_what_stands_there(bob, draft):
    with pytest.raises(Invalid, match="The alliance") as refusal:
        save_annotation(bob, NEW, replace(draft, quote="An alliance"))
    assert refusal.value.code == "quote_mismatch"
    assert save_annotation(bob, NEW, replace(draft, quote="The alliance"))[1]


def test_retired_code_takes_no_new_annotations_and_keeps_its_own(world, bob, draft):
    save_annotation(bob, NEW, draft)
    change_code(world.lead, "failure", retired=True)
    change_code(world.lead, "plea", name="Request")
    with pytest.raises(Conflict):
        save_annotation(bob, uuid.uuid4(), draft)
    row, _ = save_annotation(bob, NEW, replace(draft, note="still"), expected=expect_version(1))
    assert row["note"] == "still"
    save_annotation(bob, NEW, replace(draft, code="plea"), expected=expect_version(2))
    with pytest.raises(Conflict):
        save_annotation(bob, NEW, draft, expected=expect_version(3))


def test_changed_meaning_makes_annotations_stale_until_they_are_saved(world, bob, draft):
    save_annotation(bob, NEW, draft)
    change_code(world.lead, "failure", name="Let-down", colour="#000000", example="Such")
    assert require_annotation_row(bob, NEW)["stale"] is False
    change_code(world.lead, "failure", claim="The alliance let its member down.")
    assert require_annotation_row(bob, NEW)["stale"] is True
    row, _ = save_annotation(bob, NEW, replace(draft, note="looked at"), expected=expect_version(1))
    assert (row["stale"], row["revision"]) == (False, 4)


def test_source_not_assigned_cannot_be_annotated(world, bob, draft):
    """If Bob may read it he is told that it is not his, otherwise that there is none."""
    with pytest.raises(Invalid) as unseen:
        save_annotation(bob, NEW, replace(draft, source=world.beths.pk))
    assert unseen.value.field == "source"
    change_project(world.lead, open_sources=True)
    with pytest.raises(Forbidden):
        save_annotation(world.scope(world.bob), NEW, replace(draft, source=world.beths.pk))


def test_source_of_another_project_cannot_be_annotated(world, bob, draft):
    with pytest.raises(Invalid) as refusal:
        save_annotation(bob, NEW, replace(draft, source=world.foreign_source.pk, code="strange"))
    assert refusal.value.field == "source"


def test_removed_source_cannot_be_annotated(world, bob, draft):
    delete_source(world.lead, world.shared.pk, confirmed=True)
    with pytest.raises(Invalid):
        save_annotation(bob, NEW, draft)
    with pytest.raises(NotFound):
        delete_annotation(bob, world.said["bob failure"]["id"])


def test_viewer_annotates_nothing(world, draft):
    with pytest.raises(Forbidden):
        save_annotation(world.scope(world.vera), NEW, draft)


def test_owner_annotates_what_is_assigned_to_them(world, draft):
    with pytest.raises(Forbidden):
        save_annotation(world.lead, NEW, draft)


def _refusals(scope: Scope, row: dict[str, Any], draft: Draft) -> list[type[DomainError]]:
    """How changing and deleting somebody's annotation is refused."""
    found = []
    for attempt in (
        lambda: save_annotation(scope, row["id"], draft),
        lambda: save_annotation(scope, row["id"], draft, expected=expect_version(1)),
        lambda: delete_annotation(scope, row["id"]),
        lambda: delete_annotation(scope, row["id"], expected=expect_version(1)),
    ):
        with pytest.raises(DomainError) as refusal:
            attempt()
        found.append(type(refusal.value))
    return found


def test_annotation_of_another_that_is_not_seen_is_as_none(world, bob, draft):
    hers = world.said["beth failure"]
    assert _refusals(bob, hers, draft) == [NotFound, Stale, NotFound, NotFound]
    assert require_annotation_row(world.lead, hers["id"]) == hers


def test_annotation_of_another_that_is_seen_is_forbidden(world, draft):
    change_project(world.lead, visibility="all")
    hers = world.said["beth failure"]
    assert _refusals(world.scope(world.bob), hers, draft) == [Forbidden] * 4
    assert require_annotation_row(world.lead, hers["id"]) == hers


def test_owner_changes_no_annotation_of_others(world, draft):
    with pytest.raises(Forbidden):
        delete_annotation(world.lead, world.said["bob failure"]["id"])


def test_own_annotation_of_another_project_is_out_of_reach(world, bob, draft):
    """Bob works in both projects; an id of one does not open in the other."""
    add_member(world.elsewhere, username="bob", role="annotator")
    there = open_project(world.bob, world.elsewhere.project.slug)
    mine = world.said["bob failure"]["id"]
    for attempt in (
        lambda: require_annotation_row(there, mine),
        lambda: delete_annotation(there, mine),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert require_annotation_row(bob, mine) == world.said["bob failure"]


def test_former_annotator_deletes_nothing(world):
    change_role(world.lead, username="bob", role="viewer")
    with pytest.raises((Forbidden, NotFound)):
        delete_annotation(world.scope(world.bob), world.said["bob failure"]["id"])
    assert Annotation.objects.filter(pk=world.said["bob failure"]["id"]).exists()


def test_deletion_from_an_old_version_is_refused(bob, draft):
    save_annotation(bob, NEW, draft)
    second, _ = save_annotation(bob, NEW, replace(draft, note="a"), expected=expect_version(1))
    with pytest.raises(Stale) as refusal:
        delete_annotation(bob, NEW, expected=expect_version(1))
    assert refusal.value.current == second
    delete_annotation(bob, NEW, expected=expect_version(2))
    with pytest.raises(NotFound):
        delete_annotation(bob, NEW)


def test_first_annotation_starts_the_assignment_and_no_other_does(world, bob, draft):
    def states() -> list[str]:
        return sorted(world.bob.assignments.values_list("state", flat=True))

    assert states() == ["started", "todo"]
    save_annotation(bob, NEW, replace(draft, source=world.bobs.pk))
    assert states() == ["started", "started"]
    delete_annotation(bob, NEW)
    assert states() == ["started", "started"]


def test_voice_named_by_two_is_one_speaker(world, bob, draft):
    save_annotation(bob, NEW, replace(draft, voice="A silent witness"))
    assert Speaker.objects.filter(name="A silent witness").count() == 1
    assert Speaker.objects.filter(name="A stranger").count() == 1
    save_annotation(bob, uuid.uuid4(), replace(draft, voice="A stranger"))
    assert Speaker.objects.filter(name="A stranger").count() == 2


def test_voice_is_stripped_and_otherwise_kept(bob, draft):
    row, _ = save_annotation(bob, NEW, replace(draft, voice=" Мария <b> & “x” "))
    assert row["voice"] == "Мария <b> & “x”"


def test_refused_annotation_leaves_no_speaker(world, bob, draft):
    change_code(world.lead, "failure", retired=True)
    with pytest.raises(Conflict):
        save_annotation(bob, NEW, replace(draft, voice="Nobody heard of them"))
    assert not Speaker.objects.filter(name="Nobody heard of them").exists()


def test_speaker_is_listed_once_and_renamed_everywhere(world, bob):
    speaker, created = add_listed_speaker(world.lead, name="The minister", note="Of defence")
    assert (created, speaker.listed) == (False, True)
    with pytest.raises(Conflict):
        add_listed_speaker(world.lead, name="The minister")
    with pytest.raises(Conflict):
        change_speaker(world.lead, speaker.key, name="A silent witness")
    change_speaker(world.lead, speaker.key, name="The former minister")
    assert (
        require_annotation_row(bob, world.said["bob plea"]["id"])["voice"] == "The former minister"
    )


def test_speaker_of_another_project_cannot_be_changed(world):
    stranger = Speaker.objects.get(name="A stranger")
    with pytest.raises(NotFound):
        change_speaker(world.lead, stranger.key, name="Known")


@pytest.mark.parametrize("name", ["bob", "vera"])
def test_speakers_are_not_listed_by_coders_or_viewers(world, name):
    with pytest.raises(Forbidden):
        add_listed_speaker(world.scope(getattr(world, name)), name="New")
