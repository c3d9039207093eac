"""The test of a difference: against its definition, and how often it errs where there is none."""

import math

import numpy as np
import pytest
from scipy import stats

from cstoannot.stats.agreement.difference import (
    ComparedValue,
    NoTestReason,
    compare_coders,
    compare_codes,
    compute_difference_test,
)
from cstoannot.stats.agreement.engine import build_statistics
from cstoannot.stats.agreement.student_t import compute_student_p
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.tables import SpanTable, Units
from tests.stats import slow_jackknife

SENTENCES = 40
ALPHA = MEASURES["krippendorff_alpha"].binary


def simulate(random, sources, errors, codes=1):
    """Documents of units of the sets that coders give, who err with these chances (coder, code)."""
    truth = random.random((sources, codes, SENTENCES // 2)) < 0.25
    truth = np.repeat(truth, 2, axis=2)[:, None]
    hard = random.uniform(0.5, 1.5, sources)[:, None, None, None]
    chance = np.asarray(errors, float).reshape(1, -1, codes, 1) * hard
    return truth ^ (random.random((sources, chance.shape[1], codes, SENTENCES)) < chance)


def table_of(marked):
    sources, coders, codes, _ = marked.shape
    source, annotator, code, unit = np.nonzero(marked)
    spans = SpanTable.build(
        lengths=[SENTENCES] * sources,
        finished=np.ones((sources, coders), bool),
        n_codes=codes,
        source=source,
        annotator=annotator,
        code=code,
        start=unit,
        end=unit + 1,
    )
    units = Units.characters(spans.lengths)
    return build_statistics("krippendorff_alpha", spans, units).table.select()


def documents_of(marked, code):
    return [
        [[{0} if has else set() for has in unit] for unit in source[:, code].T] for source in marked
    ]


def slow_test(first, second):
    """From documents on both sides, each document left out of both at once."""

    def log(documents, added):
        return math.log(slow_jackknife.alpha(documents, added, [0]))

    count = len(first)
    apart = log(first, 1) - log(second, 1)
    without = []
    for left in range(count):
        one, other = (side[:left] + side[left + 1 :] for side in (first, second))
        share = (count - 1) / count
        without.append(log(one, share) - log(other, share))
    mean = sum(without) / count
    error = math.sqrt((count - 1) / count * sum((one - mean) ** 2 for one in without))
    runs = [slow_jackknife.count_runs(side, [0]) for side in (first, second)]
    error = max(error, math.sqrt(sum(1 / (k + 1) for k in runs)))
    return apart, error, 2 * stats.t.sf(abs(apart / error), count - 1)


@pytest.mark.parametrize("seed", range(5))
def test_two_codes_are_compared_as_defined(seed):
    marked = simulate(np.random.default_rng(seed), 8, [[0.05, 0.1]] * 3, codes=2)
    found = compare_codes(table_of(marked), (0, 1), ALPHA)
    apart, error, p = slow_test(documents_of(marked, 0), documents_of(marked, 1))
    assert found.ratio == pytest.approx(math.exp(apart))
    assert found.p == pytest.approx(p)
    reach = stats.t.ppf(0.975, 7) * error
    assert (found.low, found.high) == pytest.approx(
        (math.exp(apart - reach), math.exp(apart + reach))
    )
    swapped = compare_codes(table_of(marked), (1, 0), ALPHA)
    assert swapped.p == pytest.approx(found.p)
    assert swapped.ratio == pytest.approx(1 / found.ratio)


@pytest.mark.parametrize("seed", range(5))
def test_two_coders_are_compared_as_defined(seed):
    marked = simulate(np.random.default_rng(seed), 6, [[0.05], [0.1], [0.02], [0.05]])
    found = compare_coders(table_of(marked), np.array([0]), (0, 1))
    sides = []
    for coder in (0, 1):
        others = [other for other in range(4) if other != coder]
        sides.append(
            [
                [
                    [{0} if unit[coder] else set(), {0} if sum(unit[others]) > 1.5 else set()]
                    for unit in source[:, 0].T
                ]
                for source in marked
            ]
        )
    apart, _, p = slow_test(*sides)
    assert found.ratio == pytest.approx(math.exp(apart))
    assert found.p == pytest.approx(p)


@pytest.mark.parametrize("sources", [5, 10, 30])
def test_equal_coders_differ_in_at_most_one_of_twenty_cases(sources):
    """And coders who err three times as often are found, with enough sources."""
    random = np.random.default_rng(5)
    alike, unlike = 0, 0
    for _ in range(200):
        marked = simulate(random, sources, [[0.05], [0.05], [0.05]])
        alike += compare_coders(table_of(marked), np.array([0]), (0, 1)).p < 0.05
        marked = simulate(random, sources, [[0.15], [0.05], [0.05]])
        unlike += compare_coders(table_of(marked), np.array([0]), (0, 1)).p < 0.05
    assert alike / 200 <= 0.08
    assert sources < 30 or unlike / 200 > 0.9


def test_what_cannot_be_tested_has_a_reason():
    def side(plain, *without):
        return ComparedValue(plain, plain + 0.1, np.array(without), 3)

    def reason(first, second):
        return compute_difference_test(first, second).reason

    good = side(0.2, 0.2, 0.3, 0.2)
    assert reason(good, side(math.nan, 0.2, 0.2, 0.2)) is NoTestReason.UNDEFINED
    assert reason(side(0.2, 0.2, 0.2), side(0.2, 0.2, 0.2)) is NoTestReason.FEW_SOURCES
    assert reason(side(0.0, 0.1, 0.1, 0.1), side(0.0, 0.1, 0.1, 0.1)) is (
        NoTestReason.NO_DISAGREEMENT
    )
    assert reason(good, side(0.2, math.nan, 0.2, 0.2)) is (
        NoTestReason.UNDEFINED_WITHOUT_SOME_SOURCE
    )
    assert compute_difference_test(good, good).p == pytest.approx(1)


@pytest.mark.parametrize("freedom", [1, 2, 5, 30, 999, 1001, 5000])
@pytest.mark.parametrize("statistic", [-3.0, 0.0, 0.5, 2.2])
def test_p_values_are_those_of_students_t(statistic, freedom):
    expected = 2 * stats.t.sf(abs(statistic), freedom)
    assert compute_student_p(statistic, freedom) == pytest.approx(expected, rel=1e-4, abs=1e-12)
