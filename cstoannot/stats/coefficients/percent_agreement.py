"""Percent agreement: share of pairs that agree, averaged over units (Fleiss 1971)."""

import numpy as np

from cstoannot.stats.coefficients.definitions import BinaryFormula, Disagreement, Sums
from cstoannot.stats.results import Floats
from cstoannot.stats.tables import ValueCounts


def compute_unit_splits(counts: ValueCounts) -> tuple[Floats, Floats]:
    """(P,) share of each distinct unit's pairs of values that differ, and whether it has a pair."""
    values = counts.counts.sum(axis=1)
    pairs = values * (values - 1.0)
    same = (counts.counts * (counts.counts - 1.0)).sum(axis=1)
    share = np.divide(same, pairs, out=np.ones_like(pairs), where=pairs > 0)
    return 1.0 - share, (pairs > 0).astype(float)


def _compute_binary_percent(sums: Sums) -> Disagreement:
    units = np.broadcast_to(sums["units"], sums["split"].shape)
    observed = np.divide(sums["split"], units, out=np.zeros(units.shape), where=units > 0)
    return observed, np.where(units > 0, 1.0, 0.0)


BINARY = BinaryFormula(("split",), _compute_binary_percent)
