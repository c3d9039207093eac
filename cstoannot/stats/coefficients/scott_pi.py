"""Scott's π for two coders (Scott 1955): chance from the pooled margins."""

import numpy as np

from cstoannot.stats.coefficients.definitions import BinaryFormula, Disagreement, Sums


def _compute_binary_scott(sums: Sums) -> Disagreement:
    units = np.maximum(sums["units"], 1)
    pooled = sums["first"] + sums["second"]
    observed = (pooled - 2.0 * sums["both"]) / units
    return observed, pooled * (2.0 * units - pooled) / (2.0 * units * units)


BINARY = BinaryFormula(("first", "second", "both"), _compute_binary_scott, pairs=True)
