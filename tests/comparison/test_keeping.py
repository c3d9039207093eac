"""What was loaded is kept until the history moves on, once for agreement and comparison."""

import pytest

from cstoannot.agreement import keeping as agreement_keeping
from cstoannot.agreement.reports import Question as Agreement
from cstoannot.agreement.reports import report
from cstoannot.comparison import keeping
from cstoannot.comparison.question import Question
from cstoannot.comparison.reports import compare
from cstoannot.projects.actions import change_project, change_role
from tests.builders import annotate, finish, join, make_user


@pytest.fixture
def done(world):
    finish(world.scope(world.bob), world.shared)
    finish(world.scope(world.beth), world.shared)
    return world


@pytest.fixture
def loads(monkeypatch):
    """How often each part was loaded."""
    counted = {"comparison": 0, "agreement": 0}

    def counting(name, load):
        def counts(*arguments):
            counted[name] += 1
            return load(*arguments)

        return counts

    monkeypatch.setattr(keeping, "load", counting("comparison", keeping.load))
    loading = counting("agreement", agreement_keeping.load_coding)
    monkeypatch.setattr(agreement_keeping, "load_coding", loading)
    return counted


def test_passages_are_loaded_once_for_agreement_and_comparison(done, loads):
    report(done.lead, Agreement())
    first = compare(done.lead, Question())
    assert compare(done.scope(done.ada), Question()) is first
    compare(done.lead, Question(voice="everyone"))
    assert loads == {"comparison": 1, "agreement": 1}


def test_each_change_is_seen_at_once(done, loads):
    before = compare(done.lead, Question()).passages
    annotate(done.scope(done.bob), done.shared, "Nobody came.", stance="mixed")
    assert compare(done.lead, Question()).passages == before + 1
    assert loads["comparison"] == 2


def test_views_of_annotators_and_viewers_are_apart(done, loads):
    every = [compare(done.scope(one), Question()) for one in (done.alice, done.bob, done.beth)]
    assert len({id(found) for found in every}) == 3
    other = join(done.lead, make_user("victor"), "viewer")
    viewers = [compare(scope, Question()) for scope in (done.scope(done.vera), other)]
    assert viewers[0] is viewers[1]


def test_role_and_openness_decide_what_is_kept(done):
    assert len(compare(done.scope(done.bob), Question()).actors) == 2
    change_project(done.lead, open_sources=True)
    assert len(compare(done.scope(done.bob), Question()).actors) == 3
    change_role(done.lead, username="bob", role="viewer")
    assert compare(done.scope(done.bob), Question()).layer == "consensus"


def test_answers_kept_are_bounded(done, monkeypatch):
    monkeypatch.setattr(keeping, "MOST_CELLS", 6)
    for voice in ("author", "everyone", "The minister", "A silent witness"):
        compare(done.lead, Question(voice=voice))
    kept = keeping.compared_of(done.lead)
    assert sum(cells for cells, _ in kept.answers.values()) <= 6
    newest = compare(done.lead, Question(voice="A silent witness"))
    assert compare(done.lead, Question(voice="A silent witness")) is newest
