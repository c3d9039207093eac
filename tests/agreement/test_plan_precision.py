"""The precision that a plan promises, from the coding so far."""

import pytest

from cstoannot.agreement.plan_precision import estimate_plan_precision
from cstoannot.core.errors import Forbidden
from cstoannot.sources.queries import visible_sources


def ids(lead):
    return list(visible_sources(lead).values_list("pk", flat=True))


def test_more_sources_make_the_intervals_narrower(lead):
    few = estimate_plan_precision(lead, dict.fromkeys(ids(lead), 3))
    many = estimate_plan_precision(lead, dict.fromkeys([*ids(lead), *range(10**6, 10**6 + 40)], 3))
    assert (few.sources, few.so_far, many.sources) == (5, 5, 45)
    pairs = [
        (one.expected, other.expected)
        for one, other in zip(few.codes, many.codes, strict=True)
        if one.expected is not None
    ]
    assert len(pairs) > 5
    assert all(later < before for before, later in pairs)


def test_as_the_coding_is_so_is_what_is_expected_of_the_same_again(lead):
    found = estimate_plan_precision(lead, dict.fromkeys(ids(lead), 3))
    for one in found.codes:
        interval = one.result.interval
        if interval is not None and one.result.value < 1 and one.expected is not None:
            assert one.expected == pytest.approx((interval.high - interval.low) / 2, rel=0.05)


def test_sources_of_one_coder_promise_nothing(lead):
    found = estimate_plan_precision(lead, dict.fromkeys(range(10**6, 10**6 + 9), 1))
    assert found.sources == 5
    assert {one.expected for one in found.codes} == {None}


def test_only_those_who_see_all_coding_may_ask(world):
    with pytest.raises(Forbidden):
        estimate_plan_precision(world.scope(world.bob), {})
