"""Codes moved by their grips in Chromium: dragged, by keys, by touch; refused, and taken back."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from cstoannot.codebook.actions import change_code
from cstoannot.codebook.bulk_actions import add_codebook
from cstoannot.codebook.queries import load_code_tree, load_current_revision
from cstoannot.projects.actions import change_role
from tests.browser.test_pages import _database_beside_playwright, faults_here, open_as
from tests.builders import build_world

__all__ = ["_database_beside_playwright", "open_as"]  # fixtures of these tests as well

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CODES = [
    {"slug": "alliance", "name": "Alliance", "children": [{"slug": "treaty", "name": "Treaty"}]},
    {"slug": "blame", "name": "Blame", "definition": "Who is said to be at fault. " * 12},
    {"slug": "course", "name": "Course"},
]
START = ["failure", "-plea", "alliance", "-treaty", "blame", "course"]
SHOWN = """(selector) => [...document.querySelectorAll(selector)]
  .map((one) => "-".repeat(one.dataset.depth) +
    (one.dataset.code ?? one.querySelector(".chip").dataset.code))"""


@pytest.fixture
def world(db):
    made = build_world()
    add_codebook(made.lead, CODES, note="Many")
    return made


@pytest.fixture
def page(world, open_as):
    return opened(world, open_as)


def opened(world, open_as, **options):
    page = open_as(world.alice, **{"viewport": {"width": 1280, "height": 1000}, **options})
    page.goto(f"/projects/{world.slug}/codebook/")
    expect(page.locator(".movable")).to_have_count(1)
    return page


def stored(world):
    return ["-" * place.depth + place.code.slug for place in load_code_tree(world.lead)]


def shown(page):
    cards = page.evaluate(SHOWN, "#codes-in-use > .code")
    assert page.evaluate(SHOWN, ".contents li") == cards
    return cards


def grip(page, slug):
    return page.locator(f"#code-{slug} .grip")


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, slug, onto, part, *, sideways=0):
    """Drag a code's grip to this part of another code's height, and hold it there."""
    grip(page, slug).scroll_into_view_if_needed()
    x, y = middle(grip(page, slug))
    page.mouse.move(x, y)
    page.mouse.down()
    box = page.locator(f"#code-{onto}").bounding_box()
    page.mouse.move(x + sideways / 2, y + 10)
    page.mouse.move(x + sideways, box["y"] + box["height"] * part, steps=4)


def notice(page, words):
    expect(page.locator("#move-notice span")).to_have_text(re.compile(words))


@pytest.mark.parametrize(
    ("way", "sideways", "order"),
    [
        (("course", "alliance", 0.1), 0, "failure -plea course alliance -treaty blame"),
        (("course", "blame", 0.5), 0, "failure -plea alliance -treaty blame -course"),
        (("course", "alliance", 0.9), 0, "failure -plea alliance -course -treaty blame"),
        (("blame", "plea", 0.9), 0, "failure -plea -blame alliance -treaty course"),
        (("blame", "plea", 0.9), -40, "failure -plea blame alliance -treaty course"),
        (("alliance", "course", 0.9), 0, "failure -plea blame course alliance -treaty"),
        (("treaty", "failure", 0.1), 0, "treaty failure -plea alliance blame course"),
    ],
)
def test_drag_puts_a_code_where_the_mark_says(world, page, way, sideways, order):
    number = load_current_revision(world.lead)
    drag(page, *way, sideways=sideways)
    expect(page.locator("#move-mark")).to_be_visible()
    words = page.locator("#move-mark").text_content()
    page.mouse.up()
    assert shown(page) == order.split()
    notice(page, f"is now {words}")
    assert stored(world) == order.split()
    assert load_current_revision(world.lead) == number + 1
    page.get_by_role("button", name="Undo").click()
    notice(page, "Undone")
    assert shown(page) == START == stored(world)
    expect(grip(page, way[0])).to_be_focused()


def test_headings_follow_the_depth(page):
    drag(page, "course", "treaty", 0.5)
    page.mouse.up()
    notice(page, "1 of 1 below Treaty")
    expect(page.get_by_role("heading", name="Course", level=4)).to_have_count(1)


def test_escape_ends_a_drag_and_changes_nothing(world, page):
    drag(page, "course", "alliance", 0.1)
    page.keyboard.press("Escape")
    expect(page.locator("#move-mark")).to_be_hidden()
    page.mouse.up()
    assert shown(page) == START == stored(world)


def test_drag_at_the_edge_scrolls(world, open_as):
    page = opened(world, open_as, viewport={"width": 1280, "height": 420})
    drag(page, "failure", "failure", 0.5)
    page.mouse.move(400, 415)
    page.wait_for_function(
        "() => scrollY + innerHeight >= document.documentElement.scrollHeight - 2"
    )
    page.mouse.up()
    notice(page, "Failure")


def test_arrow_keys_move_and_enter_saves_once(world, page):
    number = load_current_revision(world.lead)
    said = page.locator("#move-said")
    grip(page, "course").focus()
    for key, words, order in (
        ("ArrowUp", "Course, now 3 of 4 at the top level", "alliance -treaty course blame"),
        ("ArrowRight", "Course, now 2 of 2 below Alliance", "alliance -treaty -course blame"),
        ("ArrowUp", "Course, now 1 of 2 below Alliance", "alliance -course -treaty blame"),
        ("ArrowUp", "It is already the first one", "alliance -course -treaty blame"),
        ("ArrowLeft", "Course, now 3 of 4 at the top level", "alliance -treaty course blame"),
        ("ArrowRight", "Course, now 2 of 2 below Alliance", "alliance -treaty -course blame"),
    ):
        page.keyboard.press(key)
        expect(said).to_have_text(re.compile(words))
        assert shown(page) == ["failure", "-plea", *order.split()]
        expect(grip(page, "course")).to_be_focused()
    assert stored(world) == START
    page.keyboard.press("Enter")
    notice(page, "“Course” is now 2 of 2 below Alliance")
    assert stored(world) == shown(page)
    assert load_current_revision(world.lead) == number + 1
    page.keyboard.press("Control+z")
    notice(page, "Undone")
    assert shown(page) == START == stored(world)


def test_escape_gives_back_what_the_arrow_keys_did(world, page):
    number = load_current_revision(world.lead)
    grip(page, "blame").focus()
    for key in ("ArrowUp", "ArrowUp", "ArrowRight", "Escape"):
        page.keyboard.press(key)
    assert shown(page) == START
    expect(grip(page, "blame")).to_be_focused()
    page.keyboard.press("Tab")
    page.wait_for_timeout(200)
    assert (stored(world), load_current_revision(world.lead)) == (START, number)


def test_leaving_the_grip_saves(world, page):
    grip(page, "course").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    notice(page, "3 of 4 at the top level")
    assert stored(world) == shown(page) == [*START[:4], "course", "blame"]


def test_keys_step_over_what_a_search_hides(world, open_as):
    add_codebook(
        world.lead, [{"slug": f"d{n}", "name": f"Dale {n}"} for n in range(12)], note="More"
    )
    page = opened(world, open_as)
    page.get_by_label("Find codes").fill("Dale 1")
    grip(page, "d10").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    notice(page, "Dale 10")
    order = stored(world)
    assert order.index("d10") == order.index("d1") - 1


def test_nothing_goes_deeper_than_codes_nest(world, open_as):
    slugs = ["treaty", *(f"level-{n}" for n in range(3, 7))]
    for above, slug in pairwise(slugs):
        add_codebook(world.lead, [{"slug": slug, "name": slug}], note="Deep")
        change_code(world.lead, slug, parent=above)
    page = opened(world, open_as, viewport={"width": 1280, "height": 1800})
    before = shown(page)
    drag(page, "course", "level-6", 0.5)
    expect(page.locator("#move-mark")).to_have_text("Codes can be nested at most 6 levels deep")
    page.mouse.up()
    assert shown(page) == before == stored(world)


def outdated(page, words):
    """The page says why it did not move the code, and has been read anew."""
    notice(page, f"“Course” was not moved. The codebook has changed since.*{words}")
    notice(page, "The page now shows the current codebook")
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()


def test_move_onto_a_codebook_that_has_changed_reads_the_page_anew(world, page):
    add_codebook(
        world.lead,
        [{"slug": "failure", "name": "", "children": [{"slug": "double", "name": "COURSE"}]}],
        note="Meanwhile",
    )
    drag(page, "course", "failure", 0.5)
    page.mouse.up()
    outdated(page, "“COURSE” already exists at this level")
    assert shown(page) == stored(world) == [*START[:2], "-double", *START[2:]]


def test_move_of_a_code_that_somebody_changed_reads_the_page_anew(world, page):
    change_code(world.lead, "course", parent="alliance")
    grip(page, "course").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    outdated(page, "Somebody changed this code")
    assert shown(page) == stored(world) == [*START[:4], "-course", "blame"]
    page.reload()
    expect(page.locator("#move-notice")).to_be_hidden()


def test_code_is_moved_again_after_a_move(world, page):
    grip(page, "course").focus()
    for key, where in (
        ("ArrowRight", "1 of 1 below Blame"),
        ("ArrowLeft", "4 of 4 at the top level"),
        ("ArrowUp", "3 of 4 at the top level"),
    ):
        page.keyboard.press(key)
        page.keyboard.press("Enter")
        notice(page, f"“Course” is now {where}")
    assert stored(world) == [*START[:4], "course", "blame"]


def test_former_editor_and_lost_connection_are_told(world, open_as):
    page = open_as(world.ada, viewport={"width": 1280, "height": 1000})
    page.goto(f"/projects/{world.slug}/codebook/")
    change_role(world.lead, username="ada", role="viewer")
    drag(page, "course", "alliance", 0.1)
    page.mouse.up()
    notice(page, "not moved")
    assert shown(page) == START == stored(world)
    page.route("**/move/", lambda route: route.abort())
    grip(page, "course").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    notice(page, "No answer from the server")
    assert shown(page) == START


def test_finger_drags_by_the_grip(world, open_as):
    page = opened(world, open_as, viewport={"width": 390, "height": 1400}, has_touch=True)
    session = page.context.new_cdp_session(page)

    def touch(kind, *points):
        points = [{"x": x, "y": y} for x, y in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    x, y = middle(grip(page, "course"))
    box = page.locator("#code-alliance").bounding_box()
    touch("touchStart", (x, y))
    touch("touchMove", (x, y - 20))
    touch("touchMove", (x, box["y"] + box["height"] / 2))
    touch("touchEnd")
    notice(page, "2 of 2 below Alliance")
    order = ["failure", "-plea", "alliance", "-treaty", "-course", "blame"]
    assert page.evaluate(SHOWN, "#codes-in-use > .code") == order == stored(world)


def test_axe_finds_nothing_after_a_move(page):
    grip(page, "course").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    notice(page, "at the top level")
    assert faults_here(page, "codebook") == []


def test_readers_have_no_grips(world, open_as):
    page = open_as(world.bob)
    page.goto(f"/projects/{world.slug}/codebook/")
    expect(page.locator(".grip")).to_have_count(0)
