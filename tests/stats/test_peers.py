"""The same data measured by `krippendorff` and scikit-learn; and data that say nothing."""

import math

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from cstoannot.stats.agreement.engine import build_statistics, compute_measure
from cstoannot.stats.agreement.resampling import BootstrapDraws
from cstoannot.stats.agreement.unit_intervals import compute_gwet_error
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.results import EXPLANATIONS, Coefficient, UndefinedReason
from cstoannot.stats.tables import SpanTable, Units
from tests.stats.cases import counts_of, levels_of, measure_rows, same
from tests.stats.reference import slow
from tests.stats.test_against_slow import table_of, units_of

values = st.one_of(st.none(), st.integers(1, 4))
tables = st.integers(1, 6).flatmap(
    lambda coders: st.lists(
        st.lists(values, min_size=coders, max_size=coders), min_size=1, max_size=9
    )
)
few = settings(max_examples=60, deadline=None)


@few
@given(rows=tables)
def test_alpha(rows):
    value = measure_rows("krippendorff_alpha", rows).overall.value
    assert same(value, slow.krippendorff_alpha(rows), 1e-9)
    if value is not None:
        data = np.array([[math.nan if v is None else v for v in row] for row in rows], float).T
        peer = krippendorff.alpha(data, level_of_measurement="nominal")
        assert value == pytest.approx(peer, abs=1e-9)


@few
@given(rows=tables)
def test_percent_agreement(rows):
    value = measure_rows("percent_agreement", rows).overall.value
    if value is not None:  # a unit that differs does so for two of the codes
        value = 1 - (1 - value) * len(levels_of(rows)) / 2
    assert same(value, slow.percent_agreement(rows))


@few
@given(rows=tables)
def test_fleiss_kappa(rows):
    rows = [row for row in rows if len(row) - row.count(None) != 1]
    value = measure_rows("fleiss_kappa", rows).overall.value
    assert same(value, slow.fleiss_kappa(rows))


@pytest.mark.parametrize("key", ["cohen_kappa", "scott_pi"])
@few
@given(rows=st.lists(st.lists(values, min_size=2, max_size=2), min_size=1, max_size=9))
def test_measures_of_two_coders(key, rows):
    value = measure_rows(key, rows).overall.value
    assert same(value, getattr(slow, key)(rows))
    both = [row for row in rows if None not in row]
    if key == "cohen_kappa" and value is not None:
        peer = cohen_kappa_score(*zip(*both, strict=True))
        assert value == pytest.approx(peer, abs=1e-12)


@pytest.mark.parametrize("key", ["fleiss_kappa", "gwet_ac1", "percent_agreement", "alpha"])
@few
@given(rows=tables)
def test_analytic_errors(key, rows):
    name = "krippendorff_alpha" if key == "alpha" else key
    found = compute_gwet_error(name, counts_of(rows))
    short = {"fleiss_kappa": "fleiss", "gwet_ac1": "ac1", "percent_agreement": "percent"}
    _, error, n = slow.gwet_family(rows, short.get(key, key))
    if found is not None:
        assert found == (pytest.approx(error, abs=1e-9), n)


EMPTY = {
    "no units": ([], UndefinedReason.ONE_ANNOTATOR),
    "one coder": ([[1], [2]], UndefinedReason.ONE_ANNOTATOR),
    "nothing judged twice": ([[1, None], [None, 1]], UndefinedReason.NO_PAIRABLE_UNITS),
    "all the same": ([[1, 1], [1, 1]], UndefinedReason.SINGLE_CATEGORY),
    "one unit, agreed": ([[1, 1]], UndefinedReason.SINGLE_CATEGORY),
}


@pytest.mark.parametrize("name", EMPTY)
@pytest.mark.parametrize(
    "key",
    ["krippendorff_alpha", "fleiss_kappa", "gwet_ac1", "scott_pi", "cohen_kappa"],
)
def test_ratings_that_say_nothing_are_undefined(key, name):
    rows, reason = EMPTY[name]
    result = measure_rows(key, rows, BootstrapDraws(20)).overall
    assert (result.value, result.reason) == (None, reason)
    assert result.interval is None


def test_one_unit_disagreed():
    assert measure_rows("krippendorff_alpha", [[1, 2]]).overall.value == 0
    assert measure_rows("gwet_ac1", [[1, 2]]).overall.value == -1


