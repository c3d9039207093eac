"""The table of cases that the browser's offsets.js is held to, read by Python."""

import json
from pathlib import Path

import pytest

from cstoannot.text.normalise import normalise_text

CASES = json.loads(
    Path(__file__).parents[1].joinpath("cases", "offsets.json").read_text(encoding="utf-8")
)["cases"]


def units(text):
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case_is_right(case):
    text = case["text"]
    assert normalise_text(text) == text
    assert (len(text), units(text)) == (case["length"], case["unit_length"])
    assert case["points"] == [[units(text[:point]), point] for point in range(len(text) + 1)]
    assert case["halves"] == [
        [units(text[:point]) + 1, point, point + 1]
        for point, character in enumerate(text)
        if character > "\uffff"
    ]
    for piece in case["slices"]:
        assert text[piece["start"] : piece["end"]] == piece["quote"] != ""
