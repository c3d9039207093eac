"""Selecting text: no drag ever codes what was not meant, at any size, in any script."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.test_annotate import (
    PHONE,
    Desk,
    Team,
    _database_beside_playwright,
    make_team,
    open_desk,
)
from tests.browser.waiting import until
from tests.builders import annotate

__all__ = ["_database_beside_playwright", "make_team", "open_desk"]  # fixtures here as well

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LEFT_TO_RIGHT = (
    "Nobody came when the member called. The minister said that the alliance had failed its duty. "
    "Others disagreed 🙂 loudly, and cafe\u0301s closed early that night in the whole capital.\n\n"
    "The treaty binds every member to help. It says so in its fourth article, twice.\n"
)
RIGHT_TO_LEFT = (
    "قال الوزير إن التحالف فشل تماما. لم يأت أحد حين نادى العضو، وقال آخرون إن الأمر ليس كذلك.\n\n"
    "המעבדה סגורה היום. איש לא בא כאשר החבר קרא, והשר אמר שהברית נכשלה.\n"
)
MIXED = (
    "The minister said שהברית נכשלה and left. Then came قال الوزير إن التحالف فشل that evening."
    "\n\n"
    "השר אמר: The alliance failed, ואיש לא בא. Nobody came 🙂 at all.\n"
)
WIDE = {"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce"}
# A browser at 200 % lays a window of 1440 × 900 out as 720 × 450.
ZOOMED = WIDE | {"viewport": {"width": 720, "height": 450}, "device_scale_factor": 2}
NARROW = WIDE | {"viewport": {"width": 390, "height": 844}}


class Pointer:
    """A mouse on an annotate page, and what the page makes of it."""

    def __init__(self, desk: Desk, team: Team) -> None:
        self.desk, self.page, self.team = desk, desk.page, team

    def drag(self, start: tuple[float, float], end: tuple[float, float], release: bool = True):
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=2)
        mouse.move(*end, steps=2)
        if release:
            mouse.up()

    def edge(self, quote: str, which: str) -> tuple[float, float]:
        """The left edge of a quote's first letter, or the right edge of its last one."""
        box = self.desk.box(quote)
        return (box["x"], box["y"]) if which == "left" else (box["right"], box["bottom"])

    def highlighted(self) -> str:
        return self.page.evaluate("String(getSelection())").strip()

    def quotes(self) -> list[str]:
        """What this press of a code's key coded."""
        self.desk.press("f")
        self.desk.saved()
        return [quote for _, quote in self.team.codings()]


@pytest.fixture
def point(make_team, open_desk) -> Callable[..., Pointer]:
    def make(text: str = LEFT_TO_RIGHT, quote: str = "", **options: Any) -> Pointer:
        language = options.pop("language", "en")
        team = make_team(text, language=language)
        if quote:
            annotate(team.bob, team.source, quote)
        desk = open_desk(team, **(options or WIDE))
        if quote:
            desk.press("j")
            expect(desk.page.locator(".handle[data-end=end]")).to_be_visible()
        return Pointer(desk, team)

    return make


FIRST, SECOND = "Nobody came when the member called.", "The minister said"


@pytest.mark.parametrize("options", [WIDE, ZOOMED, NARROW], ids=["wide", "zoomed", "narrow"])
@pytest.mark.parametrize("pixels", [0.5, 2, 4, 6])
def test_drag_that_begins_beside_a_passage_does_not_alter_it(point, options, pixels):
    pointer = point(quote=FIRST, **options)
    x, y = pointer.edge(FIRST, "right")
    pointer.drag((x + pixels, y), pointer.edge(SECOND, "right"))
    assert pointer.highlighted() == SECOND
    assert pointer.quotes() == [FIRST, SECOND]


def test_drag_that_begins_before_a_passage_does_not_alter_it(point):
    pointer = point(quote=SECOND)
    x, y = pointer.edge(SECOND, "left")
    pointer.drag((x - 3, y), pointer.edge("when the", "left"))
    assert pointer.quotes() == ["when the member called.", SECOND]


