"""Krippendorff's α for any number of coders, any metric and missing values (1970, 2004, 2019).

Includes the squared distances δ² of its metrics.
"""

import numpy as np

from cstoannot.stats.coefficients.definitions import BinaryFormula, Disagreement, Sums
from cstoannot.stats.results import Floats
from cstoannot.stats.tables import ValueCounts


def compute_coincidences(counts: ValueCounts) -> Floats:
    """(..., V, V) o_ck: pairs of values within units; each unit's are weighted by 1/(m − 1)."""
    kept = counts.with_least(2)
    per_unit = kept.counts.astype(float)
    size = len(kept.levels)
    pairs = per_unit[:, :, None] * per_unit[:, None, :]
    pairs[:, np.arange(size), np.arange(size)] -= per_unit
    pairs /= (per_unit.sum(axis=1) - 1.0)[:, None, None]
    flat = kept.frequency @ pairs.reshape(len(pairs), size * size)
    return np.asarray(flat, float).reshape(*np.shape(flat)[:-1], size, size)


def _compute_binary_alpha(sums: Sums) -> Disagreement:
    total, positives = sums["values"], sums["positives"]
    observed = 2.0 * sums["discord"] / np.maximum(total, 1)
    expected = 2.0 * positives * (total - positives)
    return observed, expected / np.maximum(total * (total - 1), 1)


BINARY = BinaryFormula(("positives", "discord"), _compute_binary_alpha)
