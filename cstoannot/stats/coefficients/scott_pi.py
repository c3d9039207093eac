"""Scott's π for two coders (Scott 1955): chance by the pooled margins."""

import numpy as np

from cstoannot.stats.coefficients.kinds import Binary, Disagreement, Sums


def _binary(sums: Sums) -> Disagreement:
    units = np.maximum(sums["units"], 1)
    pooled = sums["first"] + sums["second"]
    observed = (pooled - 2.0 * sums["both"]) / units
    return observed, pooled * (2.0 * units - pooled) / (2.0 * units * units)


BINARY = Binary(("first", "second", "both"), _binary, pairs=True)
