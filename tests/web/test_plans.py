"""The pages of plans, of handing on, and of rounds."""

import pytest

from cstoannot.assignments.models import Assignment, Plan, Round
from tests.builders import add_source, hand_out_more
from tests.web.pages import text_of


@pytest.fixture
def more(world):
    for number in range(4):
        add_source(world.lead, f"More {number}", "Many words. " * (number + 1))


FORM = {"name": "Main", "annotators": ["bob", "beth"], "each": 1, "shared": 0, "seed": 1}


def test_plan_is_previewed_and_then_applied(world, lead, at, more):
    sent = {**FORM, "sources": "free"}
    page = text_of(lead.post(at("plans/"), {**sent, "act": "preview"}))
    assert "Preview: 4 assignments, nothing stored yet" in page
    assert not Plan.objects.exists()
    done = lead.post(at("plans/"), {**sent, "act": "apply"}, follow=True)
    assert "“Main” was applied: 4 sources assigned." in text_of(done)
    assert Assignment.objects.filter(plan=Plan.objects.get()).count() == 4
    assert "Main" in text_of(lead.get(at("plans/")))


def test_what_cannot_be_planned_is_said_at_its_field(world, lead, at):
    page = text_of(lead.post(at("plans/"), {**FORM, "each": 3, "sources": "all", "act": "apply"}))
    assert "Each source can have from 1 to 2 of these annotators." in page
    page = text_of(lead.post(at("plans/"), {**FORM, "sources": "free", "act": "apply"}))
    assert "There are no such sources." in page
    assert not Plan.objects.exists()


def test_plan_is_extended(world, lead, at, more):
    plan, _ = hand_out_more(world)
    sent = {"annotators": ["ada"], "sources": "free"}
    page = text_of(lead.post(at(f"plans/{plan.pk}/"), {**sent, "act": "preview"}))
    assert "Preview: 4 to assign, 0 to move" in page
    done = lead.post(at(f"plans/{plan.pk}/"), {**sent, "act": "apply"}, follow=True)
    assert "Extended: 4 assigned, 0 moved." in text_of(done)


def test_sources_are_handed_on(world, lead, at):
    sent = {"annotator": "bob", "to": ["ada"]}
    page = text_of(lead.post(at("plans/hand-on/"), {**sent, "act": "preview"}))
    assert "Preview: 1 sources" in page
    done = lead.post(at("plans/hand-on/"), {**sent, "act": "apply"}, follow=True)
    assert "1 source handed on from bob." in text_of(done)
    assert Assignment.objects.filter(source=world.bobs, annotator=world.ada).exists()


def test_round_is_created_filled_and_deleted(world, lead, at):
    done = lead.post(at("rounds/"), {"name": "Pilot", "revision": 2, "note": ""}, follow=True)
    assert "“Pilot” was created." in text_of(done)
    pilot = Round.objects.get()
    fill = {"act": "fill", "shown": "", "source": [world.shared.pk, world.bobs.pk]}
    lead.post(at(f"rounds/{pilot.pk}/"), fill)
    fill = {"act": "fill", "shown": f"{world.shared.pk} {world.bobs.pk}", "source": [world.bobs.pk]}
    lead.post(at(f"rounds/{pilot.pk}/"), fill)
    assert list(pilot.sources.all()) == [world.bobs]
    save = {"act": "save", "name": "Pilot 1", "revision": 1, "note": "First."}
    lead.post(at(f"rounds/{pilot.pk}/"), save)
    assert "Pilot 1" in text_of(lead.get(at("rounds/")))
    lead.post(at(f"rounds/{pilot.pk}/"), {"act": "delete"})
    assert not Round.objects.exists()


@pytest.mark.parametrize("ticked", ["x", "1:bob", "٣", "9" * 30])
def test_ticks_that_are_no_sources_are_refused(world, lead, at, ticked):
    _, pilot = hand_out_more(world)
    sent = {"act": "fill", "shown": "", "source": [ticked]}
    assert lead.post(at(f"rounds/{pilot.pk}/"), sent).status_code == 422


def test_agreement_by_round_with_and_without_rounds(world, lead, at):
    assert "There are no rounds yet." in text_of(lead.get(at("agreement/rounds/")))
    hand_out_more(world)
    assert "Pilot" in text_of(lead.get(at("agreement/rounds/")))
    lines = lead.get(at("agreement/rounds.csv")).content.decode().splitlines()
    assert lines[1].startswith("Pilot,2,0,,")
    assert b"Pilot" in lead.get(at("agreement/rounds.svg")).content
