"""Many codes from a pasted list in Chromium: typed, looked at, accepted."""

import pytest
from playwright.sync_api import expect

from cstoannot.codebook.queries import load_code_tree
from tests.browser.test_pages import _database_beside_playwright, faults_here, open_as
from tests.builders import build_world

__all__ = ["_database_beside_playwright", "open_as"]  # fixtures of these tests as well

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LINES = """name; claim; shortcut
Duties; What members owe each other is owed to all.; d
    Mutual defence; ; m
        Against whom
    Consultation
Reputation; It suffers."""


def test_list_is_typed_looked_at_and_accepted(db, open_as):
    """`faults_here` looks at each state in both themes, 1440 and 390 wide."""
    world = build_world()
    page = open_as(world.alice)
    page.goto(f"/projects/{world.slug}/codebook/")
    page.get_by_role("link", name="Add codes").click()
    assert faults_here(page, "empty") == []
    field = page.get_by_role("textbox", name="Codes")
    field.fill(LINES + "\n  Failure; ; j")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("alert")).to_contain_text("Line 7")
    expect(page.locator(".outline .wrong")).to_have_count(1)
    expect(field).to_have_value(LINES + "\n  Failure; ; j")
    assert faults_here(page, "with problems") == []
    field.fill(LINES)
    page.get_by_role("button", name="Update preview").click()
    expect(page.get_by_role("heading", name="5 codes")).to_be_visible()
    assert faults_here(page, "preview") == []
    page.get_by_role("button", name="Add 5 codes").click()
    expect(page.get_by_text("5 codes were added to the codebook.")).to_be_visible()
    assert [(place.depth, place.code.name) for place in load_code_tree(world.lead)][2:] == [
        (0, "Duties"),
        (1, "Mutual defence"),
        (2, "Against whom"),
        (1, "Consultation"),
        (0, "Reputation"),
    ]
    page.get_by_role("link", name="Add codes").click()
    expect(field).to_have_value("")
