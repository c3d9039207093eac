"""Five questions of a study, each answered within three clicks from the project's page."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.agreement.demo import demo
from tests.browser.test_pages import _database_beside_playwright, open_as

__all__ = ["_database_beside_playwright", "open_as"]  # fixtures of these tests as well

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MOST_CLICKS = 3


class CountingReader:
    """Reads pages and counts the clicks."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0

    def click(self, name: str | Locator) -> None:
        target = (
            self.page.get_by_role("link", name=name, exact=True) if isinstance(name, str) else name
        )
        expect(target).to_have_count(1)
        target.click()
        self.page.wait_for_load_state()
        self.clicks += 1

    def read(self, selector: str) -> list[str]:
        words = self.page.locator(selector).all_inner_texts()
        return [" ".join(one.split()) for one in words]


@pytest.fixture
def reader(open_as: Callable[..., Page]) -> CountingReader:
    scope = demo()
    page = open_as(scope.user, viewport={"width": 1440, "height": 900})
    page.goto("/projects/csto/")
    return CountingReader(page)


def test_on_which_claims_do_two_diverge_and_is_it_trustworthy(reader: CountingReader) -> None:
    reader.click("Compare")
    row = reader.page.locator("table.pairs tbody tr").filter(
        has=reader.page.get_by_role("rowheader", name="The Diplomat", exact=True)
    )
    reader.click(row.locator("a").first)  # the first column is PISM's
    assert reader.clicks <= MOST_CLICKS
    heads = reader.read("table.claims thead .actor")
    assert ["PISM" in heads[0], "The Diplomat" in heads[1], len(heads)] == [True, True, 2]
    assert reader.read("table.claims tbody .lead .chip") == ["Western role", "Declining influence"]
    for verdict in reader.read("table.claims tbody .says"):
        assert verdict.startswith("diverge")
    west, decline = reader.read("table.claims tbody .says")
    assert "tentative" in west
    assert "a side rests on one place" in west
    assert "1 supports · 1 opposes" in decline
    for alphas in reader.read("table.claims tbody .trust"):
        assert re.search(r"^α [\d.]+.* stance α [\d.]+", alphas)


def test_who_is_silent_on_a_claim(reader: CountingReader) -> None:
    reader.click("Compare")
    reader.click("Article 4")
    assert reader.clicks <= MOST_CLICKS
    assert reader.read(".tally") == ["3 support · 1 mixed · 1 quoted"]
    (line,) = reader.read(".quiet li")  # nobody is silent: one quotes others on it
    assert line.startswith("Quoted (there, but only in voices that were not asked for)")
    assert "Absent Without Leave" in line
    assert "Armenian officials 1" in line
    reader.click(reader.page.locator(".quiet a.behind"))
    assert reader.clicks <= MOST_CLICKS
    expect(reader.page.locator("figure.passage")).to_have_count(1)
    assert "said by Armenian officials" in reader.read("figure.passage .said")[0]


def test_what_quoted_officials_say_against_the_authors(reader: CountingReader) -> None:
    reader.click("Compare")
    reader.click("Authors against those they quote")
    reader.click("Show only divergent claims")
    assert reader.clicks <= MOST_CLICKS
    expect(reader.page.locator("h2", has_text="6 of 17 claims")).to_be_visible()
    heads = reader.read("table.claims thead .actor")
    (row,) = [row for row in reader.read("table.claims tbody tr") if row.startswith("Article 4")]
    assert heads[0] == "the authors themselves"
    cells = reader.page.locator("table.claims tbody tr", has_text="Article 4").locator(".stood")
    states = [cell.get_attribute("data-state") for cell in cells.all()]
    against = [head for head, state in zip(heads, states, strict=True) if state == "opposes"]
    assert (states[0], len(against)) == ("supports", 3)
    assert "diverge" in row
    assert "Anatoly Sidorov" in against


def test_which_code_is_least_reliable_where_and_between_whom(reader: CountingReader) -> None:
    reader.click("Agreement")
    codes = reader.read("section[aria-labelledby=codes-title] tbody th")
    values = reader.read("section[aria-labelledby=codes-title] tbody .value")
    least = min(zip(map(float, values), codes, strict=True))
    reader.click(least[1])
    assert reader.clicks <= MOST_CLICKS
    assert reader.read("section[aria-labelledby=codes-title] tbody th") == [least[1]]
    pairs = reader.read("section[aria-labelledby=pairs-title] tbody th")
    assert len(pairs) == 3
    assert len(reader.read("section[aria-labelledby=pairs-title] tbody .value")) == 3
    sources = reader.read("section[aria-labelledby=sources-title] tbody tr")
    assert len(sources) == 5
    assert all(re.search(r"\d\.\d\d", one) for one in sources)


def test_who_stands_with_whom_and_on_what_it_hangs(reader: CountingReader) -> None:
    reader.click("Compare")
    reader.click("Network")
    edges = reader.read("table.edges tbody tr")
    assert len(edges) == 10
    assert all(re.search(r" (yes|no)$", edge) for edge in edges)
    assert edges[0].startswith("Open Forum / Australian Institute of International Affairs EVN")
    reader.click(reader.page.locator("table.edges tbody a").first)
    assert reader.clicks <= MOST_CLICKS
    (words,) = reader.read(".carries")
    assert words.startswith("This edge does not depend on a single passage")
    claims = reader.read("table.parts tbody tr")
    assert len(claims) == 8  # on what it hangs, the largest contribution first
    assert [one.split()[-1] for one in claims].count("1") == 7
