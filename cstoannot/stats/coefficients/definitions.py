"""The types of a coefficient: its formula over sums, and the measure with its title, citation
and requirements.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cstoannot.stats.results import Floats

Sums = Mapping[str, Floats]
"""Sums over groups by name, (..., K) a code, or (..., 1) where they are the same for all codes:

``units`` N; ``values`` Σ m over units; for many coders, k of m having the code in a unit:
``positives`` Σ k; ``shares`` Σ k/m; ``discord`` Σ k(m − k)/(m − 1);
``split`` Σ 2k(m − k)/(m(m − 1)); ``squares`` Σ λ² of passages. For a pair: ``first``,
``second``, ``both``, and ``first_met``, ``second_met`` (passages that meet the other's)."""

Disagreement = tuple[Floats, Floats]
"""Observed and expected disagreement, of one shape; 0 expected means undefined."""


class MeasureKind(StrEnum):
    """What a coefficient looks at, which decides its sufficient statistics."""

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
        """(..., K) NaN where undefined."""
        return compute_agreement_ratio(*self.disagreement(sums))

    def pooled(self, sums: Sums) -> Floats:
        """(...) over codes: 1 − Σ observed / Σ expected (FORMULAE, decision A.4)."""
        observed, expected = self.disagreement(sums)
        some = expected > 0
        return compute_agreement_ratio(
            np.where(some, observed, 0).sum(axis=-1), np.where(some, expected, 0).sum(axis=-1)
        )


@dataclass(frozen=True, slots=True)
class Measure:
    """What a coefficient needs and can do, for menus, checks and the methods paragraph.

    ``question``: what it answers (``unitizing``, ``coding``, ``stance``, ``voice``);
    ``counts``: what its n counts; ``all_codes``: the overall value looks at all codes at once,
    so that some are measured by gathering their passages only; ``phrase`` fits after "we report".
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


def compute_agreement_ratio(observed: Floats, expected: Floats) -> Floats:
    """1 − observed / expected, NaN where nothing could have disagreed."""
    observed, expected = np.broadcast_arrays(observed, expected)
    share = np.full(expected.shape, np.nan)
    np.divide(observed, expected, out=share, where=expected > 0)
    return 1.0 - share
