"""Intervals other than the jackknife's: by drawing sources, Gwet's and Krippendorff's."""

import krippendorff
import numpy as np
import pytest

from cstoannot.stats.agreement.code_intervals import NO_INTERVALS, IntervalChoice
from cstoannot.stats.agreement.engine import build_statistics, compute_measure
from cstoannot.stats.agreement.resampling import BootstrapDraws, compute_weighted_sums
from cstoannot.stats.agreement.student_t import compute_student_t
from cstoannot.stats.agreement.unit_intervals import add_unit_intervals
from cstoannot.stats.coefficients.definitions import MeasureKind
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.results import IntervalMethod, IntervalReason
from cstoannot.stats.tables import SpanTable
from tests.stats.cases import alpha_interval
from tests.stats.test_against_slow import units_of
from tests.stats.test_sums import project_of

WITH = [key for key, one in MEASURES.items() if IntervalMethod.BOOTSTRAP in one.intervals]
"""Not the partition measures on the random project, whose coders' codes overlap."""


def drawn(replicates=200, seed=1):
    return IntervalChoice(IntervalMethod.BOOTSTRAP, BootstrapDraws(replicates, seed=seed))


def results_of(measured):
    return [
        measured.overall,
        *(entry.result for part in (measured.codes, measured.pairs) for entry in part),
    ]


@pytest.mark.parametrize("key", WITH)
def test_bootstrap_has_the_same_bytes_for_the_same_seed(key):
    statistics = build_statistics(key, *project_of(12))
    first, again = (repr(compute_measure(statistics, intervals=drawn())) for _ in range(2))
    assert first == again
    if MEASURES[key].kind is not MeasureKind.PARTITION:
        other = compute_measure(statistics, intervals=drawn(seed=2))
        assert repr(other) != first
        found = other.overall.interval
        assert found.low < other.overall.value < found.high
        assert (found.method, found.replicates) == (IntervalMethod.BOOTSTRAP, 200)


@pytest.mark.parametrize("key", WITH)
def test_bootstrap_needs_ten_sources(key):
    measured = compute_measure(build_statistics(key, *project_of(9)), intervals=drawn())
    for result in results_of(measured):
        assert result.interval is None
        assert (result.no_interval is None) == (result.value is None)
        assert result.no_interval in {
            None,
            IntervalReason.FEW_SOURCES,
            IntervalReason.FEW_SOURCES_TO_DRAW,
        }


def test_no_interval_is_computed_unless_asked_for():
    statistics = build_statistics("krippendorff_alpha", *project_of(12))
    measured = compute_measure(statistics, intervals=NO_INTERVALS)
    assert {(one.interval, one.no_interval) for one in results_of(measured)} == {(None, None)}


def test_bootstrap_draws_sources():
    """Against a plain bootstrap, each replicate measured by the `krippendorff` package."""
    spans, units = project_of(30)
    found = compute_measure(
        build_statistics("krippendorff_alpha", spans, units), codes=[0], intervals=drawn(2000)
    ).overall
    rows = [_values(spans, source) for source in range(30) if spans.finished[source].sum() >= 2]
    random, values = np.random.default_rng(3), []
    for _ in range(400):
        sample = [rows[place] for place in random.integers(0, len(rows), len(rows))]
        values.append(krippendorff.alpha(np.concatenate(sample).T, level_of_measurement="nominal"))
    low, high = np.percentile(values, [2.5, 97.5])
    assert found.interval.low == pytest.approx(low, abs=0.04)
    assert found.interval.high == pytest.approx(high, abs=0.04)
    whole = krippendorff.alpha(np.concatenate(rows).T, level_of_measurement="nominal")
    assert found.value == pytest.approx(whole, abs=1e-12)


def _values(spans, source):
    """(units, coders) of code 0, NaN where missing."""
    units = [(0, 5), (6, 12), (12, 13), (15, 24)]
    rows = np.zeros((len(units), spans.n_annotators))
    ours = (spans.source == source) & (spans.code == 0)
    for coder, start, end in zip(
        spans.annotator[ours], spans.start[ours], spans.end[ours], strict=True
    ):
        for place, (low, high) in enumerate(units):
            if start < high and low < end:
                rows[place, coder] = 1
    rows[:, ~spans.finished[source]] = np.nan
    return rows


def test_weighted_sums_of_whole_numbers_are_exact():
    random = np.random.default_rng(1)
    weights = random.multinomial(50, np.full(50, 1 / 50), size=20).astype(np.float32)
    for size in (1 << 10, 1 << 30, 1 << 45):
        features = random.integers(0, size, (50, 7)).astype(float)
        exact = [
            [
                sum(int(w) * int(x) for w, x in zip(row, column, strict=True))
                for column in features.T
            ]
            for row in weights
        ]
        assert compute_weighted_sums(weights, features).tolist() == exact


def test_weighted_sums_of_fractions_are_not_rounded_to_single_precision():
    features = np.full((3, 1), 1 / 3)
    assert compute_weighted_sums(np.ones((1, 3), np.float32), features)[0, 0] == pytest.approx(
        1, abs=1e-15
    )


def test_each_replicate_draws_as_many_as_there_are():
    assert (BootstrapDraws(50).of_sources(13).sum(axis=1) == 13).all()


@pytest.mark.parametrize(
    ("freedom", "expected"),
    [(1, 12.706204736), (2, 4.302652730), (11, 2.200985160), (100, 1.983971519)],
)
def test_quantile_of_students_t(freedom, expected):
    assert compute_student_t(0.975, freedom) == pytest.approx(expected, abs=1e-8)


