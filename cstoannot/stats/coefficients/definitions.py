"""A coefficient's formula over sums; a measure's title, citation and requirements."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cstoannot.stats.results import Floats, IntervalMethod

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
    by_passage: bool = False
    """Whether judgements are the coders' passages, not all units of the text."""

    def each(self, sums: Sums) -> Floats:
        """Compute the values (..., K) by code; NaN where undefined."""
        return 1.0 - self.ratio(sums)

    def pooled(self, sums: Sums) -> Floats:
        """Compute (...) over codes: 1 − Σ observed / Σ expected."""
        return 1.0 - self.pooled_ratio(sums)

    def ratio(self, sums: Sums, discordant: Floats | float = 0.0) -> Floats:
        """Compute observed / expected (..., K), with so many discordant judgements added."""
        observed, expected = self.disagreement(sums)
        return compute_disagreement_ratio(
            observed + discordant * self.weight_of_judgement(sums), expected
        )

    def pooled_ratio(self, sums: Sums, discordant: Floats | float = 0.0) -> Floats:
        """Compute Σ observed / Σ expected (...) over codes, with discordant judgements added."""
        observed, expected = self.disagreement(sums)
        some = expected > 0
        weight = np.broadcast_to(self.weight_of_judgement(sums), observed.shape)[..., :1]
        return compute_disagreement_ratio(
            np.where(some, observed, 0).sum(axis=-1) + discordant * weight.sum(axis=-1),
            np.where(some, expected, 0).sum(axis=-1),
        )

    def weight_of_judgement(self, sums: Sums) -> Floats:
        """(..., 1) the observed disagreement of one coder who differs from the others once."""
        if self.by_passage:
            return np.ones((*np.shape(sums["first"])[:-1], 1))
        return 2.0 / np.maximum(sums["values"], 1.0)

    def count_judgements(self, sums: Sums) -> Floats:
        """(..., K) or (..., 1) how many judgements a value rests on."""
        return sums["first"] + sums["second"] if self.by_passage else sums["values"]


@dataclass(frozen=True, slots=True)
class Measure:
    """What a coefficient needs and can do, for menus, checks and the methods paragraph.

    ``question``: what it answers (``unitizing``, ``coding``, ``stance``, ``voice``); ``counts``:
    what its n counts; ``all_codes``: the overall value uses all codes at once, so to measure some,
    build the statistics from their passages only; ``has_limits``: whether Krippendorff's .667 and
    .800 apply, which he gives for α alone; ``phrase`` fits after "we report".
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
    has_limits: bool = False
    all_codes: bool = False
    intervals: tuple[IntervalMethod, ...] = (IntervalMethod.JACKKNIFE, IntervalMethod.BOOTSTRAP)
    binary: BinaryFormula | None = None

    @property
    def pooling(self) -> str:
        """Say how the overall value combines several codes."""
        return "joint over codes" if self.all_codes else "pooled over codes"


def compute_disagreement_ratio(observed: Floats, expected: Floats) -> Floats:
    """Compute observed / expected; NaN where no disagreement is possible."""
    observed, expected = np.broadcast_arrays(observed, expected)
    share = np.full(expected.shape, np.nan)
    np.divide(observed, expected, out=share, where=expected > 0)
    return share


def compute_agreement_ratio(observed: Floats, expected: Floats) -> Floats:
    """Compute 1 − observed / expected; NaN where no disagreement is possible."""
    return 1.0 - compute_disagreement_ratio(observed, expected)
