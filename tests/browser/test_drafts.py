"""What is typed into any form is there again, however the session has ended in the meantime."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import Page, expect

from cstoannot.accounts.actions import create_token, set_password
from cstoannot.annotations.proposal_actions import propose_code
from cstoannot.projects.actions import change_project
from cstoannot.sources.models import Source
from tests.access.forms import Form, forms_of
from tests.browser.test_pages import _database_beside_playwright, open_as  # noqa: F401 (fixtures)
from tests.browser.waiting import eventually, until
from tests.builders import PASSWORD, World, build_world, invite

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LINE = "The alliance failed. Ալիանսը ձախողեց։ 🙂\n"
BACK = "Your input was restored."
# Types into every field of a form, so that each says something else than before.
TYPE = """number => {
  const form = document.querySelectorAll("form[method=post]")[number];
  const left = ["hidden", "submit", "button", "password", "file"];
  for (const one of form.elements) {
    if (!one.name || left.includes(one.type)) continue;
    if (one.type === "checkbox") one.checked = !one.checked;
    else if (one.type === "radio") one.checked = true;
    else if (one.options) one.selectedIndex = (one.selectedIndex + 1) % one.options.length;
    else if (one.type === "number") one.value = 3;
    else if (one.type === "color") one.value = "#123456";
    else one.value = `typed ${one.name}`;
    one.dispatchEvent(new Event("input", { bubbles: true }));
  }
}"""
VALUES = """number => [...document.querySelectorAll("form[method=post]")[number].elements]
  .filter((one) => one.name && !/^(hidden|submit|button|password|file)$/.test(one.type))
  .map((one) => `${one.name} ${one.checked ?? ""} ${one.value}`)"""
# As quick as pasting; Playwright's own way of filling takes minutes for so long a text.
PASTE = """(field, text) => {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}"""
SUBMIT = """number => {
  const form = document.querySelectorAll("form[method=post]")[number];
  form.noValidate = true;
  form.requestSubmit();
}"""
# The first page's database never answers.
SILENT_ONCE = """
if (!localStorage.silent) IDBFactory.prototype.open = () => ({});
localStorage.silent = "once";
"""
KEPT = """() => new Promise((done) => {
  const request = indexedDB.open("cstoannot-drafts");
  request.onsuccess = () => {
    const all = request.result.transaction("drafts").objectStore("drafts").getAll();
    all.onsuccess = () => { request.result.close(); done(all.result.length); };
  };
})"""


@pytest.fixture
def world(live_server: Any) -> World:
    """With nothing missing that a form could be about."""
    world = build_world()
    world.invited = invite(world.lead)
    create_token(world.alice, name="nightly")
    propose_code(world.scope(world.bob), name="Debt")
    return world


@pytest.fixture
def page(world, open_as) -> Iterator[Page]:  # noqa: F811 (a fixture)
    """Alice's."""
    page = open_as(world.alice)
    yield page


def typed_forms(world: World) -> list[Form]:
    client = Client()
    client.force_login(world.alice)
    found = [form for form in forms_of(client, world) if form.typed]
    return [form for form in found if not form.name.startswith("account_")]


def end_session(world: World) -> None:
    Session.objects.all().delete()


def sign_in(page: Page, username: str = "alice") -> None:
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def paste(page: Page, text: str) -> None:
    page.get_by_label("Title").fill("Pasted")
    page.get_by_label("Text", exact=True).evaluate(PASTE, text)


def add(page: Page) -> None:
    page.get_by_role("button", name="Add", exact=True).click()


def test_every_form_comes_back_after_the_session_ended(world, page):
    wrong = []
    forms = typed_forms(world)
    assert len(forms) > 8
    for form in forms:
        page.goto(form.page)
        untouched = page.evaluate(VALUES, form.number)
        page.evaluate(TYPE, form.number)
        typed = page.evaluate(VALUES, form.number)
        if typed == untouched:  # a choice of one
            continue
        end_session(world)
        page.evaluate(SUBMIT, form.number)
        expect(page.get_by_role("status")).to_contain_text("Nothing was saved")
        sign_in(page)
        try:
            expect(page.get_by_text(BACK)).to_be_visible()
        except AssertionError:
            wrong.append(f"{form.name}: {page.url}")
            continue
        found = page.evaluate(VALUES, form.number)
        if found != typed:
            wrong.append(f"{form.name}: {found} instead of {typed}")
        page.get_by_role("button", name="Discard").click()
    assert wrong == []


