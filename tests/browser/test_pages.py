"""The other pages in Chromium: nothing for axe in any theme or width; the lead’s way."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from cstoannot.accounts.actions import create_token, set_password
from cstoannot.accounts.models import User
from cstoannot.codebook.actions import change_code
from cstoannot.projects.invitation_actions import accept_invitation, withdraw_invitation
from cstoannot.sources.actions import delete_source
from tests.browser.axe import COLOUR_RULES, violations
from tests.builders import (
    World,
    add_source,
    build_world,
    finish,
    invite,
    make_user,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a long enough secret"
MODES = [(theme, width) for theme in ("light", "dark") for width in (1440, 390)]
IN_PROJECT = [
    "",
    "history/",
    "api/",
    "members/",
    "members/bob/",
    "settings/",
    "sources/new/",
    "sources/{source}/edit/",
    "sources/{source}/remove/",
    "sources/removed/",
    "assignments/",
    "plans/",
    "plans/hand-on/",
    "rounds/",
    "agreement/rounds/",
    "codebook/",
    "codebook/new/",
    "codebook/new-list/",
    "codebook/failure/edit/",
    "codebook/revisions/",
    "export/",
    "export/?format=units&code=failure",
]
# What a finger has to hit: everything that acts, but not the links within a sentence.
TARGETS = """() => [...document.querySelectorAll(
    "button, .button, select, summary, .bar nav a, input:not([type=hidden], [type=checkbox], " +
    "[type=radio]), label:has(input)")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 39.5)
  .map((one) => `${one.tagName} ${one.textContent.trim().slice(0, 30)} ` +
    `${Math.round(one.getBoundingClientRect().height)}`)"""
WIDER = "() => document.documentElement.scrollWidth - innerWidth"


@pytest.fixture(scope="module", autouse=True)
def _database_beside_playwright() -> Iterator[None]:
    """Playwright's event loop runs in this thread; Django would refuse to ask the database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def open_as(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """A page on which this user has signed in; nobody for None."""
    opened = []

    def make(user: User | None, **options: Any) -> Page:
        context = chromium.new_context(base_url=live_server.url, **options)
        opened.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            value = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": value, "url": live_server.url}])
        return context.new_page()

    yield make
    for context in opened:
        context.close()


def full_world() -> World:
    """A world in which every part of every page has something to show."""
    world = build_world()
    finish(world.scope(world.bob), world.shared)
    change_code(world.lead, "plea", definition="Somebody begs for help.", note="Said shorter")
    change_code(world.lead, "plea", retired=True)
    gone = add_source(world.lead, "Gone")
    delete_source(world.lead, gone.pk)
    create_token(world.alice, name="nightly")
    invite(world.lead, note="Anahit of the institute in the capital, or whoever codes there")
    withdraw_invitation(world.lead, invite(world.lead, "viewer")[0].pk)
    accept_invitation(make_user("erin"), secret=invite(world.lead, "viewer")[1])
    return world


def faults(page: Page, path: str) -> list[str]:
    """What is wrong with a page in any theme and at any width."""
    page.goto(path)
    return faults_here(page, path)


def faults_here(page: Page, path: str) -> list[str]:
    """The theme changes colours alone, so all other rules are asked in one theme."""
    found = []
    for theme, width in MODES:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 900})
        where = f"{path} {theme} {width}"
        for one in violations(page, COLOUR_RULES if theme == "dark" else ()):
            found.append(f"{where}: {one['id']} {one['nodes'][0]['html'][:200]}")
        if page.evaluate(WIDER) > 0:
            found.append(f"{where}: wider than the window")
        if width == 390 and theme == "light":
            found += [f"{where}: small {target}" for target in page.evaluate(TARGETS)]
    return found


def test_pages_of_the_lead(open_as):
    world = full_world()
    world.alice.is_staff = True  # and so may restore archives
    world.alice.save()
    page = open_as(world.alice)
    start = f"/projects/{world.slug}/"
    paths = [
        "/",
        "/projects/new/",
        "/projects/restore/",
        "/account/tokens/",
        "/account/password/",
        "/account/logout/",
    ]
    paths += [start + path.format(source=world.shared.pk) for path in IN_PROJECT]
    assert [fault for path in paths for fault in faults(page, path)] == []


def test_pages_of_the_others(open_as):
    world = full_world()
    start = f"/projects/{world.slug}/"
    page = open_as(world.bob)
    found = [fault for path in ("/", start, f"{start}history/") for fault in faults(page, path)]
    found += faults(open_as(world.vera), start)
    found += faults(open_as(world.dan), "/")
    link = f"/join/{invite(world.lead)[1]}/"
    found += faults(open_as(world.dan), link)
    found += faults(page, link)
    found += faults(open_as(world.dan), "/join/none/")
    found += faults(open_as(None), "/account/login/")
    assert found == []


def test_pages_with_errors(open_as):
    world = full_world()
    page = open_as(world.alice)
    found = faults(page, f"/projects/{world.slug}/none-such/")
    page.goto(f"/projects/{world.slug}/codebook/new/")
    page.fill("[name=name]", "Praise")
    page.fill("[name=shortcut]", "f")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("“Failure” already has the key f.")
    page.get_by_role("alert").get_by_role("link", name="Key").click()
    assert page.evaluate("document.activeElement.name") == "shortcut"
    found += [one["id"] for one in violations(page)]
    assert found == []


