"""From a disagreement to a reader: decided by keyboard, and read by link without an account."""

import pytest
from playwright.sync_api import expect

from cstoannot.projects.actions import change_project
from cstoannot.projects.results_actions import create_results_link
from tests.browser.test_pages import _database_beside_playwright, open_as
from tests.builders import add_code, add_source, annotate, assign_to, build_world, finish

__all__ = ["_database_beside_playwright", "open_as"]  # fixtures of these tests as well

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(db):
    """Bob and Beth differ on the one place of the one claim `debt`."""
    made = build_world()
    add_code(made.lead, "Debt", claim="The debt is due.")
    source = add_source(made.lead, "Dispute", "The debt is due.")
    assign_to(made.lead, source, made.bob, made.beth)
    for coder, stance in ((made.bob, "supports"), (made.beth, "opposes")):
        annotate(made.scope(coder), source, "The debt is due", "debt", stance=stance)
        finish(made.scope(coder), source)
    made.shared = source
    change_project(made.lead, results="link")
    return made


def test_decision_by_keyboard_reaches_a_reader_without_an_account(world, open_as):
    secret = create_results_link(world.scope(world.alice))[1]
    lead = open_as(world.alice)
    compare = f"/projects/{world.slug}/compare/passages/?code=debt"
    lead.goto(compare)
    before = lead.locator(".claim-line .verdict").inner_text()
    lead.goto(f"/projects/{world.slug}/decide/{world.shared.pk}/")
    lead.keyboard.press("1")
    expect(lead.locator("#reason")).to_be_focused()
    lead.keyboard.type("It says so.")
    lead.keyboard.press("Enter")
    expect(lead.get_by_role("heading", level=1)).not_to_contain_text("stance differs")
    lead.goto(compare)
    verdict = lead.locator(".claim-line .verdict")
    expect(verdict).not_to_have_text(before)
    after = verdict.inner_text()
    reader = open_as(None)
    reader.goto(f"/results/{secret}/passages/?code=debt")
    expect(reader.locator(".claim-line .verdict")).to_have_text(after)
    expect(reader.get_by_text("The debt is due").first).to_be_visible()
