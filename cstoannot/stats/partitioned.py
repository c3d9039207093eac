"""cuα and (k)uα of a project: overall cuα, (k)uα of each code, cuα of each pair and source."""

from itertools import combinations

import numpy as np

from cstoannot.stats.counts import Counts
from cstoannot.stats.measured import CodeValue, Measured, PairValue, SourceValue
from cstoannot.stats.partition import (
    PartitionTable,
    all_at_once,
    counts_by_source,
    family,
)
from cstoannot.stats.resampling import Draws
from cstoannot.stats.results import Coefficient, Floats, Interval, Ints, Reason, replaced, undefined
from cstoannot.stats.tables import LEAST_SOURCES


def measure_partition(
    key: str, table: PartitionTable, codes: Ints, draws: Draws | None, coders: int
) -> Measured:
    """From a table that `PartitionTable.select` gave; sources are what is resampled."""
    whole = family(table, coders)
    counts = counts_by_source(table)
    overall, by_code = _intervals(table, counts, draws)
    finished = table.finished.astype(np.float32)
    shared = finished.T @ finished
    pairs = combinations(np.flatnonzero(np.diag(shared)).tolist(), 2)
    return Measured(
        key,
        replaced(whole.cu_alpha, interval=overall),
        tuple(
            CodeValue(code, replaced(whole.ku_alpha[code], interval=by_code.get(code)))
            for code in codes.tolist()
        ),
        tuple(_pair(table, i, j, draws) for i, j in pairs if shared[i, j]),
        tuple(_sources(table, counts)),
    )


def _intervals(
    table: PartitionTable, counts: Counts, draws: Draws | None
) -> tuple[Interval | None, dict[int, Interval]]:
    shared = np.flatnonzero(table.finished.any(axis=1))
    if draws is None or len(shared) < LEAST_SOURCES or table.clash.any():
        return None, {}
    sums = counts.take(shared).sums(draws.of_sources(len(shared)))
    _, _, cu, ku = all_at_once(sums)
    each = {code: draws.interval(v, "sources", len(shared)) for code, v in enumerate(ku.T)}
    codes = {code: interval for code, interval in each.items() if interval is not None}
    return draws.interval(cu, "sources", len(shared)), codes


def _pair(table: PartitionTable, first: int, second: int, draws: Draws | None) -> PairValue:
    if table.clash[:, [first, second]].any():
        both = table.own.take(np.isin(table.own.first, [first, second]))
        n = int(both.amount[:, 0].sum())
        return PairValue(first, second, undefined(Reason.CODES_OVERLAP, n, 2))
    part = table.select(annotators=[first, second])
    interval, _ = _intervals(part, counts_by_source(part), draws)
    return PairValue(first, second, replaced(family(part).cu_alpha, interval=interval))


def _sources(table: PartitionTable, counts: Counts) -> list[SourceValue]:
    sums = counts.by_group()
    cu: Floats = all_at_once(sums)[2]
    units = sums["units"].sum(axis=1).astype(int).tolist()
    met = sums["valued"].sum(axis=1).tolist()
    clash: list[bool] = np.any(table.clash, axis=1).tolist()
    coders = table.finished.sum(axis=1).tolist()
    found = []
    for source in np.flatnonzero(table.finished.any(axis=1)).tolist():
        reason = None
        if clash[source]:
            reason = Reason.CODES_OVERLAP
        elif np.isnan(cu[source]):
            reason = Reason.SINGLE_CATEGORY if met[source] else Reason.NO_OVERLAP
        value = None if reason else float(cu[source])
        found.append(SourceValue(source, Coefficient(value, reason, units[source], coders[source])))
    return found