def test_lead_starts_a_project(open_as, tmp_path):
    """From signing in to an article that somebody else finds in their list; without scripts."""
    world = build_world()
    set_password(world.dan, PASSWORD)
    page = open_as(None, java_script_enabled=False)
    page.goto("/")
    page.get_by_label("Username").fill("dan")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()

    page.get_by_role("link", name="New project").click()
    page.get_by_label("Name").fill("Crises")
    page.get_by_role("button", name="Create project").click()

    page.get_by_role("main").get_by_role("link", name="Add sources").first.click()
    page.get_by_label("Title").fill("Pasted")
    page.get_by_label("Text", exact=True).fill("Nobody came.\nNobody went.")
    page.get_by_role("button", name="Add and create another").click()
    expect(page.get_by_role("status")).to_contain_text("“Pasted” was added.")
    good, bad = tmp_path / "uploaded.txt", tmp_path / "bad.txt"
    good.write_text("Somebody came.")
    bad.write_bytes(b"caf\xe9")
    page.get_by_label("Text files").set_input_files([good, bad])
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("bad.txt: The text is not UTF-8")
    page.get_by_label("Text files").set_input_files([good])
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("row")).to_have_count(3)

    page.get_by_role("link", name="Add the first code").click()
    page.get_by_label("Name").fill("Absence")
    page.get_by_label("Claim").fill("Nobody came.")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("article")).to_contain_text("Nobody came.")

    page.get_by_role("link", name="Members").click()
    page.get_by_label("User name").fill("bob")
    page.get_by_role("button", name="Add", exact=True).click()

    page.get_by_role("link", name="Assignments").click()
    page.get_by_role("checkbox", name="Pasted, bob").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved: 1 source assigned.")

    theirs = open_as(world.bob)
    theirs.goto("/projects/crises/")
    expect(theirs.get_by_role("main")).to_contain_text("Start Pasted.")
    expect(theirs.get_by_role("main")).not_to_contain_text("uploaded")


def test_link_of_an_invitation_is_copied(open_as):
    world = build_world()
    page = open_as(world.alice, permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"/projects/{world.slug}/members/")
    page.get_by_label("Recipient").fill("Erin")
    page.get_by_role("button", name="Create link").click()
    link = page.get_by_label("Link", exact=True)
    expect(link).to_have_value(re.compile(r"^http://.+/join/[0-9a-f]{64}/$"))
    page.get_by_role("button", name="Copy the link").press("Enter")
    expect(page.locator("#copied")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == link.input_value()
    assert faults_here(page, "the page with the link") == []


def test_invited_person_comes_in(open_as):
    """By keyboard and without scripts, from the link to the project; it is sent along nowhere."""
    world = build_world()
    set_password(world.dan, PASSWORD)
    page = open_as(world.alice, java_script_enabled=False)
    page.goto(f"/projects/{world.slug}/members/")
    page.get_by_label("Days until it expires").fill("3")
    page.get_by_role("button", name="Create link").press("Enter")
    link = page.get_by_label("Link", exact=True).input_value()
    expect(page.get_by_role("button", name="Copy")).to_be_hidden()

    theirs = open_as(None, java_script_enabled=False)
    referrers: list[str] = []
    theirs.on("request", lambda one: referrers.append(one.all_headers().get("referer", "")))
    theirs.goto(link)
    theirs.get_by_label("Username").fill("dan")
    theirs.get_by_label("Password").fill(PASSWORD)
    theirs.get_by_label("Password").press("Enter")
    expect(theirs.get_by_role("main")).to_contain_text("alice invites you to the project")
    theirs.get_by_role("button", name="Accept").press("Enter")
    expect(theirs.get_by_role("status")).to_contain_text("You are now a member of “Alliances”")
    assert any(referrers)
    assert [one for one in referrers if "join" in one] == []

    page.goto(f"/projects/{world.slug}/members/")
    expect(page.get_by_role("main")).to_contain_text("accepted by dan on")
    theirs.goto(link)
    expect(theirs.get_by_role("heading", level=1)).to_have_text("You are already a member")
    other = open_as(make_user("erin"))
    other.goto(link)
    expect(other.get_by_role("heading", level=1)).to_have_text("This invitation cannot be used")


def test_tables_keep_short_words_and_numbers_whole(open_as):
    world = full_world()
    page = open_as(world.alice, viewport={"width": 1440, "height": 900})
    page.goto(f"/projects/{world.slug}/")
    broken = page.evaluate(
        """() => [...document.querySelectorAll("thead th, td.number")].filter((one) => {
          const range = document.createRange();
          range.selectNodeContents(one);
          const tops = [...range.getClientRects()].map(({ top }) => Math.round(top));
          return !/\\s/.test(one.textContent.trim()) && new Set(tops).size > 1;
        }).map((one) => one.textContent)"""
    )
    assert broken == []
