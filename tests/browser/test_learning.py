"""A coder is told what was decided, and a new one practises to the end; nothing for axe."""

import pytest
from playwright.sync_api import expect

from cstoannot.decisions.actions import open_decisions
from cstoannot.models import Annotation, Assignment
from cstoannot.projects.models import Role
from tests.agreement.test_consensus import decide_all
from tests.browser.test_pages import _database_beside_playwright, faults, faults_here, open_as
from tests.builders import annotate, build_world, join, make_user

__all__ = ["_database_beside_playwright", "open_as"]  # fixtures of these tests as well

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_coder_is_told_what_was_decided_and_asks_to_look_again(open_as):
    world = build_world()
    decide_all(world, outcome="nothing", reason="Too vague")
    open_decisions(world.lead, [world.shared.pk])
    page, start = open_as(world.bob), f"/projects/{world.slug}/"
    page.goto(start)
    page.get_by_role("link", name="What was decided").click()
    expect(page.get_by_text("Why: Too vague")).to_have_count(2)
    assert faults_here(page, "decisions/mine/") == []
    page.get_by_text("Ask to look again").first.click()
    page.get_by_label("Reason").first.fill("The headline says it.")
    page.get_by_role("button", name="Ask", exact=True).first.click()
    expect(page.get_by_text("You have asked to look at this again.")).to_be_visible()
    page.get_by_role("link", name="My values").click()
    expect(page.get_by_role("heading", name="Passages that differ")).to_be_visible()
    assert faults_here(page, "agreement/consensus/") == []


def test_new_coder_practises_to_the_end(open_as):
    world = build_world()
    decide_all(world)
    cleo = join(world.lead, make_user("cleo"), Role.ANNOTATOR)
    lead, start = open_as(world.alice), f"/projects/{world.slug}/"
    lead.goto(f"{start}practice/")
    lead.get_by_label("Shared", exact=True).check()
    lead.get_by_label("cleo", exact=True).check()
    lead.get_by_role("button", name="Give").click()
    expect(lead.get_by_text("Given for practice: 1")).to_be_visible()
    coder = open_as(cleo.user)
    coder.goto(start)
    coder.get_by_role("link", name="Practice").click()
    expect(coder.get_by_role("link", name="Result")).to_have_count(0)
    coder.get_by_role("main").get_by_role("link", name="Start").click()
    expect(coder.get_by_role("button", name="Mark as done")).to_be_visible()
    annotate(cleo, world.shared, "Nobody came.", "plea")
    coder.reload(wait_until="networkidle")
    coder.get_by_role("button", name="Mark as done").click()
    expect(coder.get_by_role("link", name="begin anew")).to_be_visible()
    expect(coder.locator("#done")).to_be_hidden()
    coder.keyboard.press("Control+Enter")
    expect(coder.get_by_text("To practise again, begin anew").first).to_be_visible()
    coder.reload(wait_until="networkidle")
    expect(coder.locator("#done")).to_be_hidden()
    coder.keyboard.press("j")
    coder.keyboard.press("x")
    expect(coder.locator("#toast")).to_contain_text("This practice is finished.")
    assert Annotation.objects.filter(annotator=cleo.user).count() == 1
    coder.goto(f"{start}practice/")
    coder.get_by_role("link", name="Result").click()
    expect(coder.get_by_text("Added").first).to_be_visible()
    assert faults_here(coder, "practice result") == []
    practice = Assignment.objects.get(annotator=cleo.user)
    for path in ("practice/", f"practice/{practice.pk}/", "decisions/opened/"):
        assert faults(lead, start + path) == []
