"""Coefficients of plain ratings: any values, any metric, missing ones, any number of coders."""

from functools import partial
from itertools import combinations

import numpy as np

from cstoannot.stats.analytic import analytic_interval, cohen_error, gwet_error
from cstoannot.stats.coefficients import (
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
    scott_pi,
)
from cstoannot.stats.coefficients.kinds import ratio
from cstoannot.stats.resampling import DRAWS, Draws, drawn_units, krippendorff_bootstrap
from cstoannot.stats.results import (
    Coefficient,
    Floats,
    Interval,
    Reason,
    defined,
    undefined,
)
from cstoannot.stats.tables import Ratings, ValueCounts

_MANY = {
    "percent_agreement": percent_agreement.percent,
    "pairable_agreement": percent_agreement.pairable,
    "fleiss_kappa": fleiss_kappa.fleiss,
    "gwet_ac1": gwet_ac1.ac1,
}
_TWO = {"cohen_kappa": cohen_kappa.cohen, "scott_pi": scott_pi.scott}


def rate(
    key: str,
    ratings: Ratings,
    *,
    metric: str = "nominal",
    interval: str | None = None,
    draws: Draws = DRAWS,
) -> Coefficient:
    """One of the segmented measures, or pairable_agreement or hubert_kappa.

    κ and π of more than two coders are means over their pairs. ``interval``: None,
    ``bootstrap`` (units), ``krippendorff`` (α only) or ``gwet``. KeyError for an unknown measure
    or metric, ValueError for an interval that the measure does not have.
    """
    counts = ratings.counted()
    coders = int((ratings.cells >= 0).any(axis=0).sum()) if ratings.cells.size else 0
    paired = counts.with_least(2)
    n = int(paired.frequency.sum())
    value = float(_value(key, ratings, counts, metric))
    if np.isnan(value):
        return undefined(_reason(coders, n), n, coders)
    if interval is None:
        return defined(value, n, coders)
    error = _error(key, ratings, counts, metric) if interval == "gwet" else None
    found = _interval(
        key, ratings, metric, interval=interval, draws=draws, value=value, error=error
    )
    return defined(
        value, n, coders, interval=found, standard_error=error[0] if error is not None else None
    )


def _reason(coders: int, n: int) -> Reason:
    if coders < 2:
        return Reason.ONE_ANNOTATOR
    return Reason.SINGLE_CATEGORY if n else Reason.NO_PAIRABLE_UNITS


def _value(key: str, ratings: Ratings, counts: ValueCounts, metric: str) -> Floats:
    if key == "krippendorff_alpha":
        return ratio(*krippendorff_alpha.alpha(counts, metric))
    if metric != "nominal":
        raise KeyError(f"{key} has no metric {metric}")
    if key in _MANY:
        return ratio(*_MANY[key](counts))
    if key == "hubert_kappa":
        return ratio(*cohen_kappa.hubert(ratings))
    form = _TWO[key]
    pairs = combinations(range(ratings.cells.shape[1]), 2)
    each = [float(ratio(*form(ratings.pair(i, j)))) for i, j in pairs]
    some = [value for value in each if not np.isnan(value)]
    return np.asarray(sum(some) / len(some) if some else np.nan)


def _interval(
    key: str,
    ratings: Ratings,
    metric: str,
    *,
    interval: str,
    draws: Draws,
    value: float,
    error: tuple[float, int] | None,
) -> Interval | None:
    if interval == "gwet":
        return analytic_interval(value, error, draws.level)
    if interval == "krippendorff" and key == "krippendorff_alpha":
        return krippendorff_bootstrap(ratings.counted(), metric, draws)[0]
    if interval == "bootstrap":
        replicates, units = _replicates(key, ratings, metric, draws)
        return draws.interval(replicates, "units", units)
    raise ValueError(f"{key} has no interval {interval}")


def _replicates(key: str, ratings: Ratings, metric: str, draws: Draws) -> tuple[Floats, int]:
    """(B,) values over units drawn anew, and how many units there are."""
    units = len(ratings.cells)
    many = _MANY.get(key)
    if key == "krippendorff_alpha":
        many = partial(krippendorff_alpha.alpha, metric=metric)
    if many is not None:
        return ratio(*many(drawn_units(ratings.counted(), draws))), units
    if ratings.cells.shape[1] != 2 or key not in _TWO:
        raise ValueError(f"{key} of these coders has no bootstrap interval")
    table = ratings.pair(0, 1)
    total = int(table.sum())
    random = np.random.default_rng([draws.seed, total])
    drawn = random.multinomial(total, (table / total).ravel(), size=draws.replicates)
    return ratio(*_TWO[key](drawn.reshape(-1, *table.shape).astype(float))), total


def _error(
    key: str, ratings: Ratings, counts: ValueCounts, metric: str
) -> tuple[float, int] | None:
    if metric != "nominal" or key in ("pairable_agreement", "hubert_kappa"):
        raise ValueError(f"{key} has no analytic interval here")
    if key in _TWO and ratings.cells.shape[1] != 2:
        raise ValueError(f"{key} of more than two coders has no analytic interval")
    if key == "cohen_kappa":
        return cohen_error(ratings.pair(0, 1))
    return gwet_error(key, counts)
