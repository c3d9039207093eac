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
from tests.builders import add_code, add_source, annotate, assign_to, finish, join, make_user


@pytest.fixture
def two(world):
    """A second claim, and a source given to nobody."""
    world.codes["duty"] = add_code(world.lead, "Duty", claim="There was a duty.")
    world.nobodys = add_source(world.lead, "Nobody's")
    return world


def _states(scope, **asked):
    found = build_comparison_report(scope, ComparisonQuery(voices=("everyone",), **asked))
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
    found = build_comparison_report(
        two.lead, ComparisonQuery(voices=("everyone",), codes=("failure",))
    )
    shared = [actor.name for actor in found.actors].index("Shared")
    assert bool(found.readers.split[shared, 0])
    assert Cell(found.matrix.state[shared, 0]) == Cell.MIXED
    assert found.matrix.balance[shared, 0] == 0.0
    assert int(found.readers.split.sum()) == 1


def test_what_most_readers_did_not_mark_is_contested_and_counts_for_no_side(two):
    for coder in (two.bob, two.beth):
        finish(two.scope(coder), two.shared)
    carl = join(two.lead, make_user("carl"), "annotator")
    assign_to(two.lead, two.shared, carl.user)
    annotate(carl, two.shared, "Nobody came.", "duty", stance="supports")
    finish(carl, two.shared)
    found = build_comparison_report(two.lead, ComparisonQuery(sources=(two.shared.pk,)))
    duty = [claim.slug for claim in found.claims].index("duty")
    assert Cell(found.matrix.state[0, duty]) == Cell.CONTESTED
    assert (found.readers.read_by[0, duty], found.readers.supports[0, duty]) == (3, 1)
    assert (str(found.verdicts[duty]), found.sides.of_claim(duty)["contested"]) == (
        "unaddressed",
        1,
    )


def test_claim_added_after_a_source_was_finished_is_pending_there(two):
    finish(two.scope(two.bob), two.shared)
    add_code(two.lead, "Later", claim="It was too late.")
    assert _states(two.lead)["Shared", "later"] == "pending"
    for state in (AssignmentState.STARTED, AssignmentState.DONE):
        set_assignment_state(two.scope(two.bob), two.assignments["bob shared"].pk, state)
    assert _states(two.lead)["Shared", "later"] == "silent"


def test_what_only_others_say_is_quoted(two):
    finish(two.scope(two.beth), two.shared)
    found = build_comparison_report(two.lead, ComparisonQuery(codes=("failure",)))
    assert Cell(found.matrix.state[0, 0]) == Cell.QUOTED
    heard = ComparisonQuery(codes=("failure",), voices=("The minister", "A silent witness"))
    assert Cell(build_comparison_report(two.lead, heard).matrix.state[0, 0]) == Cell.OPPOSES


def test_who_codes_the_same_changes_nothing(two):
    """A source read once or twice alike has the same states, verdicts and numbers of places."""
    finish(two.scope(two.bob), two.shared)
    before = build_comparison_report(two.lead, ComparisonQuery(voices=("everyone",)))
    carl = join(two.lead, make_user("carl"), "annotator")
    assign_to(two.lead, two.shared, carl.user)
    annotate(carl, two.shared, "The alliance failed its member.", stance="supports")
    annotate(carl, two.shared, "We asked", "plea", voice="The minister")
    finish(carl, two.shared)
    after = build_comparison_report(two.lead, ComparisonQuery(voices=("everyone",)))
    assert (before.matrix.state == after.matrix.state).all()
    assert (before.verdicts, before.passages) == (after.verdicts, after.passages)


def test_each_source_counts_once_in_its_group(two):
    """Ten passages in one source weigh as much as one in another."""
    for source in (two.shared, two.bobs):
        change_source(two.lead, source.pk, group="Both")
    bob = two.scope(two.bob)
    for quote in ("Nobody", "came.", "Naïve", "hopes", "all"):
        annotate(bob, two.bobs, quote, stance="opposes")
    finish(bob, two.shared)
    finish(bob, two.bobs)
    found = build_comparison_report(two.lead, ComparisonQuery(by="group", codes=("failure",)))
    assert (found.matrix.supports[0, 0], found.matrix.opposes[0, 0]) == (1, 5)
    assert found.matrix.balance[0, 0] == 0.0
    assert Cell(found.matrix.state[0, 0]) == Cell.MIXED


def test_group_is_silent_only_when_all_of_it_was_read(two):
    for source in (two.bobs, two.beths, two.nobodys):
        change_source(two.lead, source.pk, group="Rest")
    assert _states(two.lead, by="group") == {
        (group, claim): "pending"
        for group in ("Rest", "without a group")
        for claim in ("failure", "duty")
    }
    finish(two.scope(two.bob), two.bobs)
    finish(two.scope(two.beth), two.beths)
    unread = _states(two.lead, by="group", groups=("Rest",))
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


def test_overlapping_passages_are_one_place_with_the_stance_of_the_longest(two):
    bob = two.scope(two.bob)
    annotate(bob, two.shared, "failed its member", stance="opposes")
    finish(bob, two.shared)
    found = build_comparison_report(two.lead, ComparisonQuery(codes=("failure",)))
    counts = [getattr(found.matrix, name)[0, 0] for name in ("supports", "opposes")]
    assert counts == [1, 0]
    assert Assignment.objects.filter(state=AssignmentState.DONE).count() == 1


def test_numbers_too_large_for_a_table_are_found_all_the_same(monkeypatch):
    known, values = [7, 3, 9], np.array([9, 3, 8, 7, 0, 10])
    expected = [2, 1, -1, 0, -1, -1]
    assert queries._compute_known_positions(known, values).tolist() == expected
    monkeypatch.setattr(queries, "LARGEST_TABLE", 1)
    assert queries._compute_known_positions(known, values).tolist() == expected
    assert queries._compute_known_positions([], values).tolist() == [-1] * 6
