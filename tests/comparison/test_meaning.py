"""A change of an assignment, a code's birth or a meaning changes exactly the cells it should."""

import pytest

from cstoannot.annotations.actions import Draft, save_annotation
from cstoannot.annotations.models import Annotation, Layer
from cstoannot.codebook.actions import change_code
from cstoannot.comparison import project_cache
from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.leave_one_out import find_pivotal_passages
from cstoannot.comparison.network import build_network
from cstoannot.comparison.network_query import NetworkQuery
from cstoannot.comparison.passages import build_matrix_cell, list_passages
from cstoannot.comparison.reports import build_comparison_report
from cstoannot.comparison.side_by_side import load_side_by_side
from cstoannot.core.fields import ANY_VERSION
from tests.builders import add_code, add_source, annotate, assign_to, finish, reopened

FAILED, NEED = "failure", "need"


@pytest.fixture
def done(world):
    """Bob and Beth have finished two sources: both mark both claims in each, all in support."""
    add_code(world.lead, "Need", claim="They need help.")
    second = add_source(world.lead, "Second")
    assign_to(world.lead, second, world.bob, world.beth)
    for coder in (world.scope(world.bob), world.scope(world.beth)):
        for source in (world.shared, second):
            annotate(coder, source, "hopes", FAILED, stance="supports")
            annotate(coder, source, "Nobody came.", NEED, stance="supports")
            finish(coder, source)
    world.second = second
    return world


def _report(scope, **asked):
    return build_comparison_report(scope, ComparisonQuery(**asked))


def _cells(scope, **asked):
    """State and readers of every cell, by source and claim."""
    found = _report(scope, **asked)
    return {
        (actor.name, claim.slug): (
            (cell := build_matrix_cell(found, row, column)).state,
            cell.readers.get("read_by", 0),
            cell.passages,
            int(found.too_early[row, column]),
        )
        for row, actor in enumerate(found.actors)
        for column, claim in enumerate(found.claims)
    }


def _changed(before, after):
    assert before.keys() <= after.keys()
    return {key: after[key] for key in before if before[key] != after[key]}


def _stale(scope, **asked):
    found = _report(scope, **asked)
    return dict(zip((claim.slug for claim in found.claims), found.stale, strict=True))


def _redefine(world, slug):
    change_code(world.lead, slug, definition="By a government.")


def _code_anew(scope, source, annotation):
    """Change the coding a little, which says that it holds under the meaning of now."""
    row = Annotation.objects.get(pk=annotation)
    place = {"source": source.pk, "code": row.code.slug, "start": row.start, "end": row.end}
    draft = Draft(**place, stance=row.stance, note="Looked at again.")
    with reopened(scope, source):
        save_annotation(scope, row.pk, draft, expected=ANY_VERSION)


def test_change_of_meaning_counts_its_codings_and_changes_no_cell(done):
    before = _cells(done.lead)
    assert _stale(done.lead) == {FAILED: 0, NEED: 0}
    _redefine(done, NEED)
    assert _changed(before, _cells(done.lead)) == {}
    assert _stale(done.lead) == {FAILED: 0, NEED: 4}
    assert _stale(done.lead, sources=(done.second.pk,)) == {FAILED: 0, NEED: 2}
    assert _stale(done.lead, annotators=("bob",)) == {FAILED: 0, NEED: 2}
    assert _stale(done.lead, voices=("everyone",), by="speaker") == {FAILED: 0, NEED: 4}
    change_code(done.lead, NEED, name="Needs", colour="#123456")
    assert _stale(done.lead) == {FAILED: 0, NEED: 4}


def test_current_meaning_only_changes_exactly_the_cells_of_that_claim(done):
    before = _cells(done.lead)
    assert _cells(done.lead, meaning="current") == before
    _redefine(done, NEED)
    changed = _changed(before, _cells(done.lead, meaning="current"))
    assert changed == {
        ("Shared", NEED): ("pending", 0, 0, 0),
        ("Second", NEED): ("pending", 0, 0, 0),
    }
    found = _report(done.lead, meaning="current")
    assert dict(zip((one.slug for one in found.claims), found.stale, strict=True))[NEED] == 4


