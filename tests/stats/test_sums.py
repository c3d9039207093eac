"""Sufficient statistics add up: by source and after a change."""

from dataclasses import fields, is_dataclass

import numpy as np
import pytest

from cstoannot.stats.agreement import coding_builders
from cstoannot.stats.agreement.code_intervals import NO_INTERVALS
from cstoannot.stats.agreement.engine import (
    build_statistics,
    compute_measure,
    select_unchanged_pairs,
)
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.tables import SpanTable, Units
from tests.stats.test_against_slow import CODES, LENGTH, table_of, units_of


def project_of(sources, *, coders=4, seed=5):
    """Random passages, about two thirds of the sources finished by each coder."""
    random = np.random.default_rng(seed)
    finished = random.random((sources, coders)) < 0.7
    size = sources * coders * 5
    start = 6 * random.integers(0, 4, size) + random.integers(0, 2, size)
    spans = SpanTable.build(
        lengths=np.full(sources, LENGTH),
        finished=finished,
        n_codes=CODES,
        source=np.arange(size) % sources,
        annotator=random.integers(0, coders, size),
        code=random.integers(0, CODES, size),
        start=start,
        end=start + random.choice([3, 5], size),
        stance=random.integers(0, 4, size),
        voice=random.integers(0, 3, size),
    )
    return spans, units_of(range(sources))


def equal(one, other):
    if one is None or other is None:
        return one is other
    if is_dataclass(one):
        names = [field.name for field in fields(one)]
        return all(equal(getattr(one, name), getattr(other, name)) for name in names)
    return np.array_equal(one, other)


def without(spans, source, rows):
    """The same, some passages of the source taken away."""
    kept = np.ones(len(spans), bool)
    kept[np.flatnonzero(spans.source == source)[:rows]] = False
    return spans.take(np.flatnonzero(kept))


@pytest.mark.parametrize("key", MEASURES)
def test_one_source_gathered_anew_gives_what_everything_gathered_gives(key):
    spans, units = project_of(14)
    before = build_statistics(key, spans, units)
    changed = without(spans, 6, 3)
    fresh = build_statistics(key, changed.of_source(6), units.of_source(6))
    after = before.replace(6, fresh)
    assert equal(after, build_statistics(key, changed, units))
    assert compute_measure(after) == compute_measure(build_statistics(key, changed, units))


@pytest.mark.parametrize("key", ["krippendorff_alpha", "u_alpha"])
def test_pairs_of_other_sources_are_taken_over_unchanged(key):
    spans, units = project_of(14)
    before = build_statistics(key, spans, units)
    measured = compute_measure(before)
    changed = without(spans, 6, 3)
    after = before.replace(6, build_statistics(key, changed.of_source(6), units.of_source(6)))
    known = select_unchanged_pairs(measured, before, after, 6)
    assert 0 < len(known) < len(measured.pairs)
    assert compute_measure(after, known=known) == compute_measure(after)


def test_pairs_are_measured_anew_where_someone_else_finished():
    spans, units = project_of(14)
    before = build_statistics("krippendorff_alpha", spans, units)
    one = spans.of_source(6)
    reopened = SpanTable.build(
        lengths=one.lengths,
        finished=np.zeros_like(one.finished),
        n_codes=CODES,
        **{name: getattr(one, name) for name in ("source", "annotator", "code", "start", "end")},
    )
    fresh = build_statistics("krippendorff_alpha", reopened, units.of_source(6))
    after = before.replace(6, fresh)
    assert select_unchanged_pairs(compute_measure(before), before, after, 6) == {}


def test_a_new_source_with_a_new_code_and_annotator_is_added():
    spans, units = project_of(12)
    one = SpanTable.build(
        lengths=[LENGTH],
        finished=[[True] * 5],
        n_codes=CODES + 1,
        source=[0, 0],
        annotator=[0, 4],
        code=[CODES, 0],
        start=[0, 3],
        end=[9, 9],
    )
    grown = build_statistics("krippendorff_alpha", spans, units).replace(
        12, build_statistics("krippendorff_alpha", one, units_of([0]))
    )
    measured = compute_measure(grown)
    assert [code.code for code in measured.codes] == list(range(CODES + 1))
    assert (measured.by_source[-1].source, measured.overall.coders) == (12, 5)


@pytest.mark.parametrize("key", MEASURES)
def test_a_selection_is_measured_as_if_nothing_else_existed(key):
    spans, units = project_of(13)
    chosen = {"sources": [1, 2, 3, 5, 8, 11], "annotators": [0, 2, 3]}
    if not MEASURES[key].all_codes:
        chosen["codes"] = [0, 2]
    selected = compute_measure(
        build_statistics(key, spans, units), **chosen, intervals=NO_INTERVALS
    )
    alone = compute_measure(
        build_statistics(key, spans.select(**chosen), units),
        codes=chosen.get("codes"),
        intervals=NO_INTERVALS,
    )
    assert selected == alone


def test_passages_between_units_are_in_no_unit():
    spans = table_of(2, [{0: [(5, 6, 0)], 1: [(13, 15, 0)]}])
    assert len(coding_builders.build_unit_coding(spans, units_of([0])).n) == 0


def test_whole_sources_are_units():
    spans = table_of(2, [{0: [(5, 6, 0)], 1: [(13, 15, 0)]}, {0: [], 1: [(0, 1, 0)]}])
    measured = compute_measure(
        build_statistics("percent_agreement", spans, Units.whole_sources(spans.lengths)), codes=[0]
    )
    assert measured.overall.value == 0.5
    assert measured.overall.n == 2


def test_single_characters_are_units():
    spans = table_of(2, [{0: [(0, 6, 0)], 1: [(3, 6, 0)]}])
    measured = compute_measure(
        build_statistics("percent_agreement", spans, Units.characters(spans.lengths)), codes=[0]
    )
    assert measured.overall.value == pytest.approx(1 - 3 / LENGTH)


def test_more_than_sixty_four_annotators():
    coders = 70
    spans = table_of(coders, [{coder: [(0, 4, 0)] if coder % 2 else [] for coder in range(coders)}])
    measured = compute_measure(
        build_statistics("krippendorff_alpha", spans, units_of([0])),
        codes=[0],
        intervals=NO_INTERVALS,
    )
    assert measured.overall.coders == coders
    # The first sentence splits the coders in halves, the others nobody marked.
    assert measured.codes[0].result.prevalence == pytest.approx(0.5 / 4)
    assert len(measured.pairs) == coders * (coders - 1) // 2
    assert measured.pairs[1].result.reason is not None


def test_marked_units_are_those_with_the_code_of_anybody():
    spans = table_of(2, [{0: [(0, 6, 0)], 1: [(3, 14, 0)]}])
    [code] = compute_measure(
        build_statistics("krippendorff_alpha", spans, units_of([0])), codes=[0]
    ).codes
    assert (code.result.n, code.result.marked, code.result.prevalence) == (4, 3, 4 / 8)
