"""Krippendorff's α: any number of coders, any metric, missing values (1970, 2004, 2019)."""

import numpy as np

from cstoannot.stats.coefficients.kinds import Binary, Disagreement, Sums
from cstoannot.stats.distances import DISTANCES
from cstoannot.stats.results import Floats
from cstoannot.stats.tables import ValueCounts


def coincidences(counts: ValueCounts) -> Floats:
    """(..., V, V) o_ck: pairs of values within units, each unit's weighted by 1/(m − 1)."""
    kept = counts.with_least(2)
    per_unit = kept.counts.astype(float)
    size = len(kept.levels)
    pairs = per_unit[:, :, None] * per_unit[:, None, :]
    pairs[:, np.arange(size), np.arange(size)] -= per_unit
    pairs /= (per_unit.sum(axis=1) - 1.0)[:, None, None]
    flat = kept.frequency @ pairs.reshape(len(pairs), size * size)
    return np.asarray(flat, float).reshape(*np.shape(flat)[:-1], size, size)


def alpha(counts: ValueCounts, metric: str = "nominal") -> Disagreement:
    """Observed and expected disagreement, by one of the `DISTANCES`.

    KeyError for an unknown metric, ValueError for values that it cannot measure.
    """
    distance = DISTANCES[metric]
    if metric == "nominal":
        return _nominal(counts)
    kept = counts.with_least(2)
    margins = np.asarray(kept.frequency @ kept.counts, float)
    total = margins.sum(axis=-1)
    apart = distance(kept.levels, margins)
    observed = (coincidences(kept) * apart).sum(axis=(-1, -2))
    expected = (margins[..., :, None] * margins[..., None, :] * apart).sum(axis=(-1, -2))
    return observed / np.maximum(total, 1), expected / np.maximum(total * (total - 1), 1)


def _nominal(counts: ValueCounts) -> Disagreement:
    """The same without the matrix of coincidences, whose size is the square of the levels'."""
    kept = counts.with_least(2)
    per_unit = kept.counts.astype(float)
    values = per_unit.sum(axis=1)
    apart = (per_unit * (values[:, None] - per_unit)).sum(axis=1) / (values - 1.0)
    margins = np.asarray(kept.frequency @ per_unit, float)
    total = margins.sum(axis=-1)
    observed = np.asarray(kept.frequency @ apart, float) / np.maximum(total, 1)
    expected = (margins * (total[..., None] - margins)).sum(axis=-1)
    return observed, expected / np.maximum(total * (total - 1), 1)


def _binary(sums: Sums) -> Disagreement:
    total, positives = sums["values"], sums["positives"]
    observed = 2.0 * sums["discord"] / np.maximum(total, 1)
    expected = 2.0 * positives * (total - positives)
    return observed, expected / np.maximum(total * (total - 1), 1)


BINARY = Binary(("positives", "discord"), _binary)