@pytest.mark.parametrize("pixels", [1, 4])
def test_drag_beside_a_passage_from_right_to_left_does_not_alter_it(point, pixels):
    first = "قال الوزير إن التحالف فشل تماما."
    pointer = point(RIGHT_TO_LEFT, first, language="ar", **WIDE)
    box = pointer.desk.box(first)
    end = pointer.page.locator(".handle[data-end=end]").bounding_box()
    goal = pointer.desk.box("أحد")
    # The left edge of the last letter is where a passage from right to left ends.
    pointer.drag((end["x"] - pixels, box["bottom"]), (goal["x"] - 9, goal["y"]))
    assert pointer.quotes()[0] == first
    assert pointer.quotes()[1].startswith("لم يأت")


def test_drag_that_ends_on_a_handle_selects_up_to_there(point):
    pointer = point(quote=FIRST)
    handle = pointer.page.locator(".handle[data-end=end]").bounding_box()
    over = (handle["x"] + handle["width"] - 0.5, handle["y"] + handle["height"] / 2)
    pointer.drag(pointer.edge("member called", "left"), over)
    assert pointer.highlighted() == "member called."
    assert pointer.quotes() == [FIRST, "member called."]


def test_handle_is_seen_to_be_grabbed_before_it_moves_an_end(point):
    pointer = point(quote=FIRST)
    handle = pointer.page.locator(".handle[data-end=end]")
    x, y = pointer.edge(FIRST, "right")
    pointer.page.mouse.move(x + 2, y)
    assert handle.evaluate("node => node.matches(':hover')") is False
    pointer.page.mouse.move(x - 1, y)
    assert handle.evaluate("node => node.matches(':hover')") is True
    assert handle.evaluate("node => getComputedStyle(node).cursor") == "ew-resize"


def test_moved_end_is_told_and_undone_by_one_key_or_button(point):
    pointer = point(quote=FIRST)
    toast = pointer.page.locator("#toast")
    for undo in (lambda: pointer.desk.press("z"), toast.get_by_role("button").click):
        x, y = pointer.edge(FIRST, "right")
        pointer.drag((x - 1, y), pointer.edge(SECOND, "right"))
        expect(toast).to_contain_text(f"Failure now covers: “{FIRST} {SECOND}”")
        pointer.desk.saved()
        assert pointer.team.codings() == [("failure", f"{FIRST} {SECOND}")]
        undo()
        expect(toast).to_contain_text("Undone: changed the ends of Failure")
        pointer.desk.saved()
        assert pointer.team.codings() == [("failure", FIRST)]


def test_click_on_a_handle_is_a_click_on_the_text_below(point):
    pointer = point(quote=FIRST)
    annotate(pointer.team.bob, pointer.team.source, "called.", "treaty")
    pointer.desk.reload()
    pointer.desk.press("j")
    x, y = pointer.edge(FIRST, "right")
    pointer.page.mouse.click(x - 1, y)
    expect(pointer.desk.current).to_have_text("Treaty")


OUTSIDE = {
    "right of the line": lambda line, page: (line["right"] + 14, line["bottom"]),
    "over the stripes": lambda line, page: (page["stripes"]["x"] + 60, line["bottom"]),
    "over the panel": lambda line, page: (page["tools"]["x"] + 80, line["bottom"]),
}


@pytest.mark.parametrize("place", OUTSIDE)
def test_drag_that_ends_beside_a_line_ends_with_it(point, place):
    pointer = point()
    line = pointer.desk.box("The treaty binds every member to help.")
    last = pointer.desk.box("member to help. It says so in its fourth article, twice.")
    page = {name: pointer.page.locator(f"#{name}").bounding_box() for name in ("stripes", "tools")}
    pointer.drag((line["x"] + 0.5, line["y"]), OUTSIDE[place](last, page))
    whole = "The treaty binds every member to help. It says so in its fourth article, twice."
    assert pointer.highlighted() == whole
    assert pointer.quotes() == [whole]


@pytest.mark.parametrize(
    ("y", "expected"),
    [(5, "Nobody came when the"), (880, LEFT_TO_RIGHT.split("came when ")[1].strip())],
    ids=["over the header", "below the text"],
)
def test_drag_that_ends_above_or_below_takes_the_text_that_far(point, y, expected):
    pointer = point()
    which = "right" if y < 10 else "left"
    begin = pointer.edge("the member" if y > 10 else "when the", which)
    pointer.drag(begin, (begin[0], y))
    assert pointer.quotes() == [expected]


