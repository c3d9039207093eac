"""Positions of actors on claims: counts, balances, states and verdicts.

An actor is a source, a group of sources or a speaker. Of one annotator's passages by one actor on
one claim, s support, o oppose and m are mixed; their balance is b = (s − o)/(s + o + m). A cell's
balance is the mean of b over the annotators who have one. Every passage counts: overlapping ones
are not united.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np

from cstoannot.stats.results import Bools, Floats, Ints, Numbers

NONE, SUPPORTS, MIXED, OPPOSES = 0, 1, 2, 3
"""Stances of passages, as numbers."""
THIRD = 1 / 3
EXACT = 1e-9  # tolerance: a balance this close to a third equals a third


class CellState(IntEnum):
    """State of a cell. The last three, without any passage, mean three different things."""

    SUPPORTS = 0
    OPPOSES = 1
    MIXED = 2
    MENTIONED = 3
    """Coded without a stance."""
    SILENT = 4
    """Read to the end, and nothing found."""
    PENDING = 5
    """Not yet read to the end."""
    UNASSIGNED = 6
    """Assigned to nobody."""


class Verdict(StrEnum):
    """The verdict of all actors on a claim.

    Actors who support or oppose take a side; mixed, mentioned and silent ones take none.
    """

    AGREE = "agree"
    """At least two actors take a side, and all the same one."""
    DIVERGE = "diverge"
    """Both sides are taken."""
    SINGLE = "single"
    """Exactly one actor takes a side."""
    UNADDRESSED = "unaddressed"
    """No actor takes a side."""


@dataclass(frozen=True, eq=False)
class StanceCounts:
    """Passages (N,) counted by actor, code and annotator, in this order; no rows of zeros."""

    actor: Ints
    code: Ints
    annotator: Ints
    supports: Ints
    opposes: Ints
    mixed: Ints
    mentioned: Ints

    @property
    def balance(self) -> Floats:
        """(N,) balances; NaN where no passage has a stance."""
        return compute_balances(self.supports, self.opposes, self.mixed)


@dataclass(frozen=True, eq=False)
class PositionMatrix:
    """Cells (A, C) by actor and code: passages of each stance, balance (NaN if none), and state.

    ``split``: whether some annotators' position supports the claim and others' opposes it.
    """

    supports: Numbers
    opposes: Numbers
    mixed: Numbers
    mentioned: Numbers
    balance: Floats
    state: Numbers
    split: Bools


def compute_balances(supports: Numbers, opposes: Numbers, mixed: Numbers) -> Floats:
    """Compute (s − o)/(s + o + m); NaN for 0/0."""
    number = supports + opposes + mixed
    found = np.full(np.shape(number), np.nan)
    return np.divide(supports - opposes, number, out=found, where=number > 0)


def compute_positions(balance: Floats) -> Numbers:
    """Return the state of each balance by thirds; SILENT for NaN."""
    found = np.full(np.shape(balance), CellState.SILENT, np.int8)
    found[~np.isnan(balance)] = CellState.MIXED
    found[balance >= THIRD - EXACT] = CellState.SUPPORTS
    found[balance <= -THIRD + EXACT] = CellState.OPPOSES
    return found


def count_stances(actor: Ints, code: Ints, annotator: Ints, stance: Ints) -> StanceCounts:
    """Count passages (P,); annotators may be any integers."""
    codes = int(code.max(initial=0)) + 1
    least = int(annotator.min(initial=0))
    people = int(annotator.max(initial=0)) - least + 1
    key = (actor.astype(np.int64) * codes + code) * people + (annotator - least)
    found, place = np.unique(key, return_inverse=True)
    counts = np.bincount(place * 4 + stance, minlength=4 * len(found)).reshape(-1, 4)
    return StanceCounts(
        actor=found // people // codes,
        code=found // people % codes,
        annotator=found % people + least,
        supports=counts[:, SUPPORTS],
        opposes=counts[:, OPPOSES],
        mixed=counts[:, MIXED],
        mentioned=counts[:, NONE],
    )


def build_position_matrix(
    counted: StanceCounts, codes: int, *, read: Bools, given: Bools
) -> PositionMatrix:
    """Build the cells of ``len(read)`` actors and ``codes`` codes.

    ``read`` (A,): every source of the actor was read to the end; ``given``: at least one was
    assigned.
    """
    shape = len(read), codes
    cell = counted.actor * codes + counted.code
    sums = {
        name: _count_by_cell(cell, getattr(counted, name), shape)
        for name in ("supports", "opposes", "mixed", "mentioned")
    }
    own = counted.balance
    taken = np.flatnonzero(~np.isnan(own))
    number = np.bincount(cell[taken], minlength=shape[0] * codes)
    total = np.bincount(cell[taken], own[taken], minlength=shape[0] * codes)
    balance = np.divide(total, number, out=np.full(len(number), np.nan), where=number > 0)
    balance = balance.reshape(shape)
    return PositionMatrix(
        **sums,
        balance=balance,
        state=_compute_cell_states(balance, sums["mentioned"], read, given),
        split=_mark_split_cells(cell, compute_positions(own), shape),
    )


def _count_by_cell(cell: Ints, counts: Ints, shape: tuple[int, int]) -> Numbers:
    some = np.flatnonzero(counts)
    found = np.bincount(cell[some], counts[some], minlength=shape[0] * shape[1])
    return found.astype(np.int32).reshape(shape)


def _compute_cell_states(balance: Floats, mentioned: Numbers, read: Bools, given: Bools) -> Numbers:
    nothing = np.where(
        read, CellState.SILENT, np.where(given, CellState.PENDING, CellState.UNASSIGNED)
    )
    found = compute_positions(balance)
    empty = np.isnan(balance)
    found[empty] = np.where(mentioned > 0, CellState.MENTIONED, nothing[:, None])[empty]
    return found


def _mark_split_cells(cell: Ints, position: Numbers, shape: tuple[int, int]) -> Bools:
    found = np.ones(shape[0] * shape[1], bool)
    for side in (CellState.SUPPORTS, CellState.OPPOSES):
        taken = np.zeros(len(found), bool)
        taken[cell[position == side]] = True
        found &= taken
    return found.reshape(shape)


@dataclass(frozen=True, eq=False)
class SideCounts:
    """(C,) how many actors support and how many oppose each code."""

    supports: Ints
    opposes: Ints

    @property
    def taken(self) -> Ints:
        return self.supports + self.opposes

    @classmethod
    def of(cls, state: Numbers) -> "SideCounts":
        return cls(
            (state == CellState.SUPPORTS).sum(axis=0), (state == CellState.OPPOSES).sum(axis=0)
        )

    def verdicts(self) -> list[Verdict]:
        return [
            _choose_verdict(int(s), int(o))
            for s, o in zip(self.supports, self.opposes, strict=True)
        ]


def _choose_verdict(supports: int, opposes: int) -> Verdict:
    if supports and opposes:
        return Verdict.DIVERGE
    if supports + opposes >= 2:
        return Verdict.AGREE
    return Verdict.SINGLE if supports + opposes else Verdict.UNADDRESSED


def compute_divergence(balance: Floats) -> Floats:
    """(C,) variance of the actors' balances, including mixed ones.

    0 if all are equal, 1 if one half fully supports what the other half fully opposes; NaN if fewer
    than two took a stance.
    """
    known = ~np.isnan(balance)
    number = known.sum(axis=0)
    mean = _compute_column_means(np.where(known, balance, 0.0), number)
    apart = np.where(known, (balance - mean) ** 2, 0.0)
    return np.where(number >= 2, _compute_column_means(apart, number), np.nan)


def _compute_column_means(values: Floats, number: Ints) -> Floats:
    return values.sum(axis=0) / np.maximum(number, 1)


def compute_omissions(state: Numbers, sides: SideCounts) -> Bools:
    """(A, C) where an actor is silent although others take a side."""
    found: Bools = (state == CellState.SILENT) & (sides.taken > 0)
    return found


DIGITS = 9  # of a similarity, so that the order of summation does not change the order of rows


def compute_similarity_order(values: Floats) -> Ints:
    """Order the rows of ``values`` (N, D) so that similar ones are adjacent.

    Similarity is the cosine of balances, with silence (NaN) as zero. The two most similar clusters
    are joined (average linkage), the earlier ones first among equals, and turned so that the most
    similar ends meet. Rows of zeros come last.
    """
    filled = np.nan_to_num(values)
    length = np.sqrt((filled**2).sum(axis=1))
    some = np.flatnonzero(length > 0)
    unit = filled[some] / length[some][:, None]
    likeness = np.round(unit @ unit.T, DIGITS)
    joined = _join_clusters(likeness)
    return np.concatenate((some[joined], np.flatnonzero(length == 0)))


def _join_clusters(likeness: Floats) -> Ints:
    size = len(likeness)
    between = likeness.copy()
    np.fill_diagonal(between, -np.inf)
    clusters: list[list[int]] = [[place] for place in range(size)]
    weight = np.ones(size)
    for _ in range(size - 1):
        one, other = sorted(divmod(int(np.argmax(between)), size))
        clusters[one] = _join_similar_ends(clusters[one], clusters[other], likeness)
        both = weight[one] + weight[other]
        mean = (weight[one] * between[one] + weight[other] * between[other]) / both
        between[one] = between[:, one] = np.round(mean, DIGITS)
        between[one, one] = -np.inf
        between[other] = between[:, other] = -np.inf
        weight[one] = both
    return np.array(clusters[0] if size else [], np.int64)


def _join_similar_ends(first: list[int], second: list[int], likeness: Floats) -> list[int]:
    """Join both, each reversed or not, so that the two ends that meet are the most similar."""
    ways = [(first, second), (first, second[::-1]), (first[::-1], second)]
    ways.append((first[::-1], second[::-1]))
    best = max(ways, key=lambda way: likeness[way[0][-1], way[1][0]])
    return best[0] + best[1]
