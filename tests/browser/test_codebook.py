"""The codebook's page with many codes in Chromium: finding one among them."""

import pytest
from playwright.sync_api import expect

from cstoannot.codebook.bulk_actions import add_codebook
from tests.browser.test_pages import _database_beside_playwright, faults_here, open_as
from tests.builders import assign_to, build_world

__all__ = ["_database_beside_playwright", "open_as"]  # fixtures of these tests as well

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHOWN = """(selector) => [...document.querySelectorAll(selector)]
  .filter((one) => !one.closest("[hidden]")).map((one) => one.textContent.trim())"""
CARDS, LINES = ".book .code > header .chip", ".contents .chip"


@pytest.fixture
def world(db):
    made = build_world()
    groups = [
        {
            "slug": f"group-{group}",
            "name": f"Group {group}",
            "children": [
                {"slug": f"g{group}-{n}", "name": f"Topic {group}{n}", "definition": "On duties."}
                for n in range(8)
            ],
        }
        for group in "abc"
    ]
    groups[1]["children"][2]["definition"] = "Who was ÉVACUATED, and when."
    add_codebook(made.lead, groups, note="Many")
    return made


def test_words_find_codes_with_those_above_them(world, open_as):
    page = open_as(world.alice)
    page.goto(f"/projects/{world.slug}/codebook/")
    field = page.get_by_label("Find codes")
    every = page.evaluate(SHOWN, CARDS)
    assert len(every) > 27
    field.fill("évacuated WHO")
    assert page.evaluate(SHOWN, CARDS) == ["Group b", "Topic b2"]
    assert page.evaluate(SHOWN, LINES) == ["Group b", "Topic b2"]
    expect(page.locator("#filter-count")).to_have_text(f"1 of {len(every)}")
    field.fill("group")
    assert page.evaluate(SHOWN, CARDS) == ["Group a", "Group b", "Group c"]
    field.fill("edit")  # what the buttons say is no code
    assert page.evaluate(SHOWN, CARDS) == []
    field.fill("")
    assert page.evaluate(SHOWN, CARDS) == every
    assert faults_here(page, "codebook") == []


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_the_field_stands_above_the_codes(world, open_as, width):
    page = open_as(world.bob, viewport={"width": width, "height": 844})
    page.goto(f"/projects/{world.slug}/codebook/")
    field = page.get_by_label("Find codes")
    expect(field).to_be_in_viewport()
    below = page.locator("#codes-in-use").bounding_box()
    above = field.bounding_box()
    assert above["y"] + above["height"] <= below["y"]


def test_a_link_goes_to_a_code_far_below(world, open_as):
    page = open_as(world.bob)
    page.goto(f"/projects/{world.slug}/codebook/#code-gc-7")
    expect(page.locator("#code-gc-7")).to_be_in_viewport()


def test_few_codes_need_no_field(db, open_as):
    world = build_world()
    page = open_as(world.bob)
    page.goto(f"/projects/{world.slug}/codebook/")
    expect(page.get_by_label("Find codes")).to_have_count(0)


@pytest.mark.parametrize("width", [390, 768, 1024, 1440])
def test_account_stands_at_the_right_with_and_without_a_project(world, open_as, width):
    page = open_as(world.bob, viewport={"width": width, "height": 844})
    ends = []
    for path in ("/", f"/projects/{world.slug}/codebook/"):
        page.goto(path)
        box = page.locator(".account > summary").bounding_box()
        ends.append(box["x"] + box["width"])
    assert ends[0] == ends[1] > width - 60


def test_heads_of_codes_take_two_rows_at_most_on_a_phone(world, open_as):
    page = open_as(world.alice, viewport={"width": 390, "height": 844})
    page.goto(f"/projects/{world.slug}/codebook/")
    expect(page.locator(".movable")).to_have_count(1)
    for slug in ("group-a", "ga-1"):
        assert page.locator(f"#code-{slug} > header").bounding_box()["height"] < 100


@pytest.mark.parametrize("width", [1024, 1280, 1440, 1690, 1920])
def test_owner_reaches_every_place_from_the_annotate_page(world, open_as, width):
    assign_to(world.lead, world.shared, world.alice)
    page = open_as(world.alice, viewport={"width": width, "height": 900})
    page.goto(f"/projects/{world.slug}/sources/{world.shared.pk}/")
    expect(page.locator("#status")).to_have_text("All changes saved")
    if page.get_by_role("button", name="Menu").is_visible():
        page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="Settings")).to_be_in_viewport(ratio=1)
    places = page.locator("#places")
    assert places.evaluate("(nav) => nav.scrollWidth <= nav.clientWidth")
