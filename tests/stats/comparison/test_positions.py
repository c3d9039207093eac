"""The matrix of actors and claims against the definitions, said slowly."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cstoannot.stats.comparison.positions import (
    CellState,
    SideCounts,
    Verdict,
    build_position_matrix,
    compute_divergence,
    compute_empty_states,
    compute_omissions,
    compute_positions,
    compute_similarity_order,
    count_stances,
)
from tests.stats import slow_matrices as slow

STANCES = ("", "supports", "mixed", "opposes")
ACTORS, CODES, SOURCES = 4, 3, 3
PASSAGES = st.lists(
    st.tuples(
        st.integers(0, ACTORS - 1),
        st.integers(0, CODES - 1),
        st.integers(0, SOURCES - 1),
        st.sampled_from(STANCES),
    ),
    max_size=60,
)
FLAGS = st.lists(st.booleans(), min_size=4 * ACTORS * CODES, max_size=4 * ACTORS * CODES)
NAMES = ("contested", "quoted", "read", "given")


def _built(passages, flags, by_source):
    columns = list(zip(*passages, strict=True)) or [(), (), (), ()]
    numbers = [np.array(column, np.int64) for column in columns[:3]]
    stance = np.array([STANCES.index(one) for one in columns[3]], np.int64)
    empty = compute_empty_states(**dict(zip(NAMES, flags, strict=True)))
    return build_position_matrix(count_stances(*numbers, stance), empty, by_source=by_source)


def _slowly(passages, actor, code, flags, by_source):
    said = [
        [s for a, c, source, s in passages if (a, c, source) == (actor, code, one)]
        for one in range(SOURCES)
    ]
    here = {name: flag[actor, code] for name, flag in zip(NAMES, flags, strict=True)}
    return slow.cell(said, empty=slow.empty(**here), is_source=by_source)


@given(PASSAGES, FLAGS, st.booleans())
def test_matrix_is_what_the_definitions_say(passages, flags, by_source):
    flags = np.array(flags, bool).reshape(4, ACTORS, CODES)
    if by_source:
        passages = [(actor, code, 0, stance) for actor, code, _, stance in passages]
    found = _built(passages, flags, by_source)
    sides = SideCounts.of(found.state)
    apart, omitted = compute_divergence(found.balance), compute_omissions(found.state, sides)
    for code in range(CODES):
        column = [_slowly(passages, actor, code, flags, by_source) for actor in range(ACTORS)]
        for actor, cell in enumerate(column):
            assert CellState(found.state[actor, code]).name.lower() == cell["state"]
            for name in ("supports", "opposes", "mixed", "mentioned"):
                assert getattr(found, name)[actor, code] == cell[name], name
            assert _same(found.balance[actor, code], cell["balance"])
        states = [cell["state"] for cell in column]
        assert sides.verdicts()[code] == slow.verdict(states)
        assert sides.of_claim(code) == {
            one.name.lower(): states.count(one.name.lower()) for one in CellState
        }
        assert _same(apart[code], slow.divergence([cell["balance"] for cell in column]))
        assert np.flatnonzero(omitted[:, code]).tolist() == slow.left_out(states)


def _same(value, fraction):
    return math.isnan(value) if fraction is None else math.isclose(value, fraction, abs_tol=1e-12)


@pytest.mark.parametrize(
    ("supports", "opposes", "mixed", "state"),
    [
        (1, 0, 0, CellState.SUPPORTS),
        (2, 1, 0, CellState.SUPPORTS),  # exactly a third
        (1, 2, 0, CellState.OPPOSES),
        (1, 1, 0, CellState.MIXED),
        (3, 2, 0, CellState.MIXED),
        (0, 0, 1, CellState.MIXED),
        (1, 0, 2, CellState.SUPPORTS),
        (1, 0, 3, CellState.MIXED),
    ],
)
def test_position_is_by_thirds(supports, opposes, mixed, state):
    balance = (supports - opposes) / (supports + opposes + mixed)
    assert compute_positions(np.array([balance]))[0] == state


def test_third_that_rounding_makes_smaller_is_a_third():
    mean = (1.0 + 1 / 3 - 1 / 3) / 3
    assert compute_positions(np.array([mean, -mean, np.nextafter(1 / 3, 0)])).tolist() == [
        CellState.SUPPORTS,
        CellState.OPPOSES,
        CellState.SUPPORTS,
    ]


def test_mixed_takes_no_side():
    state = np.array(
        [[CellState.SUPPORTS], [CellState.MIXED], [CellState.MENTIONED], [CellState.SILENT]]
    )
    assert SideCounts.of(state).verdicts() == [Verdict.SINGLE]


def test_divergence_is_least_in_agreement_and_most_between_two_camps():
    balance = np.array([[1.0, 1, 1, 0], [1, -1, np.nan, 0], [1, 1, np.nan, 0], [1, -1, 1, np.nan]])
    found = compute_divergence(balance)
    assert found[[0, 1, 2, 3]].tolist() == [0.0, 1.0, 0.0, 0.0]
    assert math.isnan(compute_divergence(np.array([[1.0], [np.nan]]))[0])


def test_likeness_puts_camps_together_and_silence_last():
    camps = np.array(
        [[1.0, 1, -1], [np.nan, np.nan, np.nan], [-1, -1, 1], [1, 0.8, -1], [-1, -1, 1]]
    )
    order = compute_similarity_order(camps).tolist()
    assert order[-1] == 1
    places = [order.index(n) for n in (0, 3)], [order.index(n) for n in (2, 4)]
    assert [abs(one - other) for one, other in places] == [1, 1]


@given(st.integers(0, 9), st.randoms(use_true_random=False))
def test_likeness_orders_each_row_once_and_always_alike(size, random):
    values = np.array(
        [[random.choice([-1, 0, 1, 0.5, np.nan]) for _ in range(4)] for _ in range(size)]
    )
    values = values.reshape(size, 4)
    order = compute_similarity_order(values).tolist()
    assert sorted(order) == list(range(size))
    assert compute_similarity_order(values.copy()).tolist() == order


def test_nothing_has_no_cells():
    flags = np.ones((4, ACTORS, CODES), bool)
    flags[:2] = False
    found = _built([], flags, by_source=True)
    assert set(found.state.ravel().tolist()) == {CellState.SILENT}
    empty = build_position_matrix(
        count_stances(*(np.zeros(0, np.int64),) * 4), np.zeros((0, 0), np.int8), by_source=True
    )
    assert empty.state.shape == (0, 0)
    assert SideCounts.of(empty.state).verdicts() == []
