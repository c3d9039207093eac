"""Intervals that treat units as independent.

Gwet's analytic standard errors by linearisation (Gwet 2014, chapter 5; Gwet 2021; as irrCAC
computes them), and the intervals of Gwet and Krippendorff for one code. Neighbouring sentences are
not independent, so these intervals are narrower than those of the jackknife over sources.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from cstoannot.stats.agreement.counts import CodingTable
from cstoannot.stats.agreement.engine import SufficientStatistics
from cstoannot.stats.agreement.jackknife import FEWEST_SOURCES
from cstoannot.stats.agreement.overlaps import count_coders_in_mask, sum_by_place
from cstoannot.stats.agreement.resampling import (
    DRAWS,
    BootstrapDraws,
    bootstrap_krippendorff_alpha,
)
from cstoannot.stats.agreement.student_t import compute_student_t
from cstoannot.stats.coefficients.fleiss_kappa import compute_level_shares
from cstoannot.stats.coefficients.percent_agreement import compute_unit_splits
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.results import (
    OVER_UNITS,
    CodeValue,
    Coefficient,
    ConfidenceInterval,
    Floats,
    Interval,
    IntervalMethod,
    IntervalReason,
    MeasureResult,
    add_interval,
)
from cstoannot.stats.tables import ValueCounts


def compute_gwet_error(key: str, counts: ValueCounts) -> tuple[float, int] | None:
    """Return the standard error and number of units; None if it or the coefficient is undefined.

    ``key``: percent_agreement, fleiss_kappa, scott_pi, gwet_ac1 or krippendorff_alpha (nominal).
    KeyError for others.
    """
    kept = counts.with_least(2 if key == "krippendorff_alpha" else 1)
    units = int(kept.frequency.sum())
    if units < 2 or not (kept.counts.sum(axis=1) >= 2).any():
        return None
    parts = _linearise_alpha(kept) if key == "krippendorff_alpha" else _linearise_units(key, kept)
    if parts is None:
        return None
    each, center = parts
    total = float((kept.frequency * (each - center) ** 2).sum())
    return math.sqrt(total / (units * (units - 1))), units


def _linearise_units(key: str, counts: ValueCounts) -> tuple[Floats, float] | None:
    """Return each distinct unit's linearised value (P,), and the coefficient."""
    frequency = counts.frequency
    apart, pairable = compute_unit_splits(counts)
    agreed = (1.0 - apart) * pairable
    number, paired = frequency.sum(), (frequency * pairable).sum()
    mean = (frequency * agreed).sum() / paired
    chance, each_chance = _linearise_chance(key, counts)
    if chance >= 1.0:
        return None
    value = (mean - chance) / (1.0 - chance)
    own = np.where(pairable > 0, number / paired * (agreed - chance) / (1.0 - chance), 0.0)
    return own - 2.0 * (1.0 - value) * (each_chance - chance) / (1.0 - chance), float(value)


def _linearise_chance(key: str, counts: ValueCounts) -> tuple[float, Floats]:
    """Return chance agreement, and each distinct unit's part in it."""
    share = compute_level_shares(counts)
    each = counts.counts / counts.counts.sum(axis=1, keepdims=True)
    if key == "percent_agreement":
        return 0.0, np.zeros(len(each))
    if key in ("fleiss_kappa", "scott_pi"):
        return float((share * share).sum()), each @ share
    if key != "gwet_ac1":
        raise KeyError(key)
    levels = len(counts.levels)
    if levels < 2:
        return 1.0, np.zeros(len(each))
    return (
        float((share * (1.0 - share)).sum() / (levels - 1)),
        each @ (1.0 - share) / (levels - 1),
    )


def _linearise_alpha(counts: ValueCounts) -> tuple[Floats, float] | None:
    """Linearise α without its small-sample term, as irrCAC does."""
    frequency, values = counts.frequency, counts.counts.sum(axis=1)
    units = frequency.sum()
    mean = (frequency * values).sum() / units
    tiny = 1.0 / (units * mean)
    same = (counts.counts * (counts.counts - 1.0)).sum(axis=1) / (mean * (values - 1.0))
    share = (frequency @ counts.counts) / (units * mean)
    plain = (frequency * same).sum() / units
    agreed = (1.0 - tiny) * plain + tiny
    chance = float((share * share).sum())
    if chance >= 1.0:
        return None
    value = (plain - chance) / (1.0 - chance)
    longer = (values - mean) / mean
    own = same - agreed * longer
    own_chance = counts.counts @ share / mean - chance * longer
    each = (own - chance) / (1.0 - chance)
    return each - 2.0 * (1.0 - value) * (own_chance - chance) / (1.0 - chance), float(value)


