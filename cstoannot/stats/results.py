"""Result types of all measures: a value or the reason why it is undefined, its n and interval.

And one measure overall, by code, by pair of coders and by source.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Words = NDArray[np.uint64]
Numbers = NDArray[Any]


class UndefinedReason(StrEnum):
    """Why a value is undefined; undefined is never shown as 0, 1 or NaN."""

    SINGLE_CATEGORY = "single_category"
    NO_PAIRABLE_UNITS = "no_pairable_units"
    NO_GAPS = "no_gaps"
    NO_OVERLAP = "no_overlap"
    ONE_ANNOTATOR = "one_annotator"
    CODES_OVERLAP = "codes_overlap"


EXPLANATIONS = {
    UndefinedReason.SINGLE_CATEGORY: "Everybody gave the same value everywhere: nothing varied, so "
    "there is nothing that chance could be told from.",
    UndefinedReason.NO_PAIRABLE_UNITS: "There is nothing that two coders both judged.",
    UndefinedReason.NO_GAPS: "Every coder marked the whole text: no stretch was left unmarked.",
    UndefinedReason.NO_OVERLAP: "No two coders marked a common stretch of text.",
    UndefinedReason.ONE_ANNOTATOR: "Fewer than two coders take part.",
    UndefinedReason.CODES_OVERLAP: "A coder gave several codes to one stretch of text; this "
    "measure needs codes that exclude each other. Choose such codes, or a measure for one code at "
    "a time.",
}


@dataclass(frozen=True, slots=True)
class ConfidenceInterval:
    """A confidence interval and its method.

    ``method``: what was resampled (``sources``, ``units``, ``blocks``, ``pairs``) or
    ``analytic``; ``drawn``: how many of them there are; ``undefined``: replicates without a value,
    which are left out.
    """

    low: float
    high: float
    level: float
    method: str
    drawn: int
    replicates: int = 0
    undefined: int = 0


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A measured value, or None and the reason.

    ``n``: units or passages compared, as the measure's ``counts`` in the registry says; ``marked``:
    units that carry the code for at least one coder (codes of segmented measures); ``prevalence``:
    share of judgements that are positive; ``coverage``: see `UnitizingFamily`.
    """

    value: float | None
    reason: UndefinedReason | None
    n: int
    coders: int
    interval: ConfidenceInterval | None = None
    marked: int | None = None
    prevalence: float | None = None
    standard_error: float | None = None
    coverage: float | None = None

    def __post_init__(self) -> None:
        if (self.value is None) != (self.reason is not None):
            raise ValueError("a value has no reason, and what has no value has one")


def build_coefficient(value: float, n: int, coders: int, **more: Any) -> Coefficient:
    """Build a coefficient with a value, corrected only for rounding errors."""
    return Coefficient(float(value), None, int(n), int(coders), **more)


def build_undefined_coefficient(
    reason: UndefinedReason, n: int, coders: int, **more: Any
) -> Coefficient:
    """Build a coefficient without a value, because of ``reason``."""
    return Coefficient(None, reason, int(n), int(coders), **more)


def replace_interval(result: Coefficient, *, interval: ConfidenceInterval | None) -> Coefficient:
    """Set the interval if there is a value."""
    return result if result.value is None else replace(result, interval=interval)


@dataclass(frozen=True, slots=True)
class CodeValue:
    code: int
    result: Coefficient


@dataclass(frozen=True, slots=True)
class PairValue:
    first: int
    second: int
    result: Coefficient


@dataclass(frozen=True, slots=True)
class SourceValue:
    source: int
    result: Coefficient


@dataclass(frozen=True, slots=True)
class MeasureResult:
    """One measure of one selection; numbers of codes and coders are those of its tables.

    ``codes``: every code in view; ``pairs``: those who share a source; ``by_source``: sources that
    at least two coders finished.
    """

    key: str
    overall: Coefficient
    codes: tuple[CodeValue, ...]
    pairs: tuple[PairValue, ...]
    by_source: tuple[SourceValue, ...]

    @property
    def mean_over_codes(self) -> float | None:
        """Return the plain mean of the codes' values, over the codes that have one."""
        values = [code.result.value for code in self.codes if code.result.value is not None]
        return sum(values) / len(values) if values else None
