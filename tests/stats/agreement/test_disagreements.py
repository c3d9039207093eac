"""Classes of disagreement: one each, and how their counts follow from the measures."""

import random
from collections import Counter

import numpy as np
from hypothesis import given

from cstoannot.stats.agreement.code_intervals import NO_INTERVALS
from cstoannot.stats.agreement.disagreements import (
    ConfusedPair,
    DisagreementKind,
    build_confusion_matrix,
    build_disagreements,
)
from cstoannot.stats.agreement.engine import build_statistics, compute_measure
from cstoannot.stats.agreement.overlaps import match_greedily
from cstoannot.stats.tables import SpanTable
from tests.stats.test_against_slow import few, projects, table_of


def spans_of(*coders, length=100):
    """One source; each coder's passages (start, end, code, stance, voice)."""
    rows = [(coder, *span) for coder, spans in enumerate(coders) for span in spans]
    rows = [(*row, *[0] * (6 - len(row))) for row in rows]
    annotator, start, end, code, stance, voice = np.array(rows, np.int64).reshape(-1, 6).T
    return SpanTable.build(
        lengths=[length],
        finished=[[True] * len(coders)],
        n_codes=3,
        source=np.zeros(len(rows), np.int64),
        annotator=annotator,
        code=code,
        start=start,
        end=end,
        stance=stance,
        voice=voice,
    )


def kinds(table):
    return [
        (case.kind.value, case.start, case.end, case.rows_first, case.rows_second)
        for case in build_disagreements(table)
    ]


def test_equal_passages_are_no_disagreement():
    assert kinds(spans_of([(0, 5, 0)], [(0, 5, 0)])) == []


def test_missed():
    assert kinds(spans_of([(0, 5, 0)], [])) == [("missed", 0, 5, (0,), ())]
    assert kinds(spans_of([], [(0, 5, 0)])) == [("missed", 0, 5, (), (0,))]


def test_passages_that_only_touch_are_missed_by_both():
    found = kinds(spans_of([(0, 5, 0)], [(5, 9, 0)]))
    assert found == [("missed", 0, 5, (0,), ()), ("missed", 5, 9, (), (1,))]


def test_boundary():
    assert kinds(spans_of([(0, 5, 0)], [(1, 9, 0)])) == [("boundary", 0, 9, (0,), (1,))]


def test_one_passage_against_two_is_one_boundary():
    found = build_disagreements(spans_of([(0, 20, 0)], [(0, 8, 0), (10, 20, 0)]))
    assert [case.rows_second for case in found] == [(1, 2)]
    assert found.passages.tolist() == [3]


def test_different_code():
    [case] = build_disagreements(spans_of([(0, 5, 0)], [(0, 6, 1)]))
    assert (case.kind, case.codes) == (DisagreementKind.DIFFERENT_CODE, (0, 1))
    assert (case.rows_first, case.rows_second) == ((0,), (1,))


def test_different_code_needs_a_passage_that_answers_to_nothing_else():
    found = kinds(spans_of([(0, 5, 0)], [(0, 5, 0), (0, 5, 1)]))
    assert found == [("missed", 0, 5, (), (2,))]


def test_stance_and_voice_differ_whatever_the_bounds_are():
    found = kinds(spans_of([(0, 5, 0, 1, 0)], [(0, 6, 0, 2, 7)]))
    assert [kind for kind, *_ in found] == ["boundary", "different_stance", "different_voice"]


def test_each_pair_of_coders_is_looked_at():
    found = build_disagreements(spans_of([(0, 5, 0)], [(0, 5, 0)], []))
    assert [(case.first, case.second) for case in found] == [(0, 2), (1, 2)]


def test_rows_are_places_in_the_arrays_given():
    table = SpanTable.build(
        lengths=[9, 9],
        finished=[[True, True], [True, True]],
        n_codes=1,
        source=[1, 0, 0],
        annotator=[0, 0, 1],
        code=[0, 0, 0],
        start=[0, 2, 2],
        end=[5, 4, 4],
    )
    [case] = build_disagreements(table)
    assert (case.source, case.rows_first) == (1, (0,))


