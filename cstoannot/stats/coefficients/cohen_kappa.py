"""Cohen's κ for two coders (Cohen 1960): chance from each coder's own margins."""

import numpy as np

from cstoannot.stats.coefficients.definitions import BinaryFormula, Disagreement, Sums


def _compute_binary_cohen(sums: Sums) -> Disagreement:
    first, second, units = sums["first"], sums["second"], sums["units"]
    observed = (first + second - 2.0 * sums["both"]) / np.maximum(units, 1)
    chance = first * (units - second) + second * (units - first)
    return observed, chance / np.maximum(units, 1) ** 2


BINARY = BinaryFormula(("first", "second", "both"), _compute_binary_cohen, pairs=True)
