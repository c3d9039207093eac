"""The demonstration's values, computed a second time from the files with the slow formulae."""

import math
from itertools import combinations, pairwise
from statistics import mean

import pytest

from cstoannot.agreement.reports import AgreementQuery, build_agreement_report
from tests.agreement.demo import CODERS, PAIRS, Codings
from tests.stats.cases import same
from tests.stats.reference import slow

SLOW = {
    "percent_agreement": slow.percent_agreement,
    "fleiss_kappa": slow.fleiss_kappa,
    "gwet_ac1": slow.gwet_ac1,
    "krippendorff_alpha": slow.krippendorff_alpha,
    "cohen_kappa": slow.cohen_kappa,
    "scott_pi": slow.scott_pi,
}
OF_MANY = ("percent_agreement", "fleiss_kappa", "gwet_ac1", "krippendorff_alpha")
OF_PAIRS = ("cohen_kappa", "scott_pi")
F1 = {"f1_exact": "exact", "f1_overlap": "overlap", "f1_characters": "chars"}


@pytest.fixture
def codings(lead):
    return Codings()


def _asked(lead, measure, annotators=(), **more):
    question = AgreementQuery(measure=measure, annotators=annotators, interval="none", **more)
    return build_agreement_report(lead, question)


def _by_code(found):
    return {one.code.slug: one.result for one in found.codes}


def _by_pair(found):
    return {(one.first.username, one.second.username): one.result for one in found.pairs}


def _chance(measure, units):
    """D_e of one code, from its margins; 0 where nothing varies and the value is undefined."""
    each = [mean(values) for values in zip(*units, strict=True)]
    share = mean(each)
    n = len(units) * len(units[0])
    return {
        "percent_agreement": lambda: 1.0,
        "gwet_ac1": lambda: 1 - 2 * share * (1 - share) if 0 < share < 1 else 0.0,
        "fleiss_kappa": lambda: 2 * share * (1 - share),
        "scott_pi": lambda: 2 * share * (1 - share),
        "krippendorff_alpha": lambda: 2 * share * (1 - share) * n / (n - 1),
        "cohen_kappa": lambda: each[0] * (1 - each[1]) + each[1] * (1 - each[0]),
    }[measure]()


def _pooled(measure, codings, coders, sources=range(5)):
    """1 − ΣD_o / ΣD_e over the codes."""
    observed = expected = 0.0
    for code in codings.codes:
        units = codings.ratings(coders, code, sources)
        value, chance = SLOW[measure](units), _chance(measure, units)
        if chance:
            observed, expected = observed + (1 - value) * chance, expected + chance
    return 1 - observed / expected if expected else None


def test_report_names_the_codes_coders_and_sources_of_the_files(lead, codings):
    found = _asked(lead, "krippendorff_alpha")
    assert [one.code.slug for one in found.codes] == codings.codes
    assert [one.username for one in found.annotators] == list(CODERS)
    assert sorted(source.pk for source in found.sources) == sorted(codings.pks)
    assert list(_by_pair(found)) == PAIRS


@pytest.mark.parametrize("measure", OF_MANY)
def test_segmented_measure_of_three_coders_is_that_of_the_files(lead, codings, measure):
    found = _asked(lead, measure)
    units = sum(map(len, codings.sentences))
    for code, result in _by_code(found).items():
        ratings = codings.ratings(CODERS, code)
        assert same(result.value, SLOW[measure](ratings), 1e-9), code
        assert same(result.prevalence, mean(map(mean, ratings)), 1e-9)
        assert result.n == units
    assert same(found.overall.value, _pooled(measure, codings, CODERS), 1e-9)
    assert found.overall.n == units
    for one in found.by_source:
        number = codings.pks.index(one.source.pk)
        assert same(one.result.value, _pooled(measure, codings, CODERS, [number]), 1e-9)
        assert one.result.n == len(codings.sentences[number])


@pytest.mark.parametrize("measure", SLOW)
def test_segmented_measure_of_each_pair_is_that_of_the_files(lead, codings, measure):
    pairs = _by_pair(_asked(lead, measure))
    for pair in PAIRS:
        found = _asked(lead, measure, pair)
        for code, result in _by_code(found).items():
            assert same(result.value, SLOW[measure](codings.ratings(pair, code)), 1e-9), code
        expected = _pooled(measure, codings, pair)
        assert same(found.overall.value, expected, 1e-9)
        assert same(pairs[pair].value, expected, 1e-9)


@pytest.mark.parametrize("measure", OF_PAIRS)
def test_measure_of_two_is_the_mean_over_the_three_pairs(lead, codings, measure):
    found = _asked(lead, measure)
    for code, result in _by_code(found).items():
        values = [SLOW[measure](codings.ratings(pair, code)) for pair in PAIRS]
        values = [value for value in values if not math.isnan(value)]
        assert same(result.value, mean(values) if values else None, 1e-9), code


