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


class IntervalMethod(StrEnum):
    """How an interval is computed; each measure supports some of them."""

    JACKKNIFE = "jackknife"
    BOOTSTRAP = "bootstrap"
    GWET = "gwet"
    KRIPPENDORFF = "krippendorff"
    NONE = "none"


OVER_UNITS = frozenset({IntervalMethod.GWET, IntervalMethod.KRIPPENDORFF})
"""Methods for one code at a time, which take its units for independent."""


class IntervalReason(StrEnum):
    """Why a value has no interval."""

    FEW_SOURCES = "few_sources"
    FEW_SOURCES_TO_DRAW = "few_sources_to_draw"
    UNDEFINED_WITHOUT_SOME_SOURCE = "undefined_without_some_source"
    UNDEFINED_REPLICATES = "undefined_replicates"
    ONE_CODE_AT_A_TIME = "one_code_at_a_time"
    NO_VARIATION = "no_variation"


INTERVAL_EXPLANATIONS = {
    IntervalReason.FEW_SOURCES: "Fewer than three sources take part in the value: how much it "
    "would vary with other sources cannot be told.",
    IntervalReason.FEW_SOURCES_TO_DRAW: "Fewer than ten sources take part in the value: too few to "
    "draw from. The jackknife needs three.",
    IntervalReason.UNDEFINED_WITHOUT_SOME_SOURCE: "The value rests on one source: without it, it "
    "is undefined.",
    IntervalReason.UNDEFINED_REPLICATES: "Most replicates have no value.",
    IntervalReason.ONE_CODE_AT_A_TIME: "This interval is made for one code; a value pooled over "
    "several has none. Choose one code, or the jackknife.",
    IntervalReason.NO_VARIATION: "There is no disagreement to estimate a variance from: this "
    "method would give an interval of zero width. The jackknife gives one.",
}


@dataclass(frozen=True, slots=True)
class ConfidenceInterval:
    """A confidence interval and its method.

    ``drawn``: how many sources were left out or drawn, for Gwet's how many units, for
    Krippendorff's how many pairs of values; ``undefined``: replicates without a value, which are
    left out.
    """

    low: float
    high: float
    level: float
    method: IntervalMethod
    drawn: int
    replicates: int = 0
    undefined: int = 0


Interval = ConfidenceInterval | IntervalReason
"""An interval, or the reason why there is none."""


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A measured value, or None and the reason.

    ``n``: units or passages compared, as the measure's ``counts`` in the registry says; ``marked``:
    units that carry the code for at least one coder (codes of segmented measures); ``prevalence``:
    share of judgements that are positive; ``coverage``: see `UnitizingFamily`; ``no_interval``: why
    a value for which one was asked has no interval.
    """

    value: float | None
    reason: UndefinedReason | None
    n: int
    coders: int
    interval: ConfidenceInterval | None = None
    no_interval: IntervalReason | None = None
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


def add_interval(result: Coefficient, interval: Interval | None) -> Coefficient:
    """Set the interval, or the reason why there is none, if there is a value."""
    if result.value is None or interval is None:
        return result
    if isinstance(interval, IntervalReason):
        return replace(result, interval=None, no_interval=interval)
    return replace(result, interval=interval, no_interval=None)


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
