"""Gwet's AC1 (2008): chance agreement from how hard the units are, robust to rare codes."""

import numpy as np

from cstoannot.stats.coefficients.fleiss_kappa import binary_split, mean_share, shares
from cstoannot.stats.coefficients.kinds import Binary, Disagreement, Sums
from cstoannot.stats.coefficients.percent_agreement import observed_split
from cstoannot.stats.tables import ValueCounts


def ac1(counts: ValueCounts) -> Disagreement:
    """P_e = Σ π(1 − π)/(q − 1); q is the number of levels, so they are part of the definition.

    Undefined for one level.
    """
    observed = observed_split(counts)
    levels = len(counts.levels)
    if levels < 2:
        return observed, np.zeros(np.shape(observed))
    share = shares(counts)
    expected = 1.0 - (share * (1.0 - share)).sum(axis=-1) / (levels - 1)
    return observed, np.where(np.isnan(observed), 0.0, expected)


def _binary(sums: Sums) -> Disagreement:
    """q = 2: the code and its absence. A code that nobody used, or everybody everywhere, is
    left undefined: the formula would give 1 for data that say nothing."""
    share = mean_share(sums)
    varies = (share > 0) & (share < 1)
    return binary_split(sums), np.where(varies, 1.0 - 2.0 * share * (1.0 - share), 0.0)


BINARY = Binary(("shares", "split"), _binary)
