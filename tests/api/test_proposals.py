"""Codes that annotators propose, and what becomes of them."""

import pytest

from cstoannot.annotations.models import CodeProposal
from cstoannot.codebook.queries import require_code
from tests.api.hostile import assert_problem, contents
from tests.builders import add_source, assign_to, recorded


def propose(client, world, **said):
    return client.post(f"{world.api}code-proposals/", {"name": "Debt", **said})


def names(answer):
    return [proposal["name"] for proposal in answer.json()["results"]]


def test_proposal_keeps_its_passage(world, api):
    body = {"source": world.shared.pk, "start": 4, "end": 12, "quote": "alliance"}
    with recorded() as events:
        made = propose(api(world.bob), world, parent="failure", claim="They owe.", **body)
    assert made.status_code == 201
    shown = made.json()
    assert shown == {
        "id": shown["id"],
        "name": "Debt",
        "parent": "failure",
        "claim": "They owe.",
        **body,
        "state": "waiting",
        "code": None,
        "proposed_by": "bob",
        "decided_by": None,
        "created_at": shown["created_at"],
        "decided_at": None,
        "reason": "",
    }
    assert api(world.bob).get(f"{world.api}code-proposals/{shown['id']}/").json() == shown
    told = [(e.action, e.kind, e.about_id, e.source_id) for e in events]
    assert told == [("propose", "proposal", world.bob.pk, world.shared.pk)]


def test_proposals_are_read_by_their_proposer_and_by_editors(world, api):
    propose(api(world.bob), world)
    propose(api(world.beth), world, name="Shame")
    path = f"{world.api}code-proposals/"
    assert names(api(world.bob).get(path)) == ["Debt"]
    assert names(api(world.beth).get(path)) == ["Shame"]
    assert names(api(world.vera).get(path)) == []
    assert names(api(world.ada).get(path)) == ["Shame", "Debt"]
    assert names(api(world.ada).get(f"{path}?state=declined")) == []


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"parent": "nothing"}, "parent"),
        ({"start": 0, "end": 3}, "source"),
        ({"source": 10**9, "start": 0, "end": 3}, "source"),
        ({"source": "BETHS", "start": 0, "end": 3}, "source"),
        ({"source": "SHARED", "start": 3, "end": 3}, "end"),
        ({"source": "SHARED", "start": 0}, "end"),
        ({"source": "SHARED", "start": 0, "end": 3, "quote": "A"}, "quote"),
        ({"claim": "x" * 5001}, "claim"),
        ({"name": "x" * 101}, "name"),
    ],
)
def test_what_does_not_fit_is_refused(world, api, said, field):
    ids = {"BETHS": world.beths.pk, "SHARED": world.shared.pk}
    before = contents()
    answer = propose(api(world.bob), world, **{k: ids.get(str(v), v) for k, v in said.items()})
    assert list(assert_problem(answer, 422)["errors"]) == [field]
    assert contents() == before


def test_accepted_proposal_becomes_a_code(world, api):
    made = propose(api(world.bob), world, parent="failure", claim="They owe.").json()
    lead, path = api(world.alice), f"{world.api}code-proposals/{made['id']}/"
    with recorded() as events:
        accepted = lead.post(f"{path}accept/", {"name": "Debts", "parent": ""}).json()
    assert (accepted["state"], accepted["code"]) == ("accepted", "debts")
    code = require_code(world.lead, "debts")
    assert (code.name, code.parent, code.claim) == ("Debts", None, "They owe.")
    assert [(e.action, e.kind) for e in events] == [("create", "code"), ("accept", "proposal")]
    # Everybody reads of the code, and nobody there reads of who missed it.
    assert "bob" not in str(events[0].after)
    assert_problem(lead.post(f"{path}accept/", {}), 409)
    assert_problem(lead.post(f"{path}decline/", {"reason": "No."}), 409)
    assert api(world.bob).get(path).json()["code"] == "debts"


