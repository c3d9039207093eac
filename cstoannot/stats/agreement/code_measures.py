"""Measures of single codes: overall, by code, by pair of coders and by source.

Values over several codes are pooled: 1 − Σ D_o / Σ D_e. For more than two
coders, a measure made for two is the mean over the pairs that have a value.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cstoannot.stats.agreement.code_intervals import (
    IntervalBuilder,
    IntervalChoice,
    PairPart,
    start_intervals,
)
from cstoannot.stats.agreement.counts import (
    CodeColumns,
    CodingTable,
    GroupCounts,
    PairCounter,
    build_group_counts,
)
from cstoannot.stats.agreement.disagreement_runs import RunCounter
from cstoannot.stats.agreement.jackknife import FEWEST_SOURCES
from cstoannot.stats.agreement.overlaps import list_sharing_pairs, sum_by_place
from cstoannot.stats.coefficients.definitions import BinaryFormula, Measure, MeasureKind
from cstoannot.stats.results import (
    CodeValue,
    Coefficient,
    Floats,
    Interval,
    IntervalMethod,
    Ints,
    MeasureResult,
    PairValue,
    SourceValue,
    UndefinedReason,
    add_interval,
)


@dataclass(frozen=True, eq=False)
class CodeSurvey:
    """What is measured: the selected table, its codes in view, and the intervals asked for."""

    measure: Measure
    binary: BinaryFormula
    table: CodingTable
    columns: CodeColumns
    coders: int
    choice: IntervalChoice
    known: Mapping[tuple[int, int], PairValue]
    """Values of pairs that need not be computed again."""

    def build_part(
        self, counts: GroupCounts, groups: Ints, lengths: Floats, **more: Any
    ) -> PairPart:
        """Build the part of a pair of coders, or of all coders, in the intervals."""
        of_passages = self.measure.kind is not MeasureKind.UNITS
        return PairPart(self.binary, counts, groups, lengths, of_passages, **more)

    def seen(self) -> "JudgementCounts":
        """Count, by group and code, the units or passages and the positive judgements."""
        table = self.table
        shape = (len(table.source), len(self.columns))
        counts = build_group_counts(table, self.columns, ("positives",)).by_group()
        n = np.broadcast_to(counts["units"], shape)
        if self.measure.kind is not MeasureKind.UNITS:
            cell = table.own_group * shape[1] + self.columns.column[table.own_code]
            n = sum_by_place(cell, table.own_passages, shape[0] * shape[1]).reshape(shape)
        return JudgementCounts(n, counts["positives"], np.broadcast_to(counts["values"], shape))

    def results(
        self,
        values: Floats,
        seen: "JudgementCounts",
        intervals: Sequence[Interval | None],
        coders: list[int],
    ) -> list[Coefficient]:
        """Build a coefficient for each of the values (C,) from its counts (C,) and interval."""
        columns = zip(
            values.tolist(),
            seen.n.astype(np.int64).tolist(),
            seen.marked.tolist(),
            seen.judged.tolist(),
            coders,
            intervals,
            strict=True,
        )
        return [
            add_interval(self._result(value, rests, each), interval)
            for value, *rests, each, interval in columns
        ]

    def _result(self, value: float, rests: list[Any], coders: int) -> Coefficient:
        n, marked, judged = rests
        shares = self.measure.kind in (MeasureKind.UNITS, MeasureKind.CHARACTERS) and judged > 0
        prevalence = marked / judged if shares else None
        if not math.isnan(value):
            return Coefficient(value, None, n, coders, prevalence=prevalence)
        reason = self._reason(n, marked, judged)
        return Coefficient(None, reason, n, coders, prevalence=prevalence)

    def _reason(self, n: int, marked: float, judged: float) -> UndefinedReason:
        if self.coders < 2:
            return UndefinedReason.ONE_ANNOTATOR
        if not judged or (n == 0 and not self.measure.chance_corrected):
            return UndefinedReason.NO_PAIRABLE_UNITS
        if marked == judged and self.measure.kind is MeasureKind.CHARACTERS:
            return UndefinedReason.NO_GAPS
        return UndefinedReason.SINGLE_CATEGORY


@dataclass(frozen=True, eq=False)
class JudgementCounts:
    """What values rest on: ``n`` units or passages, ``marked`` of ``judged`` judgements."""

    n: Floats
    marked: Floats
    judged: Floats

    def total(self, measure: Measure, axis: int) -> "JudgementCounts":
        """Sum over groups (axis 0) or codes (axis 1); units are the same for all codes."""
        n = self.n.sum(axis=axis)
        if axis == 1 and measure.kind is MeasureKind.UNITS:
            n = self.n[:, 0] if self.n.shape[1] else n
        return JudgementCounts(n, self.marked.sum(axis=axis), self.judged.sum(axis=axis))

    def in_all(self, measure: Measure) -> "JudgementCounts":
        """Sum over groups and codes: arrays (1,)."""
        each = self.total(measure, 1)
        return JudgementCounts(
            *(np.array([part.sum()]) for part in (each.n, each.marked, each.judged))
        )

    def lengths(self, measure: Measure) -> Floats:
        """(C,) code points of a passage on average; 1 where single units or passages are judged."""
        if measure.kind is not MeasureKind.CHARACTERS:
            return np.ones(len(self.n))
        return self.marked / np.maximum(self.n, 1.0)


def compute_crowd_measure(survey: CodeSurvey) -> MeasureResult:
    """Compute a measure for any number of coders."""
    binary, table = survey.binary, survey.table
    counts = build_group_counts(table, survey.columns, binary.needs)
    judged = SelectionJudgements.of(survey)
    builder = start_intervals(survey.choice, len(table.source), len(judged.lengths))
    builder.add(survey.build_part(counts, np.arange(len(counts)), judged.lengths))
    total = counts.total()
    values = np.append(binary.each(total), binary.pooled(total))
    fresh = {
        (pair.first, pair.second): pair
        for pair, _ in _iterate_pair_values(survey, judged, survey.known)
    }
    pairs = [pair for _, pair in sorted({**survey.known, **fresh}.items())]
    by_source = binary.pooled(counts.by_group())
    return _build_measure_result(survey, judged, (values, builder), pairs, by_source)


def compute_crowd_code_values(survey: CodeSurvey) -> tuple[CodeValue, ...]:
    """Compute only the values by code, with their intervals, for any number of coders."""
    if survey.binary.pairs:
        raise ValueError(f"{survey.measure.key} is a mean over pairs: measure it whole")
    counts = build_group_counts(survey.table, survey.columns, survey.binary.needs)
    judged = SelectionJudgements.of(survey)
    builder = start_intervals(survey.choice, len(counts), len(judged.lengths))
    builder.add(survey.build_part(counts, np.arange(len(counts)), judged.lengths))
    values = survey.binary.each(counts.total())
    intervals = builder.intervals(1.0 - np.append(values, np.nan), judged.runs)
    return _build_code_values(survey, values, intervals[:-1], judged.seen)


def compute_pairwise_measure(survey: CodeSurvey) -> MeasureResult:
    """Compute a measure for two coders; with more, all but the pairs is a mean over pairs."""
    binary, table = survey.binary, survey.table
    judged = SelectionJudgements.of(survey)
    means, sources = RunningMean(), RunningMean()
    builder = start_intervals(survey.choice, len(table.source), len(judged.lengths))
    share = 2.0 / max(survey.coders, 2)
    pairs = []
    for pair, (groups, counts) in _iterate_pair_values(survey, judged):
        pairs.append(pair)
        total = counts.total()
        means.add(np.append(binary.each(total), binary.pooled(total)))
        own = np.full(len(table.source), np.nan)
        own[groups] = binary.pooled(counts.by_group())
        sources.add(own)
        builder.add(survey.build_part(counts, groups, judged.lengths, share=share))
    return _build_measure_result(
        survey,
        judged,
        (means.value(len(judged.lengths)), builder),
        pairs,
        sources.value(len(table.source)),
    )


@dataclass(frozen=True, eq=False)
class SelectionJudgements:
    """Counts of the selection's judgements, and the disagreements in them.

    ``lengths`` (K + 1,): code points or units of one judgement, by code and, last, over codes;
    ``runs`` (K + 1,): disagreements that stand apart, as the jackknife needs them.
    """

    seen: JudgementCounts
    lengths: Floats
    counter: RunCounter | None
    runs: Floats

    @classmethod
    def of(cls, survey: CodeSurvey) -> "SelectionJudgements":
        seen, measure = survey.seen(), survey.measure
        lengths = seen.total(measure, 0).lengths(measure)
        pooled = seen.in_all(measure).lengths(measure)
        lengths = np.append(lengths, pooled)
        if survey.choice.method is not IntervalMethod.JACKKNIFE:
            return cls(seen, lengths, None, np.zeros(len(lengths)))
        counter = RunCounter(survey.table, survey.columns)
        runs = np.append(counter.count_by_code(), counter.count_over_codes())
        return cls(seen, lengths, counter, runs)

    def count_pair_runs(self, groups: Ints, coders: tuple[int, int]) -> Ints:
        """(1,) disagreements of the pair that stand apart; 0 if no interval needs them."""
        if self.counter is None or len(groups) < FEWEST_SOURCES:
            return np.zeros(1, np.int64)
        return np.array([self.counter.count_of_pair(groups, *coders)])


def _build_measure_result(
    survey: CodeSurvey,
    judged: SelectionJudgements,
    values: tuple[Floats, IntervalBuilder],
    pairs: list[PairValue],
    by_source: Floats,
) -> MeasureResult:
    """Build the result from the values (K + 1,) by code and pooled, and those of sources (G,)."""
    table, measure, seen = survey.table, survey.measure, judged.seen
    found, builder = values
    intervals = builder.intervals(1.0 - found, judged.runs)
    each = seen.total(measure, 1)
    alone = start_intervals(survey.choice, 1, 1).intervals(1.0 - by_source, np.zeros(1))
    sources = survey.results(by_source, each, alone, table.finished.sum(axis=1).tolist())
    overall = survey.results(found[-1:], seen.in_all(measure), intervals[-1:], [survey.coders])
    return MeasureResult(
        measure.key,
        overall[0],
        _build_code_values(survey, found[:-1], intervals[:-1], seen),
        tuple(pairs),
        tuple(map(SourceValue, table.source.tolist(), sources)),
    )


def _build_code_values(
    survey: CodeSurvey,
    values: Floats,
    intervals: Sequence[Interval | None],
    seen: JudgementCounts,
) -> tuple[CodeValue, ...]:
    table, measure = survey.table, survey.measure
    coders = [survey.coders] * len(survey.columns)
    results = survey.results(values, seen.total(measure, 0), intervals, coders)
    if measure.kind is MeasureKind.UNITS:
        column = survey.columns.column[table.code]
        marked = sum_by_place(column, table.n, len(results)).astype(np.int64).tolist()
        results = [replace(result, marked=n) for result, n in zip(results, marked, strict=True)]
    return tuple(map(CodeValue, survey.columns.codes.tolist(), results))


class RunningMean:
    """An element-wise running mean that ignores NaN."""

    def __init__(self) -> None:
        self._total: Floats | float = 0.0
        self._count: Floats | float = 0.0

    def add(self, values: Floats) -> None:
        missing = np.isnan(values)
        self._total = self._total + np.where(missing, 0.0, values)
        self._count = self._count + ~missing

    def value(self, *shape: int) -> Floats:
        count = np.broadcast_to(np.asarray(self._count, float), shape)
        total = np.broadcast_to(np.asarray(self._total, float), shape)
        return np.divide(total, count, out=np.full(shape, np.nan), where=count > 0)


def _iterate_pair_values(
    survey: CodeSurvey,
    judged: SelectionJudgements,
    known: Mapping[tuple[int, int], PairValue] | None = None,
) -> Iterator[tuple[PairValue, tuple[Ints, GroupCounts]]]:
    """Yield the value of every pair not in ``known``, with its groups and their counts."""
    binary, measure = survey.binary, survey.measure
    pairs = PairCounter(survey.table, survey.columns)
    for coders in list_sharing_pairs(survey.table.finished):
        if known and coders in known:
            continue
        groups = pairs.groups(*coders)
        counts = pairs.counts(groups, coders, binary)
        rests = JudgementCounts(
            *pairs.seen(groups, coders, judged.seen.n, measure.kind is MeasureKind.UNITS)
        )
        value = binary.pooled(counts.total())[None]
        builder = start_intervals(survey.choice, len(groups), 1)
        every = np.arange(len(groups))
        builder.add(survey.build_part(counts, every, rests.lengths(measure), pooled_only=True))
        intervals = builder.intervals(1.0 - value, judged.count_pair_runs(groups, coders))
        result = survey.results(value, rests, intervals, [2])[0]
        yield PairValue(*coders, result), (groups, counts)
