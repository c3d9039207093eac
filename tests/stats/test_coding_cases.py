"""Coefficients of given units against published tables, each named by paper and page."""

import numpy as np

from cstoannot.stats.rating import rate
from cstoannot.stats.resampling import Draws, krippendorff_bootstrap
from cstoannot.stats.tables import Ratings
from tests.stats.cases import CASES, parametrized, ratings_of, rows_of, same

KEYS = {"light_kappa": "cohen_kappa"}


def measured(case, **more):
    name = case["measure"]
    metric = "nominal"
    if name.startswith("alpha_"):
        name, metric = "krippendorff_alpha", name.removeprefix("alpha_")
    return rate(KEYS.get(name, name), ratings_of(case["data"]), metric=metric, **more)


@parametrized("coding/", "chars/")
def test_value(case):
    result = measured(case)
    assert same(result.value, case["expected"], case["tolerance"])
    if case["exact"] is not None:
        assert same(result.value, case["exact"], 1e-9)
    assert (result.reason is None) == (result.value is not None)


@parametrized("percode/")
def test_value_of_each_code(case):
    """The dichotomy of the code against all others; DKPro's Cohen per category is Scott's π."""
    rows = rows_of(case["data"])
    values = {str(value): value for row in rows for value in row if value is not None}
    for name, exact in case["exact"].items():
        dichotomy = [[None if v is None else int(v == values[name]) for v in row] for row in rows]
        found = measured({**case, "data": {"format": "units_by_raters", "units": dichotomy}})
        assert same(found.value, exact, 1e-9)


@parametrized("ci/gwet")
def test_analytic_interval(case):
    result = measured(case, interval="gwet")
    expected, tolerance = case["expected"], case["tolerance"]
    assert same(result.interval.low, expected["ci_low"], tolerance)
    assert same(result.interval.high, expected["ci_high"], tolerance)
    assert same(result.value, expected.get("coefficient_value", result.value), tolerance)
    assert same(result.standard_error, expected.get("se", result.standard_error), tolerance)


def test_bootstrap_over_units_krippendorff_2004_p230():
    case = CASES["ci/bootstrap_units/krippendorff2004_p230"]
    found = measured(case, interval="bootstrap", draws=Draws(replicates=100_000)).interval
    assert same(found.low, case["expected"]["ci_low"], case["tolerance"])
    assert same(found.high, case["expected"]["ci_high"], case["tolerance"])
    assert (found.method, found.drawn, found.undefined) == ("units", 12, 0)


def test_krippendorffs_bootstrap_hayes_and_krippendorff_2007():
    """FORMULAE, section 7: [.708, .808] from 239 pairs, and 94.5 % of replicates below .800."""
    counts = ratings_of(CASES["coding/hayes_krippendorff2007/alpha_ordinal"]["data"]).counted()
    draws = Draws(replicates=5000)
    interval, replicates = krippendorff_bootstrap(counts, "ordinal", draws)
    assert same(interval.low, 0.708, 0.004)
    assert same(interval.high, 0.808, 0.004)
    assert interval.drawn == 239
    assert same(float(np.mean(replicates < 0.8)), 0.945, 0.015)


def test_resampling_units_is_wider_hayes_and_krippendorff_2007():
    ratings = ratings_of(CASES["coding/hayes_krippendorff2007/alpha_ordinal"]["data"])
    draws = Draws(replicates=5000)
    found = rate(
        "krippendorff_alpha", ratings, metric="ordinal", interval="bootstrap", draws=draws
    ).interval
    assert same(found.low, 0.625, 0.012)
    assert same(found.high, 0.842, 0.012)


def test_levels_of_the_codebook_enter_ac1():
    rows = [[1, 1], [1, 1], [1, 2], [2, 2]]
    assert (
        rate("gwet_ac1", Ratings.of(rows)).value
        != rate("gwet_ac1", Ratings.of(rows, [1, 2, 3])).value
    )
