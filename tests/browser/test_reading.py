"""Passages in columns and articles side by side in Chromium: painted, stepped through, copied."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_pages import _database_beside_playwright, faults, open_as
from tests.browser.waiting import until
from tests.builders import World, add_code, add_source, annotate, assign_to, build_world, finish

__all__ = ["_database_beside_playwright", "open_as"]  # fixtures of these tests as well

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FILLING = "Much is said in between 🙂 of other things.\n\n" * 60
LEFT = f"The alliance failed.\n\n{FILLING}It came in time after all.\n\n{FILLING}Nobody spoke.\n"
RIGHT = f"قال الوزير.\n\n{FILLING}التحالف فشل 🙂 تماما.\n\n{FILLING}"
# What of an article is painted: the code of each range, with its words.
PAINTED = """(source) => [...CSS.highlights].flatMap(([name, ranges]) =>
  [...ranges].filter((range) => range.startContainer.parentElement
      .closest(`[data-source="${source}"]`))
    .map((range) => {
      const live = document.createRange();
      live.setStart(range.startContainer, range.startOffset);
      live.setEnd(range.endContainer, range.endOffset);
      return `${name.replace(/^cstoannot-/, "")}: ${live}`;
    })).sort()"""
IS_PAINTED = f"([source, one]) => ({PAINTED})(source).includes(one)"
# The codes that are painted, but for the passage that is on.
CODES_PAINTED = f"""(source) => [...new Set(({PAINTED})(source)
  .filter((one) => !one.startsWith("selected-"))
  .map((one) => one.split(":")[0].split("-")[1]))].sort()"""
SCROLLED = """(source) => Math.round(
  document.querySelector(`[data-source="${source}"] .scroller`).scrollTop)"""
# Whether the passage that is on can be seen in its column.
SEEN = """(source) => {
  const side = document.querySelector(`[data-source="${source}"]`);
  const box = side.querySelector(".stripe[data-on]")?.getBoundingClientRect();
  const view = side.querySelector(".scroller").getBoundingClientRect();
  return Boolean(box) && box.top >= view.top - 4 && box.top < view.bottom;
}"""


def coded_world() -> World:
    world = build_world()
    bob = world.scope(world.bob)
    add_code(world.lead, "Silence", claim="Nobody spoke.", colour="#336699")
    add_code(world.lead, "Timely", claim="It came in time.", colour="#996633")
    details = {"publisher": "The Paper", "author": "A. Writer", "published": "2020-11"}
    left = add_source(world.lead, "Left", LEFT, **details)
    right = add_source(world.lead, "Right", RIGHT, language="ar", url="https://example.org/r")
    assign_to(world.lead, left, world.bob, world.beth)
    assign_to(world.lead, right, world.bob)
    annotate(bob, left, "The alliance failed.", stance="supports")
    annotate(world.scope(world.beth), left, "The alliance failed.", stance="mixed")
    for coder in (bob, world.scope(world.beth)):
        annotate(coder, left, "It came in time", stance="opposes")
        annotate(coder, left, "It came in time", "timely", stance="supports")
        annotate(coder, left, "Nobody spoke", "silence", stance="supports")
    annotate(bob, right, "التحالف فشل 🙂 تماما.", stance="supports")
    for scope, source in ((bob, left), (world.scope(world.beth), left), (bob, right)):
        finish(scope, source)
    world.left, world.right = left, right
    return world


@pytest.fixture
def world(db: None) -> World:
    return coded_world()


@pytest.fixture
def page(world, open_as) -> Iterator[Page]:
    made = open_as(world.alice, reduced_motion="reduce")
    errors: list[str] = []
    made.on("pageerror", lambda error: errors.append(str(error)))
    yield made
    assert errors == []


def _read(page: Page, world: World, query: str = "") -> None:
    sources = f"source={world.left.pk}&source={world.right.pk}"
    page.goto(f"/projects/{world.slug}/compare/reading/?{sources}{query}")
    page.wait_for_selector("html[data-painted]", state="attached")


def _at_rest(page: Page, script: str) -> float:
    """A number once it no longer changes."""
    number = None
    while number != (number := page.evaluate(script)):
        page.wait_for_timeout(250)
    return number


def test_pages_have_nothing_for_axe(page, world):
    start = f"/projects/{world.slug}/compare/"
    both = f"source={world.left.pk}&source={world.right.pk}"
    paths = [
        "passages/?code=failure",
        "passages/?code=failure&by=speaker&voice=everyone",
        f"passages/?code=silence&source={world.right.pk}",
        f"reading/?{both}",
        f"reading/?{both}&source={world.shared.pk}&code=failure",
        "reading/?code=plea",
    ]
    assert [fault for path in paths for fault in faults(page, start + path)] == []


def test_pages_of_a_viewer_have_nothing_for_axe(world, open_as):
    page = open_as(world.vera)
    start = f"/projects/{world.slug}/compare/"
    found = [fault for path in ("passages/", "reading/") for fault in faults(page, start + path)]
    assert found == []


def test_passages_are_painted_in_each_article(page, world):
    _read(page, world)
    painted = ["1-failure: The alliance failed.", "selected-failure: The alliance failed."]
    until(page, PAINTED, world.left.pk, equals=painted)
    until(page, SEEN, world.right.pk)
    until(page, IS_PAINTED, [world.right.pk, "selected-failure: التحالف فشل 🙂 تماما."])
    signs = page.locator(f"[data-source='{world.left.pk}'] .stripe b")
    expect(signs).to_have_text(["◆"])


def test_keys_move_all_articles_from_claim_to_claim(page, world):
    _read(page, world, "&code=failure&code=silence&code=timely")
    left, right = (page.locator(f"[data-source='{one.pk}']") for one in (world.left, world.right))
    expect(left.locator(".stands:visible")).to_contain_text("2 passages")
    before = page.evaluate(SCROLLED, world.right.pk)
    page.keyboard.press("j")
    expect(page.locator("#claim")).to_have_value("silence")
    expect(left.locator(".stands:visible")).to_contain_text("supports")
    expect(right.locator(".stands:visible")).to_have_text("silent")
    until(page, SEEN, world.left.pk)
    until(page, IS_PAINTED, [world.left.pk, "selected-silence: Nobody spoke"])
    assert page.evaluate(SCROLLED, world.right.pk) == before or before == 0
    expect(page).to_have_url(re.compile("claim=silence"))
    expect(page.locator("#speech")).to_have_text(
        "Silence. Left: supports, 1 passage, 2 of 2 coders support. "
        "Right: silent, 1 of 1 coder is silent"
    )
    page.keyboard.press("j")
    page.keyboard.press("j")  # the last claim stays
    expect(page.locator("#claim")).to_have_value("timely")
    expect(page.locator(".steps [rel=next]")).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("k")
    expect(page.locator("#claim")).to_have_value("silence")
    page.reload()
    expect(page.locator("#claim")).to_have_value("silence")


def test_keys_move_along_the_passages_of_a_claim(page, world):
    _read(page, world, "&claim=failure")
    left = page.locator(f"[data-source='{world.left.pk}']")
    expect(left.locator(".place:visible")).to_have_text("place 1 of 2")
    page.keyboard.press("n")
    expect(left.locator(".place:visible")).to_have_text("place 2 of 2")
    until(page, SEEN, world.left.pk)
    until(page, IS_PAINTED, [world.left.pk, "selected-failure: It came in time"])
    left.get_by_role("button", name="Previous passage").click()
    expect(left.locator(".place:visible")).to_have_text("place 1 of 2")
    expect(left.get_by_role("button", name="Previous passage")).to_be_disabled()


def test_keyboard_alone_reaches_every_article_and_claim(page, world):
    _read(page, world)
    for number, source in enumerate((world.left, world.right), start=1):
        page.keyboard.press(str(number))
        article = f"[data-source='{source.pk}'] article"
        expect(page.locator(article)).to_be_focused()
    page.locator("#claim").focus()
    page.keyboard.press("j")  # in a list it chooses, and is no command
    page.locator("#claim").select_option("timely")
    expect(page.locator(".stated:visible")).to_contain_text("It came in time.")
    summary = page.locator(f"[data-source='{world.left.pk}'] .listed summary")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#claim")).to_have_value("failure")


def test_this_claim_alone_is_painted(page, world):
    _read(page, world, "&claim=timely")
    until(page, SEEN, world.left.pk)
    until(page, CODES_PAINTED, world.left.pk, equals=["failure", "timely"])
    page.keyboard.press("a")
    expect(page.locator("#alone")).to_be_checked()
    expect(page.locator(f"[data-source='{world.left.pk}'] .stripe")).to_have_count(1)
    until(page, CODES_PAINTED, world.left.pk, equals=["timely"])


def test_map_leads_to_the_place(page, world):
    _read(page, world)
    maps = page.locator(f"[data-source='{world.left.pk}'] .map")
    mark = maps.locator("[data-code=silence]")
    mark.locator(".map-code").hover()
    expect(maps.locator("title")).to_have_text("¶ 123 · Silence, supports")
    mark.locator(".map-code").click()
    until(page, SEEN, world.left.pk)
    expect(page.locator("#claim")).to_have_value("silence")
    expect(mark).to_have_attribute("data-near", "")
    expect(maps.locator("[data-near]")).to_have_count(1)
    path = mark.locator(".map-code").get_attribute("d")
    on = maps.locator(".map-on")
    x, y, height = (on.get_attribute(name) or "0" for name in ("x", "y", "height"))
    assert path == f"M{x} {y}h6v{height}h-6z"


def test_map_follows_what_is_in_view(page, world):
    _read(page, world)
    side = page.locator(f"[data-source='{world.left.pk}']")
    side.locator(".scroller").evaluate("(one) => one.scrollTo(0, one.scrollHeight)")
    share = """([source]) => {
      const side = document.querySelector(`[data-source="${source}"]`);
      const { scrollTop, scrollHeight } = side.querySelector(".scroller");
      const there = Number(side.querySelector(".map-view").getAttribute("y"));
      return there > 500 && Math.abs(there - (scrollTop / scrollHeight) * 1000) <= 1;
    }"""
    until(page, share, [world.left.pk])


def test_list_of_places_says_who_says_what(page, world):
    _read(page, world)
    side = page.locator(f"[data-source='{world.left.pk}']")
    side.get_by_text("Its passages: 4 places").click()
    expect(side.locator(".listed li")).to_have_text(
        [
            "¶ 1 · Failure mixed 2 of 2 coders, stance by a tie",
            "¶ 62 · Failure opposes 2 of 2 coders",
            "¶ 62 · Timely supports 2 of 2 coders",
            "¶ 123 · Silence supports 2 of 2 coders",
        ]
    )
    at = LEFT.index("Nobody spoke")
    link = side.get_by_role("link", name="Silence")
    address = f"/projects/{world.slug}/sources/{world.left.pk}/#at={at}-{at + 12}"
    expect(link).to_have_attribute("href", address)
    link.click()
    expect(page.locator("#claim")).to_have_value("silence")


# Lanes, codes, and passages in a text of 1,000 as (code, start, end) → (lane, y, height) of each.
PLACED = [
    (
        5,
        "ab",
        [("a", 0, 100), ("b", 50, 60), ("a", 60, 62)],
        [(0, 0, 100), (1, 50, 10), (0, 60, 5)],
    ),
    (
        2,
        "abc",
        [("a", 0, 100), ("b", 50, 60), ("c", 55, 56)],
        [(0, 0, 100), (1, 50, 10), (1, 55, 5)],
    ),
    (
        2,
        "abc",
        [("c", 0, 10), ("c", 20, 30), ("a", 999, 1000)],
        [(0, 0, 10), (0, 20, 10), (0, 995, 5)],
    ),
]


@pytest.mark.parametrize(("lanes", "codes", "passages", "placed"), PLACED)
def test_marks_stand_along_the_text(chromium_page, lanes, codes, passages, placed):
    found = chromium_page.evaluate(
        """async ([lanes, codes, passages]) => {
          const { placeMarks } = await import("./js/reading/lanes.js");
          const named = passages.map(([code, start, end]) => ({ code, start, end }));
          const marks = placeMarks(named, { lanes, length: 1000, slugs: [...codes] });
          return marks.map(({ lane, y, height }) => [lane, y, height]);
        }""",
        [lanes, codes, passages],
    )
    assert [tuple(mark) for mark in found] == placed


def test_the_words_of_one_claim_alone_are_there(page, world):
    """The page holds the words of the open claim alone, however many claims there are."""
    codes = [
        add_code(world.lead, f"Topic {number}", claim=f"Topic {number} matters.").slug
        for number in range(30)
    ]
    _read(page, world, "".join(f"&code={code}" for code in ["failure", *codes]))
    expect(page.locator(".stated")).to_have_count(1)
    expect(page.locator(".stands")).to_have_count(2)
    expect(page.locator("#claim option")).to_have_count(31)
    page.keyboard.press("j")
    expect(page.locator(".stated")).to_contain_text("Topic 0 matters.")
    expect(page.locator(".stated a")).to_have_attribute("href", re.compile("code=topic-0$"))


def test_marks_stand_in_where_nothing_can_be_highlighted(page, world):
    _read(page, world, "&paint=marks")
    left = page.locator(f"[data-source='{world.left.pk}']")
    expect(left.locator("mark[data-code=failure]")).to_have_text(["The alliance failed."])
    right = page.locator(f"[data-source='{world.right.pk}'] article")
    assert right.evaluate("(node) => node.textContent") == RIGHT
    page.keyboard.press("n")
    expect(left.locator("mark[aria-current]").first).to_have_text("It came in time")
    until(page, "CSS.highlights.size", equals=0)


def test_narrow_articles_are_swiped_and_stay_where_they_are(page, world):
    page.set_viewport_size({"width": 390, "height": 844})
    _read(page, world)
    page.get_by_role("link", name="2. Right").click()
    at = _at_rest(page, "document.querySelector('#sides').scrollLeft")
    assert at > 300
    page.get_by_role("link", name="Next claim").click()
    expect(page.locator(f"[data-source='{world.right.pk}'] .stands:visible")).to_have_text("silent")
    assert abs(_at_rest(page, "document.querySelector('#sides').scrollLeft") - at) < 2


def test_without_scripts_claims_are_links(world, open_as):
    page = open_as(world.alice, java_script_enabled=False)
    both = f"source={world.left.pk}&source={world.right.pk}"
    page.goto(f"/projects/{world.slug}/compare/reading/?{both}")
    page.get_by_role("link", name="Next claim").click()
    expect(page).to_have_url(re.compile("claim=silence"))
    expect(page.locator(".stated:visible")).to_contain_text("Nobody spoke.")


def test_articles_and_claims_are_chosen_on_the_page(page, world):
    page.goto(f"/projects/{world.slug}/compare/reading/")
    page.get_by_text("Sources and claims").click()
    page.get_by_label("First source").select_option(label="Left · The Paper")
    page.get_by_label("Second source").select_option(label="Right")
    page.get_by_text("Claims: all with passages").click()
    page.get_by_label("Timely").check()
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page).to_have_url(re.compile(f"source={world.left.pk}&source={world.right.pk}"))
    expect(page.locator(".side h2")).to_have_text(["Left", "Right"])
    expect(page.locator("#claim option")).to_have_text(["1. Timely"])


def test_two_clicks_lead_from_the_overview_to_the_sentences(page, world):
    page.goto(f"/projects/{world.slug}/")
    page.get_by_role("navigation", name="Project").get_by_role("link", name="Compare").click()
    page.get_by_role("link", name="Failure").first.click()
    expect(page.get_by_role("heading", name="Failure")).to_be_visible()
    expect(page.locator(".tally")).to_have_text("1 supports · 1 opposes · 3 pending")
    expect(page.locator(".column h3")).to_have_text(["Left", "Right"])
    expect(page.get_by_role("link", name="The alliance failed.")).to_be_visible()


def test_passage_is_copied_with_its_citation(page, world):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/projects/{world.slug}/compare/passages/?code=failure&source={world.left.pk}")
    page.get_by_role("button", name="Copy with citation").first.click()
    expect(page.locator("#copied")).to_have_text("Copied with its citation.")
    assert page.evaluate("navigator.clipboard.readText()") == (
        "“The alliance failed.” (A. Writer, “Left”, The Paper, Nov 2020, characters 0–20)"
    )


@pytest.mark.parametrize("works", [True, False])
def test_copying_does_without_the_clipboard(page, world, works):
    page.add_init_script("delete Navigator.prototype.clipboard")
    if not works:
        page.add_init_script("document.execCommand = () => false")
    page.goto(f"/projects/{world.slug}/compare/passages/?code=failure&source={world.left.pk}")
    page.get_by_role("button", name="Copy with citation").first.click()
    words = "Copied with its citation." if works else "Selected: copy it with the keyboard."
    expect(page.locator("#copied")).to_have_text(words)
    if not works:
        assert page.evaluate("getSelection().toString()").startswith("“The alliance failed.”")


def test_keys_lead_from_claim_to_claim_in_columns(page, world):
    page.goto(f"/projects/{world.slug}/compare/passages/?code=failure&voice=everyone")
    page.keyboard.press("j")
    page.wait_for_url("**/passages/?voice=everyone&code=silence")
    page.keyboard.press("k")
    page.wait_for_url("**/passages/?voice=everyone&code=failure")


def test_passage_opens_at_its_place_in_the_article(page, world):
    page.goto(f"/projects/{world.slug}/compare/passages/?code=silence")
    page.get_by_role("link", name="Nobody spoke").click()
    page.wait_for_selector("html[data-painted]", state="attached")
    expect(page.locator("#inspector-body")).to_contain_text("Silence")


def test_print_shows_the_passages_and_no_tools(page, world):
    page.goto(f"/projects/{world.slug}/compare/passages/?code=failure")
    page.emulate_media(media="print")
    expect(page.locator(".bar")).to_be_hidden()
    expect(page.get_by_role("button", name="Copy with citation").first).to_be_hidden()
    expect(page.locator("blockquote").first).to_be_visible()
    _read(page, world)
    expect(page.locator(".map").first).to_be_hidden()
    expect(page.locator(".side article").first).to_be_visible()


def test_text_size_is_changed_and_kept(page, world):
    size = "parseFloat(getComputedStyle(document.querySelector('.side .text')).fontSize)"
    _read(page, world)
    before = page.evaluate(size)
    page.get_by_role("button", name="Larger text").click()
    _read(page, world)
    assert page.evaluate(size) == pytest.approx(before * 1.15, abs=0.1)
