"""Whole articles side by side: which ones, which claims, and where each stands."""

from dataclasses import replace

import pytest

from cstoannot.comparison.question import Question
from cstoannot.comparison.reading import reading
from cstoannot.comparison.reports import compare
from cstoannot.core.errors import Invalid
from cstoannot.stats.matrices import State
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
    question = Question(sources=tuple(sorted(pks)))
    found = reading(lead, question)
    matrix = compare(lead, question)
    assert [column.article.source.pk for column in found.columns] == [
        int(actor.key) for actor in matrix.actors
    ]
    for number, column in enumerate(found.columns):
        for place, claim in enumerate(matrix.claims):
            cell = column.cells[claim.slug]
            assert cell.state == State(matrix.matrix.state[number, place]).name.lower()
            own = [one for one in column.places if one.claim == claim]
            assert sum(len(one.said) for one in own) == cell.passages
        assert all(0 <= place.start < place.end <= len(column.text) for place in column.places)
    assert {claim.slug for claim in found.claims} == {
        place.claim.slug for column in found.columns for place in column.places
    }


def test_without_a_choice_those_come_first_that_say_something(done):
    found = reading(done.scope(done.alice), Question())
    assert [column.article.source.title for column in found.columns] == ["Shared", "Bobs"]
    assert found.question.sources == tuple(sorted((done.shared.pk, done.bobs.pk)))


def test_more_than_three_are_left_out(db):
    lead = demo()
    pks = tuple(lead.project.sources.values_list("pk", flat=True))
    found = reading(lead, Question(sources=pks))
    assert (len(found.columns), found.left_out) == (3, 2)


def test_claims_asked_for_are_there_even_if_nobody_speaks_of_them(done):
    add_code(done.lead, "Silence", claim="Nobody spoke.")
    assert [claim.slug for claim in reading(done.lead, Question()).claims] == ["failure"]
    found = reading(done.lead, Question(codes=("silence",)))
    assert [claim.slug for claim in found.claims] == ["silence"]
    assert found.columns[0].cells["silence"].state == "silent"


def test_annotator_reads_what_is_assigned(done):
    bob = done.scope(done.bob)
    found = reading(bob, Question(sources=(done.shared.pk, done.bobs.pk)))
    assert [column.article.source.title for column in found.columns] == ["Shared", "Bobs"]
    with pytest.raises(Invalid):
        reading(bob, Question(sources=(done.shared.pk, done.beths.pk)))
    whose = {one.annotator for column in found.columns for p in column.places for one in p.said}
    assert whose == {"bob"}


def test_viewer_reads_the_texts_without_individual_coding(done):
    question = replace(Question(), sources=(done.shared.pk, done.bobs.pk), layer="consensus")
    found = reading(done.scope(done.vera), question)
    assert [len(column.places) for column in found.columns] == [0, 0]
    assert found.columns[0].text == done.shared.text