def test_reading_anew_counts_again_once_nothing_outdated_is_left(done):
    _redefine(done, NEED)
    bob = done.scope(done.bob)
    before = _cells(done.lead, meaning="current")
    with reopened(bob, done.second):
        pass  # finished under the new meaning, but the old coding stands
    assert _changed(before, _cells(done.lead, meaning="current")) == {}
    old = Annotation.objects.get(source=done.second, annotator=done.bob, code__slug=NEED)
    _code_anew(bob, done.second, old.pk)
    changed = _changed(before, _cells(done.lead, meaning="current"))
    assert changed == {("Second", NEED): ("supports", 1, 1, 0)}
    assert _stale(done.lead) == {FAILED: 0, NEED: 3}


def test_silence_is_of_a_meaning_too(done):
    source = add_source(done.lead, "Third")
    assign_to(done.lead, source, done.bob)
    bob = done.scope(done.bob)
    finish(bob, source)
    assert _cells(done.lead, meaning="current")["Third", NEED] == ("silent", 1, 0, 0)
    _redefine(done, NEED)
    assert _cells(done.lead)["Third", NEED] == ("silent", 1, 0, 0)
    assert _cells(done.lead, meaning="current")["Third", NEED] == ("pending", 0, 0, 0)
    with reopened(bob, source):
        pass
    assert _cells(done.lead, meaning="current")["Third", NEED] == ("silent", 1, 0, 0)


def test_outdated_consensus_is_left_out(done):
    said = Annotation.objects.filter(source=done.second, annotator=done.bob, code__slug=NEED)
    said.update(annotator=None, layer=Layer.CONSENSUS)
    project_cache.clear_comparison_cache()
    assert _cells(done.lead)["Second", NEED][0] == "supports"
    _redefine(done, NEED)
    assert _stale(done.lead, sources=(done.second.pk,)) == {FAILED: 0, NEED: 1}
    assert _cells(done.lead)["Second", NEED][0] == "supports"
    current = _cells(done.lead, meaning="current")
    assert (current["Second", NEED][0], current["Second", FAILED][0]) == ("pending", "silent")


def test_code_added_later_is_pending_until_the_source_is_finished_again(done):
    before = _cells(done.lead)
    add_code(done.lead, "Late", claim="It was late.")
    after = _cells(done.lead)
    assert _changed(before, after) == {}
    assert (after["Shared", "late"], after["Second", "late"]) == (("pending", 0, 0, 2),) * 2
    assert _report(done.lead).read_before == (0, 0, 2)
    assert _report(done.lead, sources=(done.second.pk,)).read_before == (0, 0, 1)
    with reopened(done.scope(done.beth), done.second):
        pass
    assert _changed(after, _cells(done.lead)) == {("Second", "late"): ("silent", 1, 0, 1)}
    assert _report(done.lead).read_before == (0, 0, 2)
    with reopened(done.scope(done.bob), done.second):
        pass
    assert _changed(after, _cells(done.lead)) == {("Second", "late"): ("silent", 2, 0, 0)}
    assert _report(done.lead).read_before == (0, 0, 1)


def test_every_view_leaves_the_same_out(done):
    _redefine(done, NEED)
    question = ComparisonQuery(meaning="current")
    listed = list_passages(done.lead, question, offset=0, limit=None)
    assert {one.place.claim.slug for one in listed.entries} == {FAILED}
    assert listed.total == listed.comparison.passages
    beside = load_side_by_side(done.lead, question)
    assert ({one.slug for one in beside.claims}, beside.stale) == ({FAILED}, 0)
    assert load_side_by_side(done.lead, ComparisonQuery()).stale == 4
    network = build_network(done.lead, NetworkQuery(question))
    assert network.said.stale == 4
    assert network.said.tally.counts.sum(axis=(0, 2)).tolist()[1:] == [0]
    assert set(find_pivotal_passages(listed.comparison).by_claim) <= {FAILED}
