"""Gwet's AC1 (2008): chance agreement from how hard the units are, robust to rare codes."""

import numpy as np

from cstoannot.stats.coefficients.definitions import BinaryFormula, Disagreement, Sums
from cstoannot.stats.coefficients.fleiss_kappa import compute_binary_split, compute_mean_share


def _compute_binary_ac1(sums: Sums) -> Disagreement:
    """q = 2: the code and its absence. A code that nobody used, or everybody everywhere, is
    left undefined: the formula would give 1 for data that say nothing."""
    share = compute_mean_share(sums)
    varies = (share > 0) & (share < 1)
    return compute_binary_split(sums), np.where(varies, 1.0 - 2.0 * share * (1.0 - share), 0.0)


BINARY = BinaryFormula(("shares", "split"), _compute_binary_ac1)
