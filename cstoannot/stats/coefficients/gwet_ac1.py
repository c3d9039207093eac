"""Gwet's AC1 (2008): chance agreement from how hard the units are, robust to rare codes."""

import numpy as np

from cstoannot.stats.coefficients.fleiss_kappa import binary_split, mean_share
from cstoannot.stats.coefficients.kinds import Binary, Disagreement, Sums


def _binary(sums: Sums) -> Disagreement:
    """q = 2: the code and its absence. A code that nobody used, or everybody everywhere, is
    left undefined: the formula would give 1 for data that say nothing."""
    share = mean_share(sums)
    varies = (share > 0) & (share < 1)
    return binary_split(sums), np.where(varies, 1.0 - 2.0 * share * (1.0 - share), 0.0)


BINARY = Binary(("shares", "split"), _binary)
