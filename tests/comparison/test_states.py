"""Silent, pending and unassigned: what one assignment's state changes, and nothing else."""

import numpy as np
import pytest

from cstoannot.assignments.actions import set_assignment_state, unassign_source
from cstoannot.assignments.models import Assignment, AssignmentState
from cstoannot.codebook.actions import change_code
from cstoannot.comparison import queries
from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.reports import build_comparison_report
from cstoannot.sources.actions import change_source
from cstoannot.stats.comparison.positions import CellState as Cell
from tests.builders import add_code, add_source, annotate, assign_to, finish


@pytest.fixture
def two(world):
    """A second claim, and a source given to nobody."""
    world.codes["duty"] = add_code(world.lead, "Duty", claim="There was a duty.")
    world.nobodys = add_source(world.lead, "Nobody's")
    return world


def _states(scope, **asked):
    found = build_comparison_report(scope, ComparisonQuery(voice="everyone", **asked))
    return {
        (found.actors[n].name, claim.slug): Cell(found.matrix.state[n, place]).name.lower()
        for n in range(len(found.actors))
        for place, claim in enumerate(found.claims)
    }


def _changes(before, after):
    return {key: state for key, state in after.items() if before.get(key) != state}


def test_nobody_has_finished(two):
    states = _states(two.lead)
    given = {"Shared": "pending", "Bobs": "pending", "Beths": "pending", "Nobody's": "unassigned"}
    assert states == {
        (title, code): given[title] for title in given for code in ("failure", "duty")
    }


def test_finishing_changes_this_source_alone(two):
    before = _states(two.lead)
    finish(two.scope(two.bob), two.shared)
    after = _states(two.lead)
    changed = {("Shared", "failure"): "supports", ("Shared", "duty"): "silent"}
    assert _changes(before, after) == changed
    finish(two.scope(two.bob), two.bobs)
    silent = {("Bobs", "failure"): "silent", ("Bobs", "duty"): "silent"}
    assert _changes(after, _states(two.lead)) == silent


def test_taking_up_again_takes_the_coding_out(two):
    finish(two.scope(two.bob), two.shared)
    done = _states(two.lead)
    set_assignment_state(
        two.scope(two.bob), two.assignments["bob shared"].pk, AssignmentState.STARTED
    )
    pending = {("Shared", "failure"): "pending", ("Shared", "duty"): "pending"}
    assert _changes(done, _states(two.lead)) == pending


def test_giving_a_source_makes_it_pending_and_taking_it_back_unassigned(two):
    before = _states(two.lead)
    given = assign_to(two.lead, two.nobodys, two.bob)[0]
    pending = {("Nobody's", code): "pending" for code in ("failure", "duty")}
    after = _states(two.lead)
    assert _changes(before, after) == pending
    unassign_source(two.lead, given.pk)
    assert _states(two.lead) == before


def test_of_two_coders_one_who_finished_is_enough(two):
    finish(two.scope(two.beth), two.shared)
    states = _states(two.lead)
    assert states["Shared", "failure"] == "opposes"
    assert states["Shared", "duty"] == "silent"
    only_bob = _states(two.lead, annotators=("bob",))
    assert only_bob["Shared", "failure"] == only_bob["Shared", "duty"] == "pending"
    assert only_bob["Beths", "failure"] == "unassigned"


def test_annotators_who_take_different_sides_split_the_cell(two):
    finish(two.scope(two.bob), two.shared)
    finish(two.scope(two.beth), two.shared)
    found = build_comparison_report(two.lead, ComparisonQuery(voice="everyone", codes=("failure",)))
    shared = [actor.name for actor in found.actors].index("Shared")
    assert bool(found.matrix.split[shared, 0])
    assert Cell(found.matrix.state[shared, 0]) == Cell.MIXED
    assert found.matrix.balance[shared, 0] == 0.0
    assert int(found.matrix.split.sum()) == 1


def test_group_is_silent_only_when_all_of_it_was_read(two):
    for source in (two.bobs, two.beths, two.nobodys):
        change_source(two.lead, source.pk, group="Rest")
    assert _states(two.lead, by="group") == {("Rest", c): "pending" for c in ("failure", "duty")}
    finish(two.scope(two.bob), two.bobs)
    finish(two.scope(two.beth), two.beths)
    unread = _states(two.lead, by="group")
    assert unread == {("Rest", "failure"): "supports", ("Rest", "duty"): "pending"}
    given = assign_to(two.lead, two.nobodys, two.bob)[0]
    set_assignment_state(two.scope(two.bob), given.pk, AssignmentState.DONE)
    assert _states(two.lead, by="group")["Rest", "duty"] == "silent"


def test_speakers_are_compared_by_what_is_said_in_their_name(two):
    finish(two.scope(two.beth), two.shared)
    found = build_comparison_report(two.lead, ComparisonQuery(by="speaker"))
    states = {
        (found.actors[n].name, claim.slug): Cell(found.matrix.state[n, place]).name.lower()
        for n in range(len(found.actors))
        for place, claim in enumerate(found.claims)
    }
    assert states["The minister", "failure"] == "opposes"
    assert states["A silent witness", "failure"] == "pending"


def test_retired_code_stays_as_long_as_it_is_used(two):
    finish(two.scope(two.bob), two.shared)
    for slug in ("failure", "duty"):
        change_code(two.lead, slug, retired=True)
    assert [
        claim.slug for claim in build_comparison_report(two.lead, ComparisonQuery()).claims
    ] == ["failure"]


def test_overlapping_passages_are_counted_each(two):
    bob = two.scope(two.bob)
    annotate(bob, two.shared, "failed its member", stance="opposes")
    finish(bob, two.shared)
    found = build_comparison_report(two.lead, ComparisonQuery(codes=("failure",)))
    counts = [getattr(found.matrix, name)[0, 0] for name in ("supports", "opposes")]
    assert counts == [1, 1]
    assert Assignment.objects.filter(state=AssignmentState.DONE).count() == 1


def test_numbers_too_large_for_a_table_are_found_all_the_same(monkeypatch):
    known, values = [7, 3, 9], np.array([9, 3, 8, 7, 0, 10])
    expected = [2, 1, -1, 0, -1, -1]
    assert queries._compute_known_positions(known, values).tolist() == expected
    monkeypatch.setattr(queries, "LARGEST_TABLE", 1)
    assert queries._compute_known_positions(known, values).tolist() == expected
    assert queries._compute_known_positions([], values).tolist() == [-1] * 6
