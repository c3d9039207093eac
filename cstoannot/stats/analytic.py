"""Gwet's analytic standard errors, by linearisation, for inference to more units like these.

Gwet 2014, chapter 5; Gwet 2021; as irrCAC computes them (FORMULAE, section 7). Each distinct
unit's part in the coefficient is worked out once and counted as often as the unit occurs. As
there, the variance of a complete table of two coders is divided by n, any other by n - 1.
"""

import math

import numpy as np

from cstoannot.stats.coefficients.fleiss_kappa import shares
from cstoannot.stats.coefficients.percent_agreement import split
from cstoannot.stats.resampling import student_t
from cstoannot.stats.results import Floats, Interval
from cstoannot.stats.tables import ValueCounts


def gwet_error(key: str, counts: ValueCounts) -> tuple[float, int] | None:
    """Standard error and number of units; None where it or the coefficient is undefined.

    ``key``: percent_agreement, fleiss_kappa, scott_pi, gwet_ac1 or krippendorff_alpha (nominal).
    KeyError for others.
    """
    kept = counts.with_least(2 if key == "krippendorff_alpha" else 1)
    units = int(kept.frequency.sum())
    if units < 2 or not (kept.counts.sum(axis=1) >= 2).any():
        return None
    parts = _alpha_parts(kept) if key == "krippendorff_alpha" else _parts(key, kept)
    if parts is None:
        return None
    each, center = parts
    total = float((kept.frequency * (each - center) ** 2).sum())
    table = counts.coders == 2 and bool(np.all(counts.counts.sum(axis=1) == 2))
    return math.sqrt(total / (units * (units if table else units - 1))), units


def _parts(key: str, counts: ValueCounts) -> tuple[Floats, float] | None:
    """Each distinct unit's linearised value (P,), and the coefficient."""
    frequency = counts.frequency
    apart, pairable = split(counts)
    agreed = (1.0 - apart) * pairable
    number, paired = frequency.sum(), (frequency * pairable).sum()
    mean = (frequency * agreed).sum() / paired
    chance, each_chance = _chance(key, counts)
    if chance >= 1.0:
        return None
    value = (mean - chance) / (1.0 - chance)
    own = np.where(pairable > 0, number / paired * (agreed - chance) / (1.0 - chance), 0.0)
    return own - 2.0 * (1.0 - value) * (each_chance - chance) / (1.0 - chance), float(value)


def _chance(key: str, counts: ValueCounts) -> tuple[float, Floats]:
    """Chance agreement, and each distinct unit's part in it."""
    share = shares(counts)
    each = counts.counts / counts.counts.sum(axis=1, keepdims=True)
    if key == "percent_agreement":
        return 0.0, np.zeros(len(each))
    if key in ("fleiss_kappa", "scott_pi"):
        return float((share * share).sum()), each @ share
    if key != "gwet_ac1":
        raise KeyError(key)
    levels = len(counts.levels)
    if levels < 2:
        return 1.0, np.zeros(len(each))
    return (
        float((share * (1.0 - share)).sum() / (levels - 1)),
        each @ (1.0 - share) / (levels - 1),
    )


def _alpha_parts(counts: ValueCounts) -> tuple[Floats, float] | None:
    """For α without its small-sample term, as irrCAC does."""
    frequency, values = counts.frequency, counts.counts.sum(axis=1)
    units = frequency.sum()
    mean = (frequency * values).sum() / units
    tiny = 1.0 / (units * mean)
    same = (counts.counts * (counts.counts - 1.0)).sum(axis=1) / (mean * (values - 1.0))
    share = (frequency @ counts.counts) / (units * mean)
    plain = (frequency * same).sum() / units
    agreed = (1.0 - tiny) * plain + tiny
    chance = float((share * share).sum())
    if chance >= 1.0:
        return None
    value = (plain - chance) / (1.0 - chance)
    longer = (values - mean) / mean
    own = same - agreed * longer
    own_chance = counts.counts @ share / mean - chance * longer
    each = (own - chance) / (1.0 - chance)
    return each - 2.0 * (1.0 - value) * (own_chance - chance) / (1.0 - chance), float(value)


def analytic_interval(
    value: float, error: tuple[float, int] | None, level: float = 0.95
) -> Interval | None:
    """value ± t·SE, from -1 to 1."""
    if error is None:
        return None
    reach = student_t(1.0 - (1.0 - level) / 2.0, error[1] - 1) * error[0]
    return Interval(max(-1.0, value - reach), min(1.0, value + reach), level, "analytic", error[1])
