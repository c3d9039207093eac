"""In Chromium: the lead plans, looks at the preview, applies it; a coder gets on with the work."""

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from cstoannot.accounts.models import User
from cstoannot.assignments.models import Assignment
from tests.builders import World, add_source, build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module", autouse=True)
def _database_beside_playwright() -> Iterator[None]:
    """Playwright's event loop runs in this thread; Django would refuse to ask the database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


def open_page(chromium: Browser, address: str, user: User) -> Page:
    client = Client()
    client.force_login(user)
    context = chromium.new_context()
    cookie = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])
    return context.new_page()


@pytest.fixture
def planned_world(live_server) -> World:
    world = build_world()
    for number in range(4):
        add_source(world.lead, f"New {number}", "Fresh words. " * (number + 1))
    return world


def test_plan_is_made_and_the_coder_starts(chromium, live_server, planned_world):
    world = planned_world
    lead = open_page(chromium, live_server.url, world.alice)
    lead.goto(f"{live_server.url}/projects/{world.slug}/assignments/")
    lead.get_by_role("link", name="Plans").click()
    lead.get_by_label("Name").fill("Main 1")
    lead.get_by_label("Coders for each source").fill("1")
    lead.get_by_label("Percent of sources that all of them code").fill("0")
    lead.get_by_label("Sources", exact=True).select_option("free")
    lead.get_by_label("Deadline").fill("2020-01-31")
    lead.get_by_role("button", name="Preview").click()
    expect(lead.get_by_role("heading", name="Preview: 4 assignments")).to_be_visible()
    assert not Assignment.objects.filter(plan__isnull=False).exists()
    lead.get_by_role("button", name="Apply").click()
    expect(lead.get_by_text("“Main 1” was applied: 4 sources assigned.")).to_be_visible()
    lead.goto(live_server.url)
    expect(lead.get_by_role("link", name="bob", exact=True)).to_be_visible()
    coder = open_page(chromium, live_server.url, world.bob)
    coder.goto(live_server.url)
    expect(coder.get_by_text("2 sources late.")).to_be_visible()
    coder.get_by_role("link", name="Continue with").click()
    expect(coder.get_by_role("heading", name="Shared")).to_be_visible()
    lead.context.close()
    coder.context.close()
