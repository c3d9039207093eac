"""Assigning many sources at once, and how far everybody is."""

import pytest

from cstoannot.assignments.actions import assign_all_sources, change_assignments
from cstoannot.assignments.models import AssignmentState
from cstoannot.assignments.queries import (
    AssignmentProgress,
    find_next_assignment,
    load_my_progress,
    load_my_progress_everywhere,
    load_next_sources_everywhere,
    load_progress_by_annotator,
    load_team_progress_everywhere,
    visible_assignments,
)
from cstoannot.core.errors import Conflict, Forbidden, Invalid
from cstoannot.history.models import Event
from cstoannot.projects.scope import open_projects
from tests.builders import finish


def given(world):
    rows = visible_assignments(world.lead)
    return {(row.source_id, row.annotator.username) for row in rows}


def test_give_and_take_in_one_step(world):
    changed = change_assignments(
        world.lead,
        give=[(world.beths.pk, "bob"), (world.shared.pk, "bob")],
        take=[(world.bobs.pk, "bob")],
    )
    assert (changed.given, changed.taken) == (1, 1)
    assert (world.beths.pk, "bob") in given(world)
    assert (world.bobs.pk, "bob") not in given(world)


def test_every_change_is_an_event(world):
    before = Event.objects.count()
    change_assignments(world.lead, give=[(world.beths.pk, "bob")], take=[(world.bobs.pk, "bob")])
    last = Event.objects.order_by("-id")[:2]
    assert Event.objects.count() == before + 2
    assert {(e.action, e.kind, e.about.username) for e in last} == {
        ("create", "assignment", "bob"),
        ("delete", "assignment", "bob"),
    }


def test_taking_what_is_coded_asks_first_and_changes_nothing(world):
    before = given(world)
    with pytest.raises(Conflict) as refused:
        change_assignments(
            world.lead, give=[(world.bobs.pk, "beth")], take=[(world.shared.pk, "beth")]
        )
    assert refused.value.field == "confirm"
    assert "beth has 2 annotations" in refused.value.message
    assert given(world) == before


def test_taking_what_is_coded_confirmed(world):
    change_assignments(world.lead, give=[], take=[(world.shared.pk, "beth")], confirmed=True)
    assert (world.shared.pk, "beth") not in given(world)


@pytest.mark.parametrize("name", ["vera", "charlie", "nobody", "a\x00b"])
def test_give_to_somebody_who_does_not_code(world, name):
    with pytest.raises(Invalid) as refused:
        change_assignments(world.lead, give=[(world.bobs.pk, name)], take=[])
    assert refused.value.field == "annotator"


def test_give_a_source_of_another_project(world):
    with pytest.raises(Invalid):
        change_assignments(world.lead, give=[(world.foreign_source.pk, "bob")], take=[])


def test_assign_everything(world):
    changed = assign_all_sources(world.lead, annotators=["bob", "beth"])
    assert changed.given == 2
    assert assign_all_sources(world.lead, annotators=["bob"]).given == 0
    assert len(given(world)) == 6


def test_annotators_assign_nothing(world):
    with pytest.raises(Forbidden):
        assign_all_sources(world.scope(world.bob), annotators=["bob"])


def test_progress_of_all_for_those_who_lead(world):
    finish(world.scope(world.bob), world.bobs)
    assert load_progress_by_annotator(world.lead) == {
        world.bob.pk: AssignmentProgress(started=1, done=1),
        world.beth.pk: AssignmentProgress(started=2),
    }


def test_progress_of_others_is_unknown_to_the_blind(world):
    bob = world.scope(world.bob)
    assert load_progress_by_annotator(bob) == {world.bob.pk: AssignmentProgress(todo=1, started=1)}
    assert load_my_progress(bob) == AssignmentProgress(todo=1, started=1)


def test_next_is_what_was_begun_then_what_comes_first(world):
    bob = world.scope(world.bob)
    assert find_next_assignment(bob).source_id == world.shared.pk
    finish(bob, world.shared)
    assert find_next_assignment(bob).source_id == world.bobs.pk
    finish(bob, world.bobs)
    assert find_next_assignment(bob) is None


def test_everywhere_at_once(world):
    doors = open_projects(world.charlie)
    key = world.elsewhere.project_id
    assert load_my_progress_everywhere(doors) == {key: AssignmentProgress(started=1)}
    assert load_next_sources_everywhere(doors) == {key: world.foreign_source.pk}
    assert load_team_progress_everywhere(doors) == {key: AssignmentProgress(started=1)}


def test_team_progress_is_for_those_who_lead(world):
    assert load_team_progress_everywhere(open_projects(world.bob)) == {}
    team = load_team_progress_everywhere(open_projects(world.ada))
    assert team == {world.lead.project_id: AssignmentProgress(todo=1, started=3)}


def test_progress_counts_no_removed_sources(world):
    from cstoannot.sources.actions import delete_source

    delete_source(world.lead, world.bobs.pk)
    assert load_progress_by_annotator(world.lead)[world.bob.pk] == AssignmentProgress(started=1)
    assert AssignmentState.DONE not in {row.state for row in visible_assignments(world.lead)}
