"""The results of set-valued α: values with intervals, overall, by pair and by source.

By code they are those of the code alone, of which a unit's set is empty or full: its nominal α.
"""

import math

import numpy as np

from cstoannot.stats.agreement.code_intervals import IntervalChoice
from cstoannot.stats.agreement.code_measures import CodeSurvey, compute_crowd_code_values
from cstoannot.stats.agreement.counts import CodeColumns, CodingTable
from cstoannot.stats.agreement.disagreement_runs import RunCounter
from cstoannot.stats.agreement.jackknife import DisagreementRatios, compute_jackknife_intervals
from cstoannot.stats.agreement.overlaps import list_sharing_pairs
from cstoannot.stats.agreement.set_measure import SetSums, sum_all_sets, sum_sets_by_pair
from cstoannot.stats.agreement.set_table import SetTable
from cstoannot.stats.coefficients.definitions import compute_disagreement_ratio
from cstoannot.stats.coefficients.set_alpha import SET_SIMILARITIES, compute_set_disagreement
from cstoannot.stats.results import (
    Coefficient,
    Floats,
    Interval,
    IntervalMethod,
    IntervalReason,
    MeasureResult,
    PairValue,
    SourceValue,
    UndefinedReason,
    add_interval,
)

_JUDGEMENT = 2.0
"""The observed disagreement of one coder who shares nothing with the others on one unit."""


def compute_set_measure(survey: CodeSurvey, table: SetTable, coding: CodingTable) -> MeasureResult:
    """Compute the measure for a selection.

    ``survey``: of the codes that are listed; ``table`` and ``coding``: of the same sources and
    annotators, with all codes that count.
    """
    key, choice, coders = survey.measure.key, survey.choice, survey.coders
    similarity = SET_SIMILARITIES[key]
    counter = RunCounter(coding, CodeColumns.of(np.arange(coding.n_codes), coding.n_codes))
    sums = sum_all_sets(table, similarity)
    units = table.units * table.finished.any(axis=1)
    value = _compute_values(sums)[0]
    overall = _build_set_coefficient(value, int(units.sum()), coders)
    if choice.method is IntervalMethod.JACKKNIFE:
        runs = counter.count_over_codes()
        overall = add_interval(overall, _compute_interval(sums, 0, runs))
    return MeasureResult(
        key,
        overall,
        compute_crowd_code_values(survey),
        _compute_pairs(key, table, counter, choice),
        _compute_sources(table, sums, choice),
    )


def _compute_pairs(
    key: str, table: SetTable, counter: RunCounter, choice: IntervalChoice
) -> tuple[PairValue, ...]:
    pairs = list_sharing_pairs(table.finished)
    sums = sum_sets_by_pair(table, pairs, SET_SIMILARITIES[key])
    finished = counter.table.finished
    found = []
    for nth, ((first, second), value) in enumerate(
        zip(pairs, _compute_values(sums).tolist(), strict=True)
    ):
        result = _build_set_coefficient(value, int(sums.total[nth]) // 2, 2)
        if choice.method is IntervalMethod.JACKKNIFE:
            groups = np.flatnonzero(finished[:, first] & finished[:, second])
            runs = counter.count_of_pair(groups, first, second)
            result = add_interval(result, _compute_interval(sums, nth, runs))
        found.append(PairValue(first, second, result))
    return tuple(found)


def _compute_sources(
    table: SetTable, sums: SetSums, choice: IntervalChoice
) -> tuple[SourceValue, ...]:
    values = 1.0 - compute_disagreement_ratio(*sums.disagreement_within())
    alone = None if choice.method is IntervalMethod.NONE else IntervalReason.FEW_SOURCES
    found = []
    for source, value in zip(sums.part_source.tolist(), values.tolist(), strict=True):
        readers = int(table.finished[source].sum())
        result = _build_set_coefficient(value, int(table.units[source]), readers)
        found.append(SourceValue(source, add_interval(result, alone)))
    return tuple(found)


def _compute_values(sums: SetSums) -> Floats:
    return 1.0 - compute_disagreement_ratio(*sums.disagreement())


def _compute_interval(sums: SetSums, group: int, runs: int) -> Interval | None:
    """Compute the interval of one group, from its value without each of its sources."""
    low, high = np.searchsorted(sums.part_group, [group, group + 1])
    parts = slice(low, high)
    involved = sums.part_total[parts] > 0
    left = _JUDGEMENT * (1.0 - 1.0 / max(int(involved.sum()), 1))
    observed, expected = sums.disagreement_without
    total = sums.total[group] - sums.part_total[parts]
    without = compute_disagreement_ratio(
        observed[parts] + left / np.maximum(total, 1), expected[parts]
    )
    observed, alike, whole = (
        part[group : group + 1] for part in (sums.observed, sums.alike, sums.total)
    )
    plain = compute_disagreement_ratio(*compute_set_disagreement(observed, alike, whole))
    padded = compute_set_disagreement(observed + _JUDGEMENT, alike, whole)
    ratios = DisagreementRatios(
        plain,
        compute_disagreement_ratio(*padded),
        without[:, None],
        involved[:, None],
        np.array([runs]),
    )
    return compute_jackknife_intervals(ratios)[0]


def _build_set_coefficient(value: float, n: int, coders: int) -> Coefficient:
    if not math.isnan(value):
        return Coefficient(value, None, n, coders)
    reason = UndefinedReason.SINGLE_CATEGORY if n else UndefinedReason.NO_PAIRABLE_UNITS
    return Coefficient(None, UndefinedReason.ONE_ANNOTATOR if coders < 2 else reason, n, coders)