# By scipy.stats.t.ppf.
@pytest.mark.parametrize(
    ("probability", "freedom", "expected"),
    [
        (0.9, 990, 1.282407284421516),
        (0.9, 1_001, 1.2823978745810514),
        (0.9, 40_000, 1.2815727305205895),
        (0.9, 10_000_000, 1.2815516502030833),
        (0.975, 990, 1.9623631005485225),
        (0.975, 1_001, 1.9623367052808798),
        (0.975, 40_000, 1.960023293084913),
        (0.975, 10_000_000, 1.959964221767205),
        (0.995, 990, 2.5808045399165964),
        (0.995, 1_001, 2.5807497687505245),
        (0.995, 40_000, 2.5759522227607823),
        (0.995, 10_000_000, 2.5758297952037488),
    ],
)
def test_quantile_of_students_t_is_exact_whatever_its_freedom(probability, freedom, expected):
    assert compute_student_t(probability, freedom) == pytest.approx(expected, abs=1e-11)


def test_undefined_replicates_are_left_out_and_counted():
    method, draws = IntervalMethod.BOOTSTRAP, BootstrapDraws(100)
    found = draws.interval(np.array([np.nan] * 30 + [0.4] * 35 + [0.6] * 35), method, 9)
    assert (found.low, found.high, found.undefined) == (0.4, 0.6, 30)
    most = draws.interval(np.array([np.nan] * 60 + [0.5] * 40), method, 9)
    assert most is IntervalReason.UNDEFINED_REPLICATES
    assert draws.interval(np.full(100, 0.5), method, 9) is IntervalReason.NO_VARIATION


def otherwise(spans, units, kind, key="krippendorff_alpha", **selection):
    """Everything measured, with intervals of the other kind."""
    statistics = build_statistics(key, spans, units)
    plain = compute_measure(statistics, intervals=NO_INTERVALS, **selection)
    selection.pop("codes", None)
    return plain, add_unit_intervals(plain, statistics, IntervalMethod(kind), **selection)


def _rated(spans, sources, coders=slice(None)):
    rows = [_values(spans, s)[:, coders] for s in sources if spans.finished[s][coders].sum() >= 2]
    table = np.concatenate(rows)
    table = table[:, ~np.isnan(table).all(axis=0)]
    return [[None if np.isnan(v) else int(v) for v in row] for row in table]


def _ends(interval):
    return pytest.approx((interval.low, interval.high), abs=1e-12)


@pytest.mark.parametrize("kind", ["gwet", "krippendorff"])
def test_other_intervals_of_a_code_are_those_of_its_ratings(kind):
    spans, units = project_of(12)
    expected = alpha_interval(_rated(spans, range(12)), kind)
    plain, found = otherwise(spans, units, kind)
    one = found.codes[0].result
    assert (one.interval.low, one.interval.high) == _ends(expected)
    assert one.interval.drawn == expected.drawn
    assert [code.result.value for code in found.codes] == [c.result.value for c in plain.codes]


@pytest.mark.parametrize("kind", ["gwet", "krippendorff"])
def test_other_intervals_are_of_one_code_at_a_time(kind):
    spans, units = project_of(8)
    pooled = otherwise(spans, units, kind)[1]
    results = [
        pooled.overall,
        *(one.result for one in pooled.pairs if one.result.value is not None),
    ]
    assert {one.no_interval for one in results} == {IntervalReason.ONE_CODE_AT_A_TIME}
    found = otherwise(spans, units, kind, codes=[0])[1]
    assert (
        found.overall.interval == found.codes[0].result.interval == pooled.codes[0].result.interval
    )
    pair = next(one for one in found.pairs if one.result.interval is not None)
    expected = alpha_interval(_rated(spans, range(8), [pair.first, pair.second]), kind)
    ends = (pair.result.interval.low, pair.result.interval.high)
    assert ends == _ends(expected)
    alone = {one.result.no_interval for one in found.by_source if one.result.value is not None}
    assert alone == {IntervalReason.FEW_SOURCES}


@pytest.mark.parametrize("kind", ["gwet", "krippendorff"])
def test_perfect_agreement_has_no_interval_over_units(kind):
    rows = [(source, coder, 0, 0, 5) for source in range(6) for coder in range(2)]
    source, annotator, code, start, end = np.array(rows).T
    spans = SpanTable.build(
        lengths=[24] * 6,
        finished=np.ones((6, 2), bool),
        n_codes=1,
        source=source,
        annotator=annotator,
        code=code,
        start=start,
        end=end,
    )
    result = otherwise(spans, units_of(range(6)), kind)[1].overall
    assert (result.value, result.interval) == (1.0, None)
    assert result.no_interval is IntervalReason.NO_VARIATION


@pytest.mark.parametrize(
    ("key", "kind"),
    [("cohen_kappa", "gwet"), ("fleiss_kappa", "krippendorff"), ("u_alpha", "gwet")],
)
def test_other_intervals_are_refused_where_there_are_none(key, kind):
    spans, units = project_of(3)
    with pytest.raises(ValueError, match="no interval"):
        otherwise(spans, units, kind, key)


def test_other_intervals_of_an_unused_code_are_none():
    spans, units = project_of(12)
    bare = spans.take(np.flatnonzero(spans.code != 1))
    for kind in ("gwet", "krippendorff"):
        assert otherwise(bare, units, kind)[1].codes[1].result.interval is None
