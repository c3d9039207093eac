"""Adjudicators and coders at once: each place is decided once, and nobody's work is lost."""

import uuid

import pytest

from cstoannot.annotations.actions import Draft, save_annotation
from cstoannot.annotations.models import Annotation
from cstoannot.assignments.actions import set_assignment_state
from cstoannot.assignments.models import SourceConsensus
from cstoannot.core.errors import DomainError
from cstoannot.decisions.actions import adopt_agreed_places, decide_place
from cstoannot.decisions.drafts import DecisionDraft
from cstoannot.decisions.models import Decision
from cstoannot.decisions.queries import list_decidable_places, load_consensus_states
from cstoannot.decisions.state_actions import refresh_consensus_states
from tests.annotations.test_concurrency import at_once
from tests.builders import add_source, annotate, assign_to, build_world, finish, join, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def finished(transactional_db):
    world = build_world()
    bob, beth = world.scope(world.bob), world.scope(world.beth)
    for coder in (bob, beth):
        annotate(coder, world.shared, "Nobody came.", stance="supports")
        finish(coder, world.shared)
    return world


def test_two_adjudicators_decide_one_place_once(finished):
    first = list_decidable_places(finished.lead, finished.shared.pk)[0]
    drafts = [DecisionDraft("majority"), DecisionDraft("nothing", reason="No.")]
    scopes = [finished.scope(finished.ada), finished.lead]
    done = at_once(
        *(
            lambda scope=scope, draft=draft: decide_place(scope, first.id, draft)
            for scope, draft in zip(scopes, drafts, strict=True)
        )
    )
    assert sum(isinstance(one, DomainError) for one in done) == 1
    decision = Decision.objects.get()
    assert Annotation.objects.filter(layer="consensus").count() == len(decision.passages)


def test_adopting_at_once_adopts_once(finished):
    scopes = [finished.scope(finished.ada), finished.lead, finished.lead]
    done = at_once(*(lambda scope=scope: adopt_agreed_places(scope) for scope in scopes))
    assert sum(one.places for one in done) == 1
    assert Decision.objects.count() == 1


def test_sixteen_adjudicators_and_sixteen_coders(finished):
    """Four decide each place, four coders mark it anew: one decision stands, and all marks do."""
    bob, words = finished.scope(finished.bob), ("One", "Two", "Six", "Ten")
    source = add_source(finished.lead, text="One. Two. Six. Ten.")
    deciding = [join(finished.lead, make_user(f"judge-{n}"), "adjudicator") for n in range(16)]
    coding = [join(finished.lead, make_user(f"coder-{n}"), "annotator") for n in range(16)]
    assign_to(finished.lead, source, finished.bob, *(coder.user for coder in coding))
    for word in words:
        annotate(bob, source, word)
    finish(bob, source)
    places = list_decidable_places(finished.lead, source.pk)
    majority = DecisionDraft("majority")
    adjudicating = [
        lambda scope=scope, place=place: decide_place(scope, place.id, majority)
        for scope, place in zip(deciding, places * 4, strict=True)
    ]
    drafts = [Draft(source.pk, "failure", one.start, one.end) for one in places]
    saving = [
        lambda scope=scope, draft=draft: save_annotation(scope, uuid.uuid4(), draft)
        for scope, draft in zip(coding, drafts * 4, strict=True)
    ]
    done = at_once(*adjudicating, *saving)
    assert not any(isinstance(one, DomainError) for one in done)
    assert [one.version for one in Decision.objects.all()] == [1] * 4
    assert Annotation.objects.filter(layer="consensus").count() == 4
    assert Annotation.objects.filter(annotator__in=[one.user for one in coding]).count() == 16


def test_coder_who_codes_while_a_place_is_decided(finished):
    """The decision weighs what it says it weighed, or the place is to be looked at again."""
    bob, mine = finished.scope(finished.bob), finished.assignments["bob shared"].pk
    first = list_decidable_places(finished.lead, finished.shared.pk)[0]
    draft = Draft(source=finished.shared.pk, code="failure", start=0, end=12)

    def code():
        set_assignment_state(bob, mine, "started")
        save_annotation(bob, uuid.uuid4(), draft)
        set_assignment_state(bob, mine, "done")

    _, coded = at_once(
        lambda: decide_place(finished.scope(finished.ada), first.id, DecisionDraft("majority")),
        code,
    )
    assert not isinstance(coded, DomainError)
    assert Annotation.objects.filter(annotator=finished.bob, start=0, end=12).exists()
    place = list_decidable_places(finished.lead, finished.shared.pk)[0]
    if Decision.objects.exists():
        assert place.state in {"again", "undecided"}
        states = load_consensus_states(finished.lead)
        refresh_consensus_states(finished.lead)
        row = SourceConsensus.objects.get()
        assert (row.doubtful, row.state) == (False, states[finished.shared.pk])