@pytest.mark.parametrize("measure", F1)
def test_f1_of_each_pair_is_that_of_the_files(lead, codings, measure):
    found = _by_pair(_asked(lead, measure))
    for pair in PAIRS:
        assert same(found[pair].value, _f1(measure, codings, pair), 1e-9)
        for code, result in _by_code(_asked(lead, measure, pair)).items():
            assert same(result.value, _f1(measure, codings, pair, code), 1e-9), code


def _f1(measure, codings, pair, code=None):
    apart = 1_000_000
    sides = [
        [
            (source * apart + s, source * apart + e, c)
            for source in range(5)
            for s, e, c in codings.spans(coder, source, code)
        ]
        for coder in pair
    ]
    return slow.span_prf(*sides, F1[measure])[2] if any(sides) else None


def test_u_alpha_is_that_of_the_files(lead, codings):
    found, observed, expected = _asked(lead, "u_alpha"), 0.0, 0.0
    for code, result in _by_code(found).items():
        one = slow.unitizing_family(_corpus(codings, code))
        assert same(result.value, one["u_alpha"], 1e-9), code
        observed += one["total"] - sum(v for (c, k), v in one["observed"].items() if c == k)
        expected += one["total"] - sum(v for (c, k), v in one["expected"].items() if c == k)
    assert same(found.overall.value, 1 - observed / expected, 1e-9)


def _corpus(codings, code=None):
    """Every source's layers of one code, or of all codes as one."""
    corpus = []
    for source, text in enumerate(codings.texts):
        layers = []
        for coder in CODERS:
            spans = [(s, e, 0) for s, e, _ in codings.spans(coder, source, code)]
            layers.append(slow.binarise(spans, 0))
        corpus.append((layers, len(text)))
    return corpus


def test_bar_u_alpha_is_that_of_the_files(lead, codings):
    found = _asked(lead, "bar_u_alpha")
    expected = slow.unitizing_family(_corpus(codings))["bar_u_alpha"]
    assert same(found.overall.value, expected, 1e-9)


def test_u_alpha_of_1995_is_that_of_the_files(lead, codings):
    found = _asked(lead, "u_alpha_1995")
    for one in found.by_source:
        number = codings.pks.index(one.source.pk)
        layers = [
            [s for code in codings.codes for s in slow.binarise(codings.spans(c, number), code)]
            for c in CODERS
        ]
        expected = slow.unitizing_1995(layers, len(codings.texts[number]))["alpha"]
        assert same(one.result.value, expected, 1e-9)


@pytest.mark.parametrize("measure", ["cu_alpha", "ku_alpha"])
def test_measure_of_exclusive_codes_says_that_codes_overlap(lead, codings, measure):
    overlapping = any(
        low[1] > high[0]
        for coder in CODERS
        for source in range(5)
        for low, high in pairwise(sorted(codings.spans(coder, source)))
    )
    overall = _asked(lead, measure).overall
    assert overlapping
    assert (overall.value, overall.reason) == (None, "codes_overlap")


@pytest.mark.parametrize("label", ["stance", "voice"])
def test_alpha_of_labels_is_that_of_the_files(lead, codings, label):
    found = _asked(lead, f"{label}_alpha")
    every = [unit for pair in PAIRS for unit in codings.matches(*pair, label)]
    assert same(found.overall.value, slow.krippendorff_alpha(every), 1e-9)
    assert found.overall.n == len(every)
    for pair, result in _by_pair(found).items():
        units = codings.matches(*pair, label)
        assert same(result.value, slow.krippendorff_alpha(units), 1e-9)
        assert result.n == len(units)
    for code, result in _by_code(found).items():
        units = [unit for pair in PAIRS for unit in codings.matches(*pair, label, code)]
        assert same(result.value, slow.krippendorff_alpha(units), 1e-9), code
        assert result.n == len(units)


def test_measures_of_all_codes_are_of_those_chosen(lead, codings):
    """Two codes that nobody gave to the same text have a cuα; all codes together have none."""
    codes = next(pair for pair in combinations(codings.codes, 2) if _exclusive(codings, pair))
    corpus = [
        (
            [
                [span for span in codings.spans(coder, source) if span[2] in codes]
                for coder in CODERS
            ],
            len(text),
        )
        for source, text in enumerate(codings.texts)
    ]
    expected = slow.unitizing_family(corpus)
    assert same(_asked(lead, "cu_alpha", codes=codes).overall.value, expected["cu_alpha"], 1e-9)
    family = _by_code(_asked(lead, "ku_alpha", codes=codes))
    for code in codes:
        assert same(family[code].value, expected["ku_alpha"][code], 1e-9)
    as_one = [
        ([slow.binarise([(s, e, 0) for s, e, _ in spans], 0) for spans in layers], length)
        for layers, length in corpus
    ]
    bar = _asked(lead, "bar_u_alpha", codes=codes).overall.value
    assert same(bar, slow.unitizing_family(as_one)["bar_u_alpha"], 1e-9)


def _exclusive(codings, codes):
    for coder in CODERS:
        for source in range(5):
            chosen = sorted(s for s in codings.spans(coder, source) if s[2] in codes)
            if any(low[1] > high[0] for low, high in pairwise(chosen)):
                return False
    return True
