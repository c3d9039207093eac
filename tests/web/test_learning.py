"""Pages on which coders learn: what was decided, themselves against the consensus, practice."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import html

from cstoannot.decisions.actions import open_decisions
from cstoannot.decisions.practice_actions import give_practice
from cstoannot.models import Assignment, Thread
from cstoannot.projects.models import Role
from tests.agreement.test_consensus import decide_all
from tests.builders import annotate, finish, join, make_user


@pytest.fixture
def at(world):
    return f"/projects/{world.slug}/"


def _text(response):
    assert response.status_code == 200
    return " ".join(html.document_fromstring(response.content).text_content().split())


def test_nothing_leads_to_decisions_before_they_are_opened(world, client_for, at):
    bob = client_for(world.bob)
    finish(world.scope(world.bob), world.shared)
    before = _text(bob.get(at))
    decide_all(world)
    assert _text(bob.get(at)) == before
    assert "open to coders" in _text(bob.get(f"{at}decisions/mine/"))
    open_decisions(world.lead, [world.shared.pk])
    assert f"{at}decisions/mine/".encode() in bob.get(at).content


def test_coder_reads_what_was_decided_and_asks_to_look_again(world, client_for, at):
    decide_all(world, outcome="nothing", reason="Too vague")
    open_decisions(world.lead)
    bob, path = client_for(world.bob), f"{at}decisions/mine/"
    page = bob.get(path)
    told = _text(page)
    assert "Too vague" in told and "The alliance failed its member." in told
    assert not [name for name in ("beth", "ada", "opposes") if name in told]
    (first, *_) = html.document_fromstring(page.content).xpath("//input[@name='decision']/@value")
    asked = bob.post(path, {"decision": first, "reason": "Look at the headline."}, follow=True)
    assert "You have asked to look at this again." in _text(asked)
    thread = Thread.objects.get()
    assert (thread.asks_again, str(thread.decision_id)) == (True, first)
    again = bob.post(path, {"decision": first, "reason": "Again."}, follow=True)
    assert "already" in _text(again)
    assert "invalid" not in _text(bob.post(path, {"decision": "x"}, follow=True))


def test_own_decisions_are_filtered(world, client_for, at):
    decide_all(world)
    open_decisions(world.lead)
    bob = client_for(world.bob)
    only = _text(bob.get(f"{at}decisions/mine/?code=plea"))
    assert "We asked" in only and "The alliance failed" not in only
    assert "No decision matches" in _text(bob.get(f"{at}decisions/mine/?source={world.bobs.pk}"))
    assert bob.get(f"{at}decisions/mine/?source=x&differs=on&page=z").status_code == 200


def test_owner_opens_and_closes_sources(world, client_for, at):
    decide_all(world)
    alice, path = client_for(world.alice), f"{at}decisions/opened/"
    shown = f"{world.shared.pk} {world.bobs.pk}"
    alice.post(path, {"shown": shown, "opened": [world.shared.pk]})
    checked = html.document_fromstring(alice.get(path).content).xpath("//input[@checked]/@value")
    assert checked == [str(world.shared.pk)]
    alice.post(path, {"shown": shown})
    assert not html.document_fromstring(alice.get(path).content).xpath("//input[@checked]")
    assert "also on those that are decided later" in _text(
        alice.post(path, {"act": "open"}, follow=True)
    )


def test_values_against_the_consensus(world, client_for, at):
    decide_all(world)
    alice = client_for(world.alice)
    assert "Precision" in _text(alice.get(f"{at}agreement/consensus/"))
    told = _text(alice.get(f"{at}agreement/consensus/?coder=beth&match=exact&kind=missed"))
    assert "Passages that differ" in told
    sheet = alice.get(f"{at}agreement/consensus.csv").content.decode("utf-8-sig")
    head, *rows = sheet.splitlines()
    assert head.startswith("coder,code,name,sources,match,precision,recall,f1")
    assert {row.split(",")[0] for row in rows} == {"bob", "beth"}
    bob = client_for(world.bob)
    assert "No decisions" in _text(bob.get(f"{at}agreement/consensus/"))
    open_decisions(world.lead)
    own = _text(bob.get(f"{at}agreement/consensus/"))
    assert "bob" in own and "beth" not in own


def test_practice_from_giving_to_the_result(world, client_for, at):
    decide_all(world)
    cleo = join(world.lead, make_user("cleo"), Role.ANNOTATOR)
    alice, coder, path = client_for(world.alice), client_for(cleo.user), f"{at}practice/"
    given = {"source": [world.shared.pk], "annotator": ["cleo"]}
    assert "Given for practice: 1" in _text(alice.post(path, given, follow=True))
    practice = Assignment.objects.get(annotator=cleo.user)
    assert path.encode() in coder.get(at).content
    assert coder.get(f"{path}{practice.pk}/").status_code == 409
    annotate(cleo, world.shared, "Nobody came.", "plea")
    finish(cleo, world.shared)
    told = _text(coder.get(f"{path}{practice.pk}/"))
    assert "Missed" in told and "Added" in told
    assert "cleo" in _text(alice.get(path))
    assert "Begin the practice" in _text(coder.get(f"{path}{practice.pk}/clear/"))
    assert "Cleared" in _text(coder.post(f"{path}{practice.pk}/clear/", follow=True))
    assert "Take “Shared” back" in _text(alice.get(f"{path}{practice.pk}/withdraw/"))
    alice.post(f"{path}{practice.pk}/withdraw/")
    assert not Assignment.objects.filter(annotator=cleo.user).exists()


def test_giving_what_cannot_be_given_is_refused(world, client_for, at):
    decide_all(world)
    alice = client_for(world.alice)
    for given in (
        {"source": [world.bobs.pk], "annotator": ["bob"]},
        {"source": [world.shared.pk], "annotator": ["bob"]},
        {"source": [world.shared.pk], "annotator": ["nobody"]},
    ):
        assert "Nothing was given" in _text(alice.post(f"{at}practice/", given, follow=True))
    assert "Choose sources" in _text(alice.post(f"{at}practice/", {}, follow=True))


def test_finished_practice_offers_to_begin_anew_and_no_reopening(world, client_for, at):
    decide_all(world)
    cleo = join(world.lead, make_user("cleo"), Role.ANNOTATOR)
    ((practice, _),) = give_practice(
        world.lead, source_ids=[world.shared.pk], annotators=[cleo.user.username]
    )
    coder, path = client_for(cleo.user), f"{at}sources/{world.shared.pk}/"
    shown = html.document_fromstring(coder.get(path).content)
    assert shown.get_element_by_id("done").get("hidden") is None
    finish(cleo, world.shared)
    shown = html.document_fromstring(coder.get(path).content)
    assert shown.get_element_by_id("done").get("hidden") is not None
    assert not shown.xpath("//dialog[@id='reopen']")
    assert shown.xpath("//p[@id='finished']/a/@href")[:2] == [
        f"{at}practice/{practice.pk}/",
        f"{at}practice/{practice.pk}/clear/",
    ]


@pytest.mark.parametrize("page", ["practice/", "decisions/mine/", "agreement/consensus/"])
def test_number_of_queries_does_not_grow(world, client_for, at, page):
    decide_all(world)
    open_decisions(world.lead)
    cleo = join(world.lead, make_user("cleo"), Role.ANNOTATOR)
    dora = join(world.lead, make_user("dora"), Role.ANNOTATOR)
    counts = []
    client = client_for(world.bob if page == "decisions/mine/" else world.alice)
    for coder in (cleo, dora):
        give_practice(world.lead, source_ids=[world.shared.pk], annotators=[coder.user.username])
        annotate(coder, world.shared, "Nobody came.", "plea")
        finish(coder, world.shared)
        client.get(f"{at}{page}")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{at}{page}")
        counts.append(len(queries))
    assert counts[0] == counts[1]
