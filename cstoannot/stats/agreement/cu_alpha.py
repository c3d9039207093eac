"""Krippendorff's family of 2016 for codes that exclude each other: uα, |uα, cuα and (k)uα.

Also builds the results of uα, cuα and (k)uα for a project (Krippendorff, Mathet, Bouvry & Widlöcher
2016, equations 1–6; Krippendorff 2019, section 12.6). Sums by source add up;
their total is the value of all sources laid end to end. Each source's coincidences are weighted by
1/(m − 1), where m is its number of coders.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from cstoannot.stats.agreement.counts import GroupCounts
from cstoannot.stats.agreement.overlaps import sum_by_place
from cstoannot.stats.agreement.partition_table import CoincidenceRows, PartitionTable
from cstoannot.stats.agreement.resampling import BootstrapDraws
from cstoannot.stats.coefficients.definitions import Sums, compute_agreement_ratio
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
    build_coefficient,
    build_undefined_coefficient,
    replace_interval,
)
from cstoannot.stats.tables import LEAST_SOURCES


def build_partition_counts(table: PartitionTable) -> GroupCounts:
    """Build the sums of the family from a table of `PartitionTable.select`.

    By code: ``marked`` ℓ_c, ``squares`` S_c, ``stars`` S*_c, ``agreed`` ℓ_cc, ``valued`` ℓ*_c, and
    ``units``; in total ``total`` ℓ. Gaps are the remainder.
    """
    coders = table.finished.sum(axis=1).astype(np.int64)
    shape = (len(table.lengths), table.n_codes)

    def by_code(rows: CoincidenceRows, code: Numbers, nth: int = 0) -> Floats:
        cell = rows.source.astype(np.int64) * shape[1] + code
        return sum_by_place(cell, rows.amount[:, nth], shape[0] * shape[1]).reshape(shape)

    met = table.met
    same = met.take(met.code == met.other)
    ones, pairs = np.ones(shape[0], np.int64), np.maximum(coders - 1, 1)
    each = {
        "marked": by_code(table.own, table.own.code, 1),
        "units": by_code(table.own, table.own.code),
        "squares": by_code(table.own, table.own.code, 2),
        "stars": by_code(table.stars, table.stars.code),
        "agreed": 2.0 * by_code(same, same.code),
        "valued": by_code(met, met.code) + by_code(met, met.other),
    }
    divisors = dict.fromkeys(each, ones) | dict.fromkeys(("stars", "agreed", "valued"), pairs)
    return GroupCounts(each, divisors, {"total": (table.lengths * coders).astype(float)}, ones)


def compute_family_values(sums: Sums) -> tuple[Floats, Floats, Floats, Floats]:
    """Compute uα, |uα, cuα (...) and (k)uα (..., K) from sums over sources; NaN if undefined.

    Expected disagreements are sums of products from which the self-pairings on both sides have
    cancelled out. They are 0 exactly if no disagreement is possible.
    """
    total, marked, agreed = sums["total"][..., 0], sums["marked"], sums["agreed"]
    valued, stars = sums["valued"], sums["stars"]
    covered, met = marked.sum(axis=-1), valued.sum(axis=-1)
    gaps = total - covered
    gaps_agreed = gaps - (covered - met)
    pairs = np.maximum(total * total - sums["squares"].sum(axis=-1) - gaps, 1.0)
    apart = (marked * (total[..., None] - marked)).sum(axis=-1) + gaps * covered
    u = compute_agreement_ratio(total - agreed.sum(axis=-1) - gaps_agreed, total * apart / pairs)
    bar = compute_agreement_ratio(gaps - gaps_agreed, total * gaps * covered / pairs)
    free = met * met - stars.sum(axis=-1)
    scale = np.divide(met, free, out=np.zeros_like(met), where=free > 0)
    mixed = valued * (met[..., None] - valued)
    cu = compute_agreement_ratio(met - agreed.sum(axis=-1), scale * mixed.sum(axis=-1))
    margin = scale[..., None] * (valued * met[..., None] - stars)
    weight = np.divide(margin, valued, out=np.zeros_like(margin), where=valued > 0)
    return u, bar, cu, compute_agreement_ratio(weight * (valued - agreed), scale[..., None] * mixed)


_OVERALL = {"joint_u_alpha": 0, "cu_alpha": 2, "ku_alpha": 2}
"""Which of `compute_family_values` is the overall value of a measure."""


@dataclass(frozen=True, slots=True)
class UnitizingFamily:
    """The four values of one selection.

    ``coverage`` of cuα and (k)uα: the share of what was marked (for cuα: of the continuum) that
    another coder marked with anything.
    """

    u_alpha: Coefficient
    bar_u_alpha: Coefficient
    cu_alpha: Coefficient
    ku_alpha: tuple[Coefficient, ...]

    def overall(self, key: str) -> Coefficient:
        return self.u_alpha if key == "joint_u_alpha" else self.cu_alpha


def compute_unitizing_family(table: PartitionTable, coders: int | None = None) -> UnitizingFamily:
    """Compute the family for a table of `PartitionTable.select`; n counts each coder's units.

    ``coders``: how many there are, as some may share no source.
    """
    sums = build_partition_counts(table).total()
    coders = int(table.finished.any(axis=0).sum()) if coders is None else coders
    u, bar, cu, ku = compute_family_values(sums)
    total, marked, met = (float(sums[key].sum()) for key in ("total", "marked", "valued"))
    n = int(sums["units"].sum())
    alone = met * met <= sums["stars"].sum()
    general = find_general_reason(table, coders, total)
    return UnitizingFamily(
        _build_family_coefficient(u, n, coders, general or _choose_gap_reason(total > marked)),
        _build_family_coefficient(bar, n, coders, general or _choose_gap_reason(total > marked)),
        _build_family_coefficient(
            cu,
            n,
            coders,
            general or _choose_overlap_reason(met, alone),
            met / total if total else None,
        ),
        tuple(
            _build_family_coefficient(
                value,
                n,
                coders,
                general or _choose_overlap_reason(valued, alone),
                valued / own if own else None,
            )
            for value, n, valued, own in zip(
                ku.tolist(),
                sums["units"].astype(int).tolist(),
                sums["valued"].tolist(),
                sums["marked"].tolist(),
                strict=True,
            )
        ),
    )


def _choose_gap_reason(gaps: bool) -> UndefinedReason:
    return UndefinedReason.SINGLE_CATEGORY if gaps else UndefinedReason.NO_GAPS


def _choose_overlap_reason(met: float, alone: bool) -> UndefinedReason:
    """Choose the reason why there is no value for what two coders marked.

    ``alone``: they marked so little together that it pairs only with itself; the expected
    disagreement is then negative.
    """
    if not met:
        return UndefinedReason.NO_OVERLAP
    return UndefinedReason.NO_PAIRABLE_UNITS if alone else UndefinedReason.SINGLE_CATEGORY


def find_general_reason(table: PartitionTable, coders: int, total: float) -> UndefinedReason | None:
    """Return the reason that leaves all four undefined, or None."""
    if coders < 2:
        return UndefinedReason.ONE_ANNOTATOR
    if not total:
        return UndefinedReason.NO_PAIRABLE_UNITS
    return UndefinedReason.CODES_OVERLAP if table.clash.any() else None


def _build_family_coefficient(
    value: Floats | float,
    n: int,
    coders: int,
    reason: UndefinedReason,
    coverage: float | None = None,
) -> Coefficient:
    if np.isnan(value) or reason is UndefinedReason.CODES_OVERLAP:
        return build_undefined_coefficient(reason, n, coders, coverage=coverage)
    return build_coefficient(float(value), n, coders, coverage=coverage)


def compute_partition_measure(
    key: str, table: PartitionTable, codes: Ints, draws: BootstrapDraws | None, coders: int
) -> MeasureResult:
    """Compute a measure of the family for a table of `PartitionTable.select`; resamples sources."""
    whole = compute_unitizing_family(table, coders)
    counts = build_partition_counts(table)
    overall, by_code = _compute_partition_intervals(key, table, counts, draws)
    finished = table.finished.astype(np.float32)
    shared = finished.T @ finished
    pairs = combinations(np.flatnonzero(np.diag(shared)).tolist(), 2)
    return MeasureResult(
        key,
        replace_interval(whole.overall(key), interval=overall),
        tuple(
            CodeValue(code, replace_interval(whole.ku_alpha[code], interval=by_code.get(code)))
            for code in codes.tolist()
        ),
        tuple(_compute_partition_pair(key, table, i, j, draws) for i, j in pairs if shared[i, j]),
        tuple(_compute_partition_sources(key, table, counts)),
    )


def _compute_partition_intervals(
    key: str, table: PartitionTable, counts: GroupCounts, draws: BootstrapDraws | None
) -> tuple[ConfidenceInterval | None, dict[int, ConfidenceInterval]]:
    shared = np.flatnonzero(table.finished.any(axis=1))
    if draws is None or len(shared) < LEAST_SOURCES or table.clash.any():
        return None, {}
    sums = counts.take(shared).sums(draws.of_sources(len(shared)))
    values = compute_family_values(sums)
    each = {code: draws.interval(v, "sources", len(shared)) for code, v in enumerate(values[3].T)}
    codes = {code: interval for code, interval in each.items() if interval is not None}
    return draws.interval(values[_OVERALL[key]], "sources", len(shared)), codes


def _compute_partition_pair(
    key: str, table: PartitionTable, first: int, second: int, draws: BootstrapDraws | None
) -> PairValue:
    """Compute a pair's value from the sources that both finished."""
    part = table.select(annotators=[first, second])
    interval, _ = _compute_partition_intervals(key, part, build_partition_counts(part), draws)
    whole = compute_unitizing_family(part).overall(key)
    return PairValue(first, second, replace_interval(whole, interval=interval))


def _compute_partition_sources(
    key: str, table: PartitionTable, counts: GroupCounts
) -> list[SourceValue]:
    sums = counts.by_group()
    values: Floats = compute_family_values(sums)[_OVERALL[key]]
    units = sums["units"].sum(axis=1).astype(int).tolist()
    marked, met = sums["marked"].sum(axis=1), sums["valued"].sum(axis=1)
    gaps = (sums["total"][:, 0] > marked).tolist()
    clash: list[bool] = np.any(table.clash, axis=1).tolist()
    coders = table.finished.sum(axis=1).tolist()
    found = []
    for source in np.flatnonzero(table.finished.any(axis=1)).tolist():
        reason = None
        if clash[source]:
            reason = UndefinedReason.CODES_OVERLAP
        elif np.isnan(values[source]) and key == "joint_u_alpha":
            reason = _choose_gap_reason(gaps[source])
        elif np.isnan(values[source]):
            reason = UndefinedReason.SINGLE_CATEGORY if met[source] else UndefinedReason.NO_OVERLAP
        value = None if reason else float(values[source])
        found.append(SourceValue(source, Coefficient(value, reason, units[source], coders[source])))
    return found
