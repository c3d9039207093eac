"""Tables of codes by pair of coders, by source and by coder, as far as a reader may know them."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cstoannot.agreement.dataset import AgreementCode, AgreementSource, Annotator
from cstoannot.agreement.project_cache import CachedAgreement, load_cached_agreement
from cstoannot.agreement.reports import (
    DEFAULT_MEASURE,
    AgreementQuery,
    AgreementSelection,
    build_agreement_selection,
    check_agreement_query,
    check_measure,
)
from cstoannot.core.errors import Invalid
from cstoannot.projects.scope import Scope
from cstoannot.stats.agreement.code_tables import (
    compute_codes_by_pair,
    compute_codes_by_source,
    count_codes_by_coder,
)
from cstoannot.stats.agreement.counts import CodingTable
from cstoannot.stats.coefficients.definitions import Measure, MeasureKind
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.results import UndefinedReason

PAIR, SOURCE, CODER = "pair", "source", "coder"
COLUMNS = (PAIR, SOURCE, CODER)
"""What the columns of a table are; the rows are codes."""

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class TableColumn:
    """A pair of coders, a source or a coder; ``number``: its place among all columns."""

    number: int
    annotators: tuple[Annotator, ...] = ()
    source: AgreementSource | None = None

    @property
    def label(self) -> str:
        if self.source:
            return self.source.title
        return ", ".join(one.username for one in self.annotators)


@dataclass(frozen=True, slots=True)
class TableCell:
    """A value or None with the reason; by coder, the share of ``n`` units that carry the code.

    ``marked``: by coder, how many of these units.
    """

    value: float | None
    reason: UndefinedReason | None
    n: int
    marked: int | None = None


@dataclass(frozen=True)
class TableRow:
    code: AgreementCode
    cells: tuple[TableCell, ...]


@dataclass(frozen=True)
class CodeTable:
    """A page of columns; ``total``: how many columns there are, ``unit``: what is counted."""

    question: AgreementQuery
    by: str
    measure: Measure
    unit: str
    total: int
    columns: tuple[TableColumn, ...]
    rows: tuple[TableRow, ...]

    def sort_rows(self, number: int, *, descending: bool) -> "CodeTable":
        """Sort by the shown column with this number; undefined values come last."""
        place = next((n for n, one in enumerate(self.columns) if one.number == number), None)
        if place is None:
            return self
        sign = -1.0 if descending else 1.0

        def rank(row: TableRow) -> float:
            value = row.cells[place].value
            return math.inf if value is None else sign * value

        return replace(self, rows=tuple(sorted(self.rows, key=rank)))


def build_code_table(
    scope: Scope, question: AgreementQuery, by: str, *, offset: int = 0, limit: int | None = None
) -> CodeTable:
    """Compute the table's columns from ``offset``; raise Invalid.

    By pair and by coder, readers who know only results with their own work in them get their own
    pairs and their own frequencies.
    """
    if by not in COLUMNS:
        raise Invalid(f"by is one of: {', '.join(COLUMNS)}.", field="by")
    known, unit = _choose_counted(question) if by == CODER else check_measure(question)
    kept = load_cached_agreement(scope, question.meaning)
    with kept.lock:
        check_agreement_query(kept, question)
        views = kept.parts_for(question.codes)
        parts = [_start_table(view, question, known, unit) for view in views]
        columns = parts[0].columns(by)
        shown = columns[offset : None if limit is None else offset + limit]
        rows = {
            code: TableRow(kept.coding.codes[code], cells)
            for part in parts
            for code, cells in zip(part.chosen.codes, part.cells(by, shown), strict=True)
        }
        in_order = tuple(rows[code] for code in sorted(rows))
        return CodeTable(question, by, known, unit, len(columns), shown, in_order)


def _start_table(
    kept: CachedAgreement, question: AgreementQuery, known: Measure, unit: str
) -> "_TableBuilder":
    """Return the builder of the rows of codes that the same coders have read."""
    table = load_code_counts(kept, known, unit)
    return _TableBuilder(kept, build_agreement_selection(question, kept.coding), table, known)


def load_code_counts(kept: CachedAgreement, known: Measure, unit: str) -> CodingTable:
    """Return the measure's statistics; raise Invalid if it is not of one code at a time."""
    table = kept.statistics_for(known.key, unit).table
    if not isinstance(table, CodingTable) or known.binary is None:
        raise Invalid(
            f"{known.title} is not computed for one code at a time. Choose another measure.",
            field="measure",
        )
    return table


