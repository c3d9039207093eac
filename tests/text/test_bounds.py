"""Spans as bytes."""

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cstoannot.text.segment import pack_bounds, segment_text
from cstoannot.text.spans import Bounds, unpack_flat_bounds


@st.composite
def sorted_spans(draw):
    steps = draw(st.lists(st.tuples(st.integers(0, 70_000), st.integers(1, 70_000)), max_size=20))
    spans, at = [], 0
    for gap, length in steps:
        spans.append((at + gap, at + gap + length))
        at += gap + length
    return spans


@settings(max_examples=50, deadline=None)
@given(sorted_spans())
def test_pack_and_unpack_give_the_same(spans):
    data = pack_bounds(spans)
    assert data[0] == 1
    assert list(unpack_flat_bounds(data)) == spans
    assert unpack_flat_bounds(data) == Bounds(spans)
    assert pack_bounds(unpack_flat_bounds(data)) == data


@pytest.mark.parametrize("largest", [255, 256, 65_535, 65_536, 4_294_967_295])
def test_pack_width_follows_largest_number(largest):
    assert list(unpack_flat_bounds(pack_bounds([(0, largest)]))) == [(0, largest)]
    assert pack_bounds([(0, largest)])[1] == (1 if largest < 256 else 2 if largest < 65_536 else 4)


def test_pack_is_compact():
    text = "The council met in Yerevan, and nobody spoke. " * 100
    assert len(pack_bounds(segment_text(text).tokens)) < 100


@pytest.mark.parametrize("spans", [[(0, 0)], [(2, 1)], [(0, 2), (1, 3)], [(3, 4), (0, 1)]])
def test_pack_spans_that_are_none_is_refused(spans):
    with pytest.raises(ValueError, match="sorted"):
        pack_bounds(spans)


GOOD = pack_bounds([(0, 3), (4, 6)])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01",
        b"\x02" + GOOD[1:],
        b"\x01\x03" + GOOD[2:],
        GOOD[:-1],
        GOOD + b"x",
        GOOD[:4] + b"\xff" + GOOD[5:],
        b"\x01\x01" + zlib.compress(b"\x00\x01\x02"),
        b"\x01\x02" + zlib.compress(b"\x00\x01\x02"),
        b"\x01\x01" + zlib.compress(b"\x00\x00"),
        b"\x01\x04" + zlib.compress(b"\xff" * 16),
        b"\x01\x01" + zlib.compress(bytes(65 * 1024 * 1024), 1),
    ],
)
def test_unpack_rubbish_is_refused(data):
    with pytest.raises(ValueError, match="not packed spans"):
        unpack_flat_bounds(data)


def test_bounds_is_a_sequence():
    bounds = Bounds([(0, 1), (2, 5)])
    assert (len(bounds), list(bounds), bounds[0], bounds[-1]) == (
        2,
        [(0, 1), (2, 5)],
        (0, 1),
        (2, 5),
    )
    assert (bounds == Bounds([(0, 1), (2, 5)]), bounds == Bounds()) == (True, False)
    assert repr(bounds) == "Bounds([(0, 1), (2, 5)])"
    with pytest.raises(IndexError):
        bounds[2]
