"""Places to decide, with decisions of any kind, against the slow grouping by definition."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cstoannot.stats.agreement.decidable_places import (
    DecidedState,
    WeighedDecisions,
    group_decidable_places,
)
from cstoannot.stats.agreement.disagreements import DisagreementKind, build_disagreements
from cstoannot.stats.tables import SpanTable
from tests.stats.slow_decidable_places import group_slowly

SOURCES, CODERS, CODES, LENGTH = 2, 3, 3, 20


@st.composite
def stretches(draw):
    start = draw(st.integers(0, LENGTH - 1))
    return start, draw(st.integers(start + 1, min(start + 8, LENGTH)))


@st.composite
def coded_sources(draw):
    """Passages as (source, annotator, code, start, end), by source, and decisions of them."""
    marks = st.tuples(st.integers(0, CODERS - 1), st.integers(0, CODES - 1), stretches())
    passages = [
        (source, coder, code, *bounds)
        for source in range(SOURCES)
        for coder, code, bounds in draw(st.lists(marks, max_size=8))
    ]
    decisions = []
    for _ in range(draw(st.integers(0, 4))):
        source = draw(st.integers(0, SOURCES - 1))
        there = [number for number, one in enumerate(passages) if one[0] == source]
        chosen = draw(st.sets(st.sampled_from(there), max_size=3)) if there else set()
        weighed = {number: draw(st.booleans()) for number in sorted(chosen)}
        made = [
            (code, *bounds)
            for code, bounds in draw(
                st.lists(st.tuples(st.integers(0, CODES - 1), stretches()), max_size=2)
            )
        ]
        decisions.append((source, *draw(stretches()), weighed, made, draw(st.booleans())))
    return passages, decisions


def build_table(passages):
    source, annotator, code, start, end = np.array(passages, np.int64).reshape(-1, 5).T
    return SpanTable.build(
        lengths=[LENGTH] * SOURCES,
        finished=[[True] * CODERS] * SOURCES,
        n_codes=CODES,
        source=source,
        annotator=annotator,
        code=code,
        start=start,
        end=end,
    )


def build_weighed(decisions):
    weighed = [
        (number, span, same)
        for number, (*_, chosen, _, _) in enumerate(decisions)
        for span, same in chosen.items()
    ]
    made = [(number, *one) for number, (*_, left, _) in enumerate(decisions) for one in left]
    pairs = np.array(weighed, np.int64).reshape(-1, 3).T
    places = np.array([one[:3] for one in decisions], np.int64).reshape(-1, 3).T
    return WeighedDecisions(
        *places,
        np.array([one[-1] for one in decisions], bool),
        pairs[0],
        pairs[1],
        pairs[2].astype(bool),
        *np.array(made, np.int64).reshape(-1, 4).T,
    )


@settings(max_examples=60, deadline=None)
@given(coded_sources(), st.data())
def test_places_are_those_of_the_definition(coded, data):
    passages, decisions = coded
    spans = build_table(passages)
    found = build_disagreements(spans)
    size = len(found)
    linking = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)), bool)
    different = {
        (*case.rows_first, *case.rows_second)
        for case, counts in zip(found, linking, strict=True)
        if counts and case.kind == DisagreementKind.DIFFERENT_CODE
    }
    table = group_decidable_places(spans, found, linking, build_weighed(decisions))
    stated = [(source, code, start, end) for source, _, code, start, end in passages]
    places = [
        (
            *(int(column[place]) for column in (table.source, table.start, table.end)),
            DecidedState(int(table.state[place])).name.lower(),
            sorted(table.spans_of(place).tolist()),
            sorted(table.decisions_of(place).tolist()),
        )
        for place in range(len(table))
    ]
    assert sorted(places) == group_slowly(stated, different, decisions)
    check_order(table, passages, decisions)


def check_order(table, passages, decisions):
    """Places, their passages and their decisions are ordered, and point back to their place."""
    bounds = list(zip(table.source, table.start, table.end, strict=True))
    assert bounds == sorted(bounds)
    for place in range(len(table)):
        inside, decided = table.spans_of(place), table.decisions_of(place)
        assert set(table.of_span[inside]) | set(table.of_decision[decided]) == {place}
        held = [(passages[n][1], *passages[n][3:]) for n in inside]
        starts = [decisions[n][1] for n in decided]
        assert (held, starts) == (sorted(held), sorted(starts))


def test_chain_of_codes_is_joined_by_disagreements_alone():
    """Two coders, three codes: what overlaps under different codes of one coder stays apart."""
    passages = [(0, 0, 0, 0, 6), (0, 1, 1, 0, 6), (0, 0, 2, 4, 9), (0, 1, 2, 5, 9)]
    spans = build_table(passages)
    found = build_disagreements(spans)
    table = group_decidable_places(spans, found, np.ones(len(found), bool), build_weighed([]))
    assert [table.spans_of(place).tolist() for place in range(len(table))] == [[0, 1], [2, 3]]
    apart = group_decidable_places(spans, found, np.zeros(len(found), bool), build_weighed([]))
    assert [apart.spans_of(place).tolist() for place in range(len(apart))] == [[0], [1], [2, 3]]


def test_decisions_that_weighed_one_passage_differently_are_looked_at_again():
    """One of them weighed a version that is no more, though another one weighed the present one."""
    passages = [(0, 0, 0, 0, 6)]
    spans = build_table(passages)
    found = build_disagreements(spans)
    linking = np.ones(len(found), bool)
    for same in combinations([True, True, False], 2):
        decisions = [(0, 0, 6, {0: one}, [], False) for one in same]
        weighed = build_weighed(decisions)
        table = group_decidable_places(spans, found, linking, weighed)
        expected = DecidedState.DECIDED if all(same) else DecidedState.AGAIN
        assert table.state.tolist() == [expected]
