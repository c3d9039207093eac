"""Cohen's κ for two coders, and what is made of it for more (FORMULAE, section 1)."""

from itertools import combinations

import numpy as np

from cstoannot.stats.coefficients.kinds import Binary, Disagreement, Sums, ratio
from cstoannot.stats.results import Floats
from cstoannot.stats.tables import Ratings


def cohen(table: Floats) -> Disagreement:
    """From (..., V, V) counts, one coder's values in rows: chance by each one's own margins
    (Cohen 1960)."""
    units = table.sum(axis=(-1, -2))
    agreed = np.trace(table, axis1=-2, axis2=-1)
    chance = (table.sum(axis=-1) * table.sum(axis=-2)).sum(axis=-1)
    observed = np.divide(units - agreed, units, out=np.zeros_like(units), where=units > 0)
    square = units * units
    expected = np.divide(square - chance, square, out=np.zeros_like(units), where=units > 0)
    return observed, expected


def light(ratings: Ratings) -> Floats:
    """The mean of the pairs' κ (Light 1971), over the pairs that have one; NaN if none has."""
    pairs = combinations(range(ratings.cells.shape[1]), 2)
    each = np.array([float(ratio(*cohen(ratings.pair(i, j)))) for i, j in pairs])
    some = each[~np.isnan(each)]
    return np.asarray(some.mean() if len(some) else np.nan)


def hubert(ratings: Ratings) -> Disagreement:
    """Agreement and chance agreement each averaged over pairs (Hubert 1977, Conger 1980)."""
    pairs = combinations(range(ratings.cells.shape[1]), 2)
    parts = [cohen(ratings.pair(i, j)) for i, j in pairs]
    observed, expected = (np.mean([part[n] for part in parts], axis=0) for n in (0, 1))
    return np.asarray(observed), np.asarray(expected)


def _binary(sums: Sums) -> Disagreement:
    first, second, units = sums["first"], sums["second"], sums["units"]
    observed = (first + second - 2.0 * sums["both"]) / np.maximum(units, 1)
    chance = first * (units - second) + second * (units - first)
    return observed, chance / np.maximum(units, 1) ** 2


BINARY = Binary(("first", "second", "both"), _binary, pairs=True)
