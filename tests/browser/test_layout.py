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


LONG = "The minister said that the alliance had failed its member in the hour of need. " * 12
# The average characters of the lines of a paragraph, without its last.
CHARACTERS = """() => {
  const p = document.querySelector("#text p");
  const text = p.firstChild;
  const range = document.createRange();
  range.selectNodeContents(p);
  const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
  const height = p.getBoundingClientRect().height;
  const line = parseFloat(getComputedStyle(p).lineHeight);
  return text.length / Math.round(height / line);
}"""
WIDTHS = [320, 360, 390, 480, 600, 720, 768, 900, 960, 961, 1000, 1024, 1100, 1200, 1201, 1280]
WIDTHS += [1440, 1680, 1920]


# What of the bar reaches over the window's right edge.
CUT_OFF = """() => [...document.querySelectorAll(".bar > *")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth)
  .map((one) => `${innerWidth}: ${one.outerHTML.slice(0, 80)}`)"""


def characters(page: Page, widths: list[int]) -> dict[int, float]:
    """At which of these widths a line holds fewer than 36 characters, and how many."""
    found = {}
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        if (count := page.evaluate(CHARACTERS)) < 36:
            found[width] = count
    return found


def test_line_holds_36_characters_at_any_width(open_text):
    page = open_text(LONG)
    assert characters(page, WIDTHS) == {}
    zoomed = [width // 2 for width in WIDTHS if width >= 640]  # 200 % zoom
    assert characters(page, zoomed) == {}


def test_line_of_larger_text_holds_36_characters_beside_the_tools(open_text):
    page = open_text(LONG)
    for _ in range(4):
        page.get_by_role("button", name="Larger text").click()
    size = page.evaluate("parseFloat(getComputedStyle(document.getElementById('text')).fontSize)")
    assert 27 < size < 28
    assert characters(page, [width for width in WIDTHS if width > 960]) == {}
    page.reload()
    ready(page)
    kept = page.evaluate("parseFloat(getComputedStyle(document.getElementById('text')).fontSize)")
    assert kept == size


def test_header_has_room_at_any_width(open_text):
    page = open_text(LONG)
    page.locator("#text").focus()
    page.keyboard.press("Control+Home")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("f")  # now there is something to undo, with its name
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        found += page.evaluate(CUT_OFF)
    assert found == []


def test_panels_fold_by_button_and_by_key_and_stay_folded(open_text):
    page = open_text(LONG, viewport={"width": 1440, "height": 800})
    tools, sources = page.locator("#tools-body"), page.locator("#sources .sources")
    page.get_by_role("button", name="Codes and passages").click()
    expect(tools).to_be_hidden()
    expect(sources).to_be_visible()
    page.reload()
    ready(page)
    expect(tools).to_be_hidden()
    page.keyboard.press("\\")
    expect(sources).to_be_hidden()
    page.keyboard.press("\\")
    expect(tools).to_be_visible()
    expect(sources).to_be_visible()
    page.keyboard.press("\\")
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()


def test_sources_are_a_drawer_where_there_is_no_room(open_text):
    page = open_text(LONG, viewport={"width": 1024, "height": 800})
    expect(page.locator("#sources")).to_be_hidden()
    page.get_by_role("button", name="Sources").click()
    expect(page.locator("#sources")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#sources")).to_be_hidden()


@pytest.mark.parametrize(("width", "named"), [(390, False), (768, True), (1440, True)])
def test_labels_in_the_margin_are_there_where_there_is_room(open_text, width, named):
    page = open_text(LONG, viewport={"width": width, "height": 800})
    label = page.locator(".stripe > span > span")
    expect(label).to_have_count(int(named))
    if named:
        expect(label).to_have_text("Failure")


def test_header_is_one_row_on_a_phone(open_text):
    page = open_text(LONG, viewport={"width": 390, "height": 800})
    for path in (page.url, page.url.split("sources/")[0]):
        page.goto(path)
        tops = page.evaluate(
            """() => [...document.querySelector(".bar").children]
              .filter((one) => one.checkVisibility())
              .map((one) => { const { top, height } = one.getBoundingClientRect();
                return Math.round(top + height / 2); })"""
        )
        assert max(tops) - min(tops) <= 2
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.get_by_role("button", name="Menu").click()
        expect(page.get_by_role("link", name="Codebook")).to_be_visible()