def compute_analytic_interval(
    value: float, error: tuple[float, int] | None, level: float = 0.95
) -> Interval:
    """Return value ± t·SE, limited to -1 to 1."""
    if error is None or error[0] <= 0.0:
        return IntervalReason.NO_VARIATION
    reach = compute_student_t(1.0 - (1.0 - level) / 2.0, error[1] - 1) * error[0]
    return ConfidenceInterval(
        max(-1.0, value - reach), min(1.0, value + reach), level, IntervalMethod.GWET, error[1]
    )


def build_code_counts(table: CodingTable, code: int) -> ValueCounts:
    """Count the coders who gave the code and who did not, for all units of a selected table."""
    coders = table.finished.sum(axis=1).astype(np.int64)
    rows = table.code == code
    group = table.group[rows]
    most = int(coders.max(initial=0)) + 1
    number = table.n[rows]
    marked = coders[group] * most + count_coders_in_mask(table.mask[rows])
    flat = sum_by_place(marked, number, most * most)
    blank = sum_by_place(coders, table.units, most)
    blank -= sum_by_place(coders[group], number, most)
    cells = flat.reshape(most, most)
    cells[:, 0] += blank
    of, having = np.nonzero(cells)
    counts = np.stack((of - having, having), axis=1)
    return ValueCounts(counts, cells[of, having].astype(np.int64), (0, 1), most - 1)


def add_unit_intervals(
    measured: MeasureResult,
    statistics: SufficientStatistics,
    kind: IntervalMethod,
    *,
    sources: ArrayLike | None = None,
    annotators: ArrayLike | None = None,
    draws: BootstrapDraws = DRAWS,
) -> MeasureResult:
    """Return ``measured``, of the same selection, with intervals of ``kind`` gwet or krippendorff.

    They are intervals of one code; a value pooled over several has none, nor has one that fewer
    than three sources take part in. ValueError for measures without such intervals.
    """
    table = statistics.table
    offered = OVER_UNITS.intersection(MEASURES[statistics.key].intervals)
    if kind not in offered or not isinstance(table, CodingTable):
        raise ValueError(f"{statistics.key} has no interval {kind}")
    codes = [one.code for one in measured.codes]
    view = _UnitIntervalSelection(
        statistics.key,
        kind,
        draws,
        table.select(sources=sources, annotators=annotators, codes=codes),
    )
    found = tuple(replace(one, result=view.of_code(one.result, one.code)) for one in measured.codes)
    only = found[0] if len(found) == 1 else None
    return replace(
        measured,
        overall=_take_interval(measured.overall, only),
        codes=found,
        pairs=tuple(
            replace(one, result=view.of_pair(one.result, only, [one.first, one.second]))
            for one in measured.pairs
        ),
        by_source=tuple(
            replace(one, result=add_interval(one.result, IntervalReason.FEW_SOURCES))
            for one in measured.by_source
        ),
    )


def _take_interval(result: Coefficient, only: CodeValue | None) -> Coefficient:
    """Give the pooled value the interval of the only code, if there is but one."""
    if only is None:
        return add_interval(result, IntervalReason.ONE_CODE_AT_A_TIME)
    return add_interval(result, only.result.interval or only.result.no_interval)


@dataclass(frozen=True, eq=False)
class _UnitIntervalSelection:
    """A selected table, and the kind of interval for its values."""

    key: str
    kind: IntervalMethod
    draws: BootstrapDraws
    table: CodingTable

    def of_code(self, result: Coefficient, code: int, **part: ArrayLike) -> Coefficient:
        """Add the interval to ``result``, the code's value in ``part`` (annotators)."""
        if result.value is None:
            return result
        return add_interval(result, self._compute(result.value, code, **part))

    def of_pair(
        self, result: Coefficient, only: CodeValue | None, coders: ArrayLike
    ) -> Coefficient:
        """Add the interval to a pair's value, if it is of one code."""
        if only is None:
            return add_interval(result, IntervalReason.ONE_CODE_AT_A_TIME)
        return self.of_code(result, only.code, annotators=coders)

    def _compute(self, value: float, code: int, **part: ArrayLike) -> Interval:
        table = self.table.select(**part) if part else self.table
        if len(table.source) < FEWEST_SOURCES:
            return IntervalReason.FEW_SOURCES
        counts = build_code_counts(table, code)
        if self.kind is IntervalMethod.KRIPPENDORFF:
            found = bootstrap_krippendorff_alpha(counts, self.draws)[0]
            return IntervalReason.NO_VARIATION if found is None else found
        error = compute_gwet_error(self.key, counts)
        return compute_analytic_interval(value, error, self.draws.level)
