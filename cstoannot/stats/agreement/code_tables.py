"""Values of one code at a time, by pair of coders and by source, and frequencies by coder.

For tables of a selection of `CodingTable.select`. Without intervals.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from cstoannot.stats.agreement.counts import (
    CodeColumns,
    CodingTable,
    GroupCounts,
    PairCounter,
    build_group_counts,
)
from cstoannot.stats.agreement.overlaps import has_coder_in_mask, sum_by_place
from cstoannot.stats.coefficients.definitions import BinaryFormula, Measure, MeasureKind
from cstoannot.stats.results import Floats, Ints


@dataclass(frozen=True, eq=False)
class CodeGrid:
    """Values (K, X) by code and column, NaN where undefined.

    ``n`` (K, X): units compared, or passages for measures that count these.
    """

    values: Floats
    n: Floats


@dataclass(frozen=True, eq=False)
class CoderFrequencies:
    """How often coders gave codes.

    ``marked`` (K, A): units that carry the code for the coder; ``read`` (A,): units that the coder
    read.
    """

    marked: Floats
    read: Floats

    @property
    def shares(self) -> Floats:
        """(K, A) the share of units with the code; NaN for coders who read nothing."""
        read = np.broadcast_to(self.read, self.marked.shape)
        return np.divide(self.marked, read, out=np.full(read.shape, np.nan), where=read > 0)


def require_binary(measure: Measure) -> BinaryFormula:
    """Return the formula; raise ValueError for measures of several codes at once."""
    if measure.binary is None:
        raise ValueError(f"{measure.key} is no measure of one code at a time")
    return measure.binary


def compute_codes_by_pair(
    table: CodingTable,
    codes: Ints,
    measure: Measure,
    pairs: list[tuple[int, int]],
) -> CodeGrid:
    """Compute each code's value for each pair, over the sources that both finished."""
    binary = require_binary(measure)
    columns = CodeColumns.of(codes, table.n_codes)
    counter = PairCounter(table, columns)
    values, n = (np.full((len(codes), len(pairs)), start) for start in (np.nan, 0.0))
    for place, pair in enumerate(pairs):
        groups = counter.groups(*pair)
        total = counter.counts(groups, pair, binary).total()
        values[:, place], n[:, place] = binary.each(total), total["units"].sum()
        if measure.kind is not MeasureKind.UNITS:
            own = np.isin(table.own_group, groups) & np.isin(table.own_annotator, pair)
            column = columns.column[table.own_code[own]]
            n[:, place] = sum_by_place(column, table.own_passages[own], len(codes))
    return CodeGrid(values, n)


def compute_codes_by_source(table: CodingTable, codes: Ints, measure: Measure) -> CodeGrid:
    """Compute each code's value for each source of the table (its groups).

    A measure made for two coders is the mean over the pairs that have a value.
    """
    binary, columns = require_binary(measure), CodeColumns.of(codes, table.n_codes)
    n = _count_by_source(table, columns, measure)
    if not binary.pairs:
        counts = build_group_counts(table, columns, binary.needs)
        return CodeGrid(_compute_by_group(counts, binary).T, n)
    shape = len(codes), len(table.source)
    total, defined = np.zeros(shape), np.zeros(shape)
    counter = PairCounter(table, columns)
    for pair in combinations(np.flatnonzero(table.finished.any(axis=0)).tolist(), 2):
        groups = counter.groups(*pair)
        if len(groups):
            own = _compute_by_group(counter.counts(groups, pair, binary), binary).T
            total[:, groups] += np.nan_to_num(own)
            defined[:, groups] += ~np.isnan(own)
    mean = np.divide(total, defined, out=np.full(shape, np.nan), where=defined > 0)
    return CodeGrid(mean, n)


def _count_by_source(table: CodingTable, columns: CodeColumns, measure: Measure) -> Floats:
    """(K, G) the units of each source, or each code's passages there."""
    shape = len(columns), len(table.source)
    if measure.kind is MeasureKind.UNITS:
        return np.broadcast_to(table.units.astype(float), shape)
    cell = columns.column[table.own_code] * shape[1] + table.own_group
    return sum_by_place(cell, table.own_passages, shape[0] * shape[1]).reshape(shape)


def _compute_by_group(counts: GroupCounts, binary: BinaryFormula) -> Floats:
    """(G, K) values; broadcast, as a formula may need sums that are equal for all codes."""
    return np.broadcast_to(binary.each(counts.by_group()), _find_shape(counts))


def _find_shape(counts: GroupCounts) -> tuple[int, ...]:
    return next(part.shape for part in counts.each.values())


def count_codes_by_coder(table: CodingTable, codes: Ints) -> CoderFrequencies:
    """Count units, in the sources of the table that a coder finished."""
    coders = table.n_annotators
    column = CodeColumns.of(codes, table.n_codes).column[table.code]
    marked = np.zeros((len(codes), coders))
    for coder in range(coders):
        rows = has_coder_in_mask(table.mask, coder)
        marked[:, coder] = sum_by_place(column[rows], table.n[rows], len(codes))
    read = table.units[:, None] * table.finished
    return CoderFrequencies(marked, read.sum(axis=0).astype(float))
