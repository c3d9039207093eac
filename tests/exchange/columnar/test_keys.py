"""Columns of keys are what they were made of."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cstoannot.exchange.columnar.keys import (
    HALF,
    build_keyed_column,
    build_keyed_pairs,
    compute_run_lengths,
)

NEAR = st.integers(0, 200)
FAR = st.one_of(NEAR, st.integers(0, 2**31 - 1))
ANY = st.one_of(NEAR, st.integers(0, 2**63 - 1))


@given(st.one_of(st.lists(NEAR, min_size=1), st.lists(ANY, min_size=1)))
def test_keys_of_a_column_are_those_of_its_rows(column):
    found = build_keyed_column(np.array(column, np.int64))
    assert list(found.each()) == column
    assert sorted(found.keys) == sorted(set(column))


@given(
    st.one_of(
        st.lists(st.tuples(NEAR, NEAR), min_size=1), st.lists(st.tuples(FAR, FAR), min_size=1)
    )
)
def test_pairs_of_a_column_are_those_of_its_rows(column):
    found = build_keyed_pairs(
        np.array([(first << HALF) + second for first, second in column], np.int64)
    )
    assert list(found.each()) == column
    assert sorted(found.keys) == sorted(set(column))


def test_runs_count_what_stands_in_a_row():
    assert compute_run_lengths(np.array([3, 3, 1, 3])) == [(3, 2), (1, 1), (3, 1)]
    assert compute_run_lengths(np.array([2**63 - 1])) == [(2**63 - 1, 1)]
