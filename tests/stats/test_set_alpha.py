"""Set-valued α against the definition, pair of values by pair of values."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

from cstoannot.stats.agreement import set_similarity
from cstoannot.stats.agreement.engine import build_statistics, compute_measure
from cstoannot.stats.agreement.overlaps import list_sharing_pairs
from cstoannot.stats.agreement.set_measure import (
    sum_all_sets,
    sum_sets_by_pair,
)
from cstoannot.stats.agreement.set_similarity import CodeSets, sum_set_similarities
from cstoannot.stats.agreement.set_table import SetTable
from cstoannot.stats.coefficients.definitions import compute_agreement_ratio
from cstoannot.stats.coefficients.set_alpha import (
    SET_SIMILARITIES,
    compute_jaccard_similarity,
    compute_masi_similarity,
)
from tests.stats import slow_jackknife
from tests.stats.cases import measure_rows, parametrized, rows_of
from tests.stats.reference import slow
from tests.stats.test_against_slow import CODES, SENTENCES, few, projects, table_of, units_of
from tests.stats.test_jackknife import check as check_jackknife
from tests.stats.test_jackknife import documents_of, many_sources
from tests.stats.test_sums import project_of

DISTANCES = {"set_alpha_masi": slow.masi_distance, "set_alpha_jaccard": slow.jaccard_distance}
each_distance = pytest.mark.parametrize("key", DISTANCES)


def sets_of(coders, sources):
    """Rows of the coders' sets for each sentence, None where a source was not finished."""
    found = []
    for given_ in sources:
        for low, high in SENTENCES:
            row = [
                frozenset(code for start, end, code in given_[coder] if start < high and low < end)
                if coder in given_
                else None
                for coder in coders
            ]
            found.append(row)
    return found


def table_of_sets(key, project):
    spans, units = table_of(*project), units_of(project[1])
    return SetTable.of(spans, units, SET_SIMILARITIES[key])


def values_of(disagreement):
    return compute_agreement_ratio(*disagreement).tolist()


def close(value, expected):
    return (math.isnan(value) and math.isnan(expected)) or abs(value - expected) < 1e-9


@each_distance
@few
@given(project=projects())
def test_all_coders_sources_and_sources_left_out(key, project):
    coders, sources = project
    sums = sum_all_sets(table_of_sets(key, project).select(), SET_SIMILARITIES[key])
    distance, everybody = DISTANCES[key], range(coders)
    assert close(
        values_of(sums.disagreement())[0], slow.set_alpha(sets_of(everybody, sources), distance)
    )
    within, without = map(values_of, (sums.disagreement_within(), sums.disagreement_without))
    assert sums.part_source.tolist() == [n for n, s in enumerate(sources) if len(s) >= 2]
    for number, own, rest in zip(sums.part_source.tolist(), within, without, strict=True):
        others = sources[:number] + sources[number + 1 :]
        assert close(own, slow.set_alpha(sets_of(everybody, [sources[number]]), distance))
        assert close(rest, slow.set_alpha(sets_of(everybody, others), distance))


@each_distance
@few
@given(project=projects())
def test_pairs_and_pairs_without_a_source(key, project):
    _, sources = project
    table = table_of_sets(key, project).select()
    pairs = list_sharing_pairs(table.finished)
    sums = sum_sets_by_pair(table, pairs, SET_SIMILARITIES[key])
    for pair, value in zip(pairs, values_of(sums.disagreement()), strict=True):
        assert close(value, slow.set_alpha(sets_of(pair, sources), DISTANCES[key]))
    parts = zip(
        sums.part_group.tolist(),
        sums.part_source.tolist(),
        values_of(sums.disagreement_without),
        strict=True,
    )
    for group, number, value in parts:
        others = sources[:number] + sources[number + 1 :]
        assert close(value, slow.set_alpha(sets_of(pairs[group], others), DISTANCES[key]))


@few
@given(project=projects())
def test_a_table_renewed_for_one_source_is_the_table_built_anew(project):
    coders, sources = project
    changed = [{coder: spans[1:] for coder, spans in sources[0].items()}, *sources[1:]]
    key, similarity = "set_alpha_masi", SET_SIMILARITIES["set_alpha_masi"]
    one = SetTable.of(table_of(coders, changed).of_source(0), units_of(changed[:1]), similarity)
    renewed = table_of_sets(key, project).replace(0, one)
    built = table_of_sets(key, (coders, changed))
    left, right = (
        values_of(sum_all_sets(table.select(), similarity).disagreement())[0]
        for table in (renewed, built)
    )
    assert close(left, right)


def ratio_of_sets(documents, discordant, distance):
    """D_o/D_e with so many judgements added, each of a coder who shares nothing with the others."""
    rows = [[frozenset(given_) for given_ in unit] for document in documents for unit in document]
    alpha = slow.set_alpha(rows, distance)
    if math.isnan(alpha):
        return None
    values = [value for row in rows for value in row]
    n = len(values)
    expected = sum(distance(a, b) for a in values for b in values) / (n * (n - 1))
    return 1 - alpha + float(2 * discordant / n / expected)


