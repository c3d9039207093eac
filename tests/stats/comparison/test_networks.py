"""Discourse networks: worked values, and the definitions said again slowly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cstoannot.stats.comparison.networks import (
    THREE_LEVELS,
    TWO_LEVELS,
    LevelCounts,
    Normalisation,
    OneMode,
    TwoMode,
    TwoModeShare,
    compute_denominators,
    compute_one_mode_weights,
    compute_two_mode_weights,
    select_strongest_cells,
    select_strongest_edges,
)
from cstoannot.stats.comparison.repeats import (
    RepeatWindow,
    compute_date_ranks,
    count_undated_sources,
    format_calendar_window,
    number_windows,
    select_first_passages,
)
from tests.stats import slow_networks as slow

# Opposes, supports of A, B, C, D on p, q, r, s.
COUNTS = [
    [(0, 2), (1, 0), (0, 1), (0, 0)],
    [(0, 1), (0, 1), (0, 0), (0, 3)],
    [(2, 0), (0, 0), (0, 1), (1, 0)],
    [(0, 0), (1, 1), (0, 0), (0, 0)],
]
PAIRS = ("AB", "AC", "AD", "BC", "BD", "CD")
WEIGHTS = {
    "co_mention": (3, 5, 2, 5, 2, 0),
    "congruence": (2, 1, 1, 0, 1, 0),
    "conflict": (1, 4, 1, 5, 1, 0),
    "subtract": (1, -3, 0, -5, 0, 0),
}
DENOMINATORS = {
    "none": (1, 1, 1, 1, 1, 1),
    "average_activity": (4.5, 4, 3, 4.5, 3.5, 3),
    "jaccard": (8, 7, 5, 9, 6, 6),
    "product_of_totals": (20, 16, 8, 20, 10, 8),
    "cosine": (66**0.5, 6, 12**0.5, 66**0.5, 22**0.5, 12**0.5),
}
COSINES = (8.1240, 6.0000, 3.4641, 8.1240, 4.6904, 3.4641)


def worked():
    return LevelCounts(np.array(COUNTS, float), np.array(TWO_LEVELS))


def tally_of(passages, actors, codes, scale):
    columns = np.array(passages, np.int64).reshape(-1, 3).T
    levels = np.searchsorted(scale, columns[2])
    return LevelCounts.of(columns[0], columns[1], levels, size=(actors, codes), scale=scale)


def upper(matrix):
    return matrix[np.triu_indices(len(matrix), 1)]


@pytest.mark.parametrize("kind", OneMode)
def test_weights_of_the_worked_example(kind):
    assert upper(compute_one_mode_weights(worked(), kind)).tolist() == list(WEIGHTS[kind])


@pytest.mark.parametrize("by", Normalisation)
def test_denominators_of_the_worked_example(by):
    assert upper(compute_denominators(worked(), by)).tolist() == pytest.approx(
        DENOMINATORS[by], abs=1e-12
    )


def test_cosine_denominators_as_they_are_printed():
    found = upper(compute_denominators(worked(), Normalisation.COSINE))
    assert tuple(np.round(found, 4).tolist()) == COSINES


@pytest.mark.parametrize("by", Normalisation)
@pytest.mark.parametrize("kind", OneMode)
def test_normalised_weights_of_the_worked_example(kind, by):
    found = upper(compute_one_mode_weights(worked(), kind, by))
    wanted = [w / d for w, d in zip(WEIGHTS[kind], DENOMINATORS[by], strict=True)]
    assert found.tolist() == pytest.approx(wanted, abs=1e-15)


@pytest.mark.parametrize("kind", OneMode)
def test_network_is_symmetric_with_an_empty_diagonal(kind):
    found = compute_one_mode_weights(worked(), kind)
    assert np.array_equal(found, found.T)
    assert not found.diagonal().any()


def test_totals_of_the_worked_example():
    assert worked().totals.tolist() == [4, 5, 4, 2]


def test_two_mode_subtract_of_the_worked_example():
    found = compute_two_mode_weights(worked(), TwoMode.SUBTRACT)
    assert found.tolist() == [[2, -1, 1, 0], [1, 1, 0, 3], [-2, 0, 1, -1], [0, 0, 0, 0]]


def test_two_mode_combine_of_the_worked_example():
    found = compute_two_mode_weights(worked(), TwoMode.COMBINE)
    assert found.tolist() == [[1, 2, 1, 0], [1, 1, 0, 1], [2, 0, 1, 2], [0, 3, 0, 0]]


def test_two_mode_count_by_activity_and_by_prominence():
    by_activity = compute_two_mode_weights(worked(), TwoMode.COUNT, TwoModeShare.ACTIVITY)
    assert by_activity[0].tolist() == [0.5, 0.25, 0.25, 0]
    by_prominence = compute_two_mode_weights(worked(), TwoMode.COUNT, TwoModeShare.PROMINENCE)
    assert by_prominence[:, 0].tolist() == [2 / 5, 1 / 5, 2 / 5, 0]


def test_combine_has_no_share():
    with pytest.raises(ValueError, match="no share"):
        compute_two_mode_weights(worked(), TwoMode.COMBINE, TwoModeShare.ACTIVITY)


def test_mixed_passage_is_both_sides_in_combine_and_neither_in_subtract():
    tally = tally_of([(0, 0, 0)], 1, 1, THREE_LEVELS)
    assert compute_two_mode_weights(tally, TwoMode.COMBINE).tolist() == [[3]]
    assert compute_two_mode_weights(tally, TwoMode.SUBTRACT).tolist() == [[0]]


def test_full_scale_is_the_codebooks_and_not_the_observed_one():
    scale = tuple(float(level) for level in range(-5, 6))
    tally = tally_of([(0, 0, -4)] * 2 + [(1, 0, 2)] * 3, 2, 1, scale)
    assert compute_one_mode_weights(tally, OneMode.CONGRUENCE)[0, 1] == pytest.approx(2.4)
    assert compute_one_mode_weights(tally, OneMode.CONFLICT)[0, 1] == pytest.approx(3.6)


def test_levels_zero_and_one_give_what_minus_one_and_one_give():
    other = LevelCounts(np.array(COUNTS, float), np.array([0.0, 1.0]))
    for kind in OneMode:
        assert np.array_equal(
            compute_one_mode_weights(other, kind), compute_one_mode_weights(worked(), kind)
        )


def test_weight_over_nothing_is_nothing():
    empty = LevelCounts(np.zeros((2, 3, 2)), np.array(TWO_LEVELS))
    for by in Normalisation:
        assert compute_one_mode_weights(empty, OneMode.SUBTRACT, by).tolist() == [[0, 0], [0, 0]]
    assert (
        compute_two_mode_weights(empty, TwoMode.COUNT, TwoModeShare.ACTIVITY).tolist()
        == [[0] * 3] * 2
    )
    assert (
        compute_two_mode_weights(empty, TwoMode.COUNT, TwoModeShare.PROMINENCE).tolist()
        == [[0] * 3] * 2
    )


def test_strongest_come_first_and_the_rest_is_counted():
    found = select_strongest_edges(worked(), OneMode.SUBTRACT, Normalisation.NONE, most=2)
    assert found.passing == 5
    assert list(zip(found.first, found.second, found.weight, strict=True)) == [
        (1, 2, -5),
        (0, 2, -3),
    ]
    assert found.congruence.tolist() == [0, 1]
    assert found.conflict.tolist() == [5, 4]


def test_what_cancels_out_is_a_contested_edge_and_silence_is_none():
    found = select_strongest_edges(worked(), OneMode.SUBTRACT, Normalisation.JACCARD, most=9)
    contested = found.weight == 0
    assert list(zip(found.first[contested], found.second[contested], strict=True)) == [
        (0, 3),
        (1, 3),
    ]
    assert found.congruence[contested].tolist() == found.conflict[contested].tolist() == [1, 1]
    assert not contested[:3].any()
    cells = select_strongest_cells(worked(), TwoMode.SUBTRACT, TwoModeShare.NONE, most=99)
    assert list(zip(cells.first, cells.second, strict=True))[-1] == (3, 1)


def test_threshold_is_about_size_and_includes_its_own_value():
    found = select_strongest_edges(worked(), OneMode.SUBTRACT, Normalisation.NONE, least=3, most=9)
    assert (found.weight.tolist(), found.passing) == ([-5, -3], 2)


def test_strongest_cells_come_first_with_what_was_said():
    found = select_strongest_cells(worked(), TwoMode.SUBTRACT, TwoModeShare.NONE, least=2, most=9)
    cells = zip(
        found.first, found.second, found.weight, found.congruence, found.conflict, strict=True
    )
    assert [tuple(cell) for cell in cells] == [(1, 3, 3, 3, 0), (0, 0, 2, 2, 0), (2, 0, -2, 0, 2)]
    assert (len(found), found.passing) == (3, 3)


def test_no_actors_have_no_edges():
    empty = LevelCounts(np.zeros((0, 3, 2)), np.array(TWO_LEVELS))
    found = select_strongest_edges(empty, OneMode.SUBTRACT, Normalisation.JACCARD, most=9)
    assert (len(found), found.passing) == (0, 0)


@pytest.mark.parametrize("most", [1, 7, 40, 1000])
def test_blocks_leave_the_edges_that_one_matrix_has(monkeypatch, most):
    monkeypatch.setattr("cstoannot.stats.comparison.networks.PAIRS_AT_ONCE", 90)
    rng = np.random.default_rng(5)
    tally = LevelCounts(rng.poisson(0.6, (30, 6, 3)).astype(float), np.array(THREE_LEVELS))
    for kind in OneMode:
        whole = compute_one_mode_weights(tally, kind, Normalisation.AVERAGE_ACTIVITY)
        met = compute_one_mode_weights(tally, OneMode.CO_MENTION)
        shown = (whole != 0) | ((met != 0) & (kind is OneMode.SUBTRACT))
        pairs = [(i, j) for i in range(30) for j in range(i) if shown[i, j]]
        wanted = sorted((-abs(whole[i, j]), j, i) for i, j in pairs)
        found = select_strongest_edges(tally, kind, Normalisation.AVERAGE_ACTIVITY, most=most)
        got = list(zip(-np.abs(found.weight), found.first, found.second, strict=True))
        assert got == wanted[:most]
        assert found.passing == len(wanted)


@st.composite
def codings(draw):
    scale = draw(st.sampled_from([TWO_LEVELS, THREE_LEVELS]))
    actors, codes = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    passage = st.tuples(
        st.integers(0, actors - 1), st.integers(0, codes - 1), st.sampled_from(scale)
    )
    return draw(st.lists(passage, max_size=25)), actors, codes, scale


@settings(max_examples=60, deadline=None)
@given(codings(), st.sampled_from(OneMode), st.sampled_from(Normalisation))
def test_one_mode_against_the_slow_version(coding, kind, by):
    passages, actors, codes, scale = coding
    found = compute_one_mode_weights(tally_of(passages, actors, codes, scale), kind, by)
    for one in range(actors):
        for other in range(actors):
            wanted = slow.normalised(passages, scale, (kind, by), one, other) if one != other else 0
            assert found[one, other] == pytest.approx(wanted, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(codings(), st.sampled_from(TwoMode))
def test_two_mode_against_the_slow_version(coding, kind):
    passages, actors, codes, scale = coding
    found = compute_two_mode_weights(tally_of(passages, actors, codes, scale), kind)
    for actor in range(actors):
        for code in range(codes):
            assert found[actor, code] == slow.cell(passages, kind, actor, code)


@settings(max_examples=40, deadline=None)
@given(codings(), st.integers(0, 3))
def test_silence_adds_nothing(coding, code):
    """What one actor alone says on a code of its own changes no weight."""
    passages, actors, codes, scale = coding
    before = compute_one_mode_weights(
        tally_of(passages, actors, codes + 1, scale), OneMode.SUBTRACT
    )
    more = [*passages, *[(0, codes, scale[0])] * (code + 1)]
    after = compute_one_mode_weights(tally_of(more, actors, codes + 1, scale), OneMode.SUBTRACT)
    assert np.array_equal(before, after)


# --- repeats


@pytest.mark.parametrize(
    ("day", "week", "month", "year"),
    [
        ("2020-11-25", "2020-W48", "2020-11", "2020"),
        ("2021-01-03", "2020-W53", "2021-01", "2021"),
        ("2024-12-30", "2025-W01", "2024-12", "2024"),
        ("2020-11", "", "2020-11", "2020"),
        ("2020", "", "", "2020"),
        ("", "", "", ""),
    ],
)
def test_window_of_a_date_as_far_as_it_is_known(day, week, month, year):
    found = (
        format_calendar_window(day, rule)
        for rule in (RepeatWindow.WEEK, RepeatWindow.MONTH, RepeatWindow.YEAR)
    )
    assert tuple(found) == (week, month, year)


def test_source_dated_too_coarsely_is_a_window_by_itself():
    dates = ["2020-11", "2020", "2020", "2020-11-02", "", ""]
    assert number_windows(dates, RepeatWindow.MONTH).tolist() == [0, 1, 2, 0, 3, 4]
    assert count_undated_sources(dates, RepeatWindow.MONTH) == 4
    assert (
        count_undated_sources(dates, RepeatWindow.WEEK),
        count_undated_sources(dates, RepeatWindow.SOURCE),
    ) == (5, 0)
    assert number_windows(dates, RepeatWindow.SOURCE).tolist() == [0, 1, 2, 3, 4, 5]
    assert number_windows(dates, RepeatWindow.RANGE).tolist() == [0] * 6


def test_dates_in_time_with_unknown_ones_last():
    assert compute_date_ranks(["", "2021", "2020-11-25", "2021-01", "2021"]).tolist() == [
        3,
        1,
        0,
        2,
        1,
    ]


def ints(*values):
    return np.array(values, np.int64)


def test_first_of_each_window_counts_and_the_next_stands_by():
    found = select_first_passages(
        ints(0, 0, 0, 1), ints(0, 0, 0, 0), ints(1, 0, 1, 1), ints(5, 5, 5, 5), ints(3, 2, 1, 0)
    )
    assert (found.kept.tolist(), found.next.tolist()) == ([1, 2, 3], [-1, 0, -1])


def test_stance_is_ignored_where_it_is_said_so():
    found = select_first_passages(
        *(ints(0, 0, 0, 1), ints(0, 0, 0, 0), ints(1, 0, 1, 1), ints(5, 5, 5, 5)),
        ints(3, 2, 1, 0),
        stance=False,
    )
    assert (found.kept.tolist(), found.next.tolist()) == ([2, 3], [1, -1])


def test_all_are_kept_without_a_window():
    found = select_first_passages(ints(0, 0), ints(0, 0), ints(1, 1), None, ints(1, 0))
    assert (found.kept.tolist(), found.next.tolist()) == ([0, 1], [-1, -1])


@settings(max_examples=60, deadline=None)
@given(codings(), st.data(), st.booleans())
def test_repeats_against_the_slow_version(coding, data, stance):
    passages, *_, scale = coding
    size = len(passages)
    window = data.draw(st.lists(st.integers(0, 2), min_size=size, max_size=size))
    order = data.draw(st.permutations(range(size)))
    columns = np.array(passages, np.int64).reshape(-1, 3).T
    found = select_first_passages(
        *(columns[0], columns[1], np.searchsorted(scale, columns[2])),
        *(ints(*window), ints(*order)),
        stance=stance,
    )
    kept = slow.first_only(passages, window, order, stance=stance)
    assert found.kept.tolist() == kept
    for row, instead in zip(found.kept.tolist(), found.next.tolist(), strict=True):
        left = [place for place in range(size) if place != row]
        again = slow.first_only(
            [passages[n] for n in left], [window[n] for n in left], [order[n] for n in left],
            stance=stance,
        )  # fmt: skip
        came = {left[n] for n in again} - set(kept)
        assert came == ({instead} if instead >= 0 else set())
