"""Two adjudicators decide each place, blind to each other."""

import pytest

from cstoannot.annotations.models import Annotation
from cstoannot.annotations.queries import visible_events
from cstoannot.core.errors import NotFound
from cstoannot.decisions.actions import decide_place, withdraw_decision
from cstoannot.decisions.drafts import DecisionDraft
from cstoannot.decisions.models import Decision
from cstoannot.decisions.queries import find_first_undecided, list_decidable_places

MAJORITY = DecisionDraft("majority", reason="Clear.")
NOTHING = DecisionDraft("nothing", reason="Not here.")


@pytest.fixture
def apart(finished):
    finished.lead.project.decide_apart = True
    finished.lead.project.save()
    return finished


def first_of(world, user):
    return list_decidable_places(world.scope(user), world.shared.pk)[0]


def test_one_alone_decides_nothing_and_is_hidden_from_the_other(apart):
    ada, alice = apart.scope(apart.ada), apart.scope(apart.alice)
    before = first_of(apart, apart.alice)
    events = list(visible_events(alice).values_list("pk", flat=True))
    place = decide_place(ada, before.id, MAJORITY)
    assert (place.id, place.state, place.decision.by) == (before.id, "waiting", "ada")
    assert {one.annotators for one in place.decision.readings} == {()}
    assert first_of(apart, apart.alice) == before
    assert list(visible_events(alice).values_list("pk", flat=True)) == events
    assert len(visible_events(ada)) == len(events) + 1
    assert find_first_undecided(alice)[1] == before.id
    assert find_first_undecided(ada)[1] != before.id
    assert not Annotation.objects.filter(layer="consensus").exists()
    assert decide_place(ada, before.id, MAJORITY) == place


def test_two_of_one_mind_join_their_reasons(apart):
    alice, place = apart.scope(apart.alice), first_of(apart, apart.ada)
    decide_place(apart.scope(apart.ada), place.id, MAJORITY)
    found = decide_place(alice, place.id, DecisionDraft("majority", reason="The request."))
    assert (found.state, found.decision.reason) == ("decided", "Clear.\n\nThe request.")
    assert Annotation.objects.filter(layer="consensus").count() == 1
    again = withdraw_decision(alice, place.id)
    assert (again.state, Decision.objects.count()) == ("undecided", 0)


def test_two_that_differ_are_settled_by_one_more(apart):
    ada, alice = apart.scope(apart.ada), apart.scope(apart.alice)
    place = first_of(apart, apart.ada)
    decide_place(ada, place.id, MAJORITY)
    found = decide_place(alice, place.id, NOTHING)
    assert (found.state, found.decision) == ("differs", None)
    assert [one.by for one in first_of(apart, apart.ada).apart] == ["ada", "alice"]
    with pytest.raises(NotFound):
        withdraw_decision(ada, place.id)
    settled = decide_place(ada, place.id, NOTHING)
    assert (settled.state, settled.decision.outcome) == ("decided", "nothing")


def test_own_decision_is_changed_and_withdrawn_while_the_other_waits(apart):
    ada, place = apart.scope(apart.ada), first_of(apart, apart.ada)
    decide_place(ada, place.id, MAJORITY)
    assert decide_place(ada, place.id, NOTHING).decision.version == 2
    assert withdraw_decision(ada, place.id) == place
    assert Decision.objects.count() == 0
