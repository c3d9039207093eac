"""Fleiss' κ (1971) for any number of coders, with Gwet's generalisation to missing values."""

import numpy as np

from cstoannot.stats.coefficients.definitions import BinaryFormula, Disagreement, Sums
from cstoannot.stats.results import Floats
from cstoannot.stats.tables import ValueCounts


def compute_level_shares(counts: ValueCounts) -> Floats:
    """(..., V) each level's share of a unit's values, averaged over units with values."""
    values = counts.counts.sum(axis=1, keepdims=True)
    each = np.divide(counts.counts, values, out=np.zeros(counts.counts.shape), where=values > 0)
    units = np.asarray(counts.frequency @ (values[:, 0] > 0).astype(float))[..., None]
    total = np.asarray(counts.frequency @ each)
    return np.divide(total, units, out=np.zeros(total.shape), where=units > 0)


def compute_mean_share(sums: Sums) -> Floats:
    """(..., K) share of coders who gave the code, averaged over units."""
    units = np.broadcast_to(sums["units"], sums["shares"].shape)
    return np.divide(sums["shares"], units, out=np.zeros(units.shape), where=units > 0)


def compute_binary_split(sums: Sums) -> Floats:
    """(..., K) share of pairs that differ, averaged over units."""
    units = np.broadcast_to(sums["units"], sums["split"].shape)
    return np.divide(sums["split"], units, out=np.zeros(units.shape), where=units > 0)


def _compute_binary_fleiss(sums: Sums) -> Disagreement:
    share = compute_mean_share(sums)
    return compute_binary_split(sums), 2.0 * share * (1.0 - share)


BINARY = BinaryFormula(("shares", "split"), _compute_binary_fleiss)
