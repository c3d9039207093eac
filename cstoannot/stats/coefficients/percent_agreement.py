"""Percent agreement, in the two conventions in use (FORMULAE, section 1)."""

import numpy as np

from cstoannot.stats.coefficients.kinds import Binary, Disagreement, Sums
from cstoannot.stats.results import Floats
from cstoannot.stats.tables import ValueCounts


def split(counts: ValueCounts) -> tuple[Floats, Floats]:
    """For each distinct unit (P,) the share of its pairs of values that differ, and whether it
    has a pair."""
    values = counts.counts.sum(axis=1)
    pairs = values * (values - 1.0)
    same = (counts.counts * (counts.counts - 1.0)).sum(axis=1)
    share = np.divide(same, pairs, out=np.ones_like(pairs), where=pairs > 0)
    return 1.0 - share, (pairs > 0).astype(float)


def observed_split(counts: ValueCounts) -> Floats:
    """(...) mean over units with two values of the share of pairs that differ (Fleiss 1971);
    NaN without such units."""
    apart, pairable = split(counts)
    units = counts.frequency @ pairable
    total = np.asarray(counts.frequency @ apart, float)
    return np.divide(total, units, out=np.full(np.shape(total), np.nan), where=units > 0)


def percent(counts: ValueCounts) -> Disagreement:
    """Mean over units with at least two values of the share of agreeing pairs."""
    observed = observed_split(counts)
    return observed, np.where(np.isnan(observed), 0.0, 1.0)


def pairable(counts: ValueCounts) -> Disagreement:
    """The same weighted by each unit's number of values, as in Krippendorff (2004, p. 230)."""
    apart, has_pair = split(counts)
    values = counts.counts.sum(axis=1) * has_pair
    total = counts.frequency @ values
    observed = np.asarray(counts.frequency @ (apart * values), float)
    mean = np.divide(observed, total, out=np.zeros_like(observed), where=total > 0)
    return mean, np.where(total > 0, 1.0, 0.0)


def _binary(sums: Sums) -> Disagreement:
    units = np.broadcast_to(sums["units"], sums["split"].shape)
    observed = np.divide(sums["split"], units, out=np.zeros(units.shape), where=units > 0)
    return observed, np.where(units > 0, 1.0, 0.0)


BINARY = Binary(("split",), _binary)
