"""Times in the zone of the reader's browser, from the first page on."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from playwright.sync_api import expect

from cstoannot.codebook.models import CodebookRevision
from cstoannot.history.models import Event
from tests.browser.test_annotate import _database_beside_playwright, make_team

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["_database_beside_playwright", "make_team"]


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("Asia/Kolkata", ("4 March 2026", "01:45")),
        ("America/St_Johns", ("3 March 2026", "16:45")),
        ("UTC", ("3 March 2026", "20:15")),
    ],
)
def test_first_page_is_in_the_readers_zone(make_team, live_server, chromium, zone, told):
    day, clock = told
    team = make_team()
    at = datetime(2026, 3, 3, 20, 15, tzinfo=UTC)
    Event(
        project=team.lead.project, actor=team.lead.user, action="create", kind="source",
        object="1", source=team.source, at=at,
    ).save()  # fmt: skip
    CodebookRevision.objects.filter(project=team.lead.project).update(at=at)
    client = Client()
    client.force_login(team.lead.user)
    context = chromium.new_context(base_url=live_server.url, timezone_id=zone)
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"/projects/{team.lead.project.slug}/history/")
    expect(page.locator("main")).to_contain_text(f"Times are in {zone}.")
    section = page.locator(".day", has=page.get_by_role("heading", name=day))
    expect(section.locator(".events li").first.locator("time")).to_have_text(clock)
    named = zone if zone == "UTC" else f"({zone})"
    page.goto(f"/projects/{team.lead.project.slug}/codebook/revisions/")
    expect(page.locator("time.moment").first).to_have_text(f"{day}, {clock} {named}")
    context.close()
