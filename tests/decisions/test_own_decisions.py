"""What a coder is told of decisions: their own reading, and what was decided and why."""

import pytest

from cstoannot.core.errors import Forbidden
from cstoannot.decisions.actions import decide_place, open_decisions
from cstoannot.decisions.drafts import DecisionDraft
from cstoannot.decisions.own_queries import OwnDecisionFilter, list_own_decisions
from cstoannot.decisions.queries import list_decidable_places
from tests.builders import annotate, finish


@pytest.fixture
def decided(world):
    """The shared source: Bob's reading adopted, then nothing, then a place that Beth alone marked
    and on which nothing was left."""
    annotate(world.scope(world.beth), world.shared, "Naïve", "plea")
    for user in (world.bob, world.beth):
        finish(world.scope(user), world.shared)
    ada = world.scope(world.ada)
    places = list_decidable_places(ada, world.shared.pk)
    mine = next(
        one.number
        for one in places[0].readings
        if [p.quote for p in one.passages] == ["The alliance failed its member."]
    )
    draft = DecisionDraft(outcome="adopted", reading=mine, reason="Whole", rule="Whole sentences")
    decide_place(ada, places[0].id, draft)
    for place in places[1:]:
        decide_place(ada, place.id, DecisionDraft(outcome="nothing", reason="None"))
    return places


def _told(world, user, **asked):
    return list_own_decisions(world.scope(user), OwnDecisionFilter(**asked))


def test_nothing_is_told_before_decisions_are_opened(world, decided):
    assert _told(world, world.bob) == []
    open_decisions(world.lead, [world.shared.pk])
    assert len(_told(world, world.bob)) == 2
    open_decisions(world.lead, [world.shared.pk], opened=False)
    assert _told(world, world.bob) == []


def test_own_reading_stands_beside_what_was_decided(world, decided):
    open_decisions(world.lead)
    first, second = _told(world, world.bob)
    assert [one.quote for one in first.own] == ["The alliance failed its member."]
    assert [one.content for one in first.own] == [one.content for one in first.decided]
    assert (first.outcome, first.reason, first.rule) == ("adopted", "Whole", "Whole sentences")
    assert not first.differs
    assert ([one.quote for one in second.own], second.decided) == (["We asked"], ())
    assert second.differs


def test_places_that_only_others_marked_are_not_told_if_nothing_stands(world, decided):
    """Otherwise Bob would learn what Beth marked."""
    open_decisions(world.lead)
    assert "Naïve" not in str(_told(world, world.bob))
    assert "Naïve" in str(_told(world, world.beth))


def test_filters_select(world, decided):
    open_decisions(world.lead)
    assert len(_told(world, world.bob, codes=["plea"])) == 1
    assert len(_told(world, world.bob, differs=True)) == 1
    assert _told(world, world.bob, sources=[world.bobs.pk]) == []


def test_unfinished_source_tells_nothing(world, decided, api):
    open_decisions(world.lead)
    path = f"{world.api}assignments/{world.assignments['bob shared'].pk}/"
    assert api(world.bob).patch(path, {"state": "started"}).status_code == 200
    assert _told(world, world.bob) == []


def test_viewers_have_no_readings_of_their_own(world, decided):
    open_decisions(world.lead)
    with pytest.raises(Forbidden):
        _told(world, world.vera)


def test_plural_tells_only_whether_ones_own_reading_stands(world):
    for user in (world.bob, world.beth):
        finish(world.scope(user), world.shared)
    ada = world.scope(world.ada)
    place = list_decidable_places(ada, world.shared.pk)[0]
    numbers = tuple(one.number for one in place.readings)
    draft = DecisionDraft(outcome="plural", readings=numbers, reason="Both hold")
    decide_place(ada, place.id, draft)
    open_decisions(world.lead)
    (told,) = _told(world, world.bob)
    assert (told.stands, told.differs, told.decided) == (True, False, ())
    assert "opposes" not in str(told)


def test_api_lists_them_and_names_nobody(world, decided, api):
    bob = api(world.bob)
    assert bob.get(f"{world.api}decisions/mine/").json()["results"] == []
    opening = {"sources": [world.shared.pk]}
    assert api(world.ada).post(f"{world.api}decisions/open/", opening).status_code == 403
    assert api(world.alice).post(f"{world.api}decisions/open/", opening).status_code == 204
    answer = bob.get(f"{world.api}decisions/mine/?page_size=1")
    (row,) = answer.json()["results"]
    assert (row["outcome"], row["differs"], row["rule"]) == ("adopted", False, "Whole sentences")
    assert answer.json()["next"]
    whole = bob.get(f"{world.api}decisions/mine/").content.decode()
    assert not [name for name in ("beth", "ada", "alice") if name in whole]
    asking = {"kind": "decision", "decision": row["id"], "text": "Why?", "asks_again": True}
    assert bob.post(f"{world.api}threads/", asking).status_code == 201
