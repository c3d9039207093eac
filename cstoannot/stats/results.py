"""What every measure answers: a value or the reason why there is none, its n, its interval."""

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


class Reason(StrEnum):
    """Why a value is undefined; never 0, 1 or NaN instead."""

    SINGLE_CATEGORY = "single_category"
    NO_PAIRABLE_UNITS = "no_pairable_units"
    NO_GAPS = "no_gaps"
    NO_OVERLAP = "no_overlap"
    ONE_ANNOTATOR = "one_annotator"
    CODES_OVERLAP = "codes_overlap"


EXPLANATIONS = {
    Reason.SINGLE_CATEGORY: "Everybody gave the same value everywhere: nothing varied, so there "
    "is nothing that chance could be told from.",
    Reason.NO_PAIRABLE_UNITS: "There is nothing that two coders both judged.",
    Reason.NO_GAPS: "Every coder marked the whole text: no stretch was left unmarked.",
    Reason.NO_OVERLAP: "No two coders marked a common stretch of text.",
    Reason.ONE_ANNOTATOR: "Fewer than two coders take part.",
    Reason.CODES_OVERLAP: "A coder gave several codes to one stretch of text; this measure needs "
    "codes that exclude each other. Choose such codes, or a measure for one code at a time.",
}


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval and how it came about.

    ``method``: what was resampled (``sources``, ``units``, ``blocks``, ``pairs``) or
    ``analytic``; ``drawn``: how many of them there are; ``undefined``: replicates without a
    value, which are left out.
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

    ``n``: units or passages compared, as the measure's ``counts`` says in the registry;
    ``marked``: units that carry the code for at least one coder (codes of segmented measures);
    ``prevalence``: share of the single judgements that are positive; ``coverage``: see `Family`.
    """

    value: float | None
    reason: Reason | None
    n: int
    coders: int
    interval: Interval | None = None
    marked: int | None = None
    prevalence: float | None = None
    standard_error: float | None = None
    coverage: float | None = None

    def __post_init__(self) -> None:
        if (self.value is None) != (self.reason is not None):
            raise ValueError("a value has no reason, and what has no value has one")


def defined(value: float, n: int, coders: int, **more: Any) -> Coefficient:
    """A value that exists; beyond rounding it is exactly what the formula gave."""
    return Coefficient(float(value), None, int(n), int(coders), **more)


def undefined(reason: Reason, n: int, coders: int, **more: Any) -> Coefficient:
    """No value, because of ``reason``."""
    return Coefficient(None, reason, int(n), int(coders), **more)


def replaced(result: Coefficient, *, interval: Interval | None) -> Coefficient:
    """With the interval, if there is a value for it to be about."""
    return result if result.value is None else replace(result, interval=interval)
