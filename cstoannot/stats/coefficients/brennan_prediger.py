"""Brennan and Prediger's coefficient (1981): each category is equally likely by chance."""

import numpy as np

from cstoannot.stats.coefficients.definitions import BinaryFormula, Disagreement, Sums
from cstoannot.stats.coefficients.fleiss_kappa import compute_binary_split, compute_mean_share


def _compute_binary_brennan_prediger(sums: Sums) -> Disagreement:
    """Compute 1 − D_o / (1 − 1/k) for k = 2: the code and its absence.

    Undefined for a code that nobody used, or that everybody gave everywhere, as AC1 is.
    """
    share = compute_mean_share(sums)
    return compute_binary_split(sums), np.where((share > 0) & (share < 1), 0.5, 0.0)


BINARY = BinaryFormula(("shares", "split"), _compute_binary_brennan_prediger)
