"""Scott's π for two coders (Scott 1955): chance by the pooled margins."""

import numpy as np

from cstoannot.stats.coefficients.kinds import Binary, Disagreement, Sums
from cstoannot.stats.results import Floats


def scott(table: Floats) -> Disagreement:
    """From (..., V, V) counts, one coder's values in rows."""
    units = table.sum(axis=(-1, -2))
    agreed = np.trace(table, axis1=-2, axis2=-1)
    pooled = table.sum(axis=-1) + table.sum(axis=-2)
    observed = np.divide(units - agreed, units, out=np.zeros_like(units), where=units > 0)
    total = 2.0 * units
    chance = (pooled * (total[..., None] - pooled)).sum(axis=-1)
    expected = np.divide(chance, total * total, out=np.zeros_like(units), where=units > 0)
    return observed, expected


def _binary(sums: Sums) -> Disagreement:
    units = np.maximum(sums["units"], 1)
    pooled = sums["first"] + sums["second"]
    observed = (pooled - 2.0 * sums["both"]) / units
    return observed, pooled * (2.0 * units - pooled) / (2.0 * units * units)


BINARY = Binary(("first", "second", "both"), _binary, pairs=True)
