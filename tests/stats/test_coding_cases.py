"""Coefficients of given units against published tables, each named by paper and page."""

import numpy as np

from cstoannot.stats.agreement.resampling import BootstrapDraws, bootstrap_krippendorff_alpha
from cstoannot.stats.agreement.unit_intervals import compute_analytic_interval, compute_gwet_error
from tests.stats.cases import (
    CASES,
    counts_of,
    levels_of,
    measure_rows,
    parametrized,
    rows_of,
    same,
)
from tests.stats.reference import slow

KEYS = {"light_kappa": "cohen_kappa", "alpha_nominal": "krippendorff_alpha"}
ALPHAS = "alpha_"
OF_CATEGORIES = ("gwet_ac1", "brennan_prediger")


def _reference_value(case):
    name, rows = case["measure"], rows_of(case["data"])
    if name.startswith(ALPHAS):
        return slow.krippendorff_alpha(rows, name.removeprefix(ALPHAS))
    if name in OF_CATEGORIES:
        return getattr(slow, name)(rows, case["data"].get("categories"))
    return getattr(slow, name)(rows)


def _is_measured(case):
    """Whether a project's overall value follows from the same data in the same way."""
    rows = rows_of(case["data"])
    if case["measure"] in OF_CATEGORIES:
        return len(levels_of(rows)) == len(case["data"].get("categories", (0, 1))) == 2
    if case["measure"] == "fleiss_kappa":
        return all(len(row) - row.count(None) != 1 for row in rows)
    return case["measure"] in {*KEYS, "percent_agreement", "cohen_kappa", "scott_pi"}


def _measured_value(case):
    key, rows = KEYS.get(case["measure"], case["measure"]), rows_of(case["data"])
    measured = measure_rows(key, rows)
    if key in OF_CATEGORIES:
        return measured.codes[0].result.value
    if key == "percent_agreement":  # a unit that differs does so for two of the codes
        return 1 - (1 - measured.overall.value) * len(levels_of(rows)) / 2
    return measured.overall.value


def _check_value(value, case):
    assert same(value, case["expected"], case["tolerance"])
    if case["exact"] is not None:
        assert same(value, case["exact"], 1e-9)


@parametrized("coding/", "chars/")
def test_value_of_the_reference(case):
    value = _reference_value(case)
    _check_value(None if np.isnan(value) else value, case)


@parametrized("coding/", "chars/", where=_is_measured)
def test_value(case):
    _check_value(_measured_value(case), case)


@parametrized("percode/")
def test_value_of_each_code(case):
    """The dichotomy of the code against all others; DKPro's Cohen per category is Scott's π."""
    rows = rows_of(case["data"])
    measured = measure_rows(KEYS.get(case["measure"], case["measure"]), rows)
    found = {
        str(level): code.result for level, code in zip(levels_of(rows), measured.codes, strict=True)
    }
    for name, exact in case["exact"].items():
        assert same(found[name].value, exact, 1e-9)


@parametrized("ci/gwet")
def test_analytic_interval(case):
    rows, value = rows_of(case["data"]), _reference_value(case)
    if case["measure"] == "cohen_kappa":
        error = slow.cohen_error(rows)
    else:
        key = KEYS.get(case["measure"], case["measure"])
        error = compute_gwet_error(key, counts_of(rows, case["data"].get("categories")))
        if case["data"]["format"] not in {"units_by_raters", "weighted_units"}:
            # Gwet's formula for a table of two raters divides by n², his others by n(n − 1).
            error = error[0] * ((error[1] - 1) / error[1]) ** 0.5, error[1]
    interval = compute_analytic_interval(value, error)
    expected, tolerance = case["expected"], case["tolerance"]
    assert same(interval.low, expected["ci_low"], tolerance)
    assert same(interval.high, expected["ci_high"], tolerance)
    assert same(value, expected.get("coefficient_value", value), tolerance)
    assert same(error[0], expected.get("se", error[0]), tolerance)


def test_bootstrap_over_units_krippendorff_2004_p230():
    case = CASES["ci/bootstrap_units/krippendorff2004_p230"]
    draws = BootstrapDraws(replicates=100_000)
    found = measure_rows("krippendorff_alpha", rows_of(case["data"]), draws).overall.interval
    assert same(found.low, case["expected"]["ci_low"], case["tolerance"])
    assert same(found.high, case["expected"]["ci_high"], case["tolerance"])
    assert found.undefined == 0


def test_krippendorffs_bootstrap_hayes_and_krippendorff_2007():
    """[.708, .808] from 239 pairs, and 94.5 % of replicates below .800."""
    rows = rows_of(CASES["coding/hayes_krippendorff2007/alpha_ordinal"]["data"])
    _, replicates = slow.krippendorff_bootstrap(rows, "ordinal", 5000)
    low, high = np.percentile(replicates, [2.5, 97.5])
    assert same(float(low), 0.708, 0.004)
    assert same(float(high), 0.808, 0.004)
    assert same(float(np.mean(np.array(replicates) < 0.8)), 0.945, 0.015)


def test_krippendorffs_bootstrap_of_nominal_data():
    rows = rows_of(CASES["coding/hayes_krippendorff2007/alpha_ordinal"]["data"])
    draws = BootstrapDraws(replicates=5000)
    interval, _ = bootstrap_krippendorff_alpha(counts_of(rows), draws)
    expected = np.percentile(slow.krippendorff_bootstrap(rows, "nominal", 5000)[1], [2.5, 97.5])
    assert same(interval.low, expected[0], 0.006)
    assert same(interval.high, expected[1], 0.006)
    assert interval.drawn == 239
    of_units = measure_rows("krippendorff_alpha", rows, draws).overall.interval
    assert of_units.low < interval.low < interval.high < of_units.high
