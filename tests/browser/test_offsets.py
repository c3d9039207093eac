"""offsets.js in a real page, held to the same table of cases as the server."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page

from cstoannot.text.segment import segment_text

HERE = Path(__file__).parent
CASES = json.loads(HERE.parent.joinpath("cases", "offsets.json").read_text(encoding="utf-8"))
LINES = json.loads(HERE.parent.joinpath("cases", "lines.json").read_text(encoding="utf-8"))
WORDS = [
    {"text": "the council met", "unit": unit, "expected": expected, "locale": "en"}
    for unit, expected in [(0, "the"), (3, "the"), (4, "council"), (9, "council"), (15, "met")]
] + [
    {"text": "one  two", "unit": 4, "expected": None, "locale": "en"},
    {"text": "a\n\nb", "unit": 2, "expected": None, "locale": ""},
    {"text": "a\nb", "unit": 1, "expected": "a", "locale": ""},
    *(
        {"text": f"b{end}a", "unit": 1, "expected": "b", "locale": ""}
        for end in "\v\f\x85\u2028\u2029"
    ),
    {"text": "one\u2028 two", "unit": 5, "expected": "two", "locale": "en"},
    {"text": "", "unit": 0, "expected": None, "locale": ""},
    {"text": "don't go", "unit": 1, "expected": "don't", "locale": "en"},
    {"text": "ok 👨‍👩‍👧 yes", "unit": 6, "expected": "👨‍👩‍👧", "locale": "en"},
    {"text": "Совет собрался.", "unit": 8, "expected": "собрался", "locale": "ru"},
    {"text": "Совет собрался.", "unit": 99, "expected": ".", "locale": "not a locale!"},
    {"text": "😀" * 2000, "unit": 2001, "expected": "😀", "locale": "en"},
]

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


def test_word_at(offsets_page):
    assert call(offsets_page, "runWords", WORDS) == []


def test_word_at_without_segmenter(offsets_page):
    offsets_page.evaluate("delete Intl.Segmenter")
    words = [word for word in WORDS if "👨" not in word["text"]]
    assert call(offsets_page, "runWords", words) == []


def test_offsets_in_a_long_text_cost_little(offsets_page):
    # Two frames at most on a busy machine; a walk over the whole text takes more.
    assert call(offsets_page, "measure") < 30
