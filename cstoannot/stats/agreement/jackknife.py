"""The delete-one-source jackknife: intervals from the values without each source.

It works on the logarithm of the disagreement ratio x = D_o/D_e = 1 − value. Sources are the units,
so passages that span several sentences, and pairs of coders that share a passage, are not taken for
independent. Hughes (2022, arXiv 2210.13265) finds it closer to its level than the bootstrap. Three
additions keep it honest where agreement is high or a code is rare: one discordant judgement is
added to the disagreement, spread over the sources; the standard error is at least that of the
logarithm of a count; and without any disagreement the limit rests on these two alone.
"""

import math
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np

from cstoannot.stats.agreement.student_t import compute_student_t
from cstoannot.stats.results import (
    Bools,
    ConfidenceInterval,
    Floats,
    Interval,
    IntervalMethod,
    IntervalReason,
    Numbers,
)

LEVEL = 0.95
FEWEST_SOURCES = 3
"""Below this, no method gives an interval."""
_MANY = 200  # disagreements


@dataclass(frozen=True, eq=False)
class DisagreementRatios:
    """Ratios D_o/D_e of K values; NaN where undefined.

    ``plain`` (K,): of all sources; ``padded`` (K,): with one discordant judgement added to D_o;
    ``without`` (D, K): without each source, with the share of that judgement that `spread` gives;
    ``involved`` (D, K): whether the source adds anything to the value; ``runs`` (K,): disagreements
    that stand apart (maximal runs of neighbouring units on which coders differ); ``of_passages``:
    whether what coders judge are passages, of which there are few, and not units of the text.
    """

    plain: Floats
    padded: Floats
    without: Floats
    involved: Bools
    runs: Numbers
    of_passages: bool = False


def spread_judgement(involved: Bools) -> Floats:
    """(K,) the part of one judgement that stays when one of the involved sources (D, K) is left."""
    count = involved.sum(axis=0)
    return 1.0 - 1.0 / np.maximum(count, 1)


def compute_jackknife_errors(ratios: DisagreementRatios) -> Floats:
    """(K,) the standard errors of ln x; NaN where a value without some source is undefined."""
    count = ratios.involved.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(ratios.involved, np.log(ratios.without), 0.0)
        logs[ratios.involved & ~(ratios.without > 0)] = np.nan
        mean = logs.sum(axis=0) / np.maximum(count, 1)
        apart = np.where(ratios.involved, (logs - mean) ** 2, 0.0).sum(axis=0)
        jackknife = np.sqrt(apart * (count - 1) / np.maximum(count, 1))
    return np.maximum(jackknife, 1.0 / np.sqrt(np.asarray(ratios.runs, float) + 1.0))


def compute_jackknife_intervals(
    ratios: DisagreementRatios, level: float = LEVEL
) -> list[Interval | None]:
    """Return an interval, or the reason why there is none, for each of K values.

    None for a value that is undefined itself. Limits 1 − exp(ln x ± t·SE) with D − 1 degrees of
    freedom; the upper one is at least the value and at most 1. Where passages are judged, it is at
    least that of the exact interval of a Poisson count (Garwood 1936): the logarithm of so small a
    count is far from normal.
    """
    columns = zip(
        ratios.plain.tolist(),
        ratios.padded.tolist(),
        compute_jackknife_errors(ratios).tolist(),
        ratios.involved.sum(axis=0).tolist(),
        _list_smallest_shares(ratios, level),
        strict=True,
    )
    return [
        None if math.isnan(column[0]) else _compute_one_interval(column, level)
        for column in columns
    ]


def _compute_one_interval(column: tuple[float, float, float, int, float], level: float) -> Interval:
    """Compute the interval of one value, from its ratio, the padded one, SE, D and share.

    The share is the part of the ratio that the true one is at the most, by the number of
    disagreements alone.
    """
    plain, padded, error, sources, share = column
    if sources < FEWEST_SOURCES:
        return IntervalReason.FEW_SOURCES
    if math.isnan(error):
        return IntervalReason.UNDEFINED_WITHOUT_SOME_SOURCE
    tail = 1.0 - (1.0 - level) / 2.0
    flawless = plain <= 0.0
    reach = NormalDist().inv_cdf(tail) if flawless else compute_student_t(tail, sources - 1)
    low = 1.0 - padded * math.exp(reach * error)
    high = 1.0 if flawless else 1.0 - padded * math.exp(-reach * error)
    high = min(1.0, max(high, 1.0 - plain * share))
    return ConfidenceInterval(low, high, level, IntervalMethod.JACKKNIFE, sources)


def _list_smallest_shares(ratios: DisagreementRatios, level: float) -> list[float]:
    """(K,) the exact lower limit of the number of disagreements, as a share of that number."""
    if not ratios.of_passages:
        return [1.0] * len(ratios.plain)
    tail = (1.0 - level) / 2.0
    counts = np.asarray(ratios.runs, float).astype(np.int64).tolist()
    return [compute_least_poisson_mean(count, tail) / max(count, 1) for count in counts]


@cache
def compute_least_poisson_mean(count: int, tail: float) -> float:
    """Return the mean of which ``count`` or more are found with the probability ``tail``.

    0 for a count of 0; the count itself from `_MANY` on, where its logarithm is nearly normal.
    """
    if not 0 < count < _MANY:
        return float(count)
    low, high = 0.0, float(count)
    for _ in range(60):
        mean = (low + high) / 2.0
        term = below = math.exp(-mean)
        for number in range(1, count):
            term *= mean / number
            below += term
        low, high = (mean, high) if 1.0 - below < tail else (low, mean)
    return high
