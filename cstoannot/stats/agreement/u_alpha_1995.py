"""Krippendorff's α_U of 1995, in the form of 2004: each code's units and the gaps between.

Included for comparison with INCEpTION and DKPro. It is not monotone in how
well passages match, so prefer `u_alpha`. Over several sources their continua are laid end to end,
with gaps cut at the borders: with T = Σ m L over sources, D_o = Σ δ²/(m − 1) / (T·ΣL) and D_e =
(2/ΣL) Σ … / (T(T − 1) − Σ l(l − 1)), which for one source are the published formulae. Its interval
is in `section_jackknife`, as its terms for gaps do not simply add up over sources.
"""

import numpy as np

from cstoannot.stats.agreement.code_intervals import IntervalChoice
from cstoannot.stats.agreement.overlaps import list_sharing_pairs
from cstoannot.stats.agreement.section_jackknife import compute_section_intervals
from cstoannot.stats.agreement.section_table import (
    SectionCells,
    SectionTable,
    compute_cell_disagreements,
)
from cstoannot.stats.coefficients.definitions import compute_agreement_ratio
from cstoannot.stats.results import (
    CodeValue,
    Coefficient,
    Floats,
    IntervalMethod,
    IntervalReason,
    Ints,
    MeasureResult,
    PairValue,
    SourceValue,
    UndefinedReason,
    add_interval,
    build_coefficient,
    build_undefined_coefficient,
)


def compute_section_measure(
    table: SectionTable, codes: Ints, choice: IntervalChoice, coders: int
) -> MeasureResult:
    """Compute α_U for a table of `SectionTable.select`; over codes 1 − Σ D_o / Σ D_e."""
    used = np.intersect1d(codes, table.unit[1])
    observed, expected = compute_cell_disagreements(
        table, SectionCells.build(table, used, by_source=False)
    )
    values = np.full(table.n_codes, np.nan)
    values[used] = compute_agreement_ratio(observed, expected)
    found = compute_section_intervals(table, used, choice)
    intervals = dict(zip(used.tolist(), found[:-1], strict=True))
    numbers = np.bincount(table.unit[1], minlength=table.n_codes)
    finished = table.finished
    judged = bool(table.lengths[finished.any(axis=1)].any())
    return MeasureResult(
        "u_alpha_1995",
        add_interval(
            _build_section_coefficient(
                _pool_section_cells(observed, expected), int(numbers[codes].sum()), coders, judged
            ),
            found[-1],
        ),
        tuple(
            CodeValue(
                code,
                add_interval(
                    _build_section_coefficient(values[code], int(numbers[code]), coders, judged),
                    intervals.get(code),
                ),
            )
            for code in codes.tolist()
        ),
        tuple(
            _compute_section_pair(table, used, i, j, choice)
            for i, j in list_sharing_pairs(finished)
        ),
        tuple(_compute_section_sources(table, used, choice)),
    )


def _compute_section_pair(
    table: SectionTable, codes: Ints, first: int, second: int, choice: IntervalChoice
) -> PairValue:
    part = table.select(annotators=[first, second])
    observed, expected = compute_cell_disagreements(
        part, SectionCells.build(part, codes, by_source=False)
    )
    n = int(np.isin(part.unit[1], codes).sum())
    result = _build_section_coefficient(_pool_section_cells(observed, expected), n, 2)
    interval = compute_section_intervals(part, codes, choice)[-1]
    return PairValue(first, second, add_interval(result, interval))


def _compute_section_sources(
    table: SectionTable, codes: Ints, choice: IntervalChoice
) -> list[SourceValue]:
    shape = (len(table.lengths), len(codes))
    cells = SectionCells.build(table, codes, by_source=True)
    observed, expected = (
        part.reshape(shape).sum(axis=1) for part in compute_cell_disagreements(table, cells)
    )
    values = compute_agreement_ratio(observed, expected).tolist()
    units = table.unit[0][np.isin(table.unit[1], codes)]
    numbers = np.bincount(units, minlength=shape[0]).tolist()
    coders = table.finished.sum(axis=1).tolist()
    alone = IntervalReason.FEW_SOURCES if choice.method is IntervalMethod.JACKKNIFE else None
    return [
        SourceValue(
            source,
            add_interval(
                _build_section_coefficient(values[source], numbers[source], coders[source]), alone
            ),
        )
        for source in range(shape[0])
        if coders[source]
    ]


def _pool_section_cells(observed: Floats, expected: Floats) -> float:
    return float(compute_agreement_ratio(np.asarray(observed.sum()), np.asarray(expected.sum())))


def _build_section_coefficient(
    value: float | Floats, n: int, coders: int, judged: bool = True
) -> Coefficient:
    if coders < 2:
        return build_undefined_coefficient(UndefinedReason.ONE_ANNOTATOR, n, coders)
    if np.isnan(value):
        reason = UndefinedReason.SINGLE_CATEGORY if judged else UndefinedReason.NO_PAIRABLE_UNITS
        return build_undefined_coefficient(reason, n, coders)
    return build_coefficient(float(value), n, coders)