@each_distance
@few
@given(project=many_sources())
def test_values_and_intervals_of_the_engine(key, project):
    _, sources = project
    distance, every_code = DISTANCES[key], range(CODES)
    measured = compute_measure(build_statistics(key, table_of(*project), units_of(sources)))
    documents = documents_of(sources)

    def ratio(part, added):
        return ratio_of_sets(part, added, distance)

    value = ratio(documents, 0)
    check_jackknife(
        measured.overall,
        slow_jackknife.interval(ratio, documents, slow_jackknife.count_runs(documents, every_code)),
    )
    assert close(
        math.nan if measured.overall.value is None else measured.overall.value,
        math.nan if value is None else 1 - value,
    )
    for pair in measured.pairs:
        both = documents_of(
            [
                {coder: source[coder] for coder in (pair.first, pair.second)}
                for source in sources
                if pair.first in source and pair.second in source
            ]
        )
        assert pair.result.n == sum(map(len, both))
        runs = slow_jackknife.count_runs(both, every_code)
        check_jackknife(pair.result, slow_jackknife.interval(ratio, both, runs))
    assert [one.result.n for one in measured.by_source] == [len(SENTENCES)] * len(documents)


@each_distance
@pytest.mark.parametrize("part", [{}, {"annotators": [0, 2]}, {"sources": [1, 2, 3, 5]}])
def test_of_one_code_it_is_that_codes_alpha(key, part):
    """By code, and overall if there is only one code."""
    spans, units = project_of(14)
    alpha = compute_measure(build_statistics("krippendorff_alpha", spans, units), **part)
    assert compute_measure(build_statistics(key, spans, units), **part).codes == alpha.codes
    for code in alpha.codes:
        alone = build_statistics(key, spans.select(codes=[code.code]), units)
        found = compute_measure(alone, codes=[code.code], **part)
        assert close(found.overall.value, code.result.value)
        assert found.overall.interval.low == pytest.approx(code.result.interval.low)
        assert found.overall.interval.high == pytest.approx(code.result.interval.high)


@parametrized("coding/", where=lambda case: case["measure"] == "alpha_nominal")
def test_where_each_unit_has_one_code_it_is_the_published_nominal_alpha(case):
    rows = rows_of(case["data"])
    for key in DISTANCES:
        assert close(measure_rows(key, rows).overall.value, slow.krippendorff_alpha(rows))


def test_distances_are_those_of_the_papers():
    """Passonneau (2006): 1 − J · M, with M of 1, 2/3, 1/3, 0, in thirds."""
    sets = [frozenset(s) for s in ("", "a", "b", "ab", "bc", "abc", "abcd")]
    for one in sets:
        for other in sets:
            sizes = np.array(len(one)), np.array(len(other)), np.array(len(one & other))
            assert abs(1 - compute_masi_similarity(*sizes) - slow.masi_distance(one, other)) < 1e-12
            assert (
                abs(1 - compute_jaccard_similarity(*sizes) - slow.jaccard_distance(one, other))
                < 1e-12
            )
    assert slow.masi_distance(frozenset("ab"), frozenset("abcd")) == Fraction(2, 3)
    assert slow.masi_distance(frozenset("ab"), frozenset("bc")) == Fraction(8, 9)
    assert slow.masi_distance(frozenset(), frozenset()) == 0
    assert slow.masi_distance(frozenset(), frozenset("a")) == 1


@pytest.mark.parametrize("at_once", [1, 64, 1 << 18])
@pytest.mark.parametrize("similarity", SET_SIMILARITIES.values())
def test_similarities_are_summed_as_if_pair_by_pair(at_once, similarity, monkeypatch):
    """Also where groups are cut into chunks, and where large sets are compared one by one."""
    monkeypatch.setattr(set_similarity, "MOST_SUBSETS", at_once)
    random = np.random.default_rng(7)
    members = [
        np.flatnonzero(random.random(70) < share).tolist()
        for share in (0, 0.02, 0.05, 0.05, 0.1, 0.1, 0.3)
    ]
    words = np.zeros((len(members), 2), np.uint64)
    for row, codes in enumerate(members):
        for code in codes:
            words[row, code // 64] |= np.uint64(1) << np.uint64(code % 64)
    group = np.repeat([0, 1, 4, 5], [7, 3, 1, 9])
    which = random.integers(0, len(members), len(group))
    weight = random.integers(1, 9, len(group)).astype(float)
    found = sum_set_similarities(CodeSets.of(words), group, which, weight, similarity)
    for row in range(len(group)):
        expected = 0.0
        for other in np.flatnonzero(group == group[row]):
            one, two = set(members[which[row]]), set(members[which[other]])
            sizes = (np.array(len(one)), np.array(len(two)), np.array(len(one & two)))
            expected += weight[other] * float(similarity(*sizes))
        assert abs(found[row] - expected) < 1e-6
