"""Intervals: the same for the same seed, from sources or from within, and as wide as they must."""

import time

import krippendorff
import numpy as np
import pytest

from cstoannot.stats.agreement.engine import build_statistics, compute_measure
from cstoannot.stats.agreement.resampling import (
    BootstrapDraws,
    compute_student_t,
    compute_weighted_sums,
)
from cstoannot.stats.agreement.unit_intervals import add_unit_intervals
from cstoannot.stats.coefficients.definitions import MeasureKind
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.tables import SpanTable, Units
from tests.stats.cases import alpha_interval
from tests.stats.test_sums import project_of

WITH = [
    key for key, one in MEASURES.items() if one.intervals and one.kind is not MeasureKind.PARTITION
]


@pytest.mark.parametrize("key", WITH)
@pytest.mark.parametrize(("sources", "method"), [(12, "sources"), (4, None)])
def test_same_seed_same_bytes(key, sources, method):
    spans, units = project_of(sources)
    first, again = (
        repr(
            compute_measure(
                build_statistics(key, spans, units, blocks=units), draws=BootstrapDraws(200)
            )
        )
        for _ in range(2)
    )
    assert first == again
    other = compute_measure(
        build_statistics(key, spans, units, blocks=units), draws=BootstrapDraws(200, seed=2)
    )
    assert repr(other) != first
    found = other.overall.interval
    assert found.low < other.overall.value < found.high
    expected = method or ("units" if MEASURES[key].units[0] == "sentence" else "blocks")
    assert found.method == (method or {"labels": "units"}.get(MEASURES[key].kind, expected))


@pytest.mark.parametrize("key", WITH)
def test_few_sources_give_intervals_everywhere(key):
    spans, units = project_of(4)
    measured = compute_measure(
        build_statistics(key, spans, units, blocks=units), draws=BootstrapDraws(200)
    )
    results = [measured.overall]
    results += [entry.result for entry in (*measured.codes, *measured.pairs)]
    assert all(result.interval is not None for result in results if result.value is not None)
    assert any(source.result.interval is not None for source in measured.by_source)


def test_no_draws_no_intervals():
    spans, units = project_of(12)
    measured = compute_measure(build_statistics("krippendorff_alpha", spans, units), draws=None)
    assert measured.overall.interval is None


def test_sources_are_the_units_of_the_interval_from_ten_on():
    """Against a plain bootstrap, each replicate measured by the `krippendorff` package."""
    spans, units = project_of(30)
    found = compute_measure(build_statistics("krippendorff_alpha", spans, units), codes=[0]).overall
    rows = [_values(spans, source) for source in range(30) if spans.finished[source].sum() >= 2]
    random, values = np.random.default_rng(3), []
    for _ in range(400):
        drawn = [rows[place] for place in random.integers(0, len(rows), len(rows))]
        values.append(krippendorff.alpha(np.concatenate(drawn).T, level_of_measurement="nominal"))
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
    weights = BootstrapDraws(50).of_units(np.array([0, 0, 3]), np.array([5, 2, 4]))
    assert (weights[:, :2].sum(axis=1) == 7).all()
    assert (weights[:, 2] == 4).all()


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
    found = BootstrapDraws(100).interval(np.array([np.nan] * 30 + [0.5] * 70), "units", 9)
    assert (found.low, found.high, found.undefined) == (0.5, 0.5, 30)
    assert BootstrapDraws(100).interval(np.array([np.nan] * 95 + [0.5] * 5), "units", 9) is None


def test_alpha_with_a_thousand_replicates_of_a_million_units_is_quick():
    """The number of units costs only the counting: far below one call of a peer a replicate."""
    random = np.random.default_rng(2)
    truth = random.random(200_000) < 0.1
    cells = np.stack([truth ^ (random.random(len(truth)) < 0.05) for _ in range(3)], axis=1)
    unit, coder = np.nonzero(cells)
    source, start = unit // 10_000, unit % 10_000
    spans = SpanTable.build(
        lengths=[10_000] * 20,
        finished=np.ones((20, 3)),
        n_codes=1,
        source=source,
        annotator=coder,
        code=np.zeros(len(start)),
        start=start,
        end=start + 1,
    )
    units = Units.characters(spans.lengths)
    begun = time.process_time()
    result = compute_measure(build_statistics("krippendorff_alpha", spans, units)).overall
    took = time.process_time() - begun
    begun = time.process_time()
    peer = krippendorff.alpha(cells.T.astype(float), level_of_measurement="nominal")
    one = time.process_time() - begun
    assert result.value == pytest.approx(peer, abs=1e-12)
    assert took * 100 < one * 1000


def otherwise(spans, units, kind, key="krippendorff_alpha", **selection):
    """Everything measured, with intervals of the other kind."""
    statistics = build_statistics(key, spans, units)
    plain = compute_measure(statistics, draws=None, **selection)
    selection.pop("codes", None)
    return plain, add_unit_intervals(plain, statistics, kind, **selection)


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
    spans, units = project_of(5)
    pooled = otherwise(spans, units, kind)[1]
    results = [pooled.overall, *(one.result for one in (*pooled.pairs, *pooled.by_source))]
    assert [one.interval for one in results] == [None] * len(results)
    found = otherwise(spans, units, kind, codes=[0])[1]
    assert (
        found.overall.interval == found.codes[0].result.interval == pooled.codes[0].result.interval
    )
    pair = next(one for one in found.pairs if one.result.value is not None)
    expected = alpha_interval(_rated(spans, range(5), [pair.first, pair.second]), kind)
    ends = (pair.result.interval.low, pair.result.interval.high)
    assert ends == _ends(expected)
    source = next(one for one in found.by_source if one.result.value is not None)
    expected = alpha_interval(_rated(spans, [source.source]), kind)
    assert (source.result.interval.low, source.result.interval.high) == _ends(expected)


def test_many_sources_have_no_interval_of_their_own():
    spans, units = project_of(12)
    found = otherwise(spans, units, "gwet", codes=[0])[1]
    assert {one.result.interval for one in found.by_source} == {None}


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
