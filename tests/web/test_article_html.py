"""The article's HTML: the text as it is, whatever ends its lines, with directions."""

import html
import json
import re
from pathlib import Path

import pytest

from cstoannot.text.segment import pack_bounds, segment_text
from cstoannot.web.article_html import render_article_html, resolve_text_direction

CASES = json.loads(
    Path(__file__).parents[1].joinpath("cases", "lines.json").read_text(encoding="utf-8")
)["cases"]


def rendered(text: str, direction: str = "ltr") -> str:
    return render_article_html(text, pack_bounds(segment_text(text).paragraphs), direction)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_article_is_its_text_in_paragraphs(case):
    page = rendered(case["text"])
    assert html.unescape(re.sub("<[^>]+>", "", page)) == case["text"]
    found = re.findall(r'<p data-start="(\d+)">(.*?)</p>', page, re.S)
    assert [words for _, words in found] == case["paragraphs"]
    for start, words in found:
        assert case["text"][int(start) :].startswith(words)


def test_paragraphs_have_their_own_direction_where_the_source_names_no_language():
    assert rendered("a\nb", resolve_text_direction("")).count('<p data-start="0" dir="auto">') == 1
    assert "dir=" not in rendered("a\nb", resolve_text_direction("en"))


@pytest.mark.parametrize(
    ("language", "direction"),
    [
        ("", "auto"),
        ("en", "ltr"),
        ("pt-BR", "ltr"),
        ("ar", "rtl"),
        ("he-IL", "rtl"),
        ("az-Arab", "rtl"),
        ("ku-Latn-TR", "ltr"),
        ("ckb", "rtl"),
    ],
)
def test_direction_of_a_language(language, direction):
    assert resolve_text_direction(language) == direction
