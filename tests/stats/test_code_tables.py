"""Tables by code and pair, source or coder, and coders against the majority of the others."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given

from cstoannot.stats.agreement.code_tables import (
    compute_codes_by_pair,
    compute_codes_by_source,
    count_codes_by_coder,
)
from cstoannot.stats.agreement.engine import build_statistics
from cstoannot.stats.agreement.profiles import compare_with_majority, count_against_majority
from cstoannot.stats.coefficients.registry import MEASURES
from tests.stats.reference import slow
from tests.stats.test_against_slow import (
    CODES,
    OF_PAIRS,
    SENTENCES,
    SLOW,
    few,
    judged,
    projects,
    ratings,
    table_of,
    units_of,
)

EVERY_CODE = np.arange(CODES)


def table_of_units(project, key="krippendorff_alpha"):
    return build_statistics(key, table_of(*project), units_of(project[1])).table.select()


def close(value, expected):
    return (math.isnan(value) and math.isnan(expected)) or abs(value - expected) < 1e-9


@pytest.mark.parametrize("key", SLOW)
@few
@given(project=projects())
def test_codes_by_pair(key, project):
    coders, sources = project
    pairs = list(combinations(range(coders), 2))
    table = table_of_units(project, key)
    grid = compute_codes_by_pair(table, EVERY_CODE, MEASURES[key], pairs)
    for place, pair in enumerate(pairs):
        both = [source for source in sources if set(pair) <= set(source)]
        assert set(grid.n[:, place]) == {len(both) * len(SENTENCES)}
        for code in range(CODES):
            assert close(grid.values[code, place], SLOW[key](ratings(pair, both, code)))


@pytest.mark.parametrize("key", SLOW)
@few
@given(project=projects())
def test_codes_by_source(key, project):
    coders, sources = project
    table = table_of_units(project, key)
    grid = compute_codes_by_source(table, EVERY_CODE, MEASURES[key])
    assert grid.values.shape == (CODES, len(table.source))
    for place, number in enumerate(table.source.tolist()):
        one = [sources[number]]
        groups = list(combinations(one[0], 2)) if key in OF_PAIRS else [range(coders)]
        for code in range(CODES):
            values = [SLOW[key](ratings(group, one, code)) for group in groups]
            values = [value for value in values if not math.isnan(value)]
            mean = sum(values) / len(values) if values else math.nan
            assert close(grid.values[code, place], mean)


@few
@given(project=projects())
def test_counts_of_passages(project):
    """For measures that count passages, n is how many both coders, or all of a source, marked."""
    coders, sources = project
    table = build_statistics("f1_exact", table_of(*project)).table.select()
    measure, pairs = MEASURES["f1_exact"], list(combinations(range(coders), 2))
    by_pair = compute_codes_by_pair(table, EVERY_CODE, measure, pairs)
    by_source = compute_codes_by_source(table, EVERY_CODE, measure)
    for code in range(CODES):
        for place, number in enumerate(table.source.tolist()):
            spans = [span for given_ in sources[number].values() for span in given_]
            assert by_source.n[code, place] == sum(span[2] == code for span in spans)
        for place, pair in enumerate(pairs):
            both = [source for source in sources if set(pair) <= set(source)]
            spans = [span for source in both for coder in pair for span in source[coder]]
            assert by_pair.n[code, place] == sum(span[2] == code for span in spans)


@few
@given(project=projects())
def test_frequencies_by_coder(project):
    coders, sources = project
    found = count_codes_by_coder(table_of_units(project), EVERY_CODE)
    shared = [source for source in sources if len(source) >= 2]
    for coder in range(coders):
        read = [source for source in shared if coder in source]
        assert found.read[coder] == len(read) * len(SENTENCES)
        for code in range(CODES):
            marked = sum(sum(judged(source, coder, code)) for source in read)
            assert found.marked[code, coder] == marked
            share = marked / found.read[coder] if read else math.nan
            assert close(found.shares[code, coder], share)


@few
@given(project=projects())
def test_a_coder_against_the_majority_of_the_others(project):
    coders, sources = project
    table = table_of_units(project)
    for coder in range(coders):
        counts = count_against_majority(table, EVERY_CODE, coder)
        found = compare_with_majority(counts)
        read = [source for source in sources if len(source) >= 2 and coder in source]
        assert len(counts.groups) == len(read)
        hits = own_total = majority_total = 0
        for code in range(CODES):
            rows, others = [], 0.0
            for source in read:
                rest = [judged(source, other, code) for other in source if other != coder]
                others += sum(map(sum, rest)) / len(rest)
                majority = [int(sum(unit) > len(rest) / 2) for unit in zip(*rest, strict=True)]
                rows += zip(judged(source, coder, code), majority, strict=True)
            both = sum(a and b for a, b in rows)
            own, theirs = sum(a for a, _ in rows), sum(b for _, b in rows)
            assert close(found.precision[code], both / own if own else math.nan)
            assert close(found.recall[code], both / theirs if theirs else math.nan)
            either = own + theirs
            assert close(found.f1[code], 2 * both / either if either else math.nan)
            alpha = slow.krippendorff_alpha([list(row) for row in rows]) if rows else math.nan
            assert close(found.alpha[code], alpha)
            assert close(counts.others[:, code].sum(), others)
            hits, own_total = hits + both, own_total + own
            majority_total += theirs
        either = own_total + majority_total
        assert close(found.overall_f1, 2 * hits / either if either else math.nan)
        assert close(found.overall_precision, hits / own_total if own_total else math.nan)
        assert close(found.overall_recall, hits / majority_total if majority_total else math.nan)
