"""Which passage carries an edge: the answer is that of taking it away and weighing anew."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cstoannot.stats.carrying import (
    Counted,
    Removals,
    carried,
    cells_carried,
    cells_without,
    weight_of,
    without,
)
from cstoannot.stats.networks import TWO_LEVELS, OneMode, Tally, TwoMode, one_mode, two_mode
from cstoannot.stats.repeats import firsts
from tests.stats.test_networks import codings, tally_of, worked


def counted_of(passages, scale, instead=None):
    actor, code, level = np.array(passages, np.int64).reshape(-1, 3).T
    none = np.full(len(actor), -1)
    return Counted(actor, code, np.searchsorted(scale, level), none if instead is None else instead)


def test_edge_on_one_passage_is_carried_by_it():
    passages = [(0, 0, 1), (1, 0, 1), (0, 1, 1), (1, 1, -1), (1, 0, 1)]
    tally = tally_of(passages, 2, 2, TWO_LEVELS)
    counted = counted_of(passages, TWO_LEVELS)
    assert weight_of(tally, OneMode.SUBTRACT, 0, 1) == 1
    left = without(tally, OneMode.SUBTRACT, 0, 1, counted)
    assert left.tolist() == [-1, 0, 2, 2, 0]
    pair = np.array([0]), np.array([1])
    assert carried(tally, OneMode.SUBTRACT, *pair, Removals.of(tally, counted)).tolist() == [True]


def test_edge_on_many_passages_is_carried_by_none():
    passages = [(actor, code, 1) for actor in (0, 1) for code in range(4)]
    tally = tally_of(passages, 2, 4, TWO_LEVELS)
    pair = np.array([0]), np.array([1])
    counted = counted_of(passages, TWO_LEVELS)
    assert carried(tally, OneMode.SUBTRACT, *pair, Removals.of(tally, counted)).tolist() == [False]


def test_passages_of_others_change_nothing():
    left = without(
        worked(), OneMode.SUBTRACT, 0, 1, counted_of([(2, 0, -1), (3, 1, 1)], TWO_LEVELS)
    )
    assert left.tolist() == [1, 1]


def test_repeat_takes_the_place_of_what_is_removed():
    """Actor 0 supports first and opposes again: without the first, the second counts."""
    passages = [(0, 0, 1), (0, 0, -1), (1, 0, 1)]
    columns = counted_of(passages, TWO_LEVELS)
    found = firsts(
        *(columns.actor, columns.code, columns.level, np.zeros(3, np.int64), np.arange(3)),
        stance=False,
    )
    assert found.kept.tolist() == [0, 2]
    instead = np.where(found.next >= 0, columns.level[found.next], -1)
    counted = counted_of([passages[0], passages[2]], TWO_LEVELS, instead)
    tally = tally_of([passages[0], passages[2]], 2, 1, TWO_LEVELS)
    assert without(tally, OneMode.SUBTRACT, 0, 1, counted).tolist() == [-1, 0]


@settings(max_examples=80, deadline=None)
@given(codings(), st.sampled_from(OneMode))
def test_leaving_out_against_weighing_anew(coding, kind):
    passages, actors, codes, scale = coding
    tally, counted = tally_of(passages, actors, codes, scale), counted_of(passages, scale)
    first, second = np.triu_indices(actors, 1)
    whole = one_mode(tally, kind)
    changes = np.zeros((len(passages), len(first)), bool)
    for place in range(len(passages)):
        rest = one_mode(
            tally_of(passages[:place] + passages[place + 1 :], actors, codes, scale), kind
        )
        for edge, (one, other) in enumerate(zip(first, second, strict=True)):
            left = without(tally, kind, one, other, counted)[place]
            assert left == pytest.approx(rest[one, other])
            changes[place, edge] = np.sign(left) != np.sign(whole[one, other])
    assert (
        carried(tally, kind, first, second, Removals.of(tally, counted)).tolist()
        == changes.any(axis=0).tolist()
    )


def test_chunks_answer_as_one(monkeypatch):
    rng = np.random.default_rng(2)
    counts = rng.poisson(0.2, (20, 8, 2)).astype(float)
    tally = Tally(counts, np.array(TWO_LEVELS))
    places = np.nonzero(counts)
    counted = Counted(*places, np.full(len(places[0]), -1))
    possible = Removals.of(tally, counted)
    pairs = np.triu_indices(20, 1)
    whole = carried(tally, OneMode.SUBTRACT, *pairs, possible)
    monkeypatch.setattr("cstoannot.stats.carrying.CELLS_AT_ONCE", 24)
    assert carried(tally, OneMode.SUBTRACT, *pairs, possible).tolist() == whole.tolist()
    assert 0 < whole.sum() < len(whole)


@settings(max_examples=60, deadline=None)
@given(codings(), st.sampled_from(TwoMode))
def test_cells_without_a_passage_against_counting_anew(coding, kind):
    passages, actors, codes, scale = coding
    tally, counted = tally_of(passages, actors, codes, scale), counted_of(passages, scale)
    whole, left = two_mode(tally, kind), cells_without(tally, kind, counted)
    carries = np.zeros(whole.shape, bool)
    for place, (actor, code, _) in enumerate(passages):
        rest = passages[:place] + passages[place + 1 :]
        anew = two_mode(tally_of(rest, actors, codes, scale), kind)[actor, code]
        assert left[place] == anew
        if kind is TwoMode.COMBINE:
            carries[actor, code] |= anew != whole[actor, code]
        else:
            carries[actor, code] |= np.sign(anew) != np.sign(whole[actor, code])
    assert np.array_equal(cells_carried(tally, kind, counted), carries)
