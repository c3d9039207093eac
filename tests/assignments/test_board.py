"""The board: what matches, how fast everybody is, who is late, and many changes at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cstoannot.assignments.board_actions import (
    give_matching_sources,
    reopen_assignments,
    set_deadlines,
    take_assignments,
)
from cstoannot.assignments.board_queries import (
    NOT_GIVEN,
    BoardFilter,
    load_late_annotators,
    load_my_due_work,
    load_paces,
    select_board_assignments,
    select_board_sources,
)
from cstoannot.assignments.models import Assignment
from cstoannot.core.errors import Conflict, Forbidden, Invalid
from cstoannot.projects.scope import open_projects
from tests.builders import add_source, finish, hand_out_more

TODAY = timezone.localdate()
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def pairs(world, **asked):
    found = select_board_assignments(world.lead, BoardFilter(**asked))
    return {(row.annotator.username, row.source.title.lower()) for row in found}


def titles(world, **asked):
    return {one.title.lower() for one in select_board_sources(world.lead, BoardFilter(**asked))}


def test_filters_of_assignments(world):
    _, pilot = hand_out_more(world)
    finish(world.scope(world.bob), world.shared)
    assert len(pairs(world)) == 4
    assert pairs(world, annotator="bob") == {("bob", "shared"), ("bob", "bobs")}
    assert pairs(world, state="done") == {("bob", "shared")}
    assert pairs(world, round=pilot.pk) == {("bob", "shared"), ("beth", "shared")}
    assert pairs(world, group="Nothing") == set()
    assert pairs(world, state=NOT_GIVEN) == set()


def test_filters_of_sources(world):
    _, pilot = hand_out_more(world)
    add_source(world.lead, "Free", "Nobody has it.", group="Press")
    finish(world.scope(world.bob), world.shared)
    assert titles(world) == {"shared", "bobs", "beths", "free"}
    assert titles(world, state="done") == {"shared"}
    assert titles(world, state=NOT_GIVEN) == {"free"}
    assert titles(world, state=NOT_GIVEN, annotator="bob") == {"beths", "free"}
    assert titles(world, round=pilot.pk) == {"shared"}
    assert titles(world, group="Press") == {"free"}
    assert titles(world, late=True) == set()


def test_deadlines_make_work_due_and_late(world):
    assert set_deadlines(world.lead, BoardFilter(annotator="bob"), YESTERDAY) == 2
    assert set_deadlines(world.lead, BoardFilter(annotator="beth"), TOMORROW) == 2
    assert set_deadlines(world.lead, BoardFilter(annotator="beth"), TOMORROW) == 0
    assert pairs(world, late=True) == {("bob", "shared"), ("bob", "bobs")}
    finish(world.scope(world.bob), world.shared)
    assert pairs(world, late=True) == {("bob", "bobs")}
    project = world.lead.project_id
    mine = load_my_due_work(open_projects(world.bob))[project]
    assert (mine.due, mine.late) == (YESTERDAY, 1)
    mine = load_my_due_work(open_projects(world.beth))[project]
    assert (mine.due, mine.late) == (TOMORROW, 0)
    assert load_late_annotators(open_projects(world.alice)) == {project: [("bob", 1)]}
    assert load_late_annotators(open_projects(world.bob)) == {}
    assert set_deadlines(world.lead, BoardFilter(), None) == 4
    assert load_my_due_work(open_projects(world.bob)) == {}


def test_pace_and_forecast(world):
    finish(world.scope(world.bob), world.shared)
    paces = load_paces(world.lead)
    bob, beth = paces[world.bob.pk], paces[world.beth.pk]
    assert (bob.left, bob.weekly, bob.until) == (1, 1.0, TODAY + timedelta(days=7))
    assert (beth.left, beth.weekly, beth.until) == (2, 0.0, None)
    Assignment.objects.filter(annotator=world.bob).update(
        created_at=timezone.now() - timedelta(days=100)
    )
    assert load_paces(world.lead)[world.bob.pk].weekly == 0.25


def test_reopen_many(world):
    for user in (world.bob, world.beth):
        finish(world.scope(user), world.shared)
    assert reopen_assignments(world.lead, BoardFilter(annotator="bob")) == 1
    assert pairs(world, state="done") == {("beth", "shared")}
    assert reopen_assignments(world.lead, BoardFilter()) == 1


def test_take_many_asks_before_it_takes_what_is_coded(world):
    with pytest.raises(Conflict):
        take_assignments(world.lead, BoardFilter(annotator="bob"))
    assert len(pairs(world)) == 4
    changed = take_assignments(world.lead, BoardFilter(annotator="bob"), confirmed=True)
    assert changed.taken == 2
    assert pairs(world, annotator="bob") == set()


def test_give_many(world):
    changed = give_matching_sources(
        world.lead, BoardFilter(annotator="beth", state="started"), ["ada"]
    )
    assert changed.given == 2
    assert pairs(world, annotator="ada") == {("ada", "shared"), ("ada", "beths")}
    with pytest.raises(Invalid):
        give_matching_sources(world.lead, BoardFilter(), [])
    with pytest.raises(Invalid):
        give_matching_sources(world.lead, BoardFilter(), ["charlie"])


def test_annotators_have_no_board(world):
    bob = world.scope(world.bob)
    for act in (
        lambda: select_board_assignments(bob, BoardFilter()),
        lambda: select_board_sources(bob, BoardFilter()),
        lambda: load_paces(bob),
        lambda: set_deadlines(bob, BoardFilter(), TODAY),
        lambda: reopen_assignments(bob, BoardFilter()),
        lambda: take_assignments(bob, BoardFilter()),
        lambda: give_matching_sources(bob, BoardFilter(), ["bob"]),
    ):
        with pytest.raises(Forbidden):
            act()
