"""Codes made while coding: added by those who may, proposed by the others."""

import pytest
from playwright.sync_api import expect

from cstoannot.annotations.proposal_actions import accept_proposal, decline_proposal
from cstoannot.annotations.proposal_queries import visible_proposals
from cstoannot.codebook.queries import require_code
from tests.browser.test_annotate import _database_beside_playwright, make_team, open_desk
from tests.builders import assign_to

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["_database_beside_playwright", "make_team", "open_desk"]


def lead_desk(team, open_desk, **options):
    assign_to(team.lead, team.source, team.lead.user)
    return open_desk(team, team.lead, **options)


def test_editor_adds_a_code_from_the_finder_and_codes_at_once(make_team, open_desk):
    team = make_team()
    desk = lead_desk(team, open_desk)
    desk.drag("the member called")
    desk.press("/")
    desk.page.keyboard.type("Solidarity")
    expect(desk.page.locator("#found-more")).to_have_text("No code found")
    offer = desk.page.locator("#found [role=option]")
    expect(offer).to_have_text("Add “Solidarity” as a new code")
    desk.press("Enter")
    form = desk.page.get_by_role("dialog", name="New code")
    expect(form.get_by_label("Name")).to_have_value("Solidarity")
    form.get_by_label("Parent code").select_option("duties")
    form.get_by_label("Claim").fill("They stand together.")
    form.get_by_role("button", name="Add").click()
    expect(desk.current).to_have_text("Solidarity")
    expect(desk.page.locator("#text")).to_be_focused()
    desk.saved()
    assert team.codings() == [("solidarity", "the member called")]
    code = require_code(team.lead, "solidarity")
    assert (code.parent.slug, code.claim) == ("duties", "They stand together.")
    desk.expect_painted("solidarity: the member called")
    row = desk.page.locator("#codes [data-slug=solidarity]")
    expect(row.locator(".count")).to_have_text("1")
    chip = row.locator(".chip")
    shown = "(chip) => getComputedStyle(chip, '::before').backgroundColor"
    rgb = tuple(int(code.colour[i : i + 2], 16) for i in (1, 3, 5))
    expect(chip).to_be_visible()
    for _ in range(100):
        if chip.evaluate(shown) == "rgb({}, {}, {})".format(*rgb):
            break
        desk.page.wait_for_timeout(50)
    assert chip.evaluate(shown) == "rgb({}, {}, {})".format(*rgb)


def test_selected_words_name_a_code_by_one_key(make_team, open_desk):
    team = make_team()
    desk = lead_desk(team, open_desk)
    desk.drag("failed its duty")
    desk.press("Shift+Enter")
    expect(desk.page.get_by_label("Name")).to_have_value("failed its duty")
    desk.press("Enter")
    expect(desk.current).to_have_text("failed its duty")
    desk.saved()
    assert team.codings() == [("failed-its-duty", "failed its duty")]


def test_name_that_is_taken_is_refused_and_nothing_typed_is_lost(make_team, open_desk):
    team = make_team()
    desk = lead_desk(team, open_desk)
    desk.drag("failed its duty")
    desk.press("Shift+Enter")
    desk.page.get_by_label("Name").fill("Duties")
    desk.page.get_by_label("Claim").fill("Typed with care.")
    desk.press("Control+Enter")
    expect(desk.page.locator("#new-code [role=alert]")).to_contain_text("Duties")
    expect(desk.page.get_by_label("Claim")).to_have_value("Typed with care.")
    desk.page.locator("[data-words]").click()
    desk.press("Enter")
    expect(desk.current).to_have_text("failed its duty")
    desk.saved()
    assert team.codings() == [("failed-its-duty", "failed its duty")]


def test_new_code_can_take_the_place_of_another(make_team, open_desk):
    team = make_team()
    desk = lead_desk(team, open_desk)
    desk.drag("failed its duty")
    desk.press("f")
    desk.page.get_by_role("button", name="Change code").click()
    desk.page.keyboard.type("Breach")
    desk.press("Enter", "Enter")
    expect(desk.current).to_have_text("Breach")
    desk.saved()
    assert team.codings() == [("breach", "failed its duty")]


def test_annotator_proposes_a_code_and_codes_with_it_once_accepted(make_team, open_desk):
    team = make_team()
    desk = open_desk(team)
    desk.drag("failed its duty")
    desk.press("/")
    desk.page.keyboard.type("Breach")
    desk.press("Enter")
    form = desk.page.get_by_role("dialog", name="Propose a code")
    expect(form).to_contain_text("failed its duty")
    form.get_by_role("button", name="Propose").click()
    listed = desk.page.locator("#proposals")
    expect(listed).to_contain_text("Waiting for a code")
    proposal = visible_proposals(team.lead).get()
    assert (proposal.name, proposal.quote, proposal.source_id) == (
        "Breach",
        "failed its duty",
        team.source.pk,
    )
    assert team.codings() == []
    desk.reload()
    expect(listed).to_contain_text("Waiting for a code")
    accept_proposal(team.lead, proposal.pk, name="Breach of duty")
    desk.reload()
    listed.get_by_role("button", name="Code it with Breach of duty").click()
    desk.saved()
    assert team.codings() == [("breach-of-duty", "failed its duty")]
    expect(listed).to_be_hidden()


def test_proposal_on_a_passage_stands_in_its_note(make_team, open_desk):
    team = make_team()
    desk = open_desk(team)
    desk.drag("failed its duty")
    desk.press("f", "Shift+V")
    desk.page.keyboard.type("Unsure.")
    desk.press("Control+Enter", "Shift+Enter")
    desk.page.get_by_label("Name").fill("Breach")
    desk.press("Enter")
    expect(desk.page.locator("[name=note]")).to_have_value("Unsure.\nProposed code: Breach")
    desk.saved()
    assert [row["note"] for row in team.said()] == ["Unsure.\nProposed code: Breach"]


def test_proposer_reads_why_a_code_was_declined(make_team, open_desk):
    team = make_team()
    desk = open_desk(team)
    desk.drag("failed its duty")
    desk.press("Shift+Enter", "Enter")
    listed = desk.page.locator("#proposals")
    expect(listed).to_contain_text("Waiting for a code")
    decline_proposal(team.lead, visible_proposals(team.lead).get().pk, reason="It is Failure.")
    desk.reload()
    expect(listed).to_contain_text("Declined: It is Failure.")
    listed.get_by_role("button", name="Read").click()
    expect(listed).to_be_hidden()
    desk.reload()
    expect(listed).to_be_hidden()


def test_proposal_whose_answer_was_lost_is_sent_again_as_the_same(make_team, open_desk):
    team = make_team()
    desk = open_desk(team)
    losses = [1]

    def lose_the_first_answer(route):
        route.fetch()
        if losses:
            losses.pop()
            route.abort()
        else:
            route.fallback()

    desk.page.route("**/code-proposals/", lose_the_first_answer)
    desk.drag("failed its duty")
    desk.press("Shift+Enter", "Enter")
    form = desk.page.get_by_role("dialog", name="Propose a code")
    expect(form).to_contain_text("No connection")
    form.get_by_role("button", name="Propose").click()
    expect(desk.page.locator("#proposals")).to_contain_text("Waiting for a code")
    assert [one.name for one in visible_proposals(team.lead)] == ["failed its duty"]


def test_reader_is_offered_no_new_code(make_team, open_desk):
    team = make_team()
    desk = open_desk(team, team.vera)
    desk.press("/")
    desk.page.keyboard.type("Solidarity")
    expect(desk.page.locator("#found-more")).to_have_text("No code found")
    expect(desk.page.locator("#found [role=option]")).to_have_count(0)