BEFORE = {
    "a pixel left of the first letter": lambda text, title: (text["x"] - 1, text["y"] + 15),
    "in the margin": lambda text, title: (text["x"] - 18, text["y"] + 15),
    "in the title": lambda text, title: (title["x"] + 30, title["y"] + title["height"] / 2),
}


@pytest.mark.parametrize("place", BEFORE)
def test_drag_that_begins_outside_counts_by_its_part_inside(point, place):
    pointer = point()
    text, title = (pointer.page.locator(at).bounding_box() for at in ("#text", ".reading .title"))
    pointer.drag(BEFORE[place](text, title), pointer.edge("Nobody came", "right"))
    assert pointer.highlighted() == "Nobody came"
    assert pointer.quotes() == ["Nobody came"]


def test_drag_from_the_right_of_the_last_line_counts(point):
    pointer = point()
    x, y = pointer.edge("article, twice.", "right")
    pointer.drag((x + 60, y), pointer.edge("fourth", "left"))
    assert pointer.quotes() == ["fourth article, twice."]


def test_title_can_be_selected_for_itself(point):
    pointer = point()
    title = pointer.page.locator(".reading .title").bounding_box()
    y = title["y"] + title["height"] / 2
    pointer.drag((title["x"] + 1, y), (title["x"] + 80, y))
    assert pointer.highlighted() != ""
    assert pointer.quotes() == []


def test_drag_that_begins_in_a_panel_selects_nothing_of_the_text(point):
    pointer = point(quote=FIRST)
    hint = pointer.page.locator(".hint").bounding_box()
    pointer.drag((hint["x"] + 40, hint["y"] + 16), pointer.edge("treaty binds", "left"))
    pointer.page.wait_for_timeout(400)
    assert pointer.page.evaluate(
        "getSelection().isCollapsed || !getSelection().getRangeAt(0)"
        ".intersectsNode(document.getElementById('text'))"
    )
    assert pointer.quotes() == [FIRST]


def test_key_during_a_drag_codes_what_is_highlighted(point):
    pointer = point(quote=FIRST)
    x, y = pointer.edge("every member", "right")
    pointer.drag(pointer.edge("every", "left"), (x, y), release=False)
    assert pointer.quotes() == [FIRST, "every member"]
    pointer.page.mouse.up()


def test_drag_over_white_space_codes_nothing(point):
    pointer = point(quote=FIRST)
    pointer.drag(pointer.edge("said", "right"), pointer.edge("that the", "left"))
    assert pointer.quotes() == [FIRST]
    expect(pointer.page.locator("#toast")).to_contain_text("Select text first")


def test_going_to_a_passage_lets_go_of_the_highlighted_text(point):
    pointer = point(quote=FIRST)
    pointer.drag(pointer.edge("every", "left"), pointer.edge("every member", "right"))
    pointer.desk.press("j", "k")
    expect(pointer.desk.current).to_have_text("Failure")
    assert pointer.highlighted() == ""


def test_several_clicks_and_shift_select_as_everywhere(point):
    pointer = point()
    x, y = pointer.edge("minister", "left")
    pointer.page.mouse.dblclick(x + 12, y)
    assert pointer.highlighted() == "minister"
    pointer.page.mouse.click(x + 12, y, click_count=3)
    assert pointer.highlighted() == LEFT_TO_RIGHT.split("\n", maxsplit=1)[0]
    pointer.page.keyboard.press("Escape")
    pointer.page.wait_for_timeout(600)
    pointer.page.mouse.click(x + 0.5, y)
    pointer.page.keyboard.down("Shift")
    pointer.page.mouse.click(*pointer.edge("minister said", "right"))
    pointer.page.keyboard.up("Shift")
    assert pointer.highlighted() == "minister said"
    assert pointer.quotes() == ["minister said"]


def test_drag_after_a_double_click_takes_whole_words(point):
    pointer = point()
    mouse = pointer.page.mouse
    x, y = pointer.edge("minister", "left")
    mouse.click(x + 12, y)
    mouse.move(x + 12, y)
    mouse.down(click_count=2)
    goal, height = pointer.edge("that the all", "right")
    mouse.move(goal, height, steps=3)
    mouse.up(click_count=2)
    assert pointer.quotes() == ["minister said that the alliance"]


