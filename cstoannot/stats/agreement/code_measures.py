"""Measures of single codes: overall, by code, by pair of coders and by source.

Values over several codes are pooled: 1 − Σ D_o / Σ D_e. For more than two
coders, a measure made for two is the mean over the pairs that have a value.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from cstoannot.stats.agreement.counts import (
    CodeColumns,
    CodingTable,
    PairCounter,
    build_group_counts,
)
from cstoannot.stats.agreement.overlaps import sum_by_place
from cstoannot.stats.agreement.resampling import BootstrapDraws
from cstoannot.stats.coefficients.definitions import BinaryFormula, Measure, MeasureKind, Sums
from cstoannot.stats.results import (
    CodeValue,
    Coefficient,
    ConfidenceInterval,
    Floats,
    Ints,
    MeasureResult,
    Numbers,
    PairValue,
    SourceValue,
    UndefinedReason,
)
from cstoannot.stats.tables import LEAST_SOURCES


@dataclass(frozen=True, eq=False)
class ResampledGroups:
    """The groups that replicates draw from, with their weights: sources, or parts of sources."""

    table: CodingTable
    draws: BootstrapDraws
    method: str
    by_group: Numbers
    """(G, B), so that the weights of one group are contiguous: pairs and sources use few groups."""

    @property
    def weights(self) -> Numbers:
        """(B, G)."""
        return self.by_group.T

    def of_groups(self, groups: Ints) -> Numbers:
        """Return the weights (B, G') of some groups."""
        return self.by_group[groups].T

    @classmethod
    def of(
        cls, table: CodingTable, within: CodingTable | None, draws: BootstrapDraws, part: str
    ) -> "ResampledGroups | None":
        """Use sources if there are at least ten, else the groups of ``within``.

        ``part`` names these groups: units or blocks. Return None if neither is possible.
        """
        if len(table.source) >= LEAST_SOURCES:
            weights = draws.of_sources(len(table.source))
            return cls(table, draws, "sources", np.ascontiguousarray(weights.T))
        if within is None or not len(within.source):
            return None
        weights = draws.of_units(within.source, within.copies)
        return cls(within, draws, part, np.ascontiguousarray(weights.T))

    def interval(self, values: Floats, groups: Ints) -> ConfidenceInterval | None:
        drawn = int(self.table.copies[groups].sum()) if self.method == "units" else len(groups)
        return self.draws.interval(values, self.method, drawn)


@dataclass(frozen=True, eq=False)
class CodeSurvey:
    """What is measured: the selected table, its codes in view, and the groups to draw from."""

    measure: Measure
    binary: BinaryFormula
    table: CodingTable
    columns: CodeColumns
    coders: int
    resampled: ResampledGroups | None
    known: Mapping[tuple[int, int], PairValue]
    """Values of pairs that need not be computed again."""

    @property
    def few(self) -> bool:
        return self.resampled is not None and self.resampled.method != "sources"

    def seen(self, table: CodingTable) -> "JudgementCounts":
        """Count, by group and code, the units or passages and the positive judgements."""
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
        intervals: dict[int, ConfidenceInterval],
        coders: list[int],
    ) -> list[Coefficient]:
        """Build a coefficient for each of the values (C,) from its counts (C,)."""
        columns = zip(
            values.tolist(),
            seen.n.astype(np.int64).tolist(),
            seen.marked.tolist(),
            seen.judged.tolist(),
            coders,
            strict=True,
        )
        return [
            self._result(value, rests, each, intervals.get(place))
            for place, (value, *rests, each) in enumerate(columns)
        ]

    def _result(
        self,
        value: float,
        rests: list[Any],
        coders: int,
        interval: ConfidenceInterval | None,
    ) -> Coefficient:
        n, marked, judged = rests
        shares = self.measure.kind in (MeasureKind.UNITS, MeasureKind.CHARACTERS) and judged > 0
        prevalence = marked / judged if shares else None
        if not math.isnan(value):
            return Coefficient(value, None, n, coders, interval, prevalence=prevalence)
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

    def take(self, groups: Ints) -> "JudgementCounts":
        return JudgementCounts(self.n[groups], self.marked[groups], self.judged[groups])


