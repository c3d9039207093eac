"""offsets.js in a real page, held to the same table of cases as the server."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page

from cstoannot.text.segment import segment_text

HERE = Path(__file__).parent
CASES = json.loads(HERE.parent.joinpath("cases", "offsets.json").read_text(encoding="utf-8"))
LINES = json.loads(HERE.parent.joinpath("cases", "lines.json").read_text(encoding="utf-8"))

pytestmark = pytest.mark.browser


@pytest.fixture
def offsets_page(chromium_page: Page) -> Page:
    script = HERE.joinpath("offsets_page.js").read_text(encoding="utf-8")
    chromium_page.route(
        "**/offsets_page.js",
        lambda route: route.fulfill(body=script, content_type="text/javascript"),
    )
    return chromium_page


def call(page: Page, function: str, *arguments: object) -> object:
    return page.evaluate(
        "async ([name, given]) => (await import('/offsets_page.js'))[name](...given)",
        [function, list(arguments)],
    )


def test_offsets_of_all_cases(offsets_page):
    for case in CASES["cases"]:
        paragraphs = [list(span) for span in segment_text(case["text"]).paragraphs]
        wrong = call(offsets_page, "runCase", {**case, "paragraphs": paragraphs})
        assert wrong == [], case["name"]


def test_lines_of_all_cases(offsets_page):
    for case in LINES["cases"]:
        assert call(offsets_page, "runLines", case) == [], case["name"]


def test_offsets_of_many_paragraphs(offsets_page):
    text = "".join(f"\n {at} 😀\n" for at in range(45))
    case = {"text": text, "length": len(text), "unit_length": len(text) + 45}
    paragraphs = [list(span) for span in segment_text(text).paragraphs]
    rest = {"points": [], "halves": [], "slices": [], "paragraphs": paragraphs}
    assert call(offsets_page, "runCase", {**case, **rest}) == []


@pytest.mark.parametrize("check", ["runEdges", "runReplaced"])
def test_offsets_at_the_edges(offsets_page, check):
    assert call(offsets_page, check) == []


def test_offsets_in_a_long_text_cost_little(offsets_page):
    # Two frames at most on a busy machine; a walk over the whole text takes more.
    assert call(offsets_page, "measure") < 30
