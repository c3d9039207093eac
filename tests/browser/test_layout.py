"""How a text is laid out: its lines, the direction of each paragraph, the room it has."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from cstoannot.annotations.models import Annotation
from cstoannot.projects.models import Role
from tests.builders import add_code, add_source, annotate, assign_to, join, make_project, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LINES = (
    "Heading without stop\u2028First sentence here.\u2029Second sentence here.\x0bThird after VT."
    "\x0cFourth after FF.\x85Fifth after NEL."
)
MIXED = (
    "The minister spoke first.\n\nقال الوزير إن التحالف فشل تماما.\n\n"
    "Nobody came.\n\nהשר אמר שהברית נכשלה."
)


@pytest.fixture(scope="module", autouse=True)
def _database_beside_playwright() -> Iterator[None]:
    """Playwright's event loop runs in this thread; Django would refuse to ask the database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def open_text(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """The annotate page of a text, with what is asked of the browser, and its coder signed in."""
    opened = []

    def make(text: str, language: str = "", **options: Any) -> Page:
        lead = make_project(make_user("alice"))
        bob = join(lead, make_user("bob"), Role.ANNOTATOR)
        add_code(lead, "Failure", shortcut="f", claim="The alliance failed.")
        source = add_source(lead, "An article", text, language=language)
        assign_to(lead, source, bob.user)
        annotate(bob, source, text[:4])
        context = chromium.new_context(base_url=live_server.url, **options)
        opened.append(context)
        client = Client()
        client.force_login(bob.user)
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.goto(f"/projects/{lead.project.slug}/sources/{source.pk}/")
        ready(page)
        return page

    yield make
    for context in opened:
        context.close()


def ready(page: Page) -> None:
    page.wait_for_selector("html[data-ready]", state="attached")


def test_every_kind_of_line_is_a_paragraph_of_its_own(open_text):
    page = open_text(LINES)
    assert page.evaluate("document.getElementById('text').textContent") == LINES
    heights = page.evaluate(
        """() => [...document.querySelectorAll("#text p")].map((p) => {
          const next = p.nextElementSibling?.nextElementSibling ?? p.nextElementSibling;
          const gap = next?.matches("p") ? next.getBoundingClientRect().top : NaN;
          return [p.textContent, gap - p.getBoundingClientRect().bottom];
        })"""
    )
    assert [words for words, _ in heights] == [
        "Heading without stop",
        "First sentence here.",
        "Second sentence here.",
        "Third after VT.",
        "Fourth after FF.",
        "Fifth after NEL.",
    ]
    # One margin between any two: nothing is drawn for the character that ends the line.
    gaps = {round(gap) for _, gap in heights[:-1]}
    assert len(gaps) == 1 and gaps.pop() <= 20


def test_passage_over_every_kind_of_line_is_what_was_selected(open_text):
    page = open_text(LINES)
    page.locator("#text").focus()
    page.keyboard.press("Control+Home")
    page.keyboard.press("Shift+Control+End")
    page.keyboard.press("f")
    expect(page.locator("#count")).to_have_text("2 annotations")
    expect(page.locator("#status")).to_have_text("All changes saved")
    assert Annotation.objects.filter(start=0, end=len(LINES)).count() == 1


def test_paragraphs_of_a_mixed_text_have_their_own_direction(open_text):
    page = open_text(MIXED)
    directions = page.evaluate(
        "[...document.querySelectorAll('#text p')].map((p) => getComputedStyle(p).direction)"
    )
    assert directions == ["ltr", "rtl", "ltr", "rtl"]
    page.locator("#text").focus()
    press = page.keyboard.press
    for _ in range(3):  # to the Arabic paragraph, by sentences
        press("Control+Home")
        press("Control+ArrowDown")
    press("Shift+ArrowLeft")
    assert page.evaluate("String(getSelection())") == "قال"
    press("ArrowLeft")
    caret, word = page.evaluate(
        """() => {
          const text = document.querySelectorAll("#text p")[1].firstChild;
          const range = document.createRange();
          range.setStart(text, 4);
          range.setEnd(text, 5);
          return [document.getElementById("caret").getBoundingClientRect().left + 1,
            range.getBoundingClientRect().right];
        }"""
    )
    assert abs(caret - word) < 2


def test_named_language_gives_the_direction_of_all_paragraphs(open_text):
    page = open_text(MIXED, language="en")
    directions = page.evaluate(
        "[...document.querySelectorAll('#text p')].map((p) => getComputedStyle(p).direction)"
    )
    assert directions == ["ltr"] * 4