def test_drag_to_the_edge_scrolls_on_while_it_is_held(point):
    pointer = point("\n\n".join(f"Line {i} tells of a failure." for i in range(200)))
    begin = pointer.edge("Line 3 ", "left")
    pointer.drag(begin, (begin[0], 898), release=False)
    until(pointer.page, "document.getElementById('reading').scrollTop > 400")
    pointer.page.mouse.up()
    assert pointer.highlighted().count("tells of") > 17


def test_touch_selection_is_kept_out_of_what_lies_beside(point):
    pointer = point(**PHONE)
    box = pointer.desk.box("member")
    pointer.page.touchscreen.tap(box["x"] + 5, box["y"])
    styles = [
        pointer.page.locator(at).evaluate("node => getComputedStyle(node).userSelect")
        for at in (".stripes", ".tools", "#text")
    ]
    assert styles == ["none", "none", "auto"]


def test_phone_deletes_by_name_and_brings_back_by_touch(point):
    pointer = point(quote=FIRST, **PHONE)
    page = pointer.page
    page.locator("#quick").get_by_role("button", name="Delete", exact=True).tap()
    expect(page.locator("#toast")).to_contain_text("Deleted Failure.")
    pointer.desk.saved()
    assert pointer.team.codings() == []
    page.locator("#toast").get_by_role("button", name="Undo: deleted Failure").tap()
    pointer.desk.saved()
    assert pointer.team.codings() == [("failure", FIRST)]


@pytest.mark.parametrize("options", [WIDE, PHONE], ids=["wide", "phone"])
def test_undo_and_redo_are_buttons_that_say_what_they_do(point, options):
    pointer = point(quote=FIRST, **options)
    group = pointer.page.get_by_role("group", name="Undo and redo")
    undo, redo = group.get_by_role("button").all()
    expect(undo).to_be_disabled()
    expect(undo).to_have_accessible_name("Undo: nothing has been changed yet")
    expect(redo).to_have_accessible_name("Redo: nothing has been undone")
    pointer.desk.press("4")
    expect(undo).to_have_accessible_name("Undo: coded Treaty")
    undo.click()
    expect(redo).to_have_accessible_name("Redo: coded Treaty")
    redo.click()
    expect(undo).to_have_accessible_name("Undo: coded Treaty")
    pointer.desk.press("+")
    expect(undo).to_have_accessible_name("Undo: changed the stance of Treaty")
    pointer.desk.saved()
    assert pointer.team.codings() == [("failure", FIRST), ("treaty", FIRST)]
    pointer.desk.reload()
    expect(undo).to_have_accessible_name("Undo: changed the stance of Treaty")


def test_undo_of_a_message_is_reached_by_the_keyboard_and_ends_with_the_step(point):
    pointer = point(quote=FIRST)
    toast = pointer.page.locator("#toast")
    pointer.page.locator("#text").focus()
    pointer.desk.press("x")
    expect(pointer.page.locator("#speech")).to_contain_text("Undo button")
    pointer.desk.press("Tab")
    expect(toast.get_by_role("button", name="Undo")).to_be_focused()
    pointer.desk.press("Enter")
    expect(toast).to_contain_text("Undone: deleted Failure")
    expect(toast.get_by_role("button")).to_be_hidden()
    expect(pointer.page.locator("#text")).to_be_focused()


# Where each letter of the text is: computed from rectangles alone, as an eye would see it.
LETTERS = """() => {
  const text = document.getElementById("text");
  const range = document.createRange();
  const letters = [];
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  let unit = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    for (const { segment: letter, index } of new Intl.Segmenter("en").segment(node.data)) {
      range.setStart(node, index);
      range.setEnd(node, index + letter.length);
      const box = [...range.getClientRects()].at(-1);
      if (!box || !node.parentElement.matches("p, p *")) { unit += letter.length; continue; }
      const { left, right, top, bottom } = box;
      letters.push({ letter, start: unit, end: unit + letter.length, left, right, top, bottom });
      unit += letter.length;
    }
  }
  const { top, bottom, left, right } = text.getBoundingClientRect();
  return { letters, length: unit, box: { top, bottom, left, right } };
}"""
# What of the text the browser paints as selected, in UTF-16 units.
SELECTED = """() => {
  const selection = getSelection();
  if (selection.isCollapsed) return null;
  const text = document.getElementById("text");
  const range = selection.getRangeAt(0);
  const whole = document.createRange();
  whole.selectNodeContents(text);
  whole.setEnd(range.startContainer, range.startOffset);
  const outside = !text.contains(range.startContainer) || !text.contains(range.endContainer);
  const start = String(whole).length;
  return { start, end: start + String(range).length, outside };
}"""