def test_accepted_proposal_takes_a_code_that_says_the_same(world, api):
    made = propose(api(world.bob), world).json()
    path = f"{world.api}code-proposals/{made['id']}/"
    assert_problem(api(world.alice).post(f"{path}accept/", {"code": "nothing"}), 422)
    accepted = api(world.alice).post(f"{path}accept/", {"code": "plea"}).json()
    assert (accepted["state"], accepted["code"]) == ("accepted", "plea")


def test_declined_proposal_says_why(world, api):
    made = propose(api(world.bob), world).json()
    path = f"{world.api}code-proposals/{made['id']}/"
    assert_problem(api(world.alice).post(f"{path}decline/", {"reason": " "}), 422)
    api(world.alice).post(f"{path}decline/", {"reason": "It is Plea."})
    declined = api(world.bob).get(path).json()
    assert (declined["state"], declined["reason"]) == ("declined", "It is Plea.")
    assert declined["decided_by"] == "alice"


def test_code_whose_name_is_taken_leaves_the_proposal_waiting(world, api):
    made = propose(api(world.bob), world, name="Failure").json()
    path = f"{world.api}code-proposals/{made['id']}/"
    assert_problem(api(world.alice).post(f"{path}accept/", {}), 409)
    assert CodeProposal.objects.get().state == "waiting"


def test_passage_that_is_quoted_is_not_a_whole_book(world, api):
    source = add_source(world.lead, "Long", text="word " * 3_000)
    assign_to(world.lead, source, world.bob)
    said = {"name": "Everything", "source": source.pk, "start": 0, "end": 10_001}
    answer = api(world.bob).post(f"{world.api}code-proposals/", said)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["end"]
    answer = api(world.bob).post(f"{world.api}code-proposals/", {**said, "end": 10_000})
    assert answer.status_code == 201


OWN = "01980000-0000-7000-8000-000000000001"


def test_proposal_sent_again_is_the_same(world, api):
    said = {"id": OWN, "source": world.shared.pk, "start": 4, "end": 12, "parent": "failure"}
    made = propose(api(world.bob), world, **said)
    assert (made.status_code, made.json()["id"]) == (201, OWN)
    before = contents()
    again = propose(api(world.bob), world, **said)
    assert (again.status_code, again.json()) == (200, made.json())
    for changed in ({"name": "Debts"}, {"parent": None}, {"end": 11}, {"claim": "Due."}):
        assert_problem(propose(api(world.bob), world, **{**said, **changed}), 409)
    assert_problem(propose(api(world.beth), world, **said), 409)
    assert_problem(propose(api(world.charlie), world, **said), 404)
    assert contents() == before


def test_proposal_sent_again_is_answered_as_it_was_decided(world, api):
    propose(api(world.bob), world, id=OWN, parent="")
    api(world.alice).post(f"{world.api}code-proposals/{OWN}/accept/", {"code": "plea"})
    again = propose(api(world.bob), world, id=OWN, parent=None)
    assert (again.status_code, again.json()["state"]) == (200, "accepted")
    assert_problem(propose(api(world.bob), world, id="1"), 400)


def test_own_proposal_is_withdrawn_while_it_waits(world, api):
    propose(api(world.bob), world, id=OWN)
    path = f"{world.api}code-proposals/{OWN}/"
    before = contents()
    for who, status in ((world.beth, 404), (world.ada, 403), (world.alice, 403)):
        assert_problem(api(who).delete(path), status)
    assert contents() == before
    with recorded() as events:
        assert api(world.bob).delete(path).status_code == 204
    (told,) = events
    assert (told.action, told.object, told.about_id) == ("withdraw", OWN, world.bob.pk)
    assert (told.before["name"], told.after) == ("Debt", None)
    assert_problem(api(world.bob).get(path), 404)
    assert_problem(api(world.bob).delete(path), 404)


def test_decided_proposal_is_not_withdrawn(world, api):
    propose(api(world.bob), world, id=OWN)
    path = f"{world.api}code-proposals/{OWN}/"
    api(world.alice).post(f"{path}decline/", {"reason": "No."})
    before = contents()
    assert_problem(api(world.bob).delete(path), 409)
    assert contents() == before