def test_percent_agreement_of_one_category_is_defined():
    assert measure_rows("percent_agreement", [[1, 1]]).overall.value == 1


CHANCE = [key for key, found in MEASURES.items() if found.chance_corrected]


def _all(measured):
    yield measured.overall
    for part in (measured.codes, measured.pairs, measured.by_source):
        yield from (entry.result for entry in part)


@pytest.mark.parametrize("key", MEASURES)
@pytest.mark.parametrize(
    "project",
    [
        (1, []),
        (2, [{}]),
        (1, [{0: [(0, 5, 0)]}]),
        (2, [{0: [(0, 5, 0)]}, {1: [(0, 5, 0)]}]),
        (2, [{0: [], 1: []}]),
        (2, [{0: [(0, 24, 0)], 1: [(0, 24, 0)]}]),
    ],
    ids=["no source", "nobody", "one coder", "nothing shared", "nothing marked", "all marked"],
)
def test_projects_that_say_nothing_are_undefined(key, project):
    spans, units = table_of(*project), units_of(project[1])
    measured = compute_measure(build_statistics(key, spans, units))
    for result in _all(measured):
        assert isinstance(result, Coefficient)
        assert result.value is None or not math.isnan(result.value)
        # In the form of 1995 and 2004 a text that everybody marked whole is agreement.
        if key in CHANCE and not (key == "u_alpha_1995" and len(spans) == 2):
            assert (result.value, result.interval) == (None, None)


def reason(key, project):
    spans, units = table_of(*project), units_of(project[1])
    return compute_measure(build_statistics(key, spans, units)).overall.reason


@pytest.mark.parametrize("key", MEASURES)
def test_reasons(key):
    assert reason(key, (1, [{0: [(0, 5, 0)]}])) is UndefinedReason.ONE_ANNOTATOR
    apart = reason(key, (2, [{0: [(0, 5, 0)]}, {1: [(0, 5, 0)]}]))
    assert apart is UndefinedReason.NO_PAIRABLE_UNITS


def test_reasons_of_the_continuum():
    whole = (2, [{0: [(0, 24, 0)], 1: [(0, 24, 0)]}])
    assert reason("bar_u_alpha", whole) is UndefinedReason.NO_GAPS
    assert reason("bar_u_alpha", (2, [{0: [], 1: []}])) is UndefinedReason.SINGLE_CATEGORY
    assert reason("cu_alpha", (2, [{0: [(0, 5, 0)], 1: [(6, 9, 1)]}])) is UndefinedReason.NO_OVERLAP
    assert (
        reason("cu_alpha", (2, [{0: [(0, 5, 0)], 1: [(0, 5, 0)]}]))
        is UndefinedReason.SINGLE_CATEGORY
    )
    overlapping = (2, [{0: [(0, 5, 0), (3, 9, 1)], 1: [(0, 5, 0)]}])
    assert reason("cu_alpha", overlapping) is UndefinedReason.CODES_OVERLAP
    assert reason("f1_exact", (2, [{0: [], 1: []}])) is UndefinedReason.NO_PAIRABLE_UNITS


def test_every_reason_is_explained():
    assert set(EXPLANATIONS) == set(UndefinedReason)


def test_a_value_and_a_reason_exclude_each_other():
    with pytest.raises(ValueError, match="reason"):
        Coefficient(0.5, UndefinedReason.NO_GAPS, 3, 2)
    with pytest.raises(ValueError, match="reason"):
        Coefficient(None, None, 3, 2)


@pytest.mark.parametrize(
    "change",
    [{"end": [2]}, {"end": [30]}, {"start": [-1]}, {"code": [3]}, {"source": [1]}, {"start": []}],
)
def test_tables_refuse_what_cannot_be(change):
    row = {"source": [0], "annotator": [0], "code": [0], "start": [2], "end": [4]}
    with pytest.raises(ValueError, match=r"range|passage|length"):
        SpanTable.build(lengths=[9], finished=[[True]], n_codes=3, **row | change)


def test_units_refuse_bounds_that_do_not_fit():
    with pytest.raises(ValueError, match="counts"):
        Units.build("sentence", [2], [0], [1])
