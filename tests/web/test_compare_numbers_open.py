"""Numbers of the comparison's pages open lists of their own length, however one compares."""

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.agreement.demo import demo
from tests.web.pages import html_of, text_of

AT = "/projects/csto/compare/"
CELL = re.compile(
    r'<a class="stood" data-state="(\w+)" data-level="\d" href="([^"]+)"[^>]*>([^<]*)'
)
COUNT = re.compile(r'<a class="count" href="([^"]+)">([\d,]+) place')
BEHIND = re.compile(r'<a href="([^"]+)" class="behind">([\d,]+)<')
PAIR = re.compile(r'<a href="([^"]+)" title="[^"]+ and [^"]+">([\d,]+)<')
EDGE = re.compile(
    r'<th scope="row"><a href="([^"]+)" title="[^"]*">.*?</th><td class="number weight"[^>]*>'
    r'[^<]*</td><td class="number">([^<]*)</td><td class="number">([^<]*)</td>'
    r'(?:<td class="number">(\d+)</td>)?'
)
ASKED = [
    "",
    "voice=everyone",
    "voice=author&voice=Armenian+officials",
    "by=publisher",
    "by=group",
    "by=speaker",
    "by=speaker&voice=everyone",
    "annotator=coder-a&annotator=coder-b",
    "layer=individual&annotator=coder-b",
    "layer=individual&annotator=coder-c&voice=everyone&by=publisher",
]

pytestmark = pytest.mark.slow  # hundreds of pages


@pytest.fixture
def browser(client_for):
    return client_for(demo().user)


def _get(browser, link):
    response = browser.get(html.unescape(link))
    assert response.status_code == 200, link
    return response


def _count_listed(browser, link):
    """How many places the pages of a list show."""
    page = html_of(_get(browser, link))
    assert "?page=" not in page
    assert 'rel="next" href="?' not in page or "Next claim" in page
    return page.count('<figure class="passage">')


def _number(words):
    return int(words.replace(",", ""))


@pytest.mark.parametrize("asked", ASKED)
def test_every_cell_opens_as_many_places_as_it_says(browser, asked):
    page = html_of(_get(browser, f"{AT}?plain=1&{asked}"))
    pages = [int(n) for n in re.findall(r'href="\?[^"]*page=(\d+)', page)]
    for number in range(2, max(pages, default=1) + 1):
        page += html_of(_get(browser, f"{AT}?plain=1&{asked}&page={number}"))
    cells = CELL.findall(page)
    assert len(cells) >= 17
    opened = 0
    for state, link, shown in cells:
        places = re.fullmatch(r"\S+ ([\d,]+)", shown.strip())
        if not places and opened > 30:
            continue  # empty cells are all alike
        opened += 1
        said = _number(places[1]) if places else 0
        assert _count_listed(browser, link) == said, (state, link)


@pytest.mark.parametrize("asked", ASKED)
def test_columns_and_what_is_behind_them_open_as_many_places_as_they_say(browser, asked):
    seen = 0
    for code in ("article-4", "consultations", "west", "regional-control"):
        page = html_of(_get(browser, f"{AT}passages/?code={code}&{asked}"))
        for link, count in [*COUNT.findall(page), *BEHIND.findall(page)]:
            assert _count_listed(browser, link) == _number(count), link
            seen += 1
    assert seen >= 4


def test_contested_and_quoted_sources_say_who_marked_and_who_speaks(browser):
    page = text_of(_get(browser, f"{AT}passages/?code=article-4"))
    assert "Military Alliance (Armenian officials 1 passage of Armenian officials )" in page
    quoting = [line for line in page.split("Quoted")[1:] if "Armenian officials" in line]
    assert quoting
    contested = text_of(_get(browser, f"{AT}passages/?code=consultations"))
    assert re.search(r"Contested .*?Military Alliance \(coder-\w 1 passage", contested)


@pytest.mark.parametrize("asked", [*ASKED[:5], ASKED[7]])
def test_pairs_open_as_many_divergent_claims_as_they_say(browser, asked):
    pairs = PAIR.findall(html_of(_get(browser, f"{AT}?{asked}")))
    assert pairs or asked == "by=group"
    for link, count in pairs:
        page = html_of(_get(browser, link))
        rows = page.split('<table class="data claims">')[1].split("</table>")[0].count("<tr>") - 1
        assert rows == _number(count), link


@pytest.mark.parametrize("network", ["subtract", "two_mode_subtract"])
@pytest.mark.parametrize("asked", ASKED)
def test_edges_open_the_claims_and_passages_that_they_count(browser, network, asked):
    page = html_of(_get(browser, f"{AT}network/?network={network}&{asked}"))
    edges = EDGE.findall(page)
    assert edges or "by=group" in asked
    for link, first, second, shared in edges[:25]:
        edge = _get(browser, link)
        words = text_of(edge)
        if shared:
            assert f"on {shared} shared claim" in words
            claims = html_of(edge).split('<table class="data parts">')[1].split("</table>")[0]
            assert claims.count("<tr>") - 1 == int(shared)
            assert f"congruence {first}, conflict {second}" in words
        else:
            assert f"{first} supporting, {second} opposing" in words
            counted = html_of(edge).count('<li class="card">')
            counted -= words.count("repeat, not counted")
            assert counted == int(first) + int(second), link
        assert parse_qs(urlsplit(html.unescape(link)).query)["first"]
