"""Gwet's AC1 (2008): chance agreement from how hard the units are; robust for rare codes."""

import numpy as np

from cstoannot.stats.coefficients.definitions import BinaryFormula, Disagreement, Sums
from cstoannot.stats.coefficients.fleiss_kappa import compute_binary_split, compute_mean_share


def _compute_binary_ac1(sums: Sums) -> Disagreement:
    """Compute AC1 for q = 2: the code and its absence.

    Undefined for a code that nobody used, or that everybody gave everywhere: the formula would give
    1, though such data say nothing about agreement.
    """
    share = compute_mean_share(sums)
    varies = (share > 0) & (share < 1)
    return compute_binary_split(sums), np.where(varies, 1.0 - 2.0 * share * (1.0 - share), 0.0)


BINARY = BinaryFormula(("shares", "split"), _compute_binary_ac1)
