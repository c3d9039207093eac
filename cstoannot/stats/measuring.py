"""The way in: from passages to statistics to be kept, and from these to every number.

    spans = SpanTable.build(...)
    statistics = gather("krippendorff_alpha", spans, units)
    measured = measure(statistics)

After one source has changed, its statistics alone are gathered anew:

    fresh = gather(key, spans_of_that_source, its_units, whole=False)
    renewed = statistics.replace(source, fresh)
    measured = measure(renewed, known=unchanged_pairs(measured, statistics, renewed, source))

With fewer than ten sources in view, intervals come from within the sources (FORMULAE, 7); such
statistics are small and are gathered anew whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from cstoannot.stats import building
from cstoannot.stats.binary import (
    Resampled,
    Survey,
    survey_codes,
    survey_crowd,
    survey_pairs,
)
from cstoannot.stats.coding import CodingTable
from cstoannot.stats.coefficients.kinds import Kind, Measure
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.counts import Columns
from cstoannot.stats.labels import LabelTable, measure_labels
from cstoannot.stats.measured import CodeValue, Measured, PairValue
from cstoannot.stats.partition import PartitionTable
from cstoannot.stats.partitioned import measure_partition
from cstoannot.stats.resampling import DRAWS, Draws
from cstoannot.stats.results import Ints
from cstoannot.stats.sections import SectionTable, measure_sections
from cstoannot.stats.tables import LEAST_SOURCES, SpanTable, Units

Table = CodingTable | LabelTable | PartitionTable | SectionTable


@dataclass(frozen=True, eq=False)
class Statistics:
    """All that a measure needs of a project, by source.

    ``within``: the same by unit or block, for projects of fewer than ten sources; ``together``,
    ``together_within``: with all codes as one, for |uα.
    """

    key: str
    table: Table
    within: CodingTable | None = None
    together: CodingTable | None = None
    together_within: CodingTable | None = None

    def replace(self, source: int, fresh: "Statistics") -> "Statistics":
        """With one source's part exchanged for ``fresh``, gathered from that source alone.

        Raises ValueError for statistics with parts within sources: gather those anew.
        """
        if self.within is not None or fresh.key != self.key:
            raise ValueError("gather these statistics anew")
        table = self.table.replace(source, fresh.table)  # type: ignore[arg-type]
        together = self.together
        if together is not None and fresh.together is not None:
            together = together.replace(source, fresh.together)
        return replace(self, table=table, together=together)


def gather(
    key: str,
    spans: SpanTable,
    units: Units | None = None,
    *,
    blocks: Units | None = None,
    whole: bool = True,
) -> Statistics:
    """What the measure needs of these passages.

    ``units``: for segmented measures, which need them. ``blocks``: sentences or paragraphs, what
    to resample of fewer than ten sources for measures by passages and characters; without them
    these have no interval then. ``whole`` is False for one source of a larger project. Raises
    KeyError for an unknown measure, ValueError without the units it needs.
    """
    measure = MEASURES[key]
    if measure.kind is Kind.UNITS and units is None:
        raise ValueError(f"{key} needs units")
    few = whole and int((spans.finished.sum(axis=1) >= 2).sum()) < LEAST_SOURCES
    if measure.kind is Kind.LABELS:
        labels = spans.stance if key == "stance_alpha" else spans.voice
        return Statistics(key, LabelTable.of(spans, labels))
    if measure.kind is Kind.PARTITION:
        return Statistics(key, PartitionTable.of(spans))
    if measure.kind is Kind.SECTIONS:
        return Statistics(key, SectionTable.of(spans))
    if measure.kind is Kind.UNITS and units is not None:
        within = building.of_runs(spans, units) if few else None
        return Statistics(key, building.of_units(spans, units), within)
    return _of_passages(measure, spans, blocks if few else None)


def _of_passages(measure: Measure, spans: SpanTable, blocks: Units | None) -> Statistics:
    key = measure.key
    if measure.kind is not Kind.CHARACTERS:
        exact = measure.kind is Kind.PASSAGES
        build = building.of_passages if exact else building.of_meetings
        return Statistics(key, build(spans), build(spans, blocks) if blocks else None)
    table = building.of_characters(spans)
    within = building.of_blocks(spans, blocks) if blocks else None
    if key != "bar_u_alpha":
        return Statistics(key, table, within)
    together = building.of_characters(spans, any_code=True)
    inner = building.of_blocks(spans, blocks, any_code=True) if blocks else None
    return Statistics(key, table, within, together, inner)


def measure(
    statistics: Statistics,
    *,
    sources: ArrayLike | None = None,
    annotators: ArrayLike | None = None,
    codes: ArrayLike | None = None,
    draws: Draws | None = DRAWS,
    known: Mapping[tuple[int, int], PairValue] | None = None,
) -> Measured:
    """Every number of the measure for a selection, None being all; no intervals without draws.

    Selecting costs no reading of passages. Measures with ``all_codes`` look at all codes of
    their statistics, and ``codes`` only says which to list; to measure some, gather from
    ``spans.select(codes=...)``. ``known`` is what `unchanged_pairs` gave.
    """
    table = statistics.table
    chosen = np.arange(table.n_codes) if codes is None else np.unique(np.asarray(codes, np.int64))
    coders = _coders(table, sources, annotators)
    if isinstance(table, LabelTable):
        part = table.select(sources=sources, annotators=annotators, codes=chosen)
        return measure_labels(statistics.key, part, chosen, draws, coders)
    if isinstance(table, PartitionTable):
        selected = table.select(sources=sources, annotators=annotators)
        return measure_partition(statistics.key, selected, chosen, draws, coders)
    if isinstance(table, SectionTable):
        return measure_sections(
            table.select(sources=sources, annotators=annotators), chosen, coders
        )
    view = _View(MEASURES[statistics.key], sources, annotators, coders, draws, known or {})
    measured = view.measured(table, statistics.within, chosen)
    if statistics.together is None:
        return measured
    only = np.zeros(1, np.int64)
    together = view.measured(statistics.together, statistics.together_within, only)
    return replace(together, codes=measured.codes)


def measure_codes(
    statistics: Statistics,
    *,
    sources: ArrayLike | None = None,
    annotators: ArrayLike | None = None,
    codes: ArrayLike | None = None,
) -> tuple[CodeValue, ...]:
    """As `measure` gives the codes, without intervals, and in a small part of its time.

    For measures of one code at a time for any number of coders; ValueError for others.
    """
    table = statistics.table
    if not isinstance(table, CodingTable):
        raise ValueError(f"{statistics.key} is no measure of one code at a time")
    chosen = np.arange(table.n_codes) if codes is None else np.unique(np.asarray(codes, np.int64))
    coders = _coders(table, sources, annotators)
    view = _View(MEASURES[statistics.key], sources, annotators, coders, None, {})
    return survey_codes(view.survey(table, None, chosen))


def unchanged_pairs(
    measured: Measured, before: Statistics, after: Statistics, source: int
) -> dict[tuple[int, int], PairValue]:
    """Pairs of ``measured`` that the change of one source cannot have touched, for `measure`.

    ``before`` and ``after`` as given to and by `Statistics.replace`; ``measured`` is of
    ``before`` with the selection and draws that are to follow. None if the sources to draw from
    have changed, nor for measures in which pairs are the way to every other number.
    """
    binary = MEASURES[measured.key].binary
    if binary is None or binary.pairs:
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


def _coders(table: Table, sources: ArrayLike | None, annotators: ArrayLike | None) -> int:
    """How many coders in view finished anything in view."""
    finished = table.finished
    if sources is not None:
        where = np.isin(table.source, sources) if isinstance(table, CodingTable) else sources
        finished = finished[np.asarray(where)]
    if annotators is not None:
        finished = finished[:, np.unique(np.asarray(annotators, np.int64))]
    return int(finished.any(axis=0).sum())


@dataclass(frozen=True, eq=False)
class _View:
    """A selection of sources and annotators, and how to draw from it."""

    measure: Measure
    sources: ArrayLike | None
    annotators: ArrayLike | None
    coders: int
    draws: Draws | None
    known: Mapping[tuple[int, int], PairValue]

    def measured(self, table: CodingTable, within: CodingTable | None, codes: Ints) -> Measured:
        survey = self.survey(table, within, codes)
        return survey_pairs(survey) if survey.binary.pairs else survey_crowd(survey)

    def survey(self, table: CodingTable, within: CodingTable | None, codes: Ints) -> Survey:
        binary = self.measure.binary
        if binary is None:
            raise ValueError(f"{self.measure.key} is no measure of one code at a time")
        chosen = table.select(sources=self.sources, annotators=self.annotators, codes=codes)
        inner = None
        if within is not None and self.draws is not None:
            inner = within.select(sources=self.sources, annotators=self.annotators, codes=codes)
        resampled = None
        if self.draws is not None and self.coders >= 2:
            part = "units" if self.measure.kind is Kind.UNITS else "blocks"
            resampled = Resampled.of(chosen, inner, self.draws, part)
        columns = Columns.of(codes, table.n_codes)
        return Survey(self.measure, binary, chosen, columns, self.coders, resampled, self.known)
