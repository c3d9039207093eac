"""Where the page paints passages: the paragraphs' classes, and what is seen of them."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cstoannot.codebook.actions import change_code
from tests.browser.test_annotate import (
    Desk,
    _database_beside_playwright,
    make_team,
    open_desk,
)
from tests.browser.waiting import until
from tests.builders import add_code, annotate

__all__ = ["_database_beside_playwright", "make_team", "open_desk"]  # fixtures of these tests too

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LINES = [f"Line {n} 🙂 says that the alliance failed again.\n" for n in range(60)]
# Which paragraphs carry which of the classes that the painter sets.
CLASSES = """() => Object.fromEntries([...document.querySelectorAll("#text *, #text")]
  .map((one) => [(one.textContent.match(/^Line \\d+/) ?? [one.localName])[0],
    [...one.classList].filter((name) => name.startsWith("has-")).sort()])
  .filter(([, names]) => names.length))"""


def line(number: int) -> str:
    return LINES[number].strip()


def lines(first: int, last: int) -> str:
    return "".join(LINES[first : last + 1]).strip()


def classes(*parts: tuple[int, int, str]) -> dict[str, list[str]]:
    """`(18, 22, "1-failure")`: lines 18 to 22 carry the class of this level and code."""
    found: dict[str, set[str]] = {}
    for first, last, painted in parts:
        for number in range(first, last + 1):
            found.setdefault(f"Line {number}", set()).add(f"has-{painted}")
    return {name: sorted(classes) for name, classes in found.items()}


def expect_classes(desk: Desk, *parts: tuple[int, int, str]) -> None:
    until(desk.page, CLASSES, equals=classes(*parts))


def test_paragraphs_carry_the_class_of_what_is_painted_in_them(make_team, open_desk):
    team = make_team("".join(LINES))
    # Over the sections' ends at lines 20 and 40, twice the same code, and one within another.
    annotate(team.bob, team.source, lines(18, 22), "failure")
    annotate(team.bob, team.source, line(22)[:-1], "failure", stance="supports")
    annotate(team.bob, team.source, line(20)[:7], "treaty")
    annotate(team.bob, team.source, lines(39, 40), "treaty")
    desk = open_desk(team)
    failure = [(18, 22, "1-failure"), (22, 22, "2-failure")]
    every = [*failure, (20, 20, "2-treaty"), (39, 40, "1-treaty")]
    expect_classes(desk, *every)
    desk.page.locator("#tab-passages").click()
    desk.page.locator("#by-code").select_option("treaty")
    expect_classes(desk, (20, 20, "1-treaty"), (39, 40, "1-treaty"))
    desk.page.locator("#by-code").select_option("")
    expect_classes(desk, *every)


def test_class_comes_and_goes_with_each_change(make_team, open_desk):
    team = make_team("".join(LINES))
    annotate(team.bob, team.source, lines(2, 3), "failure")
    desk = open_desk(team)
    below = (2, 3, "1-failure")
    expect_classes(desk, below)
    desk.drag(line(3))
    desk.press("f")
    once = (3, 3, "2-failure")
    expect_classes(desk, below, once, (3, 3, "selected-failure"))
    desk.press("4")  # the words have a second code
    expect_classes(desk, below, once, (3, 3, "3-treaty"), (3, 3, "selected-treaty"))
    desk.press("z")
    expect_classes(desk, below, once)
    desk.press("z")
    desk.saved()
    expect_classes(desk, below)
    assert team.codings() == [("failure", lines(2, 3))]


def test_marks_need_no_classes(make_team, open_desk):
    team = make_team("".join(LINES))
    annotate(team.bob, team.source, lines(18, 22), "failure")
    desk = open_desk(team, query="?paint=marks")
    expect(desk.page.locator("mark[data-code=failure]")).to_have_count(5)
    assert desk.page.evaluate(CLASSES) == {}


def test_a_long_text_has_classes_near_the_view_alone(make_team, open_desk):
    text = "".join(f"Line {n} {'says much of the alliance ' * 12}\n" for n in range(400))
    team = make_team(text)
    for number in (3, 200, 396):
        annotate(team.bob, team.source, f"Line {number} says much", "failure")
    desk = open_desk(team)
    expect_classes(desk, (3, 3, "1-failure"))
    desk.press("j", "j", "j")  # the last passage
    expect_classes(desk, (396, 396, "1-failure"), (396, 396, "selected-failure"))


def everywhere(page: Page) -> None:
    """The rules as they would be without the classes: each fits every paragraph."""

    def answer(route: Any) -> None:
        response = route.fetch()
        css = re.sub(r"\.text \.has-[\w-]+::", ".text p::", response.text())
        route.fulfill(response=response, body=css)

    page.route("**/codes.css*", answer)


def test_pixels_are_those_of_rules_that_fit_every_paragraph(make_team, open_desk):
    team = make_team("".join(LINES))
    retired = add_code(team.lead, "4 odd — “name”", colour="#7d4fa8")
    annotate(team.bob, team.source, lines(1, 3), "failure")
    annotate(team.bob, team.source, line(2), "treaty")
    annotate(team.bob, team.source, line(2)[5:20], "failure")
    annotate(team.bob, team.source, line(2)[10:30], retired.slug)
    annotate(team.bob, team.source, line(2)[11:14], "treaty")
    change_code(team.lead, retired.slug, retired=True)

    def look(scheme: str, change: Any) -> list[bytes]:
        desk = open_desk(team, color_scheme=scheme, reduced_motion="reduce")
        change(desk.page)
        desk.reload()
        shown = []
        for key in ("Escape", "j", "j"):  # nothing selected, then the first passages
            desk.press(key)
            desk.page.wait_for_timeout(200)
            shown.append(desk.page.locator("#text").screenshot())
        return shown

    for scheme in ("light", "dark"):
        painted = look(scheme, lambda page: None)
        assert len(set(painted)) == 3
        assert painted == look(scheme, everywhere)
        bare = look(scheme, lambda page: page.route("**/codes.css*", lambda route: route.abort()))
        assert bare[0] != painted[0]


def test_a_code_added_meanwhile_gets_its_colours(make_team, open_desk):
    team = make_team("".join(LINES))
    annotate(team.bob, team.source, line(1), "failure")
    desk = open_desk(team)
    page = desk.page
    add_code(team.lead, "Silence", colour="#0a7bbf")
    modules = page.evaluate("""() => document.querySelector('link[href*="painter"]').href""")
    folder, end = modules.rsplit("painter", 1)
    reload = f"""async (revision) => {{
      const {{ reloadCodesCss }} = await import("{folder}codescss{end}");
      await reloadCodesCss(revision);
      const chip = document.createElement("i");
      chip.dataset.code = "silence";
      document.body.append(chip);
      const colour = getComputedStyle(chip).getPropertyValue("--code");
      chip.remove();
      return [colour, document.querySelectorAll("#codes-css").length];
    }}"""
    assert page.evaluate(reload, None) == ["#0a7bbf", 1]
    change_code(team.lead, "silence", colour="#bf7b0a")
    assert page.evaluate(reload, 5) == ["#bf7b0a", 1]
    page.route("**/codes.css*", lambda route: route.abort())
    failed = page.evaluate(f"({reload})(6).catch((error) => error.message)")
    assert failed == "The colours of the codes could not be loaded."
    assert page.evaluate("document.querySelectorAll('#codes-css').length") == 1