def compute_crowd_measure(survey: CodeSurvey) -> MeasureResult:
    """Compute a measure for any number of coders."""
    binary, drawn = survey.binary, survey.resampled
    counts = build_group_counts(survey.table, survey.columns, binary.needs)
    total = counts.total()
    overall, codes = {}, {}
    if drawn is not None:
        part = (
            counts
            if not survey.few
            else build_group_counts(drawn.table, survey.columns, binary.needs)
        )
        sums = part.sums(drawn.weights)
        overall = _compute_column_intervals(
            drawn, binary.pooled(sums)[:, None], len(drawn.table.source)
        )
        codes = _compute_column_intervals(drawn, binary.each(sums), len(drawn.table.source))
    fresh = {
        (pair.first, pair.second): pair for pair, _ in _iterate_pair_values(survey, survey.known)
    }
    pairs = [pair for _, pair in sorted({**survey.known, **fresh}.items())]
    by_source = binary.pooled(counts.by_group())
    return _build_measure_result(
        survey, (binary.pooled(total)[None], overall), (binary.each(total), codes), pairs, by_source
    )


def compute_crowd_code_values(survey: CodeSurvey) -> tuple[CodeValue, ...]:
    """Compute only the values by code, without intervals, of a measure for any number of coders."""
    if survey.binary.pairs:
        raise ValueError(f"{survey.measure.key} is a mean over pairs: measure it whole")
    total = build_group_counts(survey.table, survey.columns, survey.binary.needs).total()
    values = survey.binary.each(total)
    return _build_code_values(survey, (values, {}), survey.seen(survey.table))


def compute_pairwise_measure(survey: CodeSurvey) -> MeasureResult:
    """Compute a measure for two coders; with more, all but the pairs is a mean over pairs."""
    binary, table, drawn = survey.binary, survey.table, survey.resampled
    each, overall, sources = RunningMean(), RunningMean(), RunningMean()
    each_drawn, overall_drawn = RunningMean(), RunningMean()
    pairs = []
    for pair, found in _iterate_pair_values(survey):
        pairs.append(pair)
        each.add(binary.each(found.total))
        overall.add(binary.pooled(found.total)[None])
        own = np.full(len(table.source), np.nan)
        own[found.groups] = binary.pooled(found.by_group)
        sources.add(own)
        if found.sums is not None:
            each_drawn.add(binary.each(found.sums))
            overall_drawn.add(binary.pooled(found.sums)[:, None])
    intervals: tuple[dict[int, ConfidenceInterval], dict[int, ConfidenceInterval]] = {}, {}
    if drawn is not None:
        size, count = drawn.draws.replicates, len(drawn.table.source)
        intervals = (
            _compute_column_intervals(drawn, overall_drawn.value(size, 1), count),
            _compute_column_intervals(drawn, each_drawn.value(size, len(survey.columns)), count),
        )
    return _build_measure_result(
        survey,
        (overall.value(1), intervals[0]),
        (each.value(len(survey.columns)), intervals[1]),
        pairs,
        sources.value(len(table.source)),
    )


_Values = tuple[Floats, dict[int, ConfidenceInterval]]


def _build_measure_result(
    survey: CodeSurvey, overall: _Values, codes: _Values, pairs: list[PairValue], by_source: Floats
) -> MeasureResult:
    table, measure = survey.table, survey.measure
    seen = survey.seen(table)
    each = seen.total(measure, 1)
    within = _compute_source_intervals(survey) if survey.few else {}
    sources = survey.results(by_source, each, within, table.finished.sum(axis=1).tolist())
    return MeasureResult(
        measure.key,
        survey.results(overall[0], seen.in_all(measure), overall[1], [survey.coders])[0],
        _build_code_values(survey, codes, seen),
        tuple(pairs),
        tuple(map(SourceValue, table.source.tolist(), sources)),
    )


def _build_code_values(
    survey: CodeSurvey, values: _Values, seen: JudgementCounts
) -> tuple[CodeValue, ...]:
    table, measure = survey.table, survey.measure
    coders = [survey.coders] * len(survey.columns)
    results = survey.results(values[0], seen.total(measure, 0), values[1], coders)
    if measure.kind is MeasureKind.UNITS:
        column = survey.columns.column[table.code]
        marked = sum_by_place(column, table.n, len(results)).astype(np.int64).tolist()
        results = [replace(result, marked=n) for result, n in zip(results, marked, strict=True)]
    return tuple(map(CodeValue, survey.columns.codes.tolist(), results))


