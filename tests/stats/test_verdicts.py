"""Which passage carries a verdict: the answer is that of taking it away and judging anew."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cstoannot.stats.comparison.leave_one_out import VERDICTS, compute_verdicts_without
from cstoannot.stats.comparison.positions import (
    MIXED,
    NONE,
    OPPOSES,
    SUPPORTS,
    CellState,
    SideCounts,
    build_position_matrix,
    count_stances,
)

ACTORS, CODES = 3, 2
passages = st.lists(
    st.tuples(
        st.integers(0, ACTORS - 1),
        st.integers(0, CODES - 1),
        st.integers(0, 1),
        st.sampled_from([NONE, SUPPORTS, MIXED, OPPOSES]),
    ),
    max_size=14,
)


def columns(rows):
    return np.array(rows, np.int64).reshape(-1, 4).T


def verdicts(rows):
    silent = np.full((ACTORS, CODES), CellState.SILENT)
    found = build_position_matrix(count_stances(*columns(rows)), silent, by_source=False)
    return SideCounts.of(found.state).verdicts()


def without(rows):
    return compute_verdicts_without(*columns(rows), actors=ACTORS, codes=CODES)


def test_divergence_on_one_passage_hangs_on_it():
    rows = [(0, 0, 0, SUPPORTS), (0, 0, 0, SUPPORTS), (1, 0, 0, OPPOSES)]
    found = without(rows)
    assert [VERDICTS[place] for place in found.whole] == ["diverge", "unaddressed"]
    assert [VERDICTS[place] for place in found.left] == ["diverge", "diverge", "single"]
    assert found.carries(columns(rows)[1]).tolist() == [False, False, True]


def test_passage_without_stance_carries_nothing():
    rows = [(0, 0, 0, SUPPORTS), (0, 0, 0, NONE)]
    assert without(rows).carries(columns(rows)[1]).tolist() == [True, False]


def test_no_passages_carry_nothing():
    found = without([])
    assert (found.left.tolist(), [VERDICTS[n] for n in found.whole]) == ([], ["unaddressed"] * 2)


@settings(max_examples=150, deadline=None)
@given(passages)
def test_leaving_out_against_judging_anew(rows):
    found = without(rows)
    assert [VERDICTS[place] for place in found.whole] == verdicts(rows)
    for place, (_, code, _, _) in enumerate(rows):
        assert VERDICTS[found.left[place]] == verdicts(rows[:place] + rows[place + 1 :])[code]