def _choose_counted(question: AgreementQuery) -> tuple[Measure, str]:
    """Return the measure whose units frequencies count: its own, or sentences."""
    known, unit = check_measure(question)
    if known.kind in {MeasureKind.UNITS, MeasureKind.CHARACTERS}:
        return known, unit
    default = MEASURES[DEFAULT_MEASURE]
    return default, default.units[0]


@dataclass(frozen=True, eq=False)
class _TableBuilder:
    kept: CachedAgreement
    chosen: AgreementSelection
    table: CodingTable
    measure: Measure

    def columns(self, by: str) -> tuple[TableColumn, ...]:
        coding = self.kept.coding
        if by == SOURCE:
            return tuple(
                TableColumn(n, source=coding.sources[source])
                for n, source in enumerate(self.chosen.sources)
            )
        finished = coding.finished[list(self.chosen.sources)].astype(int)
        shared = finished.T @ finished
        known = [n for n in self.chosen.annotators if shared[n, n]]
        groups: list[tuple[int, ...]] = [(n,) for n in known]
        if by == PAIR:
            groups = [(i, j) for i in known for j in known if i < j and shared[i, j]]
        named = [tuple(coding.annotators[one] for one in group) for group in groups]
        if coding.reader is not None:
            named = [group for group in named if coding.reader in {one.pk for one in group}]
        return tuple(TableColumn(n, group) for n, group in enumerate(named))

    def cells(self, by: str, shown: tuple[TableColumn, ...]) -> list[tuple[TableCell, ...]]:
        coding = self.kept.coding
        codes = np.asarray(self.chosen.codes, np.int64)
        sources: tuple[int, ...] = self.chosen.sources
        if by == SOURCE:
            numbers = (coding.source_number(one.source.pk) for one in shown if one.source)
            sources = tuple(n for n in numbers if n is not None)
        table = self.table.select(
            sources=np.asarray(sources, np.int64),
            annotators=np.asarray(self.chosen.annotators, np.int64),
            codes=codes,
        )
        place = {one.pk: n for n, one in enumerate(coding.annotators)}
        groups = [[place[one.pk] for one in column.annotators] for column in shown]
        if by == CODER:
            found = count_codes_by_coder(table, codes)
            own = [group[0] for group in groups]
            n = np.broadcast_to(found.read[own], (len(codes), len(own)))
            return self._rows(found.shares[:, own], n, found.marked[:, own])
        grid = (
            compute_codes_by_source(table, codes, self.measure)
            if by == SOURCE
            else compute_codes_by_pair(table, codes, self.measure, [(i, j) for i, j in groups])
        )
        return self._rows(grid.values, grid.n)

    def _rows(
        self,
        values: NDArray[np.float64],
        n: NDArray[np.float64],
        marked: NDArray[np.float64] | None = None,
    ) -> list[tuple[TableCell, ...]]:
        counted = np.full(values.shape, -1.0) if marked is None else marked
        return [
            tuple(map(self._cell, *columns))
            for columns in zip(values.tolist(), n.tolist(), counted.tolist(), strict=True)
        ]

    def _cell(self, value: float, n: float, marked: float) -> TableCell:
        count = None if marked < 0 else int(marked)
        if not math.isnan(value):
            return TableCell(value, None, int(n), count)
        single = n and self.measure.chance_corrected
        reason = UndefinedReason.SINGLE_CATEGORY if single else UndefinedReason.NO_PAIRABLE_UNITS
        return TableCell(None, reason, int(n), count)
