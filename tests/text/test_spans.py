"""Half-open ranges of code points."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cstoannot.core.errors import Invalid
from cstoannot.text.spans import (
    check_span,
    cut,
    merge,
    overlaps,
    snap_to_words,
    trim_white_space,
)

SPANS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 10)).map(lambda pair: (pair[0], sum(pair)))
)


@pytest.mark.parametrize("span", [(0, 1), (0, 10), (9, 10)])
def test_check_span_inside_text(span):
    assert check_span(*span, 10) == span


@pytest.mark.parametrize(
    ("start", "end", "field", "message"),
    [
        (-1, 3, "start", "start is -1, but must be from 0 to 9."),
        (10, 11, "start", "start is 10, but must be from 0 to 9."),
        (3, 3, "end", "end is 3, but must be from 4 to 10."),
        (5, 3, "end", "end is 3, but must be from 6 to 10."),
        (0, 11, "end", "end is 11, but must be from 1 to 10."),
        (0, 2**63, "end", "end is no offset of any text."),
        (True, 3, "start", "start must be a whole number."),
        (0, 3.0, "end", "end must be a whole number."),
        ("0", 3, "start", "start must be a whole number."),
        (0, None, "end", "end must be a whole number."),
    ],
)
def test_check_span_refuses(start, end, field, message):
    with pytest.raises(Invalid) as caught:
        check_span(start, end, 10)
    assert (caught.value.code, caught.value.field) == ("span", field)
    assert caught.value.message == message


def test_check_span_of_too_many_digits_is_refused():
    with pytest.raises(Invalid):
        check_span(-(10**5000), 10**5000, 10)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((0, 2), (2, 4), False),
        ((0, 3), (2, 4), True),
        ((0, 9), (3, 4), True),
        ((5, 6), (0, 5), False),
    ],
)
def test_overlaps_needs_a_shared_character(one, other, expected):
    assert (overlaps(one, other), overlaps(other, one)) == (expected, expected)


def test_merge_keeps_touching_apart_unless_asked():
    spans = [(5, 7), (0, 3), (3, 5), (6, 9)]
    assert merge(spans) == [(0, 3), (3, 5), (5, 9)]
    assert merge(spans, touching=True) == [(0, 9)]
    assert merge([]) == []


@settings(max_examples=40, deadline=None)
@given(SPANS)
def test_merge_covers_the_same_characters(spans):
    def covered(some):
        return {at for start, end in some for at in range(start, end)}

    merged = merge(spans)
    assert covered(merged) == covered(spans)
    assert not any(overlaps(one, other) for one in merged for other in merged if one != other)


def test_cut_keeps_what_lies_within():
    assert cut([(0, 2), (1, 4), (3, 9), (5, 6), (6, 8)], (2, 6)) == [(2, 4), (3, 6), (5, 6)]


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [
        ("  a b\u00a0\n", (0, 7), (2, 5)),
        ("ab", (0, 2), (0, 2)),
        (" \t ", (0, 3), (0, 3)),
        ("😀 😀", (1, 3), (2, 3)),
        ("\u200ba", (0, 2), (0, 2)),
    ],
)
def test_trim_white_space(text, span, expected):
    assert trim_white_space(text, *span) == expected


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [
        ("the council met", (5, 6), "council"),
        ("the council met", (4, 11), "council"),
        ("the council met", (2, 13), "the council met"),
        ("the council met", (3, 12), " council "),
        ("don't go", (2, 4), "don't"),
        ("a 👨‍👩‍👧 b", (3, 4), "👨‍👩‍👧"),
        ("cafe\u0301", (0, 4), "cafe\u0301"),
        ("x" * 400, (200, 201), "x" * 400),
    ],
)
def test_snap_to_words_widens_to_cut_tokens(text, span, expected):
    start, end = snap_to_words(text, *span)
    assert text[start:end] == expected
