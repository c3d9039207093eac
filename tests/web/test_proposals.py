"""Proposed codes on the codebook page and on their own."""

from cstoannot.annotations.proposal_actions import decline_proposal, propose_code
from cstoannot.annotations.proposal_queries import require_proposal
from cstoannot.codebook.actions import change_code
from cstoannot.codebook.queries import require_code
from cstoannot.web.codebook.forms import TOP


def _proposed(world):
    place = {"source": world.shared.pk, "start": 4, "end": 12}
    return propose_code(world.scope(world.bob), name="Debt", claim="They owe.", **place)[0]


def _page(world, proposal):
    return f"/projects/{world.slug}/codebook/proposals/{proposal.pk}/"


def test_proposals_stand_on_the_codebook_page_for_those_they_concern(world, client_for):
    _proposed(world)
    path = f"/projects/{world.slug}/codebook/"
    for who, seen in (("alice", True), ("ada", True), ("bob", True), ("beth", False)):
        html = client_for(getattr(world, who)).get(path).content.decode()
        assert ("Debt" in html, "alliance</blockquote>" in html) == (seen, seen), who
    assert "Debt" not in client_for(world.vera).get(path).content.decode()


def test_proposal_is_changed_and_added(world, client_for):
    proposal = _proposed(world)
    client = client_for(world.alice)
    assert 'value="Debt"' in client.get(_page(world, proposal)).content.decode()
    sent = {"act": "accept", "accept-name": "Debts", "accept-parent": "failure"}
    answer = client.post(_page(world, proposal), {**sent, "accept-claim": "They owe much."})
    assert answer.status_code == 302
    code = require_code(world.lead, "debts")
    assert (code.parent.slug, code.claim) == ("failure", "They owe much.")
    assert require_proposal(world.lead, proposal.pk).code == code


def test_proposal_is_answered_with_a_code_that_is_there(world, client_for):
    proposal = _proposed(world)
    sent = {"act": "use", "use-code": "plea"}
    assert client_for(world.ada).post(_page(world, proposal), sent).status_code == 302
    assert require_proposal(world.lead, proposal.pk).code == require_code(world.lead, "plea")


def test_refused_answer_keeps_what_was_typed(world, client_for):
    proposal = _proposed(world)
    sent = {"act": "accept", "accept-name": "Failure", "accept-claim": "Typed."}
    html = client_for(world.alice).post(_page(world, proposal), sent).content.decode()
    assert "Nothing was saved" in html
    assert "Typed." in html


def test_proposer_reads_why_it_was_declined(world, client_for):
    decline_proposal(world.lead, _proposed(world).pk, reason="It is a Plea.")
    path = f"/projects/{world.slug}/codebook/"
    assert "It is a Plea." in client_for(world.bob).get(path).content.decode()
    assert "It is a Plea." not in client_for(world.alice).get(path).content.decode()


def test_history_tells_of_proposals_to_those_they_concern(world, client_for):
    decline_proposal(world.lead, _proposed(world).pk, reason="It is a Plea.")
    path = f"/projects/{world.slug}/history/"
    words = ("proposed the code ‘Debt’ in", "declined the proposed code ‘Debt’ in")
    for who, seen in (("alice", True), ("bob", True), ("beth", False), ("vera", False)):
        html = client_for(getattr(world, who)).get(path).content.decode()
        assert [word in html for word in words] == [seen, seen], who


def test_proposer_withdraws_a_proposal_that_waits(world, client_for):
    proposal = _proposed(world)
    bob, codebook = client_for(world.bob), f"/projects/{world.slug}/codebook/"
    link = f"{_page(world, proposal)}withdraw/"
    assert f'href="{link}"' in bob.get(codebook).content.decode()
    assert f'href="{link}"' not in client_for(world.alice).get(codebook).content.decode()
    answer = bob.post(link, follow=True).content.decode()
    assert "Your proposal “Debt” was withdrawn." in answer
    assert link not in answer
    history = client_for(world.alice).get(f"/projects/{world.slug}/history/").content.decode()
    assert "withdrew the proposed code ‘Debt’" in history


def test_proposal_that_was_decided_meanwhile_stays(world, client_for):
    proposal = _proposed(world)
    decline_proposal(world.lead, proposal.pk, reason="It is a Plea.")
    page = client_for(world.bob).post(f"{_page(world, proposal)}withdraw/", follow=True)
    assert "“Debt” was already declined." in page.content.decode()
    assert require_proposal(world.lead, proposal.pk).state == "declined"


def test_page_says_that_the_place_proposed_is_retired(world, client_for):
    proposal, _ = propose_code(world.scope(world.bob), name="Debt", parent="plea")
    lead = client_for(world.alice)
    assert "The proposed parent code" not in lead.get(_page(world, proposal)).content.decode()
    change_code(world.lead, "plea", retired=True)
    page = lead.get(_page(world, proposal)).content.decode()
    assert "The proposed parent code “Plea” is retired." in page


def test_place_is_chosen_anew_where_the_one_proposed_is_retired(world, client_for):
    proposal, _ = propose_code(world.scope(world.bob), name="Debt", parent="plea")
    change_code(world.lead, "plea", retired=True)
    lead = client_for(world.alice)
    sent = {"act": "accept", "accept-name": "Debt", "accept-claim": "", "accept-parent": ""}
    refused = lead.post(_page(world, proposal), sent).content.decode()
    assert "Choose a parent code or the top level." in refused
    assert require_proposal(world.lead, proposal.pk).state == "waiting"
    lead.post(_page(world, proposal), {**sent, "accept-parent": TOP})
    code = require_proposal(world.lead, proposal.pk).code
    assert (code.name, code.parent) == ("Debt", None)
