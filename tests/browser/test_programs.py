"""Use the API in Chromium: a press copies the lines, and says so."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_pages import _database_beside_playwright, open_as  # noqa: F401 (fixtures)
from tests.builders import build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_lines_are_copied_as_they_stand(open_as):  # noqa: F811 (a fixture)
    world = build_world()
    page = open_as(world.alice, permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"/projects/{world.slug}/api/")
    page.get_by_role("button", name="Annotations as a table, Python").click()
    expect(page.locator("#copied")).to_have_text("Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#python-annotations").text_content()
    assert copied.startswith("import os\n")
