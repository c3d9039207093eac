"""What the databases refuse by themselves, whatever the code above them does."""

import uuid
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from cstoannot.annotations.models import Annotation, Layer, Speaker
from cstoannot.annotations.triggers import install_triggers
from cstoannot.assignments.models import Assignment
from cstoannot.codebook.models import Code, CodebookRevision
from cstoannot.history.models import Event
from cstoannot.management.serving import installation
from cstoannot.projects.models import Membership, Project
from cstoannot.sources.models import Source
from tests.builders import World, add_code, add_source


@contextmanager
def refused():
    # PostgreSQL calls a passage that ends before it starts a DataError.
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        yield


def annotation(world: World, **changed: Any) -> Annotation:
    """A row that is in order, but for what is changed; not stored."""
    now = timezone.now()
    return Annotation(
        **{
            "id": uuid.uuid4(),
            "project": world.lead.project,
            "source": world.shared,
            "code": world.codes["failure"],
            "annotator": world.bob,
            "start": 4,
            "end": 12,
            "quote": "alliance",
            "revision": 1,
            "created_at": now,
            "updated_at": now,
            **changed,
        }
    )


def test_annotation_in_order_is_stored(world):
    annotation(world).save(force_insert=True)
    annotation(world, annotator=None, layer=Layer.CONSENSUS).save(force_insert=True)


def test_annotation_beyond_the_text_is_refused(world):
    end = world.shared.length
    last = world.shared.text[-3:]
    annotation(world, start=end - 3, end=end, quote=last).save(force_insert=True)
    with refused():
        annotation(world, start=end - 3, end=end + 1, quote=f"{last} ").save(force_insert=True)
    with refused():
        annotation(world, start=end, end=end + 1, quote=" ").save(force_insert=True)


@pytest.mark.parametrize(
    ("start", "end", "quote"),
    [
        (4, 4, ""),
        (5, 4, ""),
        (4, 12, "Alliance"),
        (4, 12, "alliances"),
        (4, 12, ""),
        (-1, 3, "The"),
    ],
)
def test_annotation_whose_quote_differs_from_the_text_is_refused(world, start, end, quote):
    with refused():
        annotation(world, start=start, end=end, quote=quote).save(force_insert=True)


def test_annotation_counts_code_points_not_bytes_or_units(world):
    start = world.shared.text.index("hopes")
    annotation(world, start=start, end=start + 5, quote="hopes").save(force_insert=True)
    with refused():
        annotation(world, start=start + 1, end=start + 6, quote="hopes").save(force_insert=True)


def test_annotation_with_code_of_another_project_is_refused(world):
    with refused():
        annotation(world, code=world.foreign_code).save(force_insert=True)


def test_annotation_with_source_of_another_project_is_refused(world):
    with refused():
        annotation(world, source=world.foreign_source).save(force_insert=True)


def test_annotation_with_voice_of_another_project_is_refused(world):
    stranger = Speaker.objects.get(name="A stranger")
    with refused():
        annotation(world, voice=stranger).save(force_insert=True)
    known = Speaker.objects.get(name="The minister")
    annotation(world, voice=known).save(force_insert=True)


def test_annotation_of_another_project_is_refused_though_all_else_agrees(world):
    with refused():
        annotation(world, project=world.elsewhere.project).save(force_insert=True)


@pytest.mark.parametrize("name", ["charlie", "dan"])
def test_annotation_by_somebody_who_is_no_member_is_refused(world, name):
    with refused():
        annotation(world, annotator=getattr(world, name)).save(force_insert=True)


@pytest.mark.parametrize(
    "changed", [{"annotator": None}, {"layer": "other"}, {"layer": ""}, {"stance": "for"}]
)
def test_annotation_of_no_known_kind_is_refused(world, changed):
    with refused():
        annotation(world, **changed).save(force_insert=True)


@pytest.mark.parametrize(
    "change",
    [{"start": 5}, {"end": 11}, {"quote": "Alliance"}, {"start": 5, "end": 13}, {"end": 10_000}],
)
def test_annotation_changed_into_what_does_not_fit_is_refused(world, change):
    stored = Annotation.objects.filter(pk=world.said["bob failure"]["id"])
    with refused():
        stored.update(**change)


def test_annotation_moved_to_another_project_is_refused(world):
    stored = Annotation.objects.filter(pk=world.said["bob failure"]["id"])
    stranger = Speaker.objects.get(name="A stranger")
    for change in (
        {"project": world.elsewhere.project},
        {"source": world.foreign_source},
        {"code": world.foreign_code},
        {"voice": stranger},
    ):
        with refused():
            stored.update(**change)


def test_annotation_stays_in_its_project_and_its_annotators(world):
    stored = Annotation.objects.filter(pk=world.said["bob failure"]["id"])
    with refused():
        stored.update(
            project=world.elsewhere.project,
            source=world.foreign_source,
            code=world.foreign_code,
            annotator=world.charlie,
        )
    with refused():
        stored.update(annotator=world.beth)


def test_source_code_and_speaker_stay_in_their_project(world):
    there = world.elsewhere.project
    for rows in (
        Source.objects.filter(pk=world.bobs.pk),
        Code.objects.filter(pk=world.codes["failure"].pk),
        Speaker.objects.filter(name="A silent witness"),
    ):
        with refused():
            rows.update(project=there)


def test_annotation_of_a_former_member_can_still_be_changed(world):
    Membership.objects.filter(user=world.bob).delete()
    stored = Annotation.objects.filter(pk=world.said["bob failure"]["id"])
    assert stored.update(note="kept") == 1


