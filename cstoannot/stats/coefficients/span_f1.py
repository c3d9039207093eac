"""F1 between two coders' passages: same bounds, any overlap, or by characters.

Neither coder is the gold standard: F1 is symmetric. For more coders it is the mean over their pairs
(Hripcsak & Rothschild 2005). Undefined only if neither marked anything.
"""

from dataclasses import dataclass

import numpy as np

from cstoannot.stats.coefficients.definitions import BinaryFormula, Disagreement, Sums
from cstoannot.stats.results import Floats


def _compute_dice_disagreement(sums: Sums) -> Disagreement:
    """Write 2 TP / (|A| + |B|) as 1 − (|A| + |B| − 2 TP) / (|A| + |B|)."""
    together = sums["first"] + sums["second"]
    return together - 2.0 * sums["both"], together


def compute_precision_and_recall(sums: Sums) -> tuple[Floats, Floats]:
    """Return the second coder's precision against the first, and recall; NaN without passages."""
    found = []
    for side in ("second", "first"):
        hits = sums.get(f"{side}_met", sums.get("both"))
        count = np.asarray(sums[side], float)
        share = np.full(count.shape, np.nan)
        found.append(np.divide(hits, count, out=share, where=count > 0))  # type: ignore[arg-type]
    return found[0], found[1]


@dataclass(frozen=True, slots=True)
class OverlapFormula(BinaryFormula):
    """The harmonic mean of both coders' shares of passages that overlap one of the other's."""

    def ratio(self, sums: Sums, discordant: Floats | float = 0.0) -> Floats:
        passages = np.asarray(sums["first"] + sums["second"], float)
        added = np.divide(discordant, passages, out=np.zeros(passages.shape), where=passages > 0)
        return 1.0 - self._compute_harmonic_means(sums) + added

    def pooled_ratio(self, sums: Sums, discordant: Floats | float = 0.0) -> Floats:
        names = ("first", "second", "first_met", "second_met")
        return self.ratio({name: sums[name].sum(axis=-1) for name in names}, discordant)

    def _compute_harmonic_means(self, sums: Sums) -> Floats:
        precision, recall = (
            np.where(np.isnan(share), 0.0, share) for share in compute_precision_and_recall(sums)
        )
        total = precision + recall
        value = np.divide(
            2.0 * precision * recall, total, out=np.zeros_like(total), where=total > 0
        )
        return np.where(sums["first"] + sums["second"] > 0, value, np.nan)


DICE = BinaryFormula(
    ("first", "second", "both"), _compute_dice_disagreement, pairs=True, by_passage=True
)
OVERLAP = OverlapFormula(
    ("first", "second", "first_met", "second_met"),
    _compute_dice_disagreement,
    pairs=True,
    by_passage=True,
)
