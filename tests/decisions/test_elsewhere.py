"""Decisions made elsewhere: passages of the consensus, sent with their reason."""

import uuid

import pytest

from cstoannot.annotations.models import Annotation
from cstoannot.assignments.models import SourceConsensus
from cstoannot.decisions.actions import decide_place, open_decisions
from cstoannot.decisions.drafts import DecisionDraft
from cstoannot.decisions.models import Decision
from cstoannot.decisions.queries import (
    list_decidable_places,
    load_consensus_states,
    load_decided_source_ids,
)
from tests.api.hostile import assert_problem, contents
from tests.builders import annotate


@pytest.fixture
def body(finished):
    return {
        "source": finished.shared.pk,
        "code": "failure",
        "start": 4,
        "end": 19,
        "quote": "alliance failed",
        "stance": "opposes",
        "layer": "consensus",
        "reason": "We met in May.",
    }


def test_passage_of_the_consensus_becomes_a_decision(finished, api, body):
    ada, path = api(finished.ada), f"{finished.api}annotations/{uuid.uuid4()}/"
    answer = ada.put(path, body)
    assert (answer.status_code, answer.json()["annotator"], answer.json()["layer"]) == (
        201,
        None,
        "consensus",
    )
    again = ada.put(path, body)
    assert (again.status_code, again.json()) == (200, answer.json())
    first, second = list_decidable_places(finished.lead, finished.shared.pk)
    assert (first.state, second.state) == ("decided", "undecided")
    decision = first.decision
    assert (decision.outcome, decision.elsewhere, decision.reason, decision.by) == (
        "edited",
        True,
        "We met in May.",
        "ada",
    )
    assert [one.quote for one in decision.passages] == ["alliance failed"]
    assert sum(one.coders for one in first.readings) == 2
    assert_problem(ada.put(path, {**body, "start": 5, "quote": "lliance failed"}), 409)


def test_passages_of_one_place_are_one_decision(finished, api, body):
    ada = api(finished.ada)
    other = {**body, "start": 0, "end": 3, "quote": "The"}
    apart = {**body, "start": 60, "end": 66}
    apart.pop("quote")
    answer = ada.post(f"{finished.api}annotations/", [body, apart])
    assert (answer.status_code, len(answer.json())) == (201, 2)
    assert ada.post(f"{finished.api}annotations/", other).status_code == 201
    decisions = Decision.objects.order_by("start")
    assert [(one.version, len(one.passages)) for one in decisions] == [(2, 2), (1, 1)]
    places = list_decidable_places(finished.lead, finished.shared.pk)
    assert [one.state for one in places] == ["decided", "undecided", "decided"]
    annotate(finished.scope(finished.bob), finished.shared, finished.shared.text[58:64])
    places = list_decidable_places(finished.lead, finished.shared.pk)
    assert [one.state for one in places] == ["decided", "undecided", "again"]


def test_place_decided_here_takes_no_passages_from_elsewhere(finished, api, body):
    first, _ = list_decidable_places(finished.lead, finished.shared.pk)
    decide_place(finished.lead, first.id, DecisionDraft("majority"))
    assert_problem(api(finished.ada).post(f"{finished.api}annotations/", body), 409)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"layer": "majority"}, "layer"),
        ({"layer": "individual"}, "reason"),
        ({"code": "nothing"}, "code"),
        ({"source": 10**15}, "source"),
        ({"quote": "Alliance failed"}, "quote"),
        ({"end": 10_000}, "end"),
        ({"stance": "maybe"}, "stance"),
    ],
)
def test_bodies_that_are_no_decision(finished, api, body, changes, field):
    before = contents()
    answer = api(finished.ada).post(f"{finished.api}annotations/", {**body, **changes})
    assert_problem(answer, 422)
    assert list(answer.json()["errors"]) == [field]
    assert contents() == before


@pytest.mark.parametrize("name", ["bob", "vera"])
def test_coders_and_viewers_decide_nothing(finished, api, body, name):
    before = contents()
    user = getattr(finished, name)
    assert_problem(api(user).post(f"{finished.api}annotations/", body), 403)
    assert contents() == before


def test_consensus_that_was_there_before_becomes_decisions(finished):
    Annotation.objects.create(
        id=uuid.uuid4(),
        project=finished.lead.project,
        source=finished.shared,
        code=finished.codes["failure"],
        layer="consensus",
        start=4,
        end=19,
        quote="alliance failed",
        revision=1,
        created_at="2026-01-01T00:00:00Z",
        updated_at="2026-01-01T00:00:00Z",
    )
    assert load_decided_source_ids(finished.lead) == {finished.shared.pk}
    open_decisions(finished.lead, [finished.shared.pk])
    assert SourceConsensus.objects.get().state == "decided"
    places = list_decidable_places(finished.lead, finished.shared.pk)
    assert [(one.state, one.decision.outcome, one.decision.by) for one in places] == [
        ("decided", "edited", None),
        ("decided", "nothing", None),
    ]
    assert load_consensus_states(finished.lead)[finished.shared.pk] == "decided"
