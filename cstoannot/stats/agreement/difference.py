"""The test of a difference between two values over the same sources, by the jackknife.

Both are compared by ln x, where x = 1 − value is the disagreement as a share of that expected by
chance. A source is left out of both at once, so what the two share cancels out. As for intervals,
one discordant judgement is added to each, and the standard error is at least that of two counts of
disagreements.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cstoannot.stats.agreement.counts import CodeColumns, CodingTable, build_group_counts
from cstoannot.stats.agreement.disagreement_runs import RunCounter, mark_run_starts
from cstoannot.stats.agreement.jackknife import FEWEST_SOURCES, LEVEL
from cstoannot.stats.agreement.overlaps import (
    argsort_columns,
    count_coders_in_mask,
    has_coder_in_mask,
)
from cstoannot.stats.agreement.profiles import count_against_majority
from cstoannot.stats.agreement.student_t import compute_student_p, compute_student_t
from cstoannot.stats.coefficients import krippendorff_alpha
from cstoannot.stats.coefficients.definitions import BinaryFormula, Sums
from cstoannot.stats.results import Floats, Ints


class NoTestReason(StrEnum):
    """Why two values cannot be compared."""

    UNDEFINED = "undefined"
    FEW_SOURCES = "few_sources"
    UNDEFINED_WITHOUT_SOME_SOURCE = "undefined_without_some_source"
    NO_DISAGREEMENT = "no_disagreement"


TEST_EXPLANATIONS = {
    NoTestReason.UNDEFINED: "One of the two values is undefined in these sources.",
    NoTestReason.FEW_SOURCES: "Fewer than three sources take part.",
    NoTestReason.UNDEFINED_WITHOUT_SOME_SOURCE: "One of the two values is undefined without one of "
    "the sources.",
    NoTestReason.NO_DISAGREEMENT: "Neither of the two has any disagreement.",
}


@dataclass(frozen=True, eq=False)
class ComparedValue:
    """One side of a test: ``plain`` and ``padded`` ratio D_o/D_e, NaN where undefined.

    ``without`` (D,): padded, without each source; ``runs``: disagreements that stand apart.
    """

    plain: float
    padded: float
    without: Floats
    runs: int


@dataclass(frozen=True, slots=True)
class DifferenceTest:
    """Two values and their test: None with a reason where it is impossible.

    ``ratio``: the first disagreement as a multiple of the second, with its interval ``low`` to
    ``high``; ``p``: two-sided, of Student's t with ``freedom`` degrees of freedom.
    """

    first: float | None
    second: float | None
    sources: int
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    statistic: float | None = None
    freedom: int | None = None
    p: float | None = None
    reason: NoTestReason | None = None


def compute_difference_test(first: ComparedValue, second: ComparedValue) -> DifferenceTest:
    """Test whether two values differ."""
    sources = len(first.without)
    values = _read_value(first), _read_value(second)
    reason = _find_reason(first, second)
    if reason is not None:
        return DifferenceTest(*values, sources, reason=reason)
    apart = math.log(first.padded) - math.log(second.padded)
    logs = np.log(first.without) - np.log(second.without)
    spread = ((logs - logs.mean()) ** 2).sum() * (sources - 1) / sources
    floor = math.sqrt(1 / (first.runs + 1) + 1 / (second.runs + 1))
    error = max(math.sqrt(spread), floor)
    freedom = sources - 1
    reach = compute_student_t(1 - (1 - LEVEL) / 2, freedom) * error
    return DifferenceTest(
        *values,
        sources,
        math.exp(apart),
        math.exp(apart - reach),
        math.exp(apart + reach),
        apart / error,
        freedom,
        compute_student_p(apart / error, freedom),
    )


def _read_value(side: ComparedValue) -> float | None:
    return None if math.isnan(side.plain) else 1.0 - side.plain


def _find_reason(first: ComparedValue, second: ComparedValue) -> NoTestReason | None:
    if math.isnan(first.plain) or math.isnan(second.plain):
        return NoTestReason.UNDEFINED
    if len(first.without) < FEWEST_SOURCES:
        return NoTestReason.FEW_SOURCES
    if first.plain <= 0 and second.plain <= 0:
        return NoTestReason.NO_DISAGREEMENT
    defined = np.append(first.without, second.without)
    return None if np.all(defined > 0) else NoTestReason.UNDEFINED_WITHOUT_SOME_SOURCE


def compare_codes(
    table: CodingTable, codes: tuple[int, int], binary: BinaryFormula
) -> DifferenceTest:
    """Test whether two codes' values differ, in a table of `CodingTable.select`."""
    each = np.array(codes, np.int64)
    part = table.select(codes=each)
    columns = CodeColumns.of(each, table.n_codes)
    sums = build_group_counts(part, columns, binary.needs).by_group()
    runs = RunCounter(part, columns).count_by_code().astype(int).tolist()
    sides = [
        _build_compared_value(
            {
                name: values[:, place if values.shape[1] > 1 else 0][:, None]
                for name, values in sums.items()
            },
            binary,
            runs[place],
        )
        for place in range(2)
    ]
    return compute_difference_test(sides[0], sides[1])


def compare_coders(table: CodingTable, codes: Ints, coders: tuple[int, int]) -> DifferenceTest:
    """Test whether two coders' α with the majority of the others differ.

    Over the sources of the table that both finished; ``table`` is of `CodingTable.select`.
    """
    both = table.finished[:, coders[0]] & table.finished[:, coders[1]]
    part = table.select(sources=table.source[both])
    sides = [
        _build_compared_value(
            count_against_majority(part, codes, coder).sums(),
            krippendorff_alpha.BINARY,
            _count_majority_runs(part, coder),
        )
        for coder in coders
    ]
    return compute_difference_test(sides[0], sides[1])


def _build_compared_value(sums: Sums, binary: BinaryFormula, runs: int) -> ComparedValue:
    """Build a side from its sums by source (D, K) and (D, 1)."""
    total = {name: values.sum(axis=0) for name, values in sums.items()}
    count = len(sums["units"])
    rest = {name: total[name] - values for name, values in sums.items()}
    left = 1 - 1 / max(count, 1)  # of the judgement that is spread over the sources
    return ComparedValue(
        float(binary.pooled_ratio(total)),
        float(binary.pooled_ratio(total, 1.0)),
        np.asarray(binary.pooled_ratio(rest, left), float),
        runs,
    )


def _count_majority_runs(table: CodingTable, coder: int) -> int:
    """Count the runs of units on which the coder differs from the majority about any code."""
    own = has_coder_in_mask(table.mask, coder)
    others = table.finished.sum(axis=1)[table.group] - 1
    majority = 2 * (count_coders_in_mask(table.mask) - own) > others
    rows = np.flatnonzero(own != majority)
    rows = rows[argsort_columns(table.group[rows], table.start[rows])]
    return int(mark_run_starts(table.group[rows], table.start[rows], table.stop[rows]).sum())
