"""The entry point: from passages to sufficient statistics, and from these to every number.

    spans = SpanTable.build(...)
    statistics = build_statistics("krippendorff_alpha", spans, units)
    measured = compute_measure(statistics)

After a change of one source, only its statistics are built again:

    fresh = build_statistics(key, spans_of_that_source, its_units)
    renewed = statistics.replace(source, fresh)
    known = select_unchanged_pairs(measured, statistics, renewed, source)
    measured = compute_measure(renewed, known=known)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from cstoannot.stats.agreement import coding_builders
from cstoannot.stats.agreement.code_intervals import JACKKNIFE, IntervalChoice
from cstoannot.stats.agreement.code_measures import (
    CodeSurvey,
    compute_crowd_code_values,
    compute_crowd_measure,
    compute_pairwise_measure,
)
from cstoannot.stats.agreement.counts import CodeColumns, CodingTable
from cstoannot.stats.agreement.cu_alpha import compute_partition_measure
from cstoannot.stats.agreement.label_alpha import (
    LabelTable,
    compute_label_code_values,
    compute_label_measure,
)
from cstoannot.stats.agreement.partition_table import PartitionTable
from cstoannot.stats.agreement.set_results import compute_set_measure
from cstoannot.stats.agreement.set_table import SetTable
from cstoannot.stats.agreement.u_alpha_1995 import SectionTable, compute_section_measure
from cstoannot.stats.coefficients.definitions import Measure, MeasureKind
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.coefficients.set_alpha import SET_SIMILARITIES
from cstoannot.stats.results import CodeValue, Ints, MeasureResult, PairValue
from cstoannot.stats.tables import SpanTable, Units

Table = CodingTable | LabelTable | PartitionTable | SectionTable


@dataclass(frozen=True, eq=False)
class SufficientStatistics:
    """All that a measure needs of a project, by source.

    ``together``: with all codes as one, for |uα; ``sets``: for measures of sets of codes.
    """

    key: str
    table: Table
    together: CodingTable | None = None
    sets: SetTable | None = None

    def replace(self, source: int, fresh: "SufficientStatistics") -> "SufficientStatistics":
        """Replace one source's part by ``fresh``, built from that source alone.

        Raises ValueError for statistics of another measure.
        """
        if fresh.key != self.key:
            raise ValueError(f"these are statistics of {fresh.key}, not of {self.key}")
        table = self.table.replace(source, fresh.table)  # type: ignore[arg-type]
        together = self.together
        if together is not None and fresh.together is not None:
            together = together.replace(source, fresh.together)
        sets = self.sets
        if sets is not None and fresh.sets is not None:
            sets = sets.replace(source, fresh.sets)
        return replace(self, table=table, together=together, sets=sets)


def build_statistics(
    key: str, spans: SpanTable, units: Units | None = None
) -> SufficientStatistics:
    """Build what the measure needs of these passages.

    ``units``: required by segmented measures. Raises KeyError for an unknown measure, ValueError
    without required units.
    """
    measure = MEASURES[key]
    if measure.kind is MeasureKind.UNITS:
        if units is None:
            raise ValueError(f"{key} needs units")
        table = coding_builders.build_unit_coding(spans, units)
        similarity = SET_SIMILARITIES.get(key)
        sets = SetTable.of(spans, units, similarity) if similarity else None
        return SufficientStatistics(key, table, sets=sets)
    if measure.kind is MeasureKind.LABELS:
        labels = spans.stance if key == "stance_alpha" else spans.voice
        return SufficientStatistics(key, LabelTable.of(spans, labels))
    if key == "bar_u_alpha":
        characters = coding_builders.build_character_coding(spans)
        together = coding_builders.build_character_coding(spans, any_code=True)
        return SufficientStatistics(key, characters, together)
    build: Callable[[SpanTable], Table] = _BUILDERS[measure.kind]
    return SufficientStatistics(key, build(spans))


_BUILDERS: dict[MeasureKind, Callable[[SpanTable], Table]] = {
    MeasureKind.CHARACTERS: coding_builders.build_character_coding,
    MeasureKind.PASSAGES: coding_builders.build_passage_coding,
    MeasureKind.MEETINGS: coding_builders.build_overlap_coding,
    MeasureKind.PARTITION: PartitionTable.of,
    MeasureKind.SECTIONS: SectionTable.of,
}


def compute_measure(
    statistics: SufficientStatistics,
    *,
    sources: ArrayLike | None = None,
    annotators: ArrayLike | None = None,
    codes: ArrayLike | None = None,
    intervals: IntervalChoice = JACKKNIFE,
    known: Mapping[tuple[int, int], PairValue] | None = None,
) -> MeasureResult:
    """Compute every number of the measure for a selection; None means all.

    ``intervals``: by the jackknife, the bootstrap or none; the other methods are added by
    `add_unit_intervals`. Selecting reads no passages. Measures with
    ``all_codes`` use all codes of their statistics, and ``codes`` only says which to list; to
    measure some, build statistics from ``spans.select(codes=...)``. ``known`` comes from
    `select_unchanged_pairs`.
    """
    table = statistics.table
    chosen = np.arange(table.n_codes) if codes is None else np.unique(np.asarray(codes, np.int64))
    coders = _count_coders_in_view(table, sources, annotators)
    if isinstance(table, LabelTable):
        part = table.select(sources=sources, annotators=annotators, codes=chosen)
        return compute_label_measure(statistics.key, part, chosen, intervals, coders)
    if isinstance(table, PartitionTable):
        selected = table.select(sources=sources, annotators=annotators)
        return compute_partition_measure(statistics.key, selected, chosen, intervals, coders)
    if isinstance(table, SectionTable):
        return compute_section_measure(
            table.select(sources=sources, annotators=annotators), chosen, intervals, coders
        )
    view = _MeasureSelection(
        MEASURES[statistics.key], sources, annotators, coders, intervals, known or {}
    )
    if statistics.sets is not None:
        return view.measured_sets(statistics.sets, table, chosen)
    measured = view.measured(table, chosen)
    if statistics.together is None:
        return measured
    together = view.measured(statistics.together, np.zeros(1, np.int64))
    return replace(together, codes=measured.codes)


def compute_code_values(
    statistics: SufficientStatistics,
    *,
    sources: ArrayLike | None = None,
    annotators: ArrayLike | None = None,
    codes: ArrayLike | None = None,
    intervals: IntervalChoice = JACKKNIFE,
) -> tuple[CodeValue, ...]:
    """Compute only the values by code of `compute_measure`, much faster.

    For measures of single codes and any number of coders, and of labels; ValueError for others.
    """
    table = statistics.table
    if not isinstance(table, LabelTable | CodingTable):
        raise ValueError(f"{statistics.key} is no measure of one code at a time")
    chosen = np.arange(table.n_codes) if codes is None else np.unique(np.asarray(codes, np.int64))
    coders = _count_coders_in_view(table, sources, annotators)
    if isinstance(table, LabelTable):
        part = table.select(sources=sources, annotators=annotators, codes=chosen)
        return compute_label_code_values(part, chosen, intervals, coders)
    view = _MeasureSelection(MEASURES[statistics.key], sources, annotators, coders, intervals, {})
    return compute_crowd_code_values(view.survey(table, chosen))


def select_unchanged_pairs(
    measured: MeasureResult, before: SufficientStatistics, after: SufficientStatistics, source: int
) -> dict[tuple[int, int], PairValue]:
    """Return the pairs of ``measured`` that the change of one source cannot affect.

    ``before`` and ``after`` are the statistics before and after `SufficientStatistics.replace`.
    ``measured`` is of ``before``, with the selection and intervals of the next `compute_measure`.
    Empty if the readers of the source have changed, and for measures that compute every other
    number from pairs.
    """
    binary = MEASURES[measured.key].binary
    if binary is None or binary.pairs or before.sets is not None:
        return {}
    size = len(before.table.finished)
    if source >= size or np.any(before.table.finished[source] != after.table.finished[source]):
        return {}
    there = after.table.finished[source]
    return {
        (pair.first, pair.second): pair
        for pair in measured.pairs
        if not (there[pair.first] and there[pair.second])
    }


def _count_coders_in_view(
    table: Table, sources: ArrayLike | None, annotators: ArrayLike | None
) -> int:
    """Count the coders in view who finished anything in view."""
    finished = table.finished
    if sources is not None:
        where = np.isin(table.source, sources) if isinstance(table, CodingTable) else sources
        finished = finished[np.asarray(where)]
    if annotators is not None:
        finished = finished[:, np.unique(np.asarray(annotators, np.int64))]
    return int(finished.any(axis=0).sum())


@dataclass(frozen=True, eq=False)
class _MeasureSelection:
    """A selection of sources and annotators, and the intervals asked for."""

    measure: Measure
    sources: ArrayLike | None
    annotators: ArrayLike | None
    coders: int
    intervals: IntervalChoice
    known: Mapping[tuple[int, int], PairValue]

    def measured(self, table: CodingTable, codes: Ints) -> MeasureResult:
        survey = self.survey(table, codes)
        return (
            compute_pairwise_measure(survey)
            if survey.binary.pairs
            else compute_crowd_measure(survey)
        )

    def measured_sets(self, sets: SetTable, table: CodingTable, codes: Ints) -> MeasureResult:
        return compute_set_measure(
            self.survey(table, codes),
            sets.select(sources=self.sources, annotators=self.annotators),
            table.select(sources=self.sources, annotators=self.annotators),
        )

    def survey(self, table: CodingTable, codes: Ints) -> CodeSurvey:
        binary = self.measure.binary
        if binary is None:
            raise ValueError(f"{self.measure.key} is no measure of one code at a time")
        chosen = table.select(sources=self.sources, annotators=self.annotators, codes=codes)
        columns = CodeColumns.of(codes, table.n_codes)
        return CodeSurvey(
            self.measure, binary, chosen, columns, self.coders, self.intervals, self.known
        )
