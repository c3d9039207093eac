"""Generated projects against the slow transcription of the formulae, number by number."""

import math
from itertools import combinations, pairwise
from statistics import mean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cstoannot.stats.agreement.code_intervals import NO_INTERVALS
from cstoannot.stats.agreement.cu_alpha import compute_unitizing_family
from cstoannot.stats.agreement.engine import build_statistics, compute_measure
from cstoannot.stats.agreement.partition_table import PartitionTable
from cstoannot.stats.results import UndefinedReason
from cstoannot.stats.tables import SpanTable, Units
from tests.stats.cases import same
from tests.stats.reference import slow

CODES = 3
LENGTH = 24
SENTENCES = [(0, 5), (6, 12), (12, 13), (15, 24)]
few = settings(max_examples=40, deadline=None)


@st.composite
def passages(draw, most=6):
    """Of one coder: overlapping, nested, equal, touching, or none."""
    starts = draw(st.lists(st.integers(0, LENGTH - 1), max_size=most))
    found = []
    for start in starts:
        end = draw(st.integers(start + 1, LENGTH))
        found.append((start, end, draw(st.integers(0, CODES - 1))))
    return found


@st.composite
def projects(draw, most_coders=6, spans=None):
    """Sources of LENGTH with some coders who finished each; a list of {coder: passages}."""
    coders = draw(st.integers(1, most_coders))
    sources = []
    for _ in range(draw(st.integers(1, 3))):
        finished = draw(st.sets(st.integers(0, coders - 1), max_size=coders))
        sources.append(
            {coder: draw(passages() if spans is None else spans) for coder in sorted(finished)}
        )
    return coders, sources


def table_of(coders, sources):
    rows = [
        (source, coder, code, start, end, 0, 0)
        for source, given_ in enumerate(sources)
        for coder, spans in given_.items()
        for start, end, code in spans
    ]
    columns = np.array(rows, np.int64).reshape(-1, 7).T
    return SpanTable.build(
        lengths=[LENGTH] * len(sources),
        finished=[[coder in given_ for coder in range(coders)] for given_ in sources],
        n_codes=CODES,
        source=columns[0],
        annotator=columns[1],
        code=columns[2],
        start=columns[3],
        end=columns[4],
    )


def units_of(sources):
    starts, ends = zip(*SENTENCES, strict=True)
    times = len(sources)
    return Units.build("sentence", [len(starts)] * times, starts * times, ends * times)


def shared(sources):
    return [given_ for given_ in sources if len(given_) >= 2]


def judged(given_, coder, code):
    """The coder's values for the sentences of a source, None if it was not finished."""
    if coder not in given_:
        return [None] * len(SENTENCES)
    spans = [span for span in given_[coder] if span[2] == code]
    return [int(any(s < high and low < e for s, e, _ in spans)) for low, high in SENTENCES]


def ratings(coders, sources, code):
    found = []
    for given_ in shared(sources):
        found += zip(*(judged(given_, coder, code) for coder in coders), strict=True)
    return [list(unit) for unit in found]


def pooled(parts):
    """1 − Σ D_o / Σ D_e from values and expected disagreements of each code."""
    expected = sum(e for _, e in parts)
    return 1 - sum(o for o, _ in parts) / expected if expected else None


SLOW = {
    "percent_agreement": slow.percent_agreement,
    "fleiss_kappa": slow.fleiss_kappa,
    "gwet_ac1": slow.gwet_ac1,
    "brennan_prediger": slow.brennan_prediger,
    "krippendorff_alpha": slow.krippendorff_alpha,
    "cohen_kappa": slow.cohen_kappa,
    "scott_pi": slow.scott_pi,
}
OF_PAIRS = ("cohen_kappa", "scott_pi")


