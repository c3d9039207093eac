"""The network in Chromium: nothing for axe, lines lead where the table's links do, PNG."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from cstoannot.comparison.network import build_network
from cstoannot.comparison.network_query import NetworkQuery
from tests.browser.test_pages import _database_beside_playwright, faults, open_as
from tests.comparison.networked import worked_project

__all__ = ["_database_beside_playwright", "open_as"]  # fixtures of these tests as well

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AT = "/projects/worked/compare/network/"


@pytest.fixture
def page(open_as) -> Iterator[Page]:
    yield open_as(worked_project().user)


def test_pages_have_nothing_for_axe(open_as):
    lead = worked_project()
    page = open_as(lead.user)
    names = {node.name: node.key for node in build_network(lead, NetworkQuery()).nodes}
    ends = f"edge/?first={names['A']}&second={names['B']}"
    for path in ("", "?network=two_mode_combine&levels=3", "?threshold=99", "?levels=9", ends):
        assert faults(page, AT + path) == []


def test_figure_is_upright_on_a_narrow_screen(page):
    page.goto(AT)
    expect(page.locator("svg.network.across")).to_be_visible()
    expect(page.locator("svg.network.upright")).to_be_hidden()
    page.set_viewport_size({"width": 390, "height": 800})
    expect(page.locator("svg.network.upright")).to_be_visible()
    expect(page.locator("svg.network.across")).to_be_hidden()


def test_line_leads_to_what_makes_it(page):
    page.goto(f"{AT}?normalisation=none&repeats=all")
    page.get_by_label("A – B: 1").first.locator(".reach").click()
    page.wait_for_url("**/compare/network/edge/**")
    expect(page.get_by_role("heading", level=1)).to_contain_text("A")
    page.get_by_role("link", name="Show only these").click()
    expect(page.locator("blockquote")).to_have_count(3)
    page.get_by_role("link", name="Network").first.click()
    page.wait_for_url(f"**{AT}?normalisation=none&repeats=all")


def test_choices_are_in_the_address_and_kept_by_the_other_views(page):
    page.goto(AT)
    page.select_option("#network", "conflict")
    page.select_option("#repeats", "source")
    page.select_option("#by", "publisher")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("network=conflict.*repeats=source"))
    matrix = page.get_by_role("navigation", name="Ways to compare").get_by_role("link").first
    expect(matrix).to_have_attribute("href", re.compile("by=publisher"))


def test_figure_is_kept_as_png_of_twice_its_size(page):
    page.goto(AT)
    with page.expect_download() as download:
        page.get_by_role("button", name="Figure (PNG)").click()
    data = download.value.path().read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(data[16:20]) == 2 * 780
    assert download.value.suggested_filename == "worked-network-subtract.png"
