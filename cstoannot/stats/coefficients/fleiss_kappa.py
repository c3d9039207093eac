"""Fleiss' κ (1971) for any number of coders, with Gwet's generalisation to missing values."""

import numpy as np

from cstoannot.stats.coefficients.definitions import BinaryFormula, Disagreement, Sums
from cstoannot.stats.results import Floats
from cstoannot.stats.tables import ValueCounts


def compute_level_shares(counts: ValueCounts) -> Floats:
    """(..., V) mean over units with a value of each level's share of the unit's values."""
    values = counts.counts.sum(axis=1, keepdims=True)
    each = np.divide(counts.counts, values, out=np.zeros(counts.counts.shape), where=values > 0)
    units = np.asarray(counts.frequency @ (values[:, 0] > 0).astype(float))[..., None]
    total = np.asarray(counts.frequency @ each)
    return np.divide(total, units, out=np.zeros(total.shape), where=units > 0)


def compute_mean_share(sums: Sums) -> Floats:
    """(..., K) mean over units of the share of coders who gave the code."""
    units = np.broadcast_to(sums["units"], sums["shares"].shape)
    return np.divide(sums["shares"], units, out=np.zeros(units.shape), where=units > 0)


def compute_binary_split(sums: Sums) -> Floats:
    """(..., K) mean over units of the share of pairs that differ."""
    units = np.broadcast_to(sums["units"], sums["split"].shape)
    return np.divide(sums["split"], units, out=np.zeros(units.shape), where=units > 0)


def _compute_binary_fleiss(sums: Sums) -> Disagreement:
    share = compute_mean_share(sums)
    return compute_binary_split(sums), 2.0 * share * (1.0 - share)


BINARY = BinaryFormula(("shares", "split"), _compute_binary_fleiss)
