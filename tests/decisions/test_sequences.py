"""Whatever is coded, decided, undone, reopened, removed and adopted, in whatever order."""

import random
import uuid

import pytest

from cstoannot.annotations.actions import Draft, delete_annotation, save_annotation
from cstoannot.annotations.models import Annotation
from cstoannot.assignments.actions import set_assignment_state
from cstoannot.assignments.models import Assignment
from cstoannot.core.errors import DomainError
from cstoannot.core.fields import ANY_VERSION
from cstoannot.decisions.actions import adopt_agreed_places, decide_place, withdraw_decision
from cstoannot.decisions.drafts import DecisionDraft, PassageDraft
from cstoannot.decisions.models import Decision
from cstoannot.decisions.queries import list_decidable_places, load_consensus_states
from cstoannot.decisions.state_actions import refresh_consensus_states
from cstoannot.history.models import Event
from cstoannot.sources.actions import delete_source, restore_source
from tests.builders import assign_to, finish, join, make_user
from tests.decisions.slow_states import compute_slow_states

STEPS = 30


class Play:
    """A source that three people code while Ada decides."""

    def __init__(self, world, seed):
        self.random, self.world, self.source = random.Random(seed), world, world.bobs
        carol = make_user("carol")
        join(world.lead, carol, "annotator")
        assign_to(world.lead, self.source, world.beth, carol)
        self.coders = [world.scope(one) for one in (world.bob, world.beth, carol)]
        self.ada = world.scope(world.ada)
        for coder in self.coders:
            for _ in range(2):
                self.code(coder)
            finish(coder, self.source)

    def draft(self):
        start = self.random.randrange(0, self.source.length - 12)
        return Draft(
            source=self.source.pk,
            code="failure",
            start=start,
            end=start + self.random.randint(2, 12),
            stance=self.random.choice(["supports", "opposes"]),
        )

    def code(self, coder):
        save_annotation(coder, uuid.uuid4(), self.draft())

    def change(self, coder):
        if pk := self.one_of(Annotation.objects.filter(annotator=coder.user, source=self.source)):
            save_annotation(coder, pk, self.draft(), expected=ANY_VERSION)

    def remove(self, coder):
        if pk := self.one_of(Annotation.objects.filter(annotator=coder.user, source=self.source)):
            delete_annotation(coder, pk)

    def turn(self, coder):
        mine = Assignment.objects.get(source=self.source, annotator=coder.user)
        state = "started" if mine.state == "done" else "done"
        set_assignment_state(coder, mine.pk, state)

    def decide(self, coder):
        places = list_decidable_places(self.ada, self.source.pk)
        if places:
            place = self.random.choice(places)
            number = self.random.choice(place.readings).number if place.readings else 1
            edited = PassageDraft("failure", place.start, place.end + self.random.randint(0, 3))
            drafts = [
                DecisionDraft("majority"),
                DecisionDraft("adopted", reading=number, reason="So."),
                DecisionDraft("nothing", reason="So."),
                DecisionDraft("plural", readings=[1, 2], reason="So."),
                DecisionDraft("edited", annotations=[edited], reason="So."),
            ]
            decide_place(self.ada, place.id, self.random.choice(drafts))

    def withdraw(self, coder):
        decided = [one for one in list_decidable_places(self.ada, self.source.pk) if one.decision]
        if decided:
            withdraw_decision(self.ada, self.random.choice(decided).id)

    def adopt(self, coder):
        adopt_agreed_places(self.ada, self.source.pk)

    def take_out_and_back(self, coder):
        delete_source(self.world.lead, self.source.pk, confirmed=True)
        restore_source(self.world.lead, self.source.pk)

    def one_of(self, found):
        ids = sorted(found.values_list("pk", flat=True))
        return self.random.choice(ids) if ids else None

    def step(self):
        coding = [self.code, self.change, self.remove, self.turn, self.turn]
        deciding = [self.decide, self.decide, self.decide, self.withdraw, self.adopt]
        act = self.random.choice([*coding, *deciding, self.take_out_and_back])
        before = individual(self.source)
        try:
            act(self.random.choice(self.coders))
        except DomainError:
            assert individual(self.source) == before
        if act not in coding:
            assert individual(self.source) == before, "deciding changes no coder's passages"


def individual(source):
    return list(
        Annotation.objects.filter(source=source, layer="individual").order_by("pk").values()
    )


@pytest.mark.parametrize("seed", range(8))
def test_places_are_as_they_should_be_after_any_sequence(world, seed):
    play = Play(world, seed)
    for _ in range(STEPS):
        play.step()
        places = list_decidable_places(play.ada, play.source.pk)
        found = sorted((one.start, one.end, str(one.state)) for one in places)
        expected = compute_slow_states(play.source)
        if "decided" not in {state for _, _, state in expected}:
            assert found == expected
        assert [one[2] for one in found].count("decided") == [one[2] for one in expected].count(
            "decided"
        )
        assert sorted(one[2] for one in found) == sorted(one[2] for one in expected)
    check_nothing_lost(play)


def check_nothing_lost(play):
    """Consensus passages are those of decisions, and lie in the text; the history has the rest."""
    text = play.source.text
    made = {str(one.pk): one for one in Annotation.objects.filter(layer="consensus")}
    decisions = list(Decision.objects.all())
    assert sorted(made) == sorted(pk for one in decisions for pk in one.passages)
    assert all(text[one.start : one.end] == one.quote for one in made.values())
    told = Event.objects.filter(kind="decision")
    created, deleted = (
        set(told.filter(action=action).values_list("object", flat=True))
        for action in ("create", "delete")
    )
    assert {str(one.pk) for one in decisions} == created - deleted
    states = load_consensus_states(play.ada)
    refresh_consensus_states(play.ada)
    assert load_consensus_states(play.ada) == states
