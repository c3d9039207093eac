"""Which passage carries an edge: the answer is that of taking it away and weighing anew."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cstoannot.stats.comparison.leave_one_out import (
    CountedPassages,
    PossibleRemovals,
    compute_cells_without,
    compute_edge_weight,
    compute_weights_without,
    mark_pivotal_cells,
    mark_pivotal_edges,
)
from cstoannot.stats.comparison.networks import (
    TWO_LEVELS,
    LevelCounts,
    OneMode,
    TwoMode,
    compute_one_mode_weights,
    compute_two_mode_weights,
)
from cstoannot.stats.comparison.repeats import select_first_passages
from tests.stats.comparison.test_networks import codings, tally_of, worked


def counted_of(passages, scale, instead=None):
    actor, code, level = np.array(passages, np.int64).reshape(-1, 3).T
    none = np.full(len(actor), -1)
    return CountedPassages(
        actor, code, np.searchsorted(scale, level), none if instead is None else instead
    )


def test_edge_on_one_passage_is_carried_by_it():
    passages = [(0, 0, 1), (1, 0, 1), (0, 1, 1), (1, 1, -1), (1, 0, 1)]
    tally = tally_of(passages, 2, 2, TWO_LEVELS)
    counted = counted_of(passages, TWO_LEVELS)
    assert compute_edge_weight(tally, OneMode.SUBTRACT, 0, 1) == 1
    left = compute_weights_without(tally, OneMode.SUBTRACT, 0, 1, counted)
    assert left.tolist() == [-1, 0, 2, 2, 0]
    pair = np.array([0]), np.array([1])
    assert mark_pivotal_edges(
        tally, OneMode.SUBTRACT, *pair, PossibleRemovals.of(tally, counted)
    ).tolist() == [True]


def test_edge_on_many_passages_is_carried_by_none():
    passages = [(actor, code, 1) for actor in (0, 1) for code in range(4)]
    tally = tally_of(passages, 2, 4, TWO_LEVELS)
    pair = np.array([0]), np.array([1])
    counted = counted_of(passages, TWO_LEVELS)
    assert mark_pivotal_edges(
        tally, OneMode.SUBTRACT, *pair, PossibleRemovals.of(tally, counted)
    ).tolist() == [False]


def test_passages_of_others_change_nothing():
    left = compute_weights_without(
        worked(), OneMode.SUBTRACT, 0, 1, counted_of([(2, 0, -1), (3, 1, 1)], TWO_LEVELS)
    )
    assert left.tolist() == [1, 1]


def test_repeat_takes_the_place_of_what_is_removed():
    """Actor 0 supports first and opposes again: without the first, the second counts."""
    passages = [(0, 0, 1), (0, 0, -1), (1, 0, 1)]
    columns = counted_of(passages, TWO_LEVELS)
    found = select_first_passages(
        *(columns.actor, columns.code, columns.level, np.zeros(3, np.int64), np.arange(3)),
        stance=False,
    )
    assert found.kept.tolist() == [0, 2]
    instead = np.where(found.next >= 0, columns.level[found.next], -1)
    counted = counted_of([passages[0], passages[2]], TWO_LEVELS, instead)
    tally = tally_of([passages[0], passages[2]], 2, 1, TWO_LEVELS)
    assert compute_weights_without(tally, OneMode.SUBTRACT, 0, 1, counted).tolist() == [-1, 0]


@settings(max_examples=80, deadline=None)
@given(codings(), st.sampled_from(OneMode))
def test_leaving_out_against_weighing_anew(coding, kind):
    passages, actors, codes, scale = coding
    tally, counted = tally_of(passages, actors, codes, scale), counted_of(passages, scale)
    first, second = np.triu_indices(actors, 1)
    whole = compute_one_mode_weights(tally, kind)
    changes = np.zeros((len(passages), len(first)), bool)
    for place in range(len(passages)):
        rest = compute_one_mode_weights(
            tally_of(passages[:place] + passages[place + 1 :], actors, codes, scale), kind
        )
        for edge, (one, other) in enumerate(zip(first, second, strict=True)):
            left = compute_weights_without(tally, kind, one, other, counted)[place]
            assert left == pytest.approx(rest[one, other])
            changes[place, edge] = np.sign(left) != np.sign(whole[one, other])
    assert (
        mark_pivotal_edges(tally, kind, first, second, PossibleRemovals.of(tally, counted)).tolist()
        == changes.any(axis=0).tolist()
    )


def test_chunks_answer_as_one(monkeypatch):
    rng = np.random.default_rng(2)
    counts = rng.poisson(0.2, (20, 8, 2)).astype(float)
    tally = LevelCounts(counts, np.array(TWO_LEVELS))
    places = np.nonzero(counts)
    counted = CountedPassages(*places, np.full(len(places[0]), -1))
    possible = PossibleRemovals.of(tally, counted)
    pairs = np.triu_indices(20, 1)
    whole = mark_pivotal_edges(tally, OneMode.SUBTRACT, *pairs, possible)
    monkeypatch.setattr("cstoannot.stats.comparison.leave_one_out.CELLS_AT_ONCE", 24)
    assert mark_pivotal_edges(tally, OneMode.SUBTRACT, *pairs, possible).tolist() == whole.tolist()
    assert 0 < whole.sum() < len(whole)


@settings(max_examples=60, deadline=None)
@given(codings(), st.sampled_from(TwoMode))
def test_cells_without_a_passage_against_counting_anew(coding, kind):
    passages, actors, codes, scale = coding
    tally, counted = tally_of(passages, actors, codes, scale), counted_of(passages, scale)
    whole, left = compute_two_mode_weights(tally, kind), compute_cells_without(tally, kind, counted)
    carries = np.zeros(whole.shape, bool)
    for place, (actor, code, _) in enumerate(passages):
        rest = passages[:place] + passages[place + 1 :]
        anew = compute_two_mode_weights(tally_of(rest, actors, codes, scale), kind)[actor, code]
        assert left[place] == anew
        if kind is TwoMode.COMBINE:
            carries[actor, code] |= anew != whole[actor, code]
        else:
            carries[actor, code] |= np.sign(anew) != np.sign(whole[actor, code])
    assert np.array_equal(mark_pivotal_cells(tally, kind, counted), carries)
