"""The jackknife against its definition, and against measuring everything without each source."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cstoannot.stats.agreement import code_intervals, cu_alpha, section_jackknife
from cstoannot.stats.agreement.code_measures import JudgementCounts
from cstoannot.stats.agreement.engine import build_statistics, compute_measure
from cstoannot.stats.agreement.jackknife import DisagreementRatios, compute_jackknife_intervals
from cstoannot.stats.coefficients.definitions import MeasureKind
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.coefficients.set_alpha import SET_SIMILARITIES
from cstoannot.stats.results import IntervalMethod, IntervalReason
from cstoannot.stats.tables import SpanTable
from tests.stats import slow_jackknife as slow
from tests.stats.test_against_slow import CODES, LENGTH, SENTENCES, passages, table_of, units_of
from tests.stats.test_sums import project_of

few = settings(max_examples=60, deadline=None)


@st.composite
def many_sources(draw, coders=3):
    """Two to six sources that some of the coders finished."""
    sources = []
    for _ in range(draw(st.integers(2, 6))):
        finished = draw(st.sets(st.integers(0, coders - 1), min_size=1))
        sources.append({coder: draw(passages(most=4)) for coder in sorted(finished)})
    return coders, sources


def judge(spans):
    """The codes that a coder's passages give to each sentence."""
    return [
        {code for start, end, code in spans if start < high and low < end}
        for low, high in SENTENCES
    ]


def documents_of(sources):
    """Documents as lists of units over the coders, where at least two of them finished."""
    return [
        list(zip(*(judge(spans) for spans in source.values()), strict=True))
        for source in sources
        if len(source) >= 2
    ]


def check(result, expected):
    if isinstance(expected, tuple):
        assert result.interval.method is IntervalMethod.JACKKNIFE
        assert (result.interval.low, result.interval.high) == pytest.approx(expected, abs=1e-9)
    else:
        assert (result.interval, result.no_interval) == (None, expected)


@pytest.mark.parametrize(
    ("key", "ratio"), [("krippendorff_alpha", slow.alpha), ("percent_agreement", slow.percent)]
)
@few
@given(project=many_sources())
def test_intervals_are_those_of_the_definition(key, ratio, project):
    _, sources = project
    measured = compute_measure(build_statistics(key, table_of(*project), units_of(sources)))
    documents = documents_of(sources)
    for result, codes in (
        (measured.overall, range(CODES)),
        *((code.result, [code.code]) for code in measured.codes),
    ):
        expected = slow.interval(
            lambda docs, added, codes=codes: ratio(docs, added, codes),
            documents,
            slow.count_runs(documents, codes),
        )
        check(result, expected)
    for pair in measured.pairs:
        both = [
            {coder: source[coder] for coder in (pair.first, pair.second)}
            for source in sources
            if pair.first in source and pair.second in source
        ]
        documents = documents_of(both)
        expected = slow.interval(
            lambda docs, added: ratio(docs, added, range(CODES)),
            documents,
            slow.count_runs(documents, range(CODES)),
        )
        check(pair.result, expected)


@few
@given(project=many_sources())
def test_interval_of_a_mean_over_pairs_is_that_of_the_definition(project):
    coders, sources = project
    measured = compute_measure(
        build_statistics("cohen_kappa", table_of(*project), units_of(sources))
    )
    documents = [
        {coder: judge(spans) for coder, spans in source.items()}
        for source in sources
        if len(source) >= 2
    ]
    sizes = {
        pair: sum(pair[0] in d and pair[1] in d for d in documents)
        for pair in ((i, j) for i in range(coders) for j in range(i + 1, coders))
    }
    present = {coder for document in documents for coder in document}
    share = 2 / max(measured.overall.coders, 2)
    assert measured.overall.coders >= len(present)

    def of_pair(docs, added):
        rows = [list(zip(*one, strict=True)) for one in docs]
        return slow.kappa(rows, added, range(CODES))

    def ratio(docs, added):
        def spread(pair, shared):
            if not added:
                return 0
            whole = len(shared) == sizes[pair]
            return share if whole else share * (sizes[pair] - 1) / sizes[pair]

        return slow.mean_over_pairs(of_pair, docs, spread, coders)

    flat = documents_of(sources)
    check(measured.overall, slow.interval(ratio, documents, slow.count_runs(flat, range(CODES))))


@pytest.mark.parametrize("key", ["stance_alpha", "voice_alpha"])
@pytest.mark.parametrize("sources", [2, 4, 9])
def test_interval_of_labels_is_that_of_the_definition(key, sources):
    statistics = build_statistics(key, *project_of(sources))
    result = compute_measure(statistics).overall
    table = statistics.table
    documents, runs = [], 0
    for source in np.unique(table.source):
        rows = np.flatnonzero(table.source == source)
        documents.append(list(zip(table.one[rows], table.other[rows], strict=True)))
        marked = np.zeros(2 * LENGTH + 2, bool)  # in half code points, so that touching is seen
        for row in rows[table.one[rows] != table.other[rows]]:
            marked[2 * table.start[row] : 2 * table.stop[row] + 1] = True
        runs += int(marked[0]) + int((marked[1:] & ~marked[:-1]).sum())
    check(result, slow.interval(slow.label_alpha, documents, runs, of_passages=True))


