"""Krippendorff's family of 2016 for codes that exclude each other: uα, |uα, cuα and (k)uα.

Also builds the results of uα, cuα and (k)uα for a project (Krippendorff, Mathet, Bouvry & Widlöcher
2016, equations 1–6; Krippendorff 2019, section 12.6). Sums by source add up;
their total is the value of all sources laid end to end. Each source's coincidences are weighted by
1/(m − 1), where m is its number of coders.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cstoannot.stats.agreement.code_intervals import (
    IntervalChoice,
    explain_missing_intervals,
    find_reason_not_to_draw,
)
from cstoannot.stats.agreement.counts import GroupCounts
from cstoannot.stats.agreement.jackknife import (
    FEWEST_SOURCES,
    DisagreementRatios,
    compute_jackknife_intervals,
    spread_judgement,
)
from cstoannot.stats.agreement.overlaps import list_sharing_pairs, sum_by_place
from cstoannot.stats.agreement.partition_table import CoincidenceRows, PartitionTable
from cstoannot.stats.coefficients.definitions import Sums, compute_disagreement_ratio
from cstoannot.stats.results import (
    Bools,
    CodeValue,
    Coefficient,
    Floats,
    Interval,
    IntervalMethod,
    IntervalReason,
    Ints,
    MeasureResult,
    Numbers,
    PairValue,
    SourceValue,
    UndefinedReason,
    add_interval,
    build_coefficient,
    build_undefined_coefficient,
)


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
    return GroupCounts(each, divisors, {"total": (table.lengths * coders).astype(float)})


def compute_family_values(sums: Sums) -> tuple[Floats, Floats, Floats, Floats]:
    """Compute uα, |uα, cuα (...) and (k)uα (..., K) from sums over sources; NaN if undefined."""
    u, bar, cu, ku = compute_family_ratios(sums)
    return 1.0 - u, 1.0 - bar, 1.0 - cu, 1.0 - ku


def compute_family_ratios(
    sums: Sums, discordant: Floats | float = 0.0, of_codes: Floats | float = 0.0
) -> tuple[Floats, Floats, Floats, Floats]:
    """Compute D_o/D_e, which is 1 − value, of uα, |uα, cuα (...) and (k)uα (..., K).

    Expected disagreements are sums of products from which the self-pairings on both sides have
    cancelled out. They are 0 exactly if no disagreement is possible. ``discordant`` and, by code,
    ``of_codes`` (K,): code points of a discordant judgement to be added.
    """
    total, marked, agreed = sums["total"][..., 0], sums["marked"], sums["agreed"]
    valued, stars = sums["valued"], sums["stars"]
    covered, met = marked.sum(axis=-1), valued.sum(axis=-1)
    gaps = total - covered
    gaps_agreed = gaps - (covered - met)
    pairs = np.maximum(total * total - sums["squares"].sum(axis=-1) - gaps, 1.0)
    apart = (marked * (total[..., None] - marked)).sum(axis=-1) + gaps * covered
    added = 2.0 * discordant
    observed = total - agreed.sum(axis=-1) - gaps_agreed
    u = compute_disagreement_ratio(observed + added, total * apart / pairs)
    bar = compute_disagreement_ratio(gaps - gaps_agreed, total * gaps * covered / pairs)
    free = met * met - stars.sum(axis=-1)
    scale = np.divide(met, free, out=np.zeros_like(met), where=free > 0)
    mixed = valued * (met[..., None] - valued)
    cu = compute_disagreement_ratio(met - agreed.sum(axis=-1) + added, scale * mixed.sum(axis=-1))
    margin = scale[..., None] * (valued * met[..., None] - stars)
    weight = np.divide(margin, valued, out=np.zeros_like(margin), where=valued > 0)
    apart_by_code = weight * (valued - agreed + of_codes)
    return u, bar, cu, compute_disagreement_ratio(apart_by_code, scale[..., None] * mixed)


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
    key: str, table: PartitionTable, codes: Ints, choice: IntervalChoice, coders: int
) -> MeasureResult:
    """Compute a measure of the family for a table of `PartitionTable.select`."""
    whole = compute_unitizing_family(table, coders)
    counts = build_partition_counts(table)
    intervals = _compute_partition_intervals(key, table, counts, choice)
    return MeasureResult(
        key,
        add_interval(whole.overall(key), intervals[-1]),
        tuple(
            CodeValue(code, add_interval(whole.ku_alpha[code], intervals[code]))
            for code in codes.tolist()
        ),
        tuple(
            _compute_partition_pair(key, table, i, j, choice)
            for i, j in list_sharing_pairs(table.finished)
        ),
        tuple(_compute_partition_sources(key, table, counts, choice)),
    )


def _compute_partition_intervals(
    key: str, table: PartitionTable, counts: GroupCounts, choice: IntervalChoice
) -> Sequence[Interval | None]:
    """Compute the intervals of (k)uα of each code and, last, of the overall value."""
    shared = np.flatnonzero(table.finished.any(axis=1))
    counts = counts.take(shared)
    plain = _stack_ratios(key, counts.total(), np.zeros(table.n_codes + 1))
    if choice.method is IntervalMethod.NONE or table.clash.any():
        return [None] * len(plain)
    if len(shared) < FEWEST_SOURCES:
        return explain_missing_intervals(plain, IntervalReason.FEW_SOURCES)
    if choice.method is IntervalMethod.BOOTSTRAP:
        return _draw_partition_intervals(key, counts, plain, choice)
    involved = _mark_involved_sources(key, counts)
    lengths = _compute_unit_lengths(counts.total())
    left = lengths * spread_judgement(involved)
    without = np.concatenate([_stack_ratios(key, sums, left) for _, sums in counts.without_each()])
    padded = _stack_ratios(key, counts.total(), lengths)
    runs = _count_partition_runs(key, table)
    return compute_jackknife_intervals(
        DisagreementRatios(plain, padded, without, involved, runs, of_passages=True)
    )


def _draw_partition_intervals(
    key: str, counts: GroupCounts, plain: Floats, choice: IntervalChoice
) -> Sequence[Interval | None]:
    size = len(counts)
    if reason := find_reason_not_to_draw(size):
        return explain_missing_intervals(plain, reason)
    sums = counts.sums(choice.draws.of_sources(size))
    values = 1.0 - _stack_ratios(key, sums, np.zeros(len(plain)))
    return [
        None if np.isnan(value) else choice.draws.interval(column, IntervalMethod.BOOTSTRAP, size)
        for value, column in zip(plain, values.T, strict=True)
    ]


def _stack_ratios(key: str, sums: Sums, discordant: Floats) -> Floats:
    """(..., K + 1) the ratios of (k)uα by code and, last, of the overall value."""
    family = compute_family_ratios(sums, discordant[-1], discordant[:-1])
    overall: Floats = family[_OVERALL[key]]
    return np.concatenate((family[3], overall[..., None]), axis=-1)


def _mark_involved_sources(key: str, counts: GroupCounts) -> Bools:
    """(D, K + 1) whether two coders marked the same text, with the code and with any.

    For uα, whether the source has any text at all.
    """
    sums = counts.by_group()
    met = sums["valued"] > 0
    overall = sums["total"] > 0 if key == "joint_u_alpha" else met.any(axis=1, keepdims=True)
    return np.concatenate((met, overall), axis=1)


def _compute_unit_lengths(sums: Sums) -> Floats:
    """(K + 1,) code points of a unit on average, by code and over all."""
    marked = np.append(sums["marked"], sums["marked"].sum())
    return marked / np.maximum(np.append(sums["units"], sums["units"].sum()), 1.0)


def _count_partition_runs(key: str, table: PartitionTable) -> Floats:
    """(K + 1,) disagreements that stand apart, by code and over all.

    Two coders' units and their overlaps form chains; a chain of two equal units is agreement, each
    other chain one disagreement. For cuα they are stretches that both coded, each differently. A
    coder who differs from all m − 1 others counts once.
    """
    met, coders = table.met, table.finished.sum(axis=1)
    weight = 1.0 / np.maximum(coders - 1, 1)[met.source]
    apart = weight * met.amount[:, 1] * (met.code != met.other)
    by_code = sum_by_place(met.code, apart, table.n_codes)
    by_code += sum_by_place(met.other, apart, table.n_codes)
    overall = float(apart.sum())
    if key == "joint_u_alpha":
        overall = table.own.amount[:, 0].sum() - (weight * met.amount[:, 1:].sum(axis=1)).sum()
    return np.append(by_code, max(overall, 0.0))


def _compute_partition_pair(
    key: str, table: PartitionTable, first: int, second: int, choice: IntervalChoice
) -> PairValue:
    """Compute a pair's value from the sources that both finished."""
    part = table.select(annotators=[first, second])
    intervals = _compute_partition_intervals(key, part, build_partition_counts(part), choice)
    whole = compute_unitizing_family(part).overall(key)
    return PairValue(first, second, add_interval(whole, intervals[-1]))


def _compute_partition_sources(
    key: str, table: PartitionTable, counts: GroupCounts, choice: IntervalChoice
) -> list[SourceValue]:
    sums = counts.by_group()
    values: Floats = compute_family_values(sums)[_OVERALL[key]]
    units = sums["units"].sum(axis=1).astype(int).tolist()
    marked, met = sums["marked"].sum(axis=1), sums["valued"].sum(axis=1)
    gaps = (sums["total"][:, 0] > marked).tolist()
    clash: list[bool] = np.any(table.clash, axis=1).tolist()
    coders = table.finished.sum(axis=1).tolist()
    alone = None if choice.method is IntervalMethod.NONE else IntervalReason.FEW_SOURCES
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
        result = Coefficient(value, reason, units[source], coders[source])
        found.append(SourceValue(source, add_interval(result, alone)))
    return found