def _compute_column_intervals(
    drawn: ResampledGroups, values: Floats, groups: int
) -> dict[int, ConfidenceInterval]:
    """Compute intervals of the columns of replicates (B, C); columns without one are left out."""
    every = np.arange(groups)
    found = {place: drawn.interval(column, every) for place, column in enumerate(values.T)}
    return {place: interval for place, interval in found.items() if interval is not None}


def _compute_source_intervals(survey: CodeSurvey) -> dict[int, ConfidenceInterval]:
    """Compute, by place, each source's interval from its own units or blocks."""
    drawn, found = survey.resampled, {}
    if drawn is None:
        return {}
    for place, source in enumerate(survey.table.source.tolist()):
        groups = np.flatnonzero(drawn.table.source == source)
        one = drawn.table.select(sources=[source])
        part = ResampledGroups(one, drawn.draws, drawn.method, drawn.by_group[groups])
        interval = drawn.interval(_compute_overall_replicates(survey, part), groups)
        if interval is not None:
            found[place] = interval
    return found


def _compute_overall_replicates(survey: CodeSurvey, drawn: ResampledGroups) -> Floats:
    """(B,) the overall value of each replicate."""
    binary = survey.binary
    if not binary.pairs:
        sums = build_group_counts(drawn.table, survey.columns, binary.needs).sums(drawn.weights)
        return binary.pooled(sums)
    pairs, mean = PairCounter(drawn.table, survey.columns), RunningMean()
    for first, second in _list_coder_pairs(drawn.table):
        groups = pairs.groups(first, second)
        counts = pairs.counts(groups, (first, second), binary)
        mean.add(binary.pooled(counts.sums(drawn.of_groups(groups))))
    return mean.value(len(drawn.weights))


class RunningMean:
    """An element-wise running mean that ignores NaN."""

    def __init__(self) -> None:
        self._total: Floats | float = 0.0
        self._count: Floats | float = 0.0

    def add(self, values: Floats) -> None:
        self._total = self._total + np.nan_to_num(values)
        self._count = self._count + ~np.isnan(values)

    def value(self, *shape: int) -> Floats:
        count = np.broadcast_to(np.asarray(self._count, float), shape)
        total = np.broadcast_to(np.asarray(self._total, float), shape)
        return np.divide(total, count, out=np.full(shape, np.nan), where=count > 0)


def _list_coder_pairs(table: CodingTable) -> list[tuple[int, int]]:
    """List the pairs of coders who finished a common group."""
    finished = table.finished.astype(np.float32)
    shared = finished.T @ finished
    coders = np.flatnonzero(np.diag(shared)).tolist()
    return [(i, j) for i, j in combinations(coders, 2) if shared[i, j]]


@dataclass(frozen=True, eq=False)
class PairSums:
    """A pair's sums: in total, by group, and by replicate (None without replicates)."""

    groups: Ints
    total: Sums
    by_group: Sums
    sums: Sums | None


def _iterate_pair_values(
    survey: CodeSurvey, known: Mapping[tuple[int, int], PairValue] | None = None
) -> Iterator[tuple[PairValue, PairSums]]:
    """Yield the value and sums of every pair not in ``known``, in replicates of the selection."""
    binary, pairs, drawn = (
        survey.binary,
        PairCounter(survey.table, survey.columns),
        survey.resampled,
    )
    inner = PairCounter(drawn.table, survey.columns) if drawn is not None and survey.few else pairs
    seen = survey.seen(survey.table)
    for coders in _list_coder_pairs(survey.table):
        if known and coders in known:
            continue
        groups = pairs.groups(*coders)
        counts = pairs.counts(groups, coders, binary)
        total, sums, interval = counts.total(), None, {}
        if drawn is not None:
            chosen = inner.groups(*coders) if survey.few else groups
            part = inner.counts(chosen, coders, binary) if survey.few else counts
            sums = part.sums(drawn.of_groups(chosen))
            if survey.few or len(groups) >= LEAST_SOURCES:
                replicates = binary.pooled(sums)[:, None]
                interval = _compute_column_intervals(drawn, replicates, len(chosen))
        rests = JudgementCounts(
            *pairs.seen(groups, coders, seen.n, survey.measure.kind is MeasureKind.UNITS)
        )
        value = binary.pooled(total)[None]
        result = survey.results(value, rests, interval, [2])[0]
        yield PairValue(*coders, result), PairSums(groups, total, counts.by_group(), sums)
