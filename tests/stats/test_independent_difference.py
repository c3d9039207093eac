"""The test of a difference between two rounds: what it finds, and how often it errs."""

import numpy as np
import pytest

from cstoannot.stats.agreement.difference import NoTestReason
from cstoannot.stats.agreement.independent_difference import compare_independent_values
from cstoannot.stats.results import Coefficient, UndefinedReason
from tests.stats.test_more_sources import simulate, with_interval


def test_clear_difference_is_found_and_its_ratio_is_that_of_the_disagreements():
    random = np.random.default_rng(2)
    found = compare_independent_values(
        simulate(random, 30, 0.2, 0.4), simulate(random, 30, 0.2, 0.1)
    )
    assert found.p < 0.001
    assert found.ratio == pytest.approx((1 - found.first) / (1 - found.second), rel=0.05)
    assert found.low < found.ratio < found.high
    assert found.sources == 60


def test_rounds_that_do_not_differ_are_rarely_told_apart():
    random = np.random.default_rng(3)
    tests = [
        compare_independent_values(simulate(random, 10, 0.2, 0.3), simulate(random, 14, 0.2, 0.3))
        for _ in range(120)
    ]
    assert np.mean([one.p < 0.05 for one in tests]) < 0.1


def test_the_order_turns_the_ratio_over():
    one, other = with_interval(0.6, 0.4, 0.75), with_interval(0.8, 0.7, 0.87)
    first, second = (compare_independent_values(*pair) for pair in ((one, other), (other, one)))
    assert first.ratio == pytest.approx(1 / second.ratio)
    assert first.p == pytest.approx(second.p)


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (Coefficient(None, UndefinedReason.SINGLE_CATEGORY, 9, 3), NoTestReason.UNDEFINED),
        (Coefficient(0.8, None, 9, 3), NoTestReason.FEW_SOURCES),
    ],
)
def test_without_an_interval_there_is_no_test(one, reason):
    found = compare_independent_values(one, with_interval(0.8, 0.7, 0.87))
    assert (found.p, found.reason) == (None, reason)


def test_without_disagreement_there_is_no_test():
    whole = with_interval(1.0, 0.8, 1.0)
    assert compare_independent_values(whole, whole).reason is NoTestReason.NO_DISAGREEMENT
