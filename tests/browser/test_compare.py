"""The matrix in Chromium: two clicks to the sentences, a large one under fixed heads, axe."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from cstoannot.web.compare import views as view
from tests.agreement.demo import demo
from tests.browser.test_pages import _database_beside_playwright, faults, open_as
from tests.browser.waiting import until
from tests.builders import (
    World,
    add_code,
    add_source,
    annotate,
    assign_to,
    build_world,
    finish,
)

__all__ = ["_database_beside_playwright", "open_as"]  # fixtures of these tests as well

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIGN = "#virtual-grid .stood"
INSIDE = """() => {
  const box = document.querySelector(".asking .choose[open] > fieldset").getBoundingClientRect();
  return box.left >= 0 && box.right <= innerWidth &&
    document.documentElement.scrollWidth <= innerWidth;
}"""
# The median of a hundred frames while scrolling, in milliseconds.
SCROLL = """async ([right, down]) => {
  const grid = document.getElementById("virtual-grid"), frames = [];
  let last = performance.now();
  for (let step = 0; step < 100; step += 1) {
    grid.scrollBy(right, down);
    await new Promise((drawn) => requestAnimationFrame(drawn));
    frames.push(performance.now() - last);
    last = performance.now();
  }
  return frames.sort((a, b) => a - b)[50];
}"""


def _many(sources: int, codes: int) -> World:
    world = build_world()
    for number in range(codes):
        add_code(world.lead, f"Claim {number}", claim=f"What {number} says is so.")
    bob = world.scope(world.bob)
    for number in range(sources):
        source = add_source(world.lead, f"Article {number}", publisher=f"Paper {number}")
        assign_to(world.lead, source, world.bob)
        annotate(bob, source, "Nobody", f"claim-{number % codes}", stance="supports")
        finish(bob, source)
    return world


@pytest.fixture
def large(open_as, monkeypatch) -> Iterator[tuple[Page, str]]:
    """Small in truth, and drawn as a large one is."""
    monkeypatch.setattr(view, "MOST_PLAIN", 10)
    world = _many(40, 30)
    page = open_as(world.alice, viewport={"width": 1000, "height": 700})
    yield page, f"/projects/{world.slug}/compare/"


def test_which_sources_diverge_and_in_which_sentences_takes_two_clicks(open_as):
    scope = demo()
    page = open_as(scope.user)
    page.goto("/projects/csto/")
    page.get_by_role("link", name="Compare", exact=True).click()
    first = page.locator("table.claims tbody tr").first
    expect(first.locator(".verdict")).to_have_text("diverge, tentative")
    page.get_by_role("link", name="Article 4", exact=True).click()
    expect(page.get_by_role("heading", name="Article 4")).to_be_visible()
    expect(page.locator(".column").first).to_be_visible()
    assert page.locator(".column blockquote").count() >= 4


def test_cell_opens_its_own_passages(open_as):
    scope = demo()
    page = open_as(scope.user)
    page.goto("/projects/csto/compare/?code=article-4")
    cell = page.locator("td .stood[data-state=supports]").first
    count = int(cell.inner_text().split()[1])
    cell.click()
    expect(page.locator(".column")).to_have_count(1)
    expect(page.locator(".column .said > li")).to_have_count(count)


def test_pages_have_nothing_for_axe(open_as):
    world = build_world()
    finish(world.scope(world.bob), world.shared)
    finish(world.scope(world.beth), world.shared)
    start = f"/projects/{world.slug}/compare/"
    page = open_as(world.alice)
    paths = ["", "?voice=everyone", "?since=20x", "omissions/", "?by=speaker"]
    assert [fault for path in paths for fault in faults(page, start + path)] == []
    assert faults(open_as(world.vera), start) == []


def test_large_matrix_has_nothing_for_axe(large):
    page, start = large
    assert faults(page, start) == []


def test_large_matrix_draws_what_is_in_view_alone(large):
    page, start = large
    page.goto(start)
    expect(page.locator(SIGN).first).to_be_visible()
    expect(page.get_by_text(re.compile("depends on (one|each of)")).first).to_be_visible()
    drawn = page.locator(SIGN).count()
    assert drawn < 31 * 43 / 2
    page.evaluate("document.getElementById('virtual-grid').scrollTo(1e6, 1e6)")
    last = page.locator("#virtual-grid [aria-rowindex='32']")
    expect(page.locator("#virtual-grid .tops [aria-colindex='44']")).to_be_in_viewport()
    page.locator(".signs").scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    assert page.locator(SIGN).count() < drawn * 2
    # The heads stay where they are.
    box = page.locator("#virtual-grid").bounding_box()
    heads = page.locator("#virtual-grid .tops").bounding_box()
    front = last.locator(".front").bounding_box()
    assert abs(heads["y"] - box["y"]) < 3
    assert abs(front["x"] - box["x"]) < 3


def test_large_matrix_scrolls_at_the_screens_pace(large):
    page, start = large
    page.goto(start)
    expect(page.locator(SIGN).first).to_be_visible()
    for way in ([0, 25], [40, 0], [-30, -15]):
        assert page.evaluate(SCROLL, way) < 34


def test_large_matrix_is_walked_by_keys(large):
    page, start = large
    page.goto(f"{start}?order=codebook")
    page.locator("#virtual-grid a[tabindex='0']").focus()
    at = "[document.activeElement.dataset.row, document.activeElement.dataset.column].join()"
    ways = {
        "ArrowDown": "1,0",
        "End": "1,42",
        "ArrowLeft": "1,41",
        "Home": "1,0",
        "ArrowUp": "0,0",
    }
    for key, place in ways.items():
        page.keyboard.press(key)
        until(page, at, equals=place)
    page.keyboard.press("ArrowUp")
    expect(page.locator(":focus")).to_have_text("Shared")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(":focus")).to_have_text("Failure")
    for _ in range(6):
        page.keyboard.press("PageDown")
    expect(page.locator(":focus")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare/passages/**")


def test_figure_is_kept_as_picture(open_as):
    scope = demo()
    page = open_as(scope.user)
    page.goto("/projects/csto/compare/")
    with page.expect_download() as download:
        page.get_by_role("button", name="Figure (PNG)").click()
    assert download.value.suggested_filename == "csto-comparison.png"


def test_open_filter_stays_within_the_window_and_closes_by_escape(open_as):
    scope = demo()
    page = open_as(scope.user, viewport={"width": 1250, "height": 800})
    page.goto("/projects/csto/compare/omissions/")
    for choice in page.locator(".asking .choose").all():
        choice.locator("summary").click()
        until(page, INSIDE)
    since = page.get_by_label("From")
    assert since.bounding_box()["width"] > 100
    since.press("Escape")
    expect(since).to_be_hidden()


def test_words_find_claims_among_many_in_the_filter(open_as):
    scope = demo()
    page = open_as(scope.user)
    page.goto("/projects/csto/compare/")
    choice = page.locator(".asking .choose").filter(has_text="Claims:").first
    choice.locator("summary").click()
    labels = choice.locator("label:visible")
    every = labels.all_inner_texts()
    assert len(every) > 12
    labels.nth(3).click()
    word = every[-1].split()[-1]
    choice.get_by_label("Find in this list").fill(word)
    expected = [text for n, text in enumerate(every) if n == 3 or word.lower() in text.lower()]
    expect(labels).to_have_text(expected)
    choice.get_by_label("Find in this list").press("Enter")
    expect(choice).to_have_attribute("open", "")
    choice.get_by_label("Find in this list").fill("")
    expect(labels).to_have_text(every)


@pytest.mark.parametrize("scripts", [True, False])
def test_filters_are_folded_on_a_narrow_screen(open_as, scripts):
    scope = demo()
    page = open_as(scope.user, viewport={"width": 390, "height": 844}, java_script_enabled=scripts)
    for path in ("", "omissions/", "passages/", "network/"):
        page.goto(f"/projects/csto/compare/{path}?voice=everyone")
        expect(page.get_by_text("Voice: everyone", exact=True)).to_be_hidden()
        expect(page.locator(".fold")).to_contain_text("voice: everyone · by source")
    page.locator(".fold summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Voice: everyone", exact=True)).to_be_visible()
    page.get_by_label("Compare", exact=True).select_option("publisher")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".fold")).to_contain_text("by publisher")
    page.set_viewport_size({"width": 1250, "height": 800})
    expect(page.locator(".fold")).to_be_hidden()
    expect(page.get_by_text("Voice: everyone", exact=True)).to_be_visible()


def test_matrix_is_printed_without_what_only_a_screen_needs(open_as):
    scope = demo()
    page = open_as(scope.user, viewport={"width": 760, "height": 1000})
    page.goto("/projects/csto/compare/")
    page.emulate_media(media="print")
    for hidden in (".bar", ".fold", ".asking", ".views", "a[download]"):
        expect(page.locator(hidden).first).to_be_hidden()
    claim = page.locator("table.claims tbody .lead small").first
    assert claim.evaluate("(node) => node.scrollHeight <= node.clientHeight")


def test_wrong_date_is_said_where_it_was_typed(open_as):
    world = build_world()
    page = open_as(world.alice)
    page.goto(f"/projects/{world.slug}/compare/")
    page.locator("summary", has_text="Dates").click()
    page.get_by_label("From").fill("Nov 2020")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter a year, month or day")
    expect(page.get_by_label("From")).to_have_value("Nov 2020")
    page.get_by_label("From").fill("2020-11")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**since=2020-11**")
    expect(page.get_by_text("No source matches these filters")).to_be_visible()