@pytest.mark.parametrize("change", [{"text": "x"}, {"sha256": "0" * 64}, {"length": 5}])
def test_text_of_a_source_never_changes(world, change):
    with refused():
        Source.objects.filter(pk=world.shared.pk).update(**change)
    with refused():
        Source.objects.filter(pk=world.shared.pk).update(text="Another.", length=8)


def test_length_of_a_source_is_that_of_its_text(world):
    for length in (0, world.shared.length + 1):
        world.shared.pk, world.shared.length = None, length
        world.shared._state.adding = True
        with refused():
            world.shared.save()


def test_source_without_title_is_refused(world):
    with refused():
        Source.objects.filter(pk=world.shared.pk).update(title="")


def test_code_under_one_of_another_project_is_refused(world):
    with refused():
        Code.objects.filter(pk=world.codes["plea"].pk).update(parent=world.foreign_code)
    with refused():
        Code.objects.create(
            project=world.lead.project,
            parent=world.foreign_code,
            slug="new",
            name="New",
            colour="#000000",
            meaning_revision=1,
        )


def test_code_under_itself_is_refused(world):
    with refused():
        Code.objects.filter(pk=world.codes["plea"].pk).update(parent=world.codes["plea"])


@pytest.mark.parametrize(
    "change", [{"name": ""}, {"colour": "red"}, {"colour": "#ABCDEF"}, {"colour": "#12345"}]
)
def test_code_without_name_or_colour_is_refused(world, change):
    with refused():
        Code.objects.filter(pk=world.codes["plea"].pk).update(**change)


def test_code_with_slug_or_shortcut_of_another_is_refused(world):
    other = Code.objects.filter(pk=world.codes["plea"].pk)
    with refused():
        other.update(slug="failure")
    with refused():
        other.update(shortcut="f")
    other.update(shortcut="f", retired_at=timezone.now())


def test_code_in_use_cannot_be_deleted(world):
    # Django refuses first (ProtectedError is an IntegrityError), the database by itself too.
    with refused():
        Code.objects.filter(pk=world.codes["plea"].pk).delete()
    with refused(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM cstoannot_code WHERE id = %s", [world.codes["plea"].pk])
        connection.check_constraints()


def test_revision_with_number_of_another_is_refused(world):
    with refused():
        CodebookRevision.objects.filter(project=world.lead.project).update(number=1)


def test_assignment_across_projects_is_refused(world):
    mine, foreign = world.lead.project, world.elsewhere.project
    for project, source, annotator in (
        (mine, world.foreign_source, world.bob),
        (mine, world.shared, world.charlie),
        (foreign, world.shared, world.charlie),
        (mine, world.shared, world.dan),
    ):
        with refused():
            Assignment.objects.create(project=project, source=source, annotator=annotator)


def test_assignment_made_twice_is_refused(world):
    with refused():
        Assignment.objects.create(
            project=world.lead.project, source=world.shared, annotator=world.bob
        )


@pytest.mark.parametrize("change", [{"state": "later"}, {"state": "done"}])
def test_assignment_in_no_known_state_is_refused(world, change):
    with refused():
        Assignment.objects.filter(annotator=world.bob).update(**change)


def test_assignment_done_has_its_time_and_no_other_has(world):
    mine = Assignment.objects.filter(annotator=world.bob)
    with refused():
        mine.update(done_at=timezone.now())
    with refused():
        mine.update(finished_under=1)
    with refused():
        mine.update(state="done", done_at=timezone.now())
    assert mine.update(state="done", done_at=timezone.now(), finished_under=0) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"action": "delete"},
        {"kind": "code"},
        {"object": "1"},
        {"before": {}},
        {"after": {"note": "x"}},
        {"at": timezone.now()},
    ],
)
def test_event_is_never_altered(world, change):
    with refused():
        Event.objects.filter(object=str(world.said["bob failure"]["id"])).update(**change)


def test_event_is_ascribed_to_nobody_else(world):
    told = Event.objects.filter(object=str(world.said["bob failure"]["id"]))
    for change in (
        {"actor": world.beth},
        {"about": world.beth},
        {"project": world.elsewhere.project},
        {"id": uuid.uuid4()},
    ):
        with refused():
            told.update(**change)
    assert told.update(actor=None, about=None) == 1
    with refused():
        told.update(actor=world.beth)


@pytest.mark.parametrize("change", [{"role": "boss"}, {"role": ""}])
def test_member_with_unknown_role_is_refused(world, change):
    with refused():
        Membership.objects.filter(user=world.bob).update(**change)


def test_member_twice_in_a_project_is_refused(world):
    with refused():
        Membership.objects.create(project=world.lead.project, user=world.bob, role="viewer")


@pytest.mark.parametrize("change", [{"name": ""}, {"visibility": "none"}, {"slug": "elsewhere"}])
def test_project_without_name_slug_or_visibility_is_refused(world, change):
    with refused():
        Project.objects.filter(pk=world.lead.project_id).update(**change)


def test_speaker_without_name_or_with_that_of_another_is_refused(world):
    with refused():
        Speaker.objects.filter(name="A silent witness").update(name="")
    with refused():
        Speaker.objects.filter(name="A silent witness").update(name="The minister")
    assert Speaker.objects.filter(name="A stranger").update(name="The minister") == 1


def test_guards_can_be_laid_again(world):
    install_triggers()
    with refused():
        annotation(world, quote="Alliance").save(force_insert=True)
    add_code(world.lead, "Other")
    add_source(world.lead, "Other")


def test_guards_that_are_gone_are_laid_when_the_server_starts(world, monkeypatch):
    monkeypatch.setattr(installation, "collect_static_files", lambda: False)
    on = " ON cstoannot_annotation" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER guard_annotation_new{on}")
    installation.prepare_installation()
    with refused():
        annotation(world, quote="Alliance").save(force_insert=True)