def offsets_at(page: dict[str, Any], x: float, y: float) -> set[int]:
    """The offsets, in UTF-16 units, that a reader would take a point for."""
    letters, box = page["letters"], page["box"]
    if y < box["top"]:
        return {0}
    if y > box["bottom"]:
        return {page["length"]}
    near = min(letters, key=lambda one: max(one["top"] - y, y - one["bottom"], 0))
    line = [one for one in letters if one["top"] < near["bottom"] and one["bottom"] > near["top"]]
    ends = {min(one["start"] for one in line), max(one["end"] for one in line)}
    seen = [one for one in line if one["letter"].strip()]
    first = min(seen, key=lambda one: one["left"])
    last = max(seen, key=lambda one: one["right"])
    if x < first["left"] or x > last["right"]:
        return ends
    # Letters at the border of two scripts stand next to each other on the screen, not in the text.
    around = sorted(line, key=lambda one: max(one["left"] - x, x - one["right"], 0))[:3]
    around = [one for one in around if one["left"] - 2 <= x <= one["right"] + 2] or around[:1]
    found = {offset for one in around for offset in (one["start"], one["end"])}
    # On the outermost letter browsers take a line that begins or ends in the other direction for
    # entered or left.
    return found | ends if x < first["right"] or x > last["left"] else found


def run_of_drags(pointer: Pointer, seed: int, times: int) -> None:
    """Drag between random points in and around the article; code what comes of it."""
    chance = random.Random(seed)
    page, team = pointer.page, pointer.team
    text = page.locator("#text")
    view = page.viewport_size
    units = team.source.text.encode("utf-16-le")

    def somewhere() -> tuple[float, float]:
        box = text.bounding_box()
        right = box["x"] + box["width"]
        x = chance.uniform(max(2, box["x"] - 20), min(view["width"] - 2, right + 30))
        low, high = max(box["y"] - 20, 70), min(box["y"] + box["height"] + 20, view["height"] - 110)
        return round(x), round(chance.uniform(low, high))  # as the mouse's events have it

    for number in range(times):
        before = sorted(pointer.team.codings())
        start, end = somewhere(), somewhere()
        letters = page.evaluate(LETTERS)
        grabs = page.evaluate(
            "([x, y]) => Boolean(document.elementFromPoint(x, y)?.closest('.handle, .toast, a'))",
            list(start),
        )
        if grabs:
            continue
        pointer.drag(start, end)
        selected = page.evaluate(SELECTED)
        what = f"seed {seed}, drag {number}: {start} to {end} selects {selected}"
        pointer.desk.press("f")
        pointer.desk.saved()
        now = list(pointer.team.codings())
        for one in before:
            assert one in now, what  # what was coded stays as it was
            now.remove(one)
        if selected is None:
            assert now == [], what
            continue
        quote = units[2 * selected["start"] : 2 * selected["end"]].decode("utf-16-le")
        assert not selected["outside"], what
        expected = [("failure", quote.strip())] if quote.strip() else []
        if not set(expected) & set(before):
            assert now == expected, what
        first, last = offsets_at(letters, *start), offsets_at(letters, *end)
        ends = {selected["start"], selected["end"]}
        assert any({a, b} == ends for a in first for b in last), f"{what}, not {first}, {last}"


LAYOUTS = {"wide": WIDE, "zoomed": ZOOMED, "narrow": NARROW}
TEXTS = {"ltr": (LEFT_TO_RIGHT, "en"), "rtl": (RIGHT_TO_LEFT, "ar"), "mixed": (MIXED, "en")}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("text", TEXTS)
def test_random_drags_code_what_a_reader_sees_highlighted(point, layout, text):
    words, language = TEXTS[text]
    pointer = point(words, language=language, **LAYOUTS[layout])
    run_of_drags(pointer, seed=len(layout) * 31 + len(text), times=12)
