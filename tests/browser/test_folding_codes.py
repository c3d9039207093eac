"""Groups folded on the codebook's page in Chromium: by mouse and keys, with searches and moves."""

import re

import pytest
from playwright.sync_api import expect

from cstoannot.codebook.bulk_actions import add_codebook
from cstoannot.codebook.queries import load_code_tree
from tests.browser.test_pages import _database_beside_playwright, faults_here, open_as
from tests.builders import build_world

__all__ = ["_database_beside_playwright", "open_as"]  # fixtures of these tests as well

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHOWN = """(selector) => [...document.querySelectorAll(selector)]
  .filter((one) => one.checkVisibility())
  .map((one) => one.dataset.code ?? one.querySelector(".chip").dataset.code)"""
GROUPS, BELOW = 50, 9  # 500 codes


@pytest.fixture
def world(db):
    made = build_world()
    groups = [
        {
            "slug": f"g{group}",
            "name": f"Group {group}",
            "children": [
                {"slug": f"g{group}t{n}", "name": f"Topic {group}.{n}"} for n in range(BELOW)
            ],
        }
        for group in range(GROUPS)
    ]
    add_codebook(made.lead, groups, note="Many")
    return made


@pytest.fixture
def page(world, open_as):
    page = open_as(world.alice, viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(10_000)
    page.goto(f"/projects/{world.slug}/codebook/")
    expect(page.locator(".movable")).to_have_count(1)
    return page


def shown(page):
    cards = page.evaluate(SHOWN, "#codes-in-use > .code")
    assert page.evaluate(SHOWN, ".contents li") == cards
    return cards


def fold(page, group):
    return page.get_by_role("button", name=f"Codes below Group {group}", exact=True)


def below(group):
    return [f"g{group}t{n}" for n in range(BELOW)]


def test_group_is_folded_and_the_browser_remembers(page):
    every = shown(page)
    fold(page, 1).click()
    rest = [slug for slug in every if slug not in below(1)]
    assert shown(page) == rest
    expect(fold(page, 1)).to_have_attribute("aria-expanded", "false")
    expect(fold(page, 2)).to_have_attribute("aria-expanded", "true")
    page.reload()
    expect(fold(page, 1)).to_have_attribute("aria-expanded", "false")
    assert shown(page) == rest
    fold(page, 1).focus()
    page.keyboard.press("Enter")
    expect(fold(page, 1)).to_have_attribute("aria-expanded", "true")
    assert shown(page) == every


def test_all_groups_are_folded_and_opened_quickly(page):
    every = shown(page)
    assert len(every) == 2 + GROUPS * (1 + BELOW)
    took = page.evaluate(
        """() => { const from = performance.now();
        document.querySelector("[data-fold=all]").click(); document.body.offsetHeight;
        return performance.now() - from }"""
    )
    assert shown(page) == ["failure", *(f"g{group}" for group in range(GROUPS))]
    assert took < 400
    page.get_by_role("button", name="Expand all").click()
    assert shown(page) == every
    page.get_by_role("button", name="Collapse all").click()
    assert faults_here(page, "codebook") == []


def test_search_opens_what_it_finds(page):
    page.get_by_role("button", name="Collapse all").click()
    page.get_by_label("Find codes").fill("topic 49.3")
    assert shown(page) == ["g49", "g49t3"]
    page.get_by_label("Find codes").fill("")
    assert shown(page) == ["failure", *(f"g{group}" for group in range(GROUPS))]


def test_link_to_a_folded_code_opens_its_group(world, page):
    page.get_by_role("button", name="Collapse all").click()
    page.goto("about:blank")
    page.goto(f"/projects/{world.slug}/codebook/#code-g9t8")
    expect(page.locator("#code-g9t8")).to_be_in_viewport()
    assert [slug for slug in shown(page) if slug in below(9)] == below(9)


def test_code_that_goes_into_a_folded_group_opens_it(world, page):
    fold(page, 0).click()
    page.locator("#code-g1 .grip").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#code-g1 .grip")).to_be_focused()
    expect(fold(page, 0)).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Enter")
    expect(page.locator("#move-notice span")).to_have_text(
        re.compile("10 of 10 below Group 0"), timeout=15_000
    )


def test_drag_to_the_end_of_a_folded_group_goes_behind_it(world, page):
    fold(page, 0).click()
    grip = page.locator("#code-g2 .grip")
    fold(page, 1).click()
    box = grip.bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()
    onto = page.locator("#code-g0").bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] - 20)
    page.mouse.move(box["x"] + 8, onto["y"] + onto["height"] * 0.9, steps=4)
    page.mouse.up()
    expect(page.locator("#move-notice span")).to_have_text(
        re.compile("at the top level"), timeout=15_000
    )
    top = [place.code.slug for place in load_code_tree(world.lead) if place.depth == 0]
    assert top[:4] == ["failure", "g0", "g2", "g1"]
    expect(fold(page, 0)).to_have_attribute("aria-expanded", "false")


def test_readers_fold_too(world, open_as):
    page = open_as(world.bob)
    page.goto(f"/projects/{world.slug}/codebook/")
    fold(page, 3).click()
    assert not set(below(3)) & set(shown(page))