def test_order_of_the_input_changes_nothing():
    rows = [(0, 9, 0), (3, 12, 0), (3, 5, 1), (20, 25, 2), (22, 30, 1), (0, 9, 0)]
    other = [(1, 9, 0), (3, 12, 2), (21, 25, 1), (40, 45, 0)]
    plain = [
        (case.kind, case.start, case.end, case.codes)
        for case in build_disagreements(spans_of(rows, other))
    ]
    mixed = random.Random(3)
    for _ in range(5):
        mixed.shuffle(rows)
        mixed.shuffle(other)
        again = build_disagreements(spans_of(rows, other))
        assert [(case.kind, case.start, case.end, case.codes) for case in again] == plain


@few
@given(project=projects())
def test_counts_follow_from_the_measures(project):
    _, sources = project
    table = table_of(*project)
    found = build_disagreements(table)
    passages = Counter()
    for case, count in zip(found.kind.tolist(), found.passages.tolist(), strict=True):
        passages[list(DisagreementKind)[case]] += count
    views = sum(len(spans) * (len(given_) - 1) for given_ in sources for spans in given_.values())
    places = sum(
        passages[kind]
        for kind in (
            DisagreementKind.BOUNDARY,
            DisagreementKind.DIFFERENT_CODE,
            DisagreementKind.MISSED,
        )
    )
    assert found.total == views == 2 * found.exact + places
    exact = compute_measure(build_statistics("f1_exact", table), intervals=NO_INTERVALS)
    together = sum(pair.result.n for pair in exact.pairs)
    assert together == views
    equal = sum((pair.result.value or 0) * pair.result.n for pair in exact.pairs)
    assert round(equal) == 2 * found.exact
    assert found.count(DisagreementKind.MISSED) == passages[DisagreementKind.MISSED]


def passages_by_code(table):
    """Each once for every other coder who finished its source."""
    others = table.finished.sum(axis=1)[table.source] - 1
    return np.bincount(table.code, others, table.n_codes).astype(np.int64)


@few
@given(project=projects())
def test_confusion_adds_up_to_the_passages(project):
    table = table_of(*project)
    passages = passages_by_code(table)
    found = build_confusion_matrix(build_disagreements(table), passages)
    assert (found.matrix.sum(axis=1) + found.missed).tolist() == passages.tolist()
    assert (found.matrix >= 0).all()
    assert (found.matrix == found.matrix.T).all()


def test_confusion_names_the_codes_mixed_up():
    table = spans_of([(0, 5, 0), (9, 12, 0), (20, 22, 2)], [(0, 6, 1), (8, 12, 1), (20, 22, 0)])
    passages = passages_by_code(table)
    assert build_confusion_matrix(build_disagreements(table), passages).mixed() == [
        ConfusedPair(0, 1, 2),
        ConfusedPair(0, 2, 1),
    ]


def test_greedy_takes_what_going_through_one_by_one_would():
    numbers = random.Random(7)
    for _ in range(50):
        edges = [(numbers.randrange(9), 9 + numbers.randrange(9)) for _ in range(30)]
        one, other = np.array(edges, np.int64).T
        taken, free = [], set(range(18))
        for place, (a, b) in enumerate(edges):
            if a in free and b in free:
                free -= {a, b}
                taken.append(place)
        assert match_greedily(one, other, 18).tolist() == taken


def test_greedy_follows_long_chains():
    """Each edge takes the place of the next one's: a round an edge."""
    size = 60
    one, other = np.arange(size) // 2 * 2 + 0, (np.arange(size) + 1) // 2 * 2 + 1
    assert match_greedily(one, other, size + 3).tolist() == list(range(0, size, 2))
