"""The history keeps who had seen the coding of others before a source was closed again."""

import pytest

from cstoannot.annotations.queries import visible_annotations
from cstoannot.assignments.actions import (
    assign_source,
    change_assignments,
    set_assignment_state,
    unassign_source,
)
from cstoannot.history.models import Event
from cstoannot.projects.actions import change_project
from tests.builders import finish, join, make_user


@pytest.fixture
def both_done(world):
    """Bob and Beth have finished the shared source, and see each other's coding there."""
    change_project(world.lead, visibility="done")
    for user in (world.bob, world.beth):
        finish(world.scope(user), world.shared)
    assert _sees(world, world.bob)
    return world


def _sees(world, user):
    others = visible_annotations(world.scope(user)).filter(source=world.shared)
    return others.exclude(annotator=user).exists()


def _looked(world):
    looks = Event.objects.filter(kind="look", source=world.shared).order_by("about__username")
    return list(looks.values_list("about__username", flat=True))


CLOSINGS = {
    "reopened": lambda w: set_assignment_state(
        w.scope(w.bob), w.assignments["bob shared"].pk, "started"
    ),
    "given to another": lambda w: assign_source(w.lead, source_id=w.shared.pk, annotator="ada"),
    "given to many": lambda w: change_assignments(
        w.lead, give=[(w.shared.pk, "ada"), (w.beths.pk, "ada")], take=[]
    ),
    "taken from one": lambda w: unassign_source(
        w.lead, w.assignments["bob shared"].pk, confirmed=True
    ),
}


@pytest.mark.parametrize("close", CLOSINGS.values(), ids=CLOSINGS)
def test_who_was_shown_others_coding_is_kept_when_the_source_closes(both_done, close):
    assert _looked(both_done) == []
    close(both_done)
    assert _looked(both_done) == ["beth", "bob"]


def test_reopening_closes_the_view_of_everybody(both_done):
    CLOSINGS["reopened"](both_done)
    assert not _sees(both_done, both_done.bob)
    assert not _sees(both_done, both_done.beth)


def test_each_is_told_of_once_and_to_those_who_see_all_coding(both_done, api):
    for _ in range(2):
        CLOSINGS["reopened"](both_done)
        finish(both_done.scope(both_done.bob), both_done.shared)
    CLOSINGS["reopened"](both_done)
    looks = Event.objects.filter(kind="look")
    assert sorted(looks.values_list("about__username", flat=True)) == ["beth", "bob"]
    for user, count in ((both_done.alice, 2), (both_done.bob, 0), (both_done.beth, 0)):
        told = api(user).get(f"{both_done.api}events/").json()["results"]
        assert sum(one["kind"] == "look" for one in told) == count


def test_look_outlives_the_assignment(both_done):
    CLOSINGS["taken from one"](both_done)
    assign_source(both_done.lead, source_id=both_done.shared.pk, annotator="bob")
    assert _looked(both_done) == ["beth", "bob"]


@pytest.mark.parametrize("visibility", ["own", "all"])
def test_nothing_is_kept_where_sources_do_not_open_by_being_done(both_done, visibility):
    change_project(both_done.lead, visibility=visibility)
    CLOSINGS["reopened"](both_done)
    assert _looked(both_done) == []


def test_nothing_is_kept_of_a_source_that_was_never_open(world):
    change_project(world.lead, visibility="done")
    for name in ("shared", "bobs"):
        finish(world.scope(world.bob), getattr(world, name))
        set_assignment_state(world.scope(world.bob), world.assignments[f"bob {name}"].pk, "started")
    assert not Event.objects.filter(kind="look").exists()


def test_history_says_it_in_words(both_done, client_for):
    CLOSINGS["reopened"](both_done)
    page = client_for(both_done.alice).get(f"/projects/{both_done.slug}/history/")
    assert "had seen the coding of others" in page.content.decode()


def test_newcomer_has_not_looked(both_done):
    CLOSINGS["reopened"](both_done)
    eve = make_user("eve")
    join(both_done.lead, eve, "annotator")
    assign_source(both_done.lead, source_id=both_done.shared.pk, annotator="eve")
    assert _looked(both_done) == ["beth", "bob"]


def test_assigning_what_is_assigned_already_closes_nothing(both_done):
    _, created = assign_source(both_done.lead, source_id=both_done.shared.pk, annotator="bob")
    assert not created
    assert _sees(both_done, both_done.bob)
    assert _looked(both_done) == []
