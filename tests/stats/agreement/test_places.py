"""Places in dispute are what a slow version finds by looking at every two passages."""

import numpy as np
from hypothesis import given

from cstoannot.stats.agreement.disagreements import DisagreementKind, build_disagreements
from cstoannot.stats.agreement.places import group_disputed_places
from tests.stats.agreement.test_disagreements import spans_of
from tests.stats.test_against_slow import few, projects, table_of


def group(table):
    found = build_disagreements(table)
    return group_disputed_places(table, found, np.arange(len(found)))


def shown(table):
    places = group(table)
    columns = (places.start.tolist(), places.end.tolist())
    return [
        (start, end, len(places.spans_of(number)))
        for number, (start, end) in enumerate(zip(*columns, strict=True))
    ]


def group_slowly(table):
    """The rows of each place: passages that overlap in one code, or that a case links."""
    cases = list(build_disagreements(table))
    linked = [
        {*case.rows_first, *case.rows_second}
        for case in cases
        if case.kind is DisagreementKind.DIFFERENT_CODE
    ]
    for one in range(len(table)):
        linked += [
            {int(table.row[one]), int(table.row[other])}
            for other in range(len(table))
            if table.source[one] == table.source[other]
            and table.code[one] == table.code[other]
            and table.start[one] < table.end[other]
            and table.start[other] < table.end[one]
        ]
    places: list[set[int]] = []
    for link in linked:
        joined = [place for place in places if place & link]
        places = [place for place in places if not place & link] + [link.union(*joined)]
    disputed = {row for case in cases for row in (*case.rows_first, *case.rows_second)}
    return sorted(sorted(place) for place in places if place & disputed)


@few
@given(project=projects())
def test_places_are_those_found_slowly(project):
    table = table_of(*project)
    places = group(table)
    rows = [sorted(table.row[places.spans_of(place)].tolist()) for place in range(len(places))]
    assert sorted(rows) == group_slowly(table)
    for number, case in enumerate(build_disagreements(table)):
        assert {*case.rows_first, *case.rows_second} <= set(rows[places.of_case[number]])


def test_three_coders_who_differ_are_at_one_place():
    assert shown(spans_of([(0, 20, 0, 1)], [(2, 20, 0, 2)], [])) == [(0, 20, 2)]


def test_codes_are_joined_only_where_one_stands_for_another():
    assert shown(spans_of([(0, 20, 0)], [(5, 25, 1)])) == [(0, 25, 2)]
    both = [(0, 20, 0), (5, 25, 1)]
    assert shown(spans_of(both, both, [])) == [(0, 20, 2), (5, 25, 2)]


def test_chain_of_overlaps_across_codes_is_not_one_place():
    chain = [(start, start + 12, start // 10 % 3) for start in range(0, 80, 10)]
    assert len(shown(spans_of(chain, []))) == len(chain)


def test_no_passages_are_no_places():
    assert shown(spans_of([], [])) == []
