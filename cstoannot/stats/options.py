"""Other intervals for one code, for reviewers who know them: Gwet's and Krippendorff's.

Both take units as independent, which neighbouring sentences are not, so they are narrower than
the resampling of sources that `measuring` gives.
"""

import numpy as np
from numpy.typing import ArrayLike

from cstoannot.stats.analytic import analytic_interval, gwet_error
from cstoannot.stats.coding import CodingTable
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.layers import size_of, summed
from cstoannot.stats.measuring import Statistics, measure
from cstoannot.stats.resampling import DRAWS, Draws, krippendorff_bootstrap
from cstoannot.stats.results import Floats, Interval
from cstoannot.stats.tables import ValueCounts


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


def other_interval(
    statistics: Statistics,
    code: int,
    kind: str,
    *,
    sources: ArrayLike | None = None,
    annotators: ArrayLike | None = None,
    draws: Draws = DRAWS,
) -> tuple[Interval | None, Floats]:
    """``kind``: gwet or krippendorff (α only); with the replicates, of which gwet has none.

    None where the value is undefined. ValueError for measures that have no such interval.
    """
    table = statistics.table
    offered = set(MEASURES[statistics.key].intervals) - {"bootstrap"}
    if kind not in offered or not isinstance(table, CodingTable):
        raise ValueError(f"{statistics.key} has no interval {kind}")
    counts = code_counts(table.select(sources=sources, annotators=annotators, codes=[code]), code)
    if kind == "krippendorff":
        return krippendorff_bootstrap(counts, "nominal", draws)
    error = gwet_error(statistics.key, counts)
    measured = measure(statistics, sources=sources, annotators=annotators, codes=[code], draws=None)
    value = measured.overall.value
    none = np.zeros(0)
    return (None if value is None else analytic_interval(value, error, draws.level)), none
