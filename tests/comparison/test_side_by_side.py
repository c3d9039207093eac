"""Whole articles side by side: which ones, which claims, and where each stands."""

from dataclasses import replace

import pytest

from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.reports import build_comparison_report
from cstoannot.comparison.side_by_side import load_side_by_side
from cstoannot.core.errors import Invalid
from cstoannot.stats.comparison.positions import CellState
from tests.agreement.demo import demo
from tests.builders import add_code, finish


@pytest.fixture
def done(world):
    finish(world.scope(world.bob), world.shared)
    finish(world.scope(world.beth), world.shared)
    return world


def test_articles_stand_where_the_matrix_says(db):
    lead = demo()
    pks = list(lead.project.sources.values_list("pk", flat=True))[:3]
    question = ComparisonQuery(sources=tuple(sorted(pks)))
    found = load_side_by_side(lead, question)
    matrix = build_comparison_report(lead, question)
    assert [column.article.source.pk for column in found.columns] == [
        int(actor.key) for actor in matrix.actors
    ]
    for number, column in enumerate(found.columns):
        for place, claim in enumerate(matrix.claims):
            cell = column.cells[claim.slug]
            assert cell.state == CellState(matrix.matrix.state[number, place]).name.lower()
            own = [one for one in column.places if one.claim == claim]
            assert sum(len(one.said) for one in own) == cell.passages
        assert all(0 <= place.start < place.end <= len(column.text) for place in column.places)
    assert {claim.slug for claim in found.claims} == {
        place.claim.slug for column in found.columns for place in column.places
    }


def test_without_a_choice_those_come_first_that_say_something(done):
    found = load_side_by_side(done.scope(done.alice), ComparisonQuery())
    assert [column.article.source.title for column in found.columns] == ["Shared", "Bobs"]
    assert found.question.sources == tuple(sorted((done.shared.pk, done.bobs.pk)))


def test_more_than_three_are_left_out(db):
    lead = demo()
    pks = tuple(lead.project.sources.values_list("pk", flat=True))
    found = load_side_by_side(lead, ComparisonQuery(sources=pks))
    assert (len(found.columns), found.left_out) == (3, 2)


def test_claims_asked_for_are_there_even_if_nobody_speaks_of_them(done):
    add_code(done.lead, "Silence", claim="Nobody spoke.")
    assert [claim.slug for claim in load_side_by_side(done.lead, ComparisonQuery()).claims] == [
        "failure"
    ]
    found = load_side_by_side(done.lead, ComparisonQuery(codes=("silence",)))
    assert [claim.slug for claim in found.claims] == ["silence"]
    assert found.columns[0].cells["silence"].state == "pending"


def test_annotator_reads_what_is_assigned(done):
    bob = done.scope(done.bob)
    found = load_side_by_side(bob, ComparisonQuery(sources=(done.shared.pk, done.bobs.pk)))
    assert [column.article.source.title for column in found.columns] == ["Shared", "Bobs"]
    with pytest.raises(Invalid):
        load_side_by_side(bob, ComparisonQuery(sources=(done.shared.pk, done.beths.pk)))
    whose = {one.annotator for column in found.columns for p in column.places for one in p.said}
    assert whose == {"bob"}


def test_viewer_reads_the_texts_without_individual_coding(done):
    question = replace(ComparisonQuery(), sources=(done.shared.pk, done.bobs.pk), layer="consensus")
    found = load_side_by_side(done.scope(done.vera), question)
    assert [len(column.places) for column in found.columns] == [0, 0]
    assert found.columns[0].text == done.shared.text
