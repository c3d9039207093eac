"""Disagreements that stand apart: runs of neighbouring units on which coders differ."""

import numpy as np

from cstoannot.stats.agreement.counts import CodeColumns, CodingTable, select_group_rows
from cstoannot.stats.agreement.overlaps import (
    argsort_columns,
    build_coder_masks,
    has_coder_in_mask,
    sum_by_place,
)
from cstoannot.stats.results import Bools, Floats, Ints


def mark_run_starts(key: Ints, start: Ints, stop: Ints) -> Bools:
    """(N,) whether a stretch begins a run, for stretches ordered by key and start.

    Stretches of one key that overlap or touch are one run.
    """
    if not len(key):
        return np.zeros(0, bool)
    reach = int(stop.max()) + 1
    furthest = np.maximum.accumulate(key * reach + stop)
    begins = np.ones(len(key), bool)
    begins[1:] = key[1:] * reach + start[1:] > furthest[:-1]
    return begins


class RunCounter:
    """Counts runs of a selected table: by code, over all its codes, and of a pair of coders."""

    def __init__(self, table: CodingTable, columns: CodeColumns) -> None:
        self.table = table
        self.columns = columns
        # Rows stay ordered by group, so that a group's rows are in the same range.
        self._by_place = argsort_columns(table.group, table.start)
        self._rows = np.searchsorted(table.group, np.arange(len(table.source) + 1))

    def count_by_code(self) -> Floats:
        """(K,) runs of each code, a unit being one on which any two coders differ."""
        rows = self._select_discordant_rows()
        table, column = self.table, self.columns.column[self.table.code[rows]]
        order = argsort_columns(table.group[rows], column, table.start[rows])
        rows, column = rows[order], column[order]
        key = table.group[rows] * max(len(self.columns), 1) + column
        begins = mark_run_starts(key, table.start[rows], table.stop[rows])
        return sum_by_place(column, begins, len(self.columns))

    def count_over_codes(self) -> int:
        """Count runs of units on which coders differ about any code."""
        rows = self._by_place[self._mark_discordant_rows(self._by_place)]
        return self._count_runs(rows)

    def count_of_pair(self, groups: Ints, first: int, second: int) -> int:
        """Count runs over all codes on which the two coders differ."""
        _, places = select_group_rows(self._rows, groups)
        rows = self._by_place[places]
        mask = self.table.mask[rows]
        one, other = has_coder_in_mask(mask, first), has_coder_in_mask(mask, second)
        discordant = one ^ other
        if len(self.table.owner):
            discordant &= np.isin(self.table.owner[rows], (first, second))
        return self._count_runs(rows[discordant])

    def _count_runs(self, rows: Ints) -> int:
        table = self.table
        return int(mark_run_starts(table.group[rows], table.start[rows], table.stop[rows]).sum())

    def _select_discordant_rows(self) -> Ints:
        return np.flatnonzero(self._mark_discordant_rows(np.arange(len(self.table.group))))

    def _mark_discordant_rows(self, rows: Ints) -> Bools:
        """(R,) whether some coder who finished the source is not in the row's mask."""
        table = self.table
        masks = build_coder_masks(np.arange(table.n_annotators), table.n_annotators)
        everyone = np.bitwise_or.reduce(
            np.where(table.finished[:, :, None], masks[None], np.uint64(0)), axis=1
        )
        return (table.mask[rows] != everyone[table.group[rows]]).any(axis=1)
