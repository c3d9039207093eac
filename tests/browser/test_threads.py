"""A conversation in Chromium: from a passage to a thread, an answer, a proposal, the end of it."""

import pytest
from playwright.sync_api import expect

from cstoannot.threads.queries import visible_threads
from tests.browser.axe import violations
from tests.browser.test_pages import _database_beside_playwright, open_as
from tests.builders import build_world, finish

__all__ = ["_database_beside_playwright", "open_as"]  # fixtures of these tests as well

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(db):
    made = build_world()
    for user in (made.bob, made.beth):
        finish(made.scope(user), made.shared)
    return made


def test_conversation_on_a_passage(world, open_as):
    bob, lead = open_as(world.bob), open_as(world.alice)
    bob.goto(f"/projects/{world.slug}/sources/{world.shared.pk}/#at=0-31")
    expect(bob.locator("#count")).to_have_text("2 annotations")
    bob.get_by_role("tab", name="Passages").click()
    bob.locator("#passages li").first.click()
    bob.get_by_role("link", name="Discuss this passage").click()
    bob.get_by_role("textbox", name="Comment").fill("Is this a failure, @alice?")
    bob.get_by_role("button", name="Begin the thread").click()
    expect(bob.get_by_role("heading", level=1)).to_have_text("Place in Shared")
    lead.goto("/")
    lead.get_by_role("link", name="1 unread thread").click()
    lead.get_by_role("link", name="“The alliance failed its member.”").click()
    expect(lead.get_by_text("new", exact=True)).to_be_visible()
    lead.get_by_role("textbox", name="Comment").fill("Or a code of its own?")
    lead.get_by_role("button", name="Reply").click()
    expect(lead.get_by_text("Or a code of its own?")).to_be_visible()
    bob.reload()
    bob.get_by_role("link", name="Propose a code").click()
    bob.get_by_role("button", name="Propose").click()
    expect(bob.get_by_text("Proposed code:")).to_be_visible()
    bob.reload()
    assert violations(bob) == []
    lead.get_by_role("button", name="Resolve").click()
    expect(lead.get_by_text("Resolved by alice")).to_be_visible()
    assert visible_threads(world.lead).get().proposal.name == "Is this a failure, @alice?"


def test_conversation_without_scripts(world, open_as):
    page = open_as(world.bob, java_script_enabled=False)
    page.goto(f"/projects/{world.slug}/threads/new/")
    page.get_by_label("About").select_option("code:plea")
    page.get_by_role("textbox", name="Comment").fill("What is a plea?")
    page.get_by_role("button", name="Begin the thread").click()
    page.get_by_role("textbox", name="Comment").fill("A request.")
    page.get_by_role("button", name="Reply").click()
    page.get_by_role("link", name="Delete").last.click()
    page.get_by_role("button", name="Delete the comment").click()
    expect(page.get_by_text("Your comment was deleted.")).to_be_visible()
    page.get_by_role("button", name="Resolve").click()
    expect(page.get_by_role("button", name="Open again")).to_be_visible()
