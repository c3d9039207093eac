"""Cohen's κ for two coders (Cohen 1960): chance by each one's own margins."""

import numpy as np

from cstoannot.stats.coefficients.kinds import Binary, Disagreement, Sums


def _binary(sums: Sums) -> Disagreement:
    first, second, units = sums["first"], sums["second"], sums["units"]
    observed = (first + second - 2.0 * sums["both"]) / np.maximum(units, 1)
    chance = first * (units - second) + second * (units - first)
    return observed, chance / np.maximum(units, 1) ** 2


BINARY = Binary(("first", "second", "both"), _binary, pairs=True)