def apart_project(sources, *, coders=3, seed=4):
    """Random passages whose codes exclude each other, so that partitions can be measured."""
    random = np.random.default_rng(seed)
    rows = []
    for source in range(sources):
        for coder in range(coders):
            for low in range(0, LENGTH, 8):
                if random.random() < 0.8:
                    start = low + int(random.integers(0, 3))
                    end = start + int(random.integers(2, 6))
                    rows.append((source, coder, int(random.integers(0, CODES)), start, end))
    source, coder, code, start, end = np.array(rows).T
    return SpanTable.build(
        lengths=np.full(sources, LENGTH),
        finished=random.random((sources, coders)) < 0.9,
        n_codes=CODES,
        source=source,
        annotator=coder,
        code=code,
        start=start,
        end=end,
    )


FROM_SUMS = [
    key
    for key, one in MEASURES.items()
    if one.kind is not MeasureKind.LABELS and key not in SET_SIMILARITIES
]
"""Those whose jackknife goes through sums by source; set-valued α is in `test_set_alpha`."""


@pytest.mark.parametrize("key", FROM_SUMS)
def test_values_without_a_source_are_those_measured_without_it(key, monkeypatch):
    """With nothing added, what the jackknife varies is the measure itself."""
    kept = []

    def record(ratios, level=0.95):
        kept.append(ratios)
        return compute_jackknife_intervals(ratios, level)

    for module in (code_intervals, cu_alpha, section_jackknife):
        monkeypatch.setattr(
            module, "spread_judgement", lambda involved: np.zeros(involved.shape[1])
        )
        monkeypatch.setattr(module, "compute_jackknife_intervals", record)
    monkeypatch.setattr(JudgementCounts, "lengths", lambda self, measure: np.zeros(len(self.n)))
    spans, units = apart_project(7), units_of(range(7))
    statistics = build_statistics(key, spans, units)
    compute_measure(statistics)
    shared = np.flatnonzero(spans.finished.sum(axis=1) >= 2)
    ratios = (
        next(one for one in kept if one.without.shape == (len(shared), CODES + 1))
        if (key != "bar_u_alpha")
        else next(one for one in kept if one.without.shape == (len(shared), 2))
    )
    for place, source in enumerate(shared.tolist()):
        rest = compute_measure(statistics, sources=np.setdiff1d(np.arange(7), [source]))
        values = [*(code.result.value for code in rest.codes), rest.overall.value]
        if key == "bar_u_alpha":
            values = [rest.overall.value] * 2
        expected = [math.nan if value is None else 1 - value for value in values]
        involved = ratios.involved[place]
        np.testing.assert_allclose(
            ratios.without[place][involved], np.array(expected)[involved], atol=1e-9
        )


@pytest.mark.parametrize("key", MEASURES)
def test_no_interval_has_zero_width_or_leaves_the_value(key):
    for sources in (3, 5, 12):
        spans = project_of(sources)[0] if sources != 5 else apart_project(5)
        measured = compute_measure(build_statistics(key, spans, units_of(range(sources))))
        parts = (measured.codes, measured.pairs)
        for result in (measured.overall, *(one.result for part in parts for one in part)):
            if result.interval:
                assert result.interval.low < result.interval.high <= 1
                assert result.interval.low < result.value <= result.interval.high
                assert result.interval.drawn >= 3
            else:
                assert (result.value is None) != (result.no_interval is not None)
        alone = {
            one.result.no_interval for one in measured.by_source if one.result.value is not None
        }
        assert alone <= {IntervalReason.FEW_SOURCES}


@pytest.mark.parametrize("key", MEASURES)
def test_fewer_than_three_sources_give_the_reason(key):
    measured = compute_measure(build_statistics(key, apart_project(2), units_of(range(2))))
    if measured.overall.value is not None:
        assert measured.overall.no_interval is IntervalReason.FEW_SOURCES


def test_sources_in_view_count_not_those_of_the_project():
    statistics = build_statistics("krippendorff_alpha", *project_of(14))
    assert compute_measure(statistics).overall.interval.drawn > 5
    view = compute_measure(statistics, sources=[1, 2, 3, 5]).overall
    alone = compute_measure(statistics, sources=[1, 2]).overall
    assert view.interval.drawn <= 4
    assert (alone.interval, alone.no_interval) == (None, IntervalReason.FEW_SOURCES)


def test_code_of_one_source_has_no_interval():
    spans = table_of(2, [{0: [(0, 5, 0)], 1: [(6, 12, 0)]}, *({0: [], 1: []} for _ in range(5))])
    [code] = compute_measure(
        build_statistics("krippendorff_alpha", spans, units_of(range(6))), codes=[0]
    ).codes
    assert code.result.value is not None
    assert code.result.no_interval is IntervalReason.UNDEFINED_WITHOUT_SOME_SOURCE


def test_agreement_without_a_disagreement_rests_on_one_judgement():
    """D_o of one judgement among 48, SE 1 and the normal quantile; the upper limit is 1."""
    spans = table_of(2, [{0: [(0, 5, 0)], 1: [(0, 5, 0)]} for _ in range(6)])
    result = compute_measure(
        build_statistics("krippendorff_alpha", spans, units_of(range(6))), codes=[0]
    ).overall
    observed, expected = 2 / 48, 2 * 12 * 36 / (48 * 47)
    low = 1 - observed / expected * math.exp(1.959963984540054)
    assert result.value == 1
    assert (result.interval.low, result.interval.high) == (pytest.approx(low, abs=1e-12), 1.0)


def test_more_disagreements_apart_give_a_narrower_interval():
    ones = np.ones((3, 2))
    ratios = DisagreementRatios(ones[0], ones[0], ones, ones > 0, np.array([1, 8]))
    one, eight = compute_jackknife_intervals(ratios)
    assert one.low < eight.low