def _expire(world: World, page: Page) -> None:
    Session.objects.all().delete()


def _clear_cookies(world: World, page: Page) -> None:
    page.context.clear_cookies()


def _sign_out_in_another_tab(world: World, page: Page) -> None:
    other = page.context.new_page()
    other.goto("/account/logout/")
    other.get_by_role("main").get_by_role("button", name="Log out").click()
    expect(other.get_by_role("heading", name="Log in")).to_be_visible()
    other.close()


def _change_password(world: World, page: Page) -> None:
    set_password(world.alice, PASSWORD)


@pytest.mark.parametrize(
    ("end", "length"),
    [
        (_expire, 200_000),
        (_clear_cookies, 200_000),
        (_sign_out_in_another_tab, 200_000),
        (_change_password, 200_000),
        (_expire, 3_000_000),
    ],
)
def test_pasted_article_is_there_after_signing_in_again(world, page, end: Callable, length):
    text = LINE * (length // len(LINE))
    page.goto(f"/projects/{world.slug}/sources/new/")
    paste(page, text)
    end(world, page)
    add(page)
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    sign_in(page)
    # The browser takes its time to lay out three million characters in a field.
    expect(page.get_by_text(BACK)).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Choose the files again.")).to_be_visible()
    add(page)
    expect(page.get_by_text("“Pasted” was added.")).to_be_visible(timeout=30_000)
    assert Source.objects.get(title="Pasted").text == text
    until(page, KEPT, equals=0)
    page.goto(f"/projects/{world.slug}/sources/new/")
    expect(page.get_by_label("Title")).to_have_value("")
    expect(page.get_by_text(BACK)).to_have_count(0)


def test_form_is_led_back_to_after_signing_in_anew_in_another_tab(world, page):
    page.goto(f"/projects/{world.slug}/sources/new/")
    paste(page, "A text.")
    _sign_out_in_another_tab(world, page)
    other = page.context.new_page()
    other.goto("/account/login/")
    sign_in(other)
    expect(other.get_by_role("heading", name="My projects")).to_be_visible()
    add(page)
    expect(page.get_by_role("heading", name="Nothing was saved")).to_be_visible()
    page.get_by_role("link", name="Back to the form").click()
    expect(page.get_by_text(BACK)).to_be_visible()
    add(page)
    expect(page.get_by_text("“Pasted” was added.")).to_be_visible()


def test_somebody_else_in_the_same_browser_sees_nothing_of_it(world, page):
    path = f"/projects/{world.slug}/sources/new/"
    page.goto(path)
    paste(page, "For Alice's eyes only.")
    end_session(world)
    add(page)
    sign_in(page, "ada")
    expect(page.get_by_text("ada", exact=True)).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("")
    expect(page.get_by_text(BACK)).to_have_count(0)
    paste(page, "Ada's own.")
    add(page)
    expect(page.get_by_text("“Pasted” was added.")).to_be_visible()
    end_session(world)
    page.goto(path)
    sign_in(page)
    expect(page.get_by_text(BACK)).to_be_visible()
    expect(page.get_by_label("Text", exact=True)).to_have_value("For Alice's eyes only.")


@pytest.mark.parametrize("failure", ["abort", 503, 500])
def test_text_is_there_after_the_server_was_gone(world, page, failure):
    path = f"/projects/{world.slug}/sources/new/"

    failed = []

    def fail(route: Any) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        failed.append(failure)
        if failure == "abort":
            route.abort()
        else:
            route.fulfill(status=failure, body="Gone for a moment")

    page.goto(path)
    paste(page, "A text.")
    page.route(f"**{path}", fail)
    add(page)
    eventually(page, lambda: failed, [failure])
    page.unroute(f"**{path}")
    page.goto(path)
    expect(page.get_by_text(BACK)).to_be_visible()
    expect(page.get_by_label("Text", exact=True)).to_have_value("A text.")


def test_text_is_there_after_the_tab_was_closed(world, page):
    path = f"/projects/{world.slug}/sources/new/"
    page.goto(path)
    paste(page, "A text.")
    page.goto("/")
    page.goto(path)
    expect(page.get_by_text(BACK)).to_be_visible()
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_label("Title")).to_have_value("")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_label("Title")).to_have_value("Pasted")
    page.get_by_role("button", name="Discard").click()
    until(page, KEPT, equals=0)
    page.goto(path)
    expect(page.get_by_text(BACK)).to_have_count(0)