@pytest.mark.parametrize("key", [key for key in SLOW if key not in OF_PAIRS])
@few
@given(project=projects())
def test_measures_of_many_coders(key, project):
    coders, sources = project
    measured = compute_measure(
        build_statistics(key, table_of(*project), units_of(sources)), intervals=NO_INTERVALS
    )
    for code in measured.codes:
        expected = SLOW[key](ratings(range(coders), sources, code.code))
        assert same(code.result.value, expected)
    for pair in measured.pairs:
        both = [s for s in sources if pair.first in s and pair.second in s]
        assert pair.result.n == len(both) * len(SENTENCES)
        if key == "percent_agreement":
            each = [SLOW[key](ratings((pair.first, pair.second), both, c)) for c in range(CODES)]
            assert same(pair.result.value, mean(each))
    for source in measured.by_source:
        if key == "percent_agreement":
            each = [
                SLOW[key](ratings(range(coders), [sources[source.source]], code))
                for code in range(CODES)
            ]
            assert same(source.result.value, mean(each))


@pytest.mark.parametrize("key", OF_PAIRS)
@few
@given(project=projects())
def test_measures_of_two_coders_are_means_over_pairs(key, project):
    coders, sources = project
    measured = compute_measure(
        build_statistics(key, table_of(*project), units_of(sources)), intervals=NO_INTERVALS
    )
    for code in measured.codes:
        values = []
        for pair in combinations(range(coders), 2):
            both = [s for s in sources if set(pair) <= set(s)]
            values.append(SLOW[key](ratings(pair, both, code.code)))
        values = [value for value in values if not math.isnan(value)]
        assert same(code.result.value, mean(values) if values else None)


@few
@given(project=projects())
def test_alpha_is_pooled_over_codes(project):
    coders, sources = project
    measured = compute_measure(
        build_statistics("krippendorff_alpha", table_of(*project), units_of(sources)),
        intervals=NO_INTERVALS,
    )
    parts = []
    for code in range(CODES):
        units = ratings(range(coders), sources, code)
        flat = [v for unit in units for v in unit if v is not None]
        if not flat:
            continue
        n, ones = len(flat), sum(flat)
        expected = 2 * ones * (n - ones) / (n * (n - 1))
        alpha = slow.krippendorff_alpha(units)
        parts.append(((1 - alpha) * expected if expected else 0.0, expected))
    assert same(measured.overall.value, pooled(parts))


@few
@given(project=projects())
def test_u_alpha_of_each_code(project):
    _, sources = project
    measured = compute_measure(
        build_statistics("u_alpha", table_of(*project)), intervals=NO_INTERVALS
    )
    for code in measured.codes:
        corpus = [
            ([slow.binarise(spans, code.code) for spans in given_.values()], LENGTH)
            for given_ in shared(sources)
        ]
        expected = slow.unitizing_family(corpus)
        assert same(code.result.value, expected["u_alpha"])
        assert same(code.result.value, expected["bar_u_alpha"])


@few
@given(project=projects())
def test_bar_u_alpha_of_any_code(project):
    _, sources = project
    measured = compute_measure(
        build_statistics("bar_u_alpha", table_of(*project)), intervals=NO_INTERVALS
    )
    corpus = [
        (
            [slow.binarise([(s, e, 0) for s, e, _ in spans], 0) for spans in given_.values()],
            LENGTH,
        )
        for given_ in shared(sources)
    ]
    assert same(measured.overall.value, slow.unitizing_family(corpus)["bar_u_alpha"])


@st.composite
def exclusive(draw):
    """Of one coder, passages that do not overlap."""
    cuts = sorted(draw(st.sets(st.integers(0, LENGTH), max_size=8)))
    values = st.one_of(st.none(), st.integers(0, CODES - 1))
    return [(low, high, code) for low, high in pairwise(cuts) if (code := draw(values)) is not None]


@few
@given(project=projects(spans=exclusive()))
def test_family_of_2016(project):
    _, sources = project
    corpus = [(list(given_.values()), LENGTH) for given_ in shared(sources)]
    expected = slow.unitizing_family(corpus)
    found = compute_unitizing_family(PartitionTable.of(table_of(*project)).select())
    for name in ("u_alpha", "bar_u_alpha"):
        assert same(getattr(found, name).value, expected[name], 1e-9), name
    if any(value < 0 for (c, k), value in expected["cu_expected"].items() if c != k):
        assert found.cu_alpha.reason is UndefinedReason.NO_PAIRABLE_UNITS
        return
    assert same(found.cu_alpha.value, expected["cu_alpha"], 1e-9)
    for code, result in enumerate(found.ku_alpha):
        assert same(result.value, expected["ku_alpha"].get(code), 1e-9)
    assert same(found.cu_alpha.coverage, expected["cu_coverage"], 1e-12)


