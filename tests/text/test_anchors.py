"""Finding a passage again."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cstoannot.text.anchors import Anchor, find_anchor, make_anchor

TEXT = "Peace is near. War is near. Peace is far."


def test_make_anchor_takes_context_within_the_text():
    assert make_anchor(TEXT, 15, 18, context=4) == Anchor("War", "ar. ", " is ")
    assert make_anchor("abc", 0, 3) == Anchor("abc")


def test_find_anchor_in_the_same_text():
    assert find_anchor(TEXT, make_anchor(TEXT, 28, 33)) == (28, 33)


def test_find_anchor_after_insertion_before_it():
    assert find_anchor("😀 New. " + TEXT, make_anchor(TEXT, 28, 33)) == (35, 40)


def test_find_anchor_without_context_left_takes_the_only_place():
    assert find_anchor("xWary", Anchor("War", "before ", " after")) == (1, 4)


@pytest.mark.parametrize(
    ("anchor", "hint", "expected"),
    [
        (Anchor("near"), None, None),
        (Anchor("near"), 0, (9, 13)),
        (Anchor("near"), 20, (22, 26)),
        (Anchor("near", "War is "), 0, (22, 26)),
        (Anchor("near", "", ". P"), 0, (22, 26)),
        (Anchor("absent"), 0, None),
        (Anchor(""), 0, None),
        (Anchor("aa"), 1, None),
    ],
)
def test_find_anchor_ranks_context_then_nearness(anchor, hint, expected):
    assert find_anchor(TEXT, anchor, hint) == expected


def test_find_anchor_equally_near_is_ambiguous():
    assert find_anchor("a.a", Anchor("a"), 1) is None


def test_find_anchor_overlapping_places():
    assert find_anchor("xaaay", Anchor("aa", "", "y")) == (2, 4)


def test_find_anchor_very_frequent_quote():
    text = "ab" * 5000 + "acb" + "ab" * 5000
    assert find_anchor(text, Anchor("a", "", "cb")) == (10_000, 10_001)
    assert find_anchor(text, Anchor("a", "", "xx")) is None
    assert find_anchor(text, Anchor("a", "", "xx"), hint=12_005) == (12_005, 12_006)
    assert find_anchor(text, Anchor("b", "", ""), hint=10**9) == (len(text) - 1, len(text))


@settings(max_examples=40, deadline=None)
@given(st.text("ab 😀", min_size=1, max_size=30), st.data())
def test_find_anchor_with_exact_hint_finds_its_passage(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert find_anchor(text, make_anchor(text, start, end), hint=start) == (start, end)


@pytest.mark.parametrize("length", [1, 1000, 100_000])
def test_find_anchor_hostile_text_takes_bounded_time(length):
    began = time.process_time()
    assert find_anchor("a" * 200_000, Anchor("a" * length + "b")) is None
    find_anchor("a" * 200_000, Anchor("a" * length, "a" * 32, "a" * 32), hint=1000)
    assert time.process_time() - began < 0.5
