"""A coefficient's formula over sums; a measure's title, citation and requirements."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cstoannot.stats.results import Floats

Sums = Mapping[str, Floats]
"""Sums over groups by name: (..., K) by code, or (..., 1) where they are equal for all codes.

``units`` N; ``values`` Σ m over units. For many coders, of whom k of m give the code to a unit:
``positives`` Σ k; ``shares`` Σ k/m; ``discord`` Σ k(m − k)/(m − 1); ``split`` Σ 2k(m − k)/(m(m −
1)); ``squares`` Σ λ² of passages. For a pair: ``first``, ``second``, ``both``, and ``first_met``,
``second_met`` (passages that overlap the other's).
"""

Disagreement = tuple[Floats, Floats]
"""Observed and expected disagreement, of equal shape; undefined where expected is 0."""


class MeasureKind(StrEnum):
    """What a coefficient compares; decides its sufficient statistics."""

    UNITS = "units"
    CHARACTERS = "characters"
    PASSAGES = "passages"
    MEETINGS = "meetings"
    SECTIONS = "sections"
    PARTITION = "partition"
    LABELS = "labels"


@dataclass(frozen=True, slots=True)
class BinaryFormula:
    """A coefficient of one code, from sums: 1 − observed / expected."""

    needs: tuple[str, ...]
    disagreement: Callable[[Sums], Disagreement]
    pairs: bool = False
    """Made for two coders; with more, the mean over their pairs."""

    def each(self, sums: Sums) -> Floats:
        """Compute the values (..., K) by code; NaN where undefined."""
        return compute_agreement_ratio(*self.disagreement(sums))

    def pooled(self, sums: Sums) -> Floats:
        """Compute (...) over codes: 1 − Σ observed / Σ expected."""
        observed, expected = self.disagreement(sums)
        some = expected > 0
        return compute_agreement_ratio(
            np.where(some, observed, 0).sum(axis=-1), np.where(some, expected, 0).sum(axis=-1)
        )


@dataclass(frozen=True, slots=True)
class Measure:
    """What a coefficient needs and can do, for menus, checks and the methods paragraph.

    ``question``: what it answers (``unitizing``, ``coding``, ``stance``, ``voice``); ``counts``:
    what its n counts; ``all_codes``: the overall value uses all codes at once, so to measure some,
    build the statistics from their passages only; ``phrase`` fits after "we report".
    """

    key: str
    title: str
    citation: str
    phrase: str
    question: str
    kind: MeasureKind
    counts: str
    units: tuple[str, ...] = ("character",)
    chance_corrected: bool = True
    all_codes: bool = False
    intervals: tuple[str, ...] = ("bootstrap",)
    binary: BinaryFormula | None = None

    @property
    def pooling(self) -> str:
        """Say how the overall value combines several codes."""
        return "joint over codes" if self.all_codes else "pooled over codes"


def compute_agreement_ratio(observed: Floats, expected: Floats) -> Floats:
    """Compute 1 − observed / expected; NaN where no disagreement is possible."""
    observed, expected = np.broadcast_arrays(observed, expected)
    share = np.full(expected.shape, np.nan)
    np.divide(observed, expected, out=share, where=expected > 0)
    return 1.0 - share
