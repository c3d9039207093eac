"""Agreement and disagreements in Chromium: nothing for axe, parts taken in, keys, PNG."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_pages import _database_beside_playwright, faults, open_as
from tests.builders import World, add_source, annotate, assign_to, build_world, finish

__all__ = ["_database_beside_playwright", "open_as"]  # fixtures of these tests as well

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def coded_world() -> World:
    world = build_world()
    bob, beth = world.scope(world.bob), world.scope(world.beth)
    for number in range(3):
        source = add_source(world.lead, f"More {number}")
        assign_to(world.lead, source, world.bob, world.beth)
        annotate(bob, source, "Nobody came.", "plea", stance="supports")
        other = "failure" if number % 2 else "plea"
        annotate(beth, source, "Nobody came", other, stance="opposes")
        finish(bob, source)
        finish(beth, source)
    finish(bob, world.shared)
    finish(beth, world.shared)
    return world


@pytest.fixture
def lead_page(open_as) -> Iterator[tuple[Page, str]]:
    world = coded_world()
    yield open_as(world.alice), f"/projects/{world.slug}/"


def test_pages_have_nothing_for_axe(lead_page):
    page, start = lead_page
    paths = [
        "agreement/",
        "agreement/evidence/",
        "agreement/evidence/?measure=stance_alpha&show=differ",
        "agreement/precision/?of=coders&first=bob&second=beth",
        "agreement/counted/",
        "disagreements/",
        "disagreements/?by=pair",
        "disagreements/1/",
        "disagreements/1/?by=pair",
    ]
    assert [fault for path in paths for fault in faults(page, start + path)] == []


def test_page_of_a_blind_coder_has_nothing_for_axe(open_as):
    world = build_world()
    assert faults(open_as(world.bob), f"/projects/{world.slug}/agreement/") == []


def test_cards_come_after_the_page(lead_page):
    page, start = lead_page
    page.goto(f"{start}agreement/")
    expect(page.locator("[data-part]")).to_have_count(0)
    expect(page.locator(".headline .figure")).to_have_count(5)


def test_figure_is_kept_as_png_of_twice_its_size(lead_page):
    page, start = lead_page
    page.goto(f"{start}agreement/")
    with page.expect_download() as download:
        page.get_by_role("region", name="Codes", exact=True).get_by_role(
            "button", name="Figure (PNG)"
        ).click()
    data = download.value.path().read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(data[16:20]) == 2 * 820
    assert download.value.suggested_filename == "alliances-agreement.png"


def test_figures_of_parts_that_come_later_are_kept_as_well(lead_page, monkeypatch):
    """In large projects the codes mixed up come once the page stands."""
    monkeypatch.setattr("cstoannot.web.agreement.views.FEW_SOURCES", 0)
    page, start = lead_page
    page.goto(f"{start}agreement/")
    expect(page.locator("[data-part]")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("region", name="Where coders disagree").get_by_role(
            "button", name="Figure (PNG)"
        ).click()
    assert download.value.path().read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert download.value.suggested_filename == "alliances-agreement-mixed.png"


def test_intervals_are_seen_on_a_narrow_screen_without_scrolling(open_as):
    world = coded_world()
    page = open_as(world.alice, viewport={"width": 390, "height": 800})
    page.goto(f"/projects/{world.slug}/agreement/")
    shown = page.locator(".measured tbody :is(.interval, .whisker)")
    assert shown.count() > 6
    for box in (one.bounding_box() for one in shown.all()):
        assert 0 <= box["x"] < box["x"] + box["width"] <= 390


def test_kind_of_interval_stays_in_the_address(lead_page):
    page, start = lead_page
    page.goto(f"{start}agreement/")
    page.select_option("#interval", "gwet")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**interval=gwet**")
    expect(page.locator("#interval")).to_have_value("gwet")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**interval=gwet**")
    expect(page.locator("#methods")).to_contain_text("Gwet’s analytic intervals")


def test_methods_are_copied(lead_page):
    page, start = lead_page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{start}agreement/")
    page.get_by_role("button", name="Copy the text").click()
    expect(page.locator("#copied")).to_have_text("Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Two coders (beth and bob) took part;")
    assert copied.endswith("Sage.")


def test_keys_lead_from_one_disagreement_to_the_next(lead_page):
    page, start = lead_page
    page.goto(f"{start}disagreements/1/?code=plea")
    page.keyboard.press("j")
    page.wait_for_url("**/disagreements/2/?code=plea")
    page.keyboard.press("k")
    page.wait_for_url("**/disagreements/1/?code=plea")


def test_choice_of_measure_is_in_the_address(lead_page):
    page, start = lead_page
    page.goto(f"{start}agreement/")
    page.select_option("#measure", "gwet_ac1")
    page.get_by_text("Codes: all").click()
    page.get_by_label("Plea").check()
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("measure=gwet_ac1.*code=plea"))
    expect(page.locator(".headline h2").first).to_have_text("Gwet’s AC₁")
    expect(page.locator(".measured tbody tr").first).to_contain_text("Plea")
