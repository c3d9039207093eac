"""The code panel and the finder, with few codes and with very many."""

from typing import Any

import pytest
from playwright.sync_api import expect

from cstoannot.codebook.bulk_actions import add_codebook
from tests.browser.test_annotate import (
    Desk,
    Team,
    _database_beside_playwright,
    make_team,
    open_desk,
)
from tests.browser.waiting import until
from tests.builders import add_code, annotate

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["_database_beside_playwright", "make_team", "open_desk"]

GROUPS = 25


def add_many(team: Team, codes: int) -> None:
    """Groups of codes, the first of which is a group that can be given itself."""
    entries: list[dict[str, Any]] = [
        {
            "slug": f"group-{group}",
            "name": f"Group {group}",
            "claim": "" if group else "Groups matter.",
            "children": [
                {
                    "slug": f"topic-{group}-{n}",
                    "name": f"Topic {group}.{n}",
                    "definition": f"What is said of number {n}.",
                }
                for n in range(codes // GROUPS - 1)
            ],
        }
        for group in range(GROUPS)
    ]
    add_codebook(team.lead, entries, note="Many")


def row(desk: Desk, slug: str) -> Any:
    return desk.page.locator(f"#codes [aria-label='All codes'] [data-slug={slug}]")


def test_code_with_codes_below_it_is_a_code(make_team, open_desk):
    team = make_team()
    add_code(team.lead, "Help", shortcut="h")
    add_code(team.lead, "Money", parent="help", shortcut="m")
    desk = open_desk(team)
    expect(row(desk, "help").locator("kbd")).to_have_text("H")
    desk.drag("the member called")
    row(desk, "help").locator(".code").click()
    desk.saved()
    assert team.codings() == [("help", "the member called")]
    count = row(desk, "help").locator(".count")
    expect(count).to_have_text("1")
    count.click()
    expect(desk.page.locator("#filtered")).to_contain_text("Help")


def test_heading_folds_its_codes_and_codes_nothing(make_team, open_desk):
    team = make_team()
    desk = open_desk(team)
    desk.drag("the member called")
    row(desk, "duties").locator(".code").click()
    expect(row(desk, "failure")).to_have_count(0)
    expect(row(desk, "duties").locator(".code")).to_have_attribute("aria-expanded", "false")
    desk.reload()
    expect(row(desk, "failure")).to_have_count(0)
    row(desk, "duties").locator(".fold").click()
    expect(row(desk, "failure")).to_be_visible()
    assert team.codings() == []


def test_codes_used_here_come_first_in_a_large_codebook(make_team, open_desk):
    team = make_team()
    add_many(team, 500)
    annotate(team.bob, team.source, "the member called", "topic-3-7")
    desk = open_desk(team)
    used = desk.page.locator("#codes [aria-label='Used here'] .chip")
    expect(used).to_have_text(["Topic 3.7"])
    desk.drag("Nobody came")
    desk.press("f")
    expect(used).to_have_text(["Failure", "Topic 3.7"])
    desk.drag("every member")
    desk.page.locator("#codes [aria-label='Used here'] [data-slug=topic-3-7] .code").click()
    expect(used).to_have_text(["Failure", "Topic 3.7"])
    desk.saved()
    assert team.codings()[-1] == ("topic-3-7", "every member")


def test_groups_of_a_large_codebook_are_folded_and_keep_what_was_opened(make_team, open_desk):
    team = make_team()
    add_many(team, 500)
    desk = open_desk(team)
    expect(row(desk, "topic-3-7")).to_have_count(0)
    row(desk, "group-3").locator(".fold").click()
    row(desk, "group-0").locator(".fold").click()
    row(desk, "topic-3-7").scroll_into_view_if_needed()
    place = desk.page.evaluate("document.getElementById('tools-body').scrollTop")
    assert place > 100
    scrolled = "document.getElementById('tools-body').scrollTop"
    desk.page.locator("#tab-passages").click()
    desk.page.locator("#tab-codes").click()
    until(desk.page, scrolled, equals=place)
    desk.press("/")
    expect(desk.page.locator("#found")).to_be_visible()
    desk.press("Escape")
    until(desk.page, scrolled, equals=place)
    desk.reload()
    expect(row(desk, "topic-3-7")).to_have_count(1)
    expect(row(desk, "topic-4-7")).to_have_count(0)


def test_panel_is_walked_and_folded_by_arrow_keys(make_team, open_desk):
    team = make_team()
    desk = open_desk(team)
    row(desk, "failure").locator(".code").focus()
    desk.press("ArrowDown")
    expect(row(desk, "treaty").locator(".code")).to_be_focused()
    desk.press("ArrowUp", "ArrowUp", "ArrowLeft")
    expect(row(desk, "treaty")).to_have_count(0)
    desk.press("ArrowRight")
    expect(row(desk, "treaty")).to_be_visible()


def test_rows_that_do_not_change_are_left_alone(make_team, open_desk):
    """A passage more touches its code's rows and no others, of 1,500."""
    team = make_team()
    add_many(team, 1500)
    desk = open_desk(team)
    desk.page.get_by_role("button", name="Expand all").click()
    expect(row(desk, "topic-24-50")).to_have_count(1)
    desk.drag("Nobody came")
    desk.press("f", "Escape")
    desk.page.evaluate("""() => {
      window.touched = new Set();
      new MutationObserver((records) => {
        for (const { target } of records) {
          window.touched.add(target.closest?.("[data-slug]")?.dataset.slug ?? target.className);
        }
      }).observe(document.getElementById("codes"), {
        subtree: true, childList: true, attributes: true, characterData: true,
      });
    }""")
    desk.drag("every member")
    desk.press("f")
    expect(row(desk, "failure").locator(".count")).to_have_text("2")
    assert desk.page.evaluate("[...window.touched]") == ["failure"]


def test_finder_shows_fifty_codes_and_says_how_many_are_left(make_team, open_desk):
    team = make_team()
    add_many(team, 500)
    desk = open_desk(team)
    desk.drag("Nobody came")
    desk.press("/")
    desk.page.keyboard.type("topic")
    options = desk.page.locator("#found [data-slug]")
    expect(options).to_have_count(50)
    expect(desk.page.locator("#found-more")).to_have_text("425 more: type to narrow the search")
    desk.page.keyboard.type(" 17.1")
    expect(options).to_have_count(10)  # 17.1 and 17.10 to 17.18
    expect(desk.page.locator("#found-more")).to_be_hidden()
    expect(options.nth(1)).to_contain_text("Group 17")
    desk.press("ArrowDown")
    chosen = desk.page.locator("#find").get_attribute("aria-activedescendant")
    expect(desk.page.locator(f"#{chosen}")).to_have_attribute("aria-selected", "true")
    expect(desk.page.locator("#found [aria-selected=true]")).to_have_count(1)
    desk.press("Enter")
    desk.saved()
    assert team.codings() == [("topic-17-10", "Nobody came")]


def test_finder_takes_words_in_any_order(make_team, open_desk):
    team = make_team()
    add_code(team.lead, "Duty to consult early")
    desk = open_desk(team)
    desk.press("/")
    desk.page.keyboard.type("early duty")
    expect(desk.page.locator("#found .chip")).to_have_text(["Duty to consult early"])
