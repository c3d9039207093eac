"""Who is given what, and how far they are."""

import uuid

import pytest

from cstoannot.assignments.actions import assign_source, set_assignment_state, unassign_source
from cstoannot.assignments.queries import find_next_assignment, require_assignment
from cstoannot.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from cstoannot.projects.actions import change_project
from cstoannot.sources.actions import delete_source
from tests.builders import annotate


def test_source_is_given_once(world):
    first, created = assign_source(world.lead, source_id=world.beths.pk, annotator="bob")
    again, created_again = assign_source(world.lead, source_id=world.beths.pk, annotator="bob")
    assert (first, first.state, created, created_again) == (again, "todo", True, False)


@pytest.mark.parametrize("annotator", ["vera", "charlie", "nobody", "", "b\x00b"])
def test_source_is_given_to_members_who_annotate_only(world, annotator):
    with pytest.raises(Invalid) as refusal:
        assign_source(world.lead, source_id=world.shared.pk, annotator=annotator)
    assert refusal.value.field == "annotator"


def test_source_of_another_project_is_not_given(world):
    with pytest.raises(Invalid) as refusal:
        assign_source(world.lead, source_id=world.foreign_source.pk, annotator="bob")
    assert refusal.value.field == "source"


@pytest.mark.parametrize("name", ["bob", "vera"])
def test_sources_are_given_by_those_who_edit_them(world, name):
    scope = world.scope(getattr(world, name))
    with pytest.raises(Forbidden):
        assign_source(scope, source_id=world.shared.pk, annotator="bob")
    with pytest.raises(Forbidden):
        unassign_source(scope, world.assignments["bob bobs"].pk)


def test_coded_source_is_taken_away_after_confirming_and_what_was_coded_stays(world):
    given = world.assignments["bob shared"].pk
    with pytest.raises(Conflict, match="bob has 2 annotations") as refusal:
        unassign_source(world.lead, given)
    assert refusal.value.field == "confirm"
    unassign_source(world.lead, given, confirmed=True)
    bob = world.scope(world.bob)
    assert world.bob.annotations.count() == 2
    with pytest.raises(NotFound):
        require_assignment(bob, given)
    with pytest.raises(DomainError):
        annotate(bob, world.shared, "Nobody")


def test_state_goes_forth_and_back_with_its_time(world):
    bob, given = world.scope(world.bob), world.assignments["bob bobs"].pk
    done = set_assignment_state(bob, given, "done")
    assert done.done_at is not None
    assert set_assignment_state(bob, given, "done").done_at == done.done_at
    assert set_assignment_state(bob, given, "started").done_at is None
    with pytest.raises(Invalid):
        set_assignment_state(bob, given, "later")


def test_state_is_set_by_the_annotator_or_who_leads(world):
    hers = world.assignments["beth beths"].pk
    assert set_assignment_state(world.scope(world.ada), hers, "done").state == "done"
    for name in ("bob", "vera"):
        with pytest.raises(NotFound):
            set_assignment_state(world.scope(getattr(world, name)), hers, "todo")


def test_state_of_a_visible_assignment_of_another_is_forbidden(world):
    change_project(world.lead, visibility="all")
    with pytest.raises(Forbidden):
        set_assignment_state(world.scope(world.bob), world.assignments["beth shared"].pk, "done")


def test_assignment_of_another_project_is_out_of_reach(world):
    theirs = world.charlie.assignments.get().pk
    for pk in (theirs, uuid.uuid4()):
        with pytest.raises(NotFound):
            set_assignment_state(world.lead, pk, "done")


def test_next_is_what_was_begun_then_what_comes_first(world):
    bob = world.scope(world.bob)
    assert find_next_assignment(bob).source == world.shared
    set_assignment_state(bob, world.assignments["bob shared"].pk, "done")
    assert find_next_assignment(bob).source == world.bobs
    delete_source(world.lead, world.bobs.pk)
    assert find_next_assignment(bob) is None
    assert find_next_assignment(world.scope(world.vera)) is None