@pytest.mark.parametrize(("key", "name"), [("joint_u_alpha", "u_alpha"), ("cu_alpha", "cu_alpha")])
@few
@given(project=projects(spans=exclusive()))
def test_joint_values_of_pairs_and_sources(key, name, project):
    _, sources = project
    measured = compute_measure(build_statistics(key, table_of(*project)), intervals=NO_INTERVALS)
    for pair in measured.pairs:
        both = [s for s in sources if pair.first in s and pair.second in s]
        corpus = [([s[pair.first], s[pair.second]], LENGTH) for s in both]
        if pair.result.reason is not UndefinedReason.NO_PAIRABLE_UNITS:
            assert same(pair.result.value, slow.unitizing_family(corpus)[name], 1e-9)
    if key == "joint_u_alpha":
        for one in measured.by_source:
            corpus = [(list(sources[one.source].values()), LENGTH)]
            assert same(one.result.value, slow.unitizing_family(corpus)[name], 1e-9)


@pytest.mark.parametrize("key", ["joint_u_alpha", "cu_alpha", "ku_alpha"])
def test_pair_is_measured_where_codes_overlap_elsewhere(key):
    """Coder 0 gives two codes to one stretch, in a source that coder 1 did not read."""
    ours = [(0, 5, 0), (8, 12, 1)]
    elsewhere = [(0, 5, 0), (2, 7, 1)]
    sources = [{0: ours, 1: ours}, {0: elsewhere, 2: ours}]
    measured = compute_measure(build_statistics(key, table_of(3, sources)), intervals=NO_INTERVALS)
    pairs = {(pair.first, pair.second): pair.result for pair in measured.pairs}
    assert pairs[0, 1].value == 1
    assert pairs[0, 2].reason is UndefinedReason.CODES_OVERLAP


@few
@given(given_=st.lists(passages(), min_size=2, max_size=6))
def test_measure_of_1995(given_):
    sources = [dict(enumerate(given_))]
    measured = compute_measure(build_statistics("u_alpha_1995", table_of(len(given_), sources)))
    layers = [
        [span for code in range(CODES) for span in slow.binarise(spans, code)] for spans in given_
    ]
    expected = slow.unitizing_1995(layers, LENGTH)
    assert same(measured.overall.value, expected["alpha"], 1e-9)
    assert same(measured.by_source[0].result.value, expected["alpha"], 1e-9)
    for code in measured.codes:
        assert same(code.result.value, expected["per_category"].get(code.code), 1e-9)


F1 = {"f1_exact": "exact", "f1_overlap": "overlap", "f1_characters": "chars"}


@pytest.mark.parametrize("key", F1)
@few
@given(project=projects(most_coders=4))
def test_f1_of_each_pair(key, project):
    coders, sources = project
    measured = compute_measure(build_statistics(key, table_of(*project)), intervals=NO_INTERVALS)
    found = {(pair.first, pair.second): pair.result.value for pair in measured.pairs}
    for pair in combinations(range(coders), 2):
        both = [(n, s) for n, s in enumerate(sources) if set(pair) <= set(s)]
        if not both:
            assert pair not in found
            continue
        # Sources apart: each begins far beyond where the one before ends.
        one, other = (
            [(n * 100 + s, n * 100 + e, c) for n, given_ in both for s, e, c in given_[coder]]
            for coder in pair
        )
        expected = slow.span_prf(one, other, F1[key])[2]
        if bool(one) != bool(other):
            expected = 0.0
        assert same(found[pair], expected)
    values = [value for value in found.values() if value is not None]
    assert same(measured.overall.value, mean(values) if values else None)
