"""Intervals of measures of single codes: of a selection's codes, and of all of them pooled.

Arrays have a column for each code and, last, one for the value pooled over codes; for a pair of
coders the last only.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cstoannot.stats.agreement.counts import GroupCounts
from cstoannot.stats.agreement.jackknife import (
    FEWEST_SOURCES,
    DisagreementRatios,
    compute_jackknife_intervals,
    spread_judgement,
)
from cstoannot.stats.agreement.resampling import DRAWS, FEWEST_TO_DRAW, BootstrapDraws
from cstoannot.stats.coefficients.definitions import BinaryFormula, Sums
from cstoannot.stats.results import (
    Bools,
    Floats,
    Interval,
    IntervalMethod,
    IntervalReason,
    Ints,
    Numbers,
)


@dataclass(frozen=True, slots=True)
class IntervalChoice:
    """Which intervals to compute: `JACKKNIFE`, the bootstrap over sources with ``draws``, none."""

    method: IntervalMethod = IntervalMethod.JACKKNIFE
    draws: BootstrapDraws = DRAWS


JACKKNIFE = IntervalChoice()
BOOTSTRAP = IntervalChoice(IntervalMethod.BOOTSTRAP)
NO_INTERVALS = IntervalChoice(IntervalMethod.NONE)


@dataclass(frozen=True, eq=False)
class PairPart:
    """One pair of coders' part in a mean over pairs; for a measure of all coders, all of them.

    ``groups`` (g,): the groups they share; ``lengths`` (C,): code points or units of one judgement;
    ``of_passages``: see `DisagreementRatios`;
    ``share``: of the pairs that one coder's judgement changes; ``pooled_only``: without codes.
    """

    binary: BinaryFormula
    counts: GroupCounts
    groups: Ints
    lengths: Floats
    of_passages: bool
    share: float = 1.0
    pooled_only: bool = False

    @property
    def width(self) -> int:
        return len(self.lengths)

    def ratios(self, sums: Sums, discordant: Floats) -> Floats:
        """(..., C) the ratios of codes, and pooled, with discordant judgements (C,) added."""
        pooled = self.binary.pooled_ratio(sums, discordant[-1])[..., None]
        if self.pooled_only:
            return pooled
        return np.concatenate((self.binary.ratio(sums, discordant[:-1]), pooled), axis=-1)

    def involved(self) -> Bools:
        """(g, C) whether anything in the group is judged."""
        judged: Bools = np.asarray(self.binary.count_judgements(self.counts.by_group()) > 0)
        some: Bools = np.any(judged, axis=1, keepdims=True)
        if self.pooled_only:
            return some
        codes = np.broadcast_to(judged, (len(judged), self.width - 1))
        return np.concatenate((codes, some), axis=1)


class MeanJackknife:
    """Jackknife intervals of a mean over pairs of coders, from the pairs' parts."""

    def __init__(self, groups: int, width: int) -> None:
        self._base = np.zeros((2, width))
        self._apart = np.zeros((2, groups, width))
        self._involved = np.zeros((groups, width), bool)
        self._of_passages = False

    def add(self, part: PairPart) -> None:
        """Add a pair. A source that the pair does not share changes nothing in its value."""
        if len(self._involved) < FEWEST_SOURCES:
            return
        self._of_passages = part.of_passages
        involved = part.involved()
        discordant = part.share * part.lengths
        padded = part.ratios(part.counts.total(), discordant)
        left = discordant * spread_judgement(involved)
        known = ~np.isnan(padded)
        self._base += np.nan_to_num(padded), known
        for groups, sums in part.counts.without_each():
            without = np.where(involved[groups], part.ratios(sums, left), padded)
            rows = part.groups[groups]
            self._apart[0, rows] += np.where(known, np.nan_to_num(without) - padded, 0.0)
            self._apart[1, rows] += known & np.isnan(without)
        self._involved[part.groups] |= involved

    def intervals(self, plain: Floats, runs: Numbers) -> list[Interval | None]:
        """Return the intervals of the ratios ``plain`` (C,); None where they are undefined."""
        if len(self._involved) < FEWEST_SOURCES:
            return explain_missing_intervals(plain, IntervalReason.FEW_SOURCES)
        padded = divide_or_nan(self._base[0], self._base[1])
        without = divide_or_nan(self._base[0] + self._apart[0], self._base[1] - self._apart[1])
        return compute_jackknife_intervals(
            DisagreementRatios(plain, padded, without, self._involved, runs, self._of_passages)
        )


class MeanBootstrap:
    """Percentile intervals of a mean over pairs of coders, drawing sources."""

    def __init__(self, groups: int, width: int, draws: BootstrapDraws) -> None:
        self._draws = draws
        self._groups = groups
        self._sums = np.zeros((2, draws.replicates, width))
        enough = groups >= FEWEST_TO_DRAW
        self._by_group = np.ascontiguousarray(draws.of_sources(groups).T) if enough else None

    def add(self, part: PairPart) -> None:
        if self._by_group is not None:
            sums = part.counts.sums(self._by_group[part.groups].T)
            found = part.ratios(sums, np.zeros(part.width))
            self._sums += np.nan_to_num(found), ~np.isnan(found)

    def intervals(self, plain: Floats, runs: Numbers) -> list[Interval | None]:
        """Return the intervals of the ratios ``plain`` (C,); None where they are undefined."""
        if reason := find_reason_not_to_draw(self._groups):
            return explain_missing_intervals(plain, reason)
        values = 1.0 - divide_or_nan(*self._sums)
        return [
            None
            if np.isnan(value)
            else self._draws.interval(column, IntervalMethod.BOOTSTRAP, self._groups)
            for value, column in zip(plain, values.T, strict=True)
        ]


class NoIntervals:
    """Computes nothing."""

    def add(self, part: PairPart) -> None:
        """Ignore the pair."""

    def intervals(self, plain: Floats, runs: Numbers) -> Sequence[Interval | None]:
        return [None] * len(plain)


IntervalBuilder = MeanJackknife | MeanBootstrap | NoIntervals


def find_reason_not_to_draw(sources: int) -> IntervalReason | None:
    """Return why the bootstrap has no interval of so many sources, if they are too few."""
    if sources < FEWEST_SOURCES:
        return IntervalReason.FEW_SOURCES
    return IntervalReason.FEW_SOURCES_TO_DRAW if sources < FEWEST_TO_DRAW else None


def explain_missing_intervals(plain: Floats, reason: IntervalReason) -> list[Interval | None]:
    """Return the reason for each value; None for those that are undefined themselves."""
    return [None if np.isnan(value) else reason for value in plain]


def start_intervals(choice: IntervalChoice, groups: int, width: int) -> IntervalBuilder:
    """Return what collects the parts of pairs, for values of ``width`` columns."""
    if choice.method is IntervalMethod.JACKKNIFE:
        return MeanJackknife(groups, width)
    if choice.method is IntervalMethod.BOOTSTRAP:
        return MeanBootstrap(groups, width, choice.draws)
    return NoIntervals()


def divide_or_nan(total: Floats, count: Floats) -> Floats:
    """Divide; NaN where the count is 0."""
    return np.divide(total, count, out=np.full(np.shape(total), np.nan), where=count > 0)
