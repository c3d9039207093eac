"""The majority layer: hand-made cases, the definition with random codings, and what it promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cstoannot.stats.comparison.majority import MarkedPassages, compute_majority
from tests.stats.slow_majority import STANCES, compute_slow_majority

NAMES = ["", "Zeta", "Alpha", "Mid"]
RANK = np.argsort(np.argsort(NAMES))
TEXT = "ab c  de f   gh"
marks = st.tuples(
    st.integers(0, 3),
    st.integers(0, len(TEXT) - 1),
    st.integers(1, 8),
    st.sampled_from(STANCES),
    st.integers(0, len(NAMES) - 1),
).map(lambda row: (row[0], row[1], min(row[1] + row[2], len(TEXT)), *row[3:]))
groups = st.lists(st.tuples(st.lists(marks, max_size=9), st.integers(1, 5)), min_size=1, max_size=3)


def _count_spaces(text):
    return len(text) - len(text.lstrip()), len(text) - len(text.rstrip())


def _build_marked(coded, text=TEXT):
    """Sort each group's marks as they stand in a text and put them into arrays."""
    rows = [
        (group, a, start, end, STANCES.index(stance), voice, *_count_spaces(text[start:end]))
        for group, (marks, _) in enumerate(coded)
        for a, start, end, stance, voice in _sort_marks(marks)
    ]
    return MarkedPassages(*np.array(rows, np.int64).reshape(-1, 8).T)


def _sort_marks(marks):
    return sorted(marks, key=lambda mark: mark[1:3])


def _count_readers(marks, more):
    """Return a possible number of readers: those who marked, and some who marked nothing."""
    return max(len({mark[0] for mark in marks}), more)


def _compute_rows(coded, text=TEXT):
    readers = np.array([_count_readers(*one) for one in coded], np.int64)
    found = compute_majority(_build_marked(coded, text), readers, RANK)
    rows = zip(
        *(found.runs.group, found.runs.start, found.runs.end, found.stance, found.voice),
        *(found.marked_by, found.stance_tied, found.voice_tied),
        strict=True,
    )
    return [
        (int(g), int(s), int(e), STANCES[t], int(v), int(n), bool(a), bool(b))
        for g, s, e, t, v, n, a, b in rows
    ]


@given(groups)
def test_definition(coded):
    if any(not TEXT[mark[1] : mark[2]].strip() for marks, _ in coded for mark in marks):
        return  # a passage of white space alone cannot be saved
    expected = [
        (group, *row)
        for group, (marks, more) in enumerate(coded)
        for row in compute_slow_majority(
            TEXT, _sort_marks(marks), _count_readers(marks, more), NAMES
        )
    ]
    assert _compute_rows(coded) == expected


@pytest.mark.parametrize(
    ("marks", "readers", "expected"),
    [
        ([(0, 0, 4, "supports", 0)], 1, [(0, 4, "supports", 0)]),
        ([(0, 0, 4, "supports", 0)], 2, []),
        ([(0, 0, 4, "supports", 0), (1, 2, 4, "supports", 0)], 2, [(3, 4, "supports", 0)]),
        ([(0, 0, 4, "supports", 1), (1, 0, 4, "", 1)], 3, [(0, 4, "supports", 1)]),
        ([(0, 0, 4, "supports", 1), (1, 0, 4, "opposes", 2)], 3, [(0, 4, "mixed", 2)]),
        ([(0, 0, 4, "supports", 1), (1, 0, 4, "supports", 0)], 3, [(0, 4, "supports", 0)]),
        ([(0, 0, 2, "opposes", 0), (0, 1, 8, "supports", 0)], 1, [(0, 8, "supports", 0)]),
        ([(0, 0, 2, "opposes", 0), (0, 2, 8, "supports", 0)], 1, [(0, 8, "supports", 0)]),
        ([(0, 1, 3, "supports", 0), (1, 2, 4, "supports", 0)], 2, []),
    ],
    ids=[
        "one reader: as marked",
        "half is not more than half",
        "white space at the ends is no part",
        "a stance and none",
        "two stances, two speakers",
        "the author before a speaker",
        "one's passages that overlap are one, with the stance of the longer",
        "one's passages that touch are one",
        "white space alone",
    ],
)
def test_cases(marks, readers, expected):
    assert [row[1:5] for row in _compute_rows([(marks, readers)])] == expected


@given(st.lists(marks, max_size=6))
def test_one_more_who_codes_the_same_changes_nothing(marks):
    """Alone, or read by a second who marks exactly the same: the same places."""
    alone = [(0, *mark[1:]) for mark in marks]
    twice = alone + [(1, *mark[1:]) for mark in alone]
    assert [row[:5] for row in _compute_rows([(alone, 1)])] == [
        row[:5] for row in _compute_rows([(twice, 2)])
    ]
