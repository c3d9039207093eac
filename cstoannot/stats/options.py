"""Other intervals for one code, for reviewers who know them: Gwet's and Krippendorff's.

Both take units as independent, which neighbouring sentences are not, so they are narrower than
the resampling of sources that `measuring` gives.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from cstoannot.stats.analytic import analytic_interval, gwet_error
from cstoannot.stats.coding import CodingTable
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.layers import size_of, summed
from cstoannot.stats.measured import Measured
from cstoannot.stats.measuring import Statistics
from cstoannot.stats.resampling import DRAWS, Draws, krippendorff_bootstrap
from cstoannot.stats.results import Coefficient, replaced
from cstoannot.stats.tables import LEAST_SOURCES, ValueCounts


def code_counts(table: CodingTable, code: int) -> ValueCounts:
    """How many coders gave the code and how many did not, for all units of a selected table."""
    coders = table.finished.sum(axis=1).astype(np.int64)
    rows = table.code == code
    group = table.group[rows]
    most = int(coders.max(initial=0)) + 1
    number = table.n[rows] * table.copies[group]
    marked = coders[group] * most + size_of(table.mask[rows])
    flat = summed(marked, number, most * most)
    blank = summed(coders, table.units * table.copies, most)
    blank -= summed(coders[group], number, most)
    cells = flat.reshape(most, most)
    cells[:, 0] += blank
    of, having = np.nonzero(cells)
    counts = np.stack((of - having, having), axis=1)
    return ValueCounts(counts, cells[of, having].astype(np.int64), (0, 1), most - 1)


def with_intervals(
    measured: Measured,
    statistics: Statistics,
    kind: str,
    *,
    sources: ArrayLike | None = None,
    annotators: ArrayLike | None = None,
    draws: Draws = DRAWS,
) -> Measured:
    """``measured``, of the same selection, with intervals of a ``kind``: gwet or krippendorff.

    They are intervals of one code: a value pooled over several has none. As with the bootstrap,
    sources have one of their own where fewer than ten are in view. ValueError for measures that
    have no such interval.
    """
    table = statistics.table
    offered = set(MEASURES[statistics.key].intervals) - {"bootstrap"}
    if kind not in offered or not isinstance(table, CodingTable):
        raise ValueError(f"{statistics.key} has no interval {kind}")
    codes = [one.code for one in measured.codes]
    view = _View(
        statistics.key,
        kind,
        draws,
        table.select(sources=sources, annotators=annotators, codes=codes),
    )
    found = tuple(replace(one, result=view.of_code(one.result, one.code)) for one in measured.codes)
    if len(found) != 1:
        return replace(measured, codes=found)
    return view.of_one_code(replace(measured, codes=found))


@dataclass(frozen=True, eq=False)
class _View:
    """A selected table, and the interval that its values are to get."""

    key: str
    kind: str
    draws: Draws
    table: CodingTable

    def of_code(self, result: Coefficient, code: int, **part: ArrayLike) -> Coefficient:
        """``result``, the code's value in ``part`` (sources, annotators), with its interval."""
        if result.value is None:
            return result
        counts = code_counts(self.table.select(**part) if part else self.table, code)
        if self.kind == "krippendorff":
            return replaced(result, interval=krippendorff_bootstrap(counts, self.draws)[0])
        error = gwet_error(self.key, counts)
        return replaced(result, interval=analytic_interval(result.value, error, self.draws.level))

    def of_one_code(self, measured: Measured) -> Measured:
        """With nothing pooled, every value is the code's."""
        code = measured.codes[0].code
        few = len(measured.by_source) < LEAST_SOURCES
        return replace(
            measured,
            overall=replaced(measured.overall, interval=measured.codes[0].result.interval),
            pairs=tuple(
                replace(
                    one,
                    result=self.of_code(one.result, code, annotators=[one.first, one.second]),
                )
                for one in measured.pairs
            ),
            by_source=tuple(
                replace(one, result=self.of_code(one.result, code, sources=[one.source]))
                if few
                else one
                for one in measured.by_source
            ),
        )