def test_text_is_there_where_the_database_had_no_time(world, page):
    path = f"/projects/{world.slug}/sources/new/"
    page.add_init_script(SILENT_ONCE)
    page.goto(path)
    page.get_by_label("Title").fill("Typed at the last moment")
    page.goto("/")
    page.goto(path)
    expect(page.get_by_text(BACK)).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Typed at the last moment")


def test_draft_of_another_tab_comes_when_that_tab_is_closed(world, page):
    path = f"/projects/{world.slug}/sources/new/"
    other = page.context.new_page()
    other.goto(path)
    other.get_by_label("Title").fill("In the other tab")
    until(other, KEPT, equals=1)
    page.goto(path)
    page.wait_for_timeout(2000)  # longer than a page waits before it looks for another draft
    expect(page.get_by_label("Title")).to_have_value("")
    other.close()
    expect(page.get_by_label("Title")).to_have_value("In the other tab")


def test_two_tabs_keep_what_was_typed_in_each(world, page):
    path = f"/projects/{world.slug}/sources/new/"
    other = page.context.new_page()
    for one, title in ((page, "First"), (other, "Second")):
        one.goto(path)
        one.get_by_label("Title").fill(title)
        until(one, KEPT, equals=1 if title == "First" else 2)
    other.close()
    found = []
    for one in (page, page.context.new_page()):
        one.goto(path)
        expect(one.get_by_text(BACK)).to_be_visible()
        found.append(one.get_by_label("Title").input_value())
    assert sorted(found) == ["First", "Second"]


def test_refused_form_is_shown_as_the_server_answers_it(world, page):
    """With the newer version that a conflict has shown, so that the next attempt is not refused."""
    page.goto(f"/projects/{world.slug}/settings/")
    page.get_by_label("About").fill("Typed by Alice.")
    change_project(world.scope(world.alice), about="Meanwhile.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Two versions")).to_be_visible()
    expect(page.get_by_text(BACK)).to_have_count(0)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    until(page, KEPT, equals=0)


def test_text_that_is_back_does_not_overwrite_what_others_did_meanwhile(world, page):
    path = f"/projects/{world.slug}/settings/"
    page.goto(path)
    page.get_by_label("About").fill("Typed by Alice.")
    page.goto("/")
    change_project(world.scope(world.alice), about="Meanwhile.")
    page.goto(path)
    expect(page.get_by_text(BACK)).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Two versions")).to_be_visible()
    expect(page.get_by_text("Meanwhile.")).to_be_visible()


def test_passwords_are_not_kept(world, page):
    page.goto("/account/password/")
    for field in page.get_by_role("main").locator("input[type=password]").all():
        field.fill("a secret sentence")
    page.goto(f"/projects/{world.slug}/settings/")
    page.get_by_label("About").fill("Typed")
    until(page, KEPT, equals=1)


def test_pages_work_where_the_browser_refuses_storage(world, page):
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.add_init_script(
        "Object.defineProperty(globalThis, 'indexedDB', { get() { throw new Error('no'); } });"
    )
    page.goto(f"/projects/{world.slug}/sources/new/")
    paste(page, "A text.")
    page.wait_for_timeout(500)
    add(page)
    expect(page.get_by_text("“Pasted” was added.")).to_be_visible()
    assert errors == []
