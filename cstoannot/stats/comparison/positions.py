"""Positions of actors on claims: counts, balances, states and verdicts.

An actor is a source, a group of sources or a speaker. Of an actor's passages in one source on one
claim, s support, o oppose and m are mixed; their balance is b = (s − o)/(s + o + m), and their
position is supports for b ≥ 1/3, opposes for b ≤ −1/3, mixed in between. A source's balance is b.
Other actors stand where most of their sources stand: their balance is the mean of the positions
(1, −1, 0), each source once, however long it is.
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
    """State of a cell. The last five, without any passage, mean different things."""

    SUPPORTS = 0
    OPPOSES = 1
    MIXED = 2
    MENTIONED = 3
    """Coded without a stance."""
    CONTESTED = 4
    """Somebody who read it marked something, but not enough annotators did."""
    QUOTED = 5
    """Found, but only in voices that were not asked for."""
    SILENT = 6
    """Read to the end, and nothing found in any voice."""
    PENDING = 7
    """Not yet read to the end."""
    UNASSIGNED = 8
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
    """Passages (N,) counted by actor, code and source, in this order; no rows of zeros."""

    actor: Ints
    code: Ints
    source: Ints
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
    """Cells (A, C) by actor and code: passages of each stance, balance (NaN if none), and state."""

    supports: Numbers
    opposes: Numbers
    mixed: Numbers
    mentioned: Numbers
    balance: Floats
    state: Numbers


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


def count_stances(actor: Ints, code: Ints, source: Ints, stance: Ints) -> StanceCounts:
    """Count passages (P,)."""
    codes, sources = (int(one.max(initial=0)) + 1 for one in (code, source))
    key = (actor.astype(np.int64) * codes + code) * sources + source
    found, place = np.unique(key, return_inverse=True)
    counts = np.bincount(place * 4 + stance, minlength=4 * len(found)).reshape(-1, 4)
    return StanceCounts(
        actor=found // sources // codes,
        code=found // sources % codes,
        source=found % sources,
        supports=counts[:, SUPPORTS],
        opposes=counts[:, OPPOSES],
        mixed=counts[:, MIXED],
        mentioned=counts[:, NONE],
    )


def build_position_matrix(
    counted: StanceCounts, empty: Numbers, *, by_source: bool
) -> PositionMatrix:
    """Build the cells.

    ``empty`` (A, C): the state of each cell if it has no passage, from `compute_empty_states`;
    ``by_source``: each actor is one source, so that its balance is that of its passages.
    """
    shape = empty.shape
    cell = counted.actor * shape[1] + counted.code
    sums = {
        name: _count_by_cell(cell, getattr(counted, name), shape)
        for name in ("supports", "opposes", "mixed", "mentioned")
    }
    balance = _average_balances(
        cell, counted.balance if by_source else compute_sides(counted.balance), shape
    )
    state = compute_positions(balance)
    nothing = np.isnan(balance)
    state[nothing] = np.where(sums["mentioned"] > 0, CellState.MENTIONED, empty)[nothing]
    return PositionMatrix(**sums, balance=balance, state=state)


def compute_sides(balance: Floats) -> Floats:
    """Return 1 for a balance that supports, -1 for one that opposes, 0 for mixed, NaN for NaN."""
    state = compute_positions(balance)
    side = np.where(state == CellState.SUPPORTS, 1.0, 0.0) - (state == CellState.OPPOSES)
    return np.where(np.isnan(balance), np.nan, side)


def _average_balances(cell: Ints, balance: Floats, shape: tuple[int, ...]) -> Floats:
    known = np.flatnonzero(~np.isnan(balance))
    size = shape[0] * shape[1]
    number = np.bincount(cell[known], minlength=size)
    total = np.bincount(cell[known], balance[known], minlength=size)
    found = np.divide(total, number, out=np.full(size, np.nan), where=number > 0)
    return found.reshape(shape)


def _count_by_cell(cell: Ints, counts: Ints, shape: tuple[int, ...]) -> Numbers:
    some = np.flatnonzero(counts)
    found = np.bincount(cell[some], counts[some], minlength=shape[0] * shape[1])
    return found.astype(np.int32).reshape(shape)


def compute_empty_states(*, contested: Bools, quoted: Bools, read: Bools, given: Bools) -> Numbers:
    """(A, C) the states of cells without a passage.

    ``contested``: somebody marked something, but the layer has nothing; ``quoted``: the layer has
    something in other voices; ``read``: all of the actor's sources were read for the code;
    ``given``: at least one was assigned.
    """
    found: Numbers = np.select(
        [contested, quoted, read, given],
        [CellState.CONTESTED, CellState.QUOTED, CellState.SILENT, CellState.PENDING],
        CellState.UNASSIGNED,
    ).astype(np.int8)
    return found


@dataclass(frozen=True, eq=False)
class SideCounts:
    """How many actors are in each state on each code: ``by_state`` (states, C)."""

    by_state: Ints

    @property
    def supports(self) -> Ints:
        return self.by_state[CellState.SUPPORTS]

    @property
    def opposes(self) -> Ints:
        return self.by_state[CellState.OPPOSES]

    @property
    def taken(self) -> Ints:
        return self.supports + self.opposes

    @classmethod
    def of(cls, state: Numbers) -> "SideCounts":
        return cls(np.stack([(state == one).sum(axis=0) for one in CellState]))

    def of_claim(self, code: int) -> dict[str, int]:
        """Return the number of actors by the state's name."""
        return {state.name.lower(): int(self.by_state[state, code]) for state in CellState}

    def verdicts(self) -> list[Verdict]:
        return [
            choose_verdict(int(s), int(o)) for s, o in zip(self.supports, self.opposes, strict=True)
        ]


def choose_verdict(supports: int, opposes: int) -> Verdict:
    """Return the verdict if so many actors support a claim, and so many oppose it."""
    if supports and opposes:
        return Verdict.DIVERGE
    if supports + opposes >= 2:
        return Verdict.AGREE
    return Verdict.SINGLE if supports + opposes else Verdict.UNADDRESSED


@dataclass(frozen=True, eq=False)
class WeakSides:
    """(C,) whether a side of the verdict hangs on little.

    ``one_reader``: on a source that one annotator alone read; ``one_place``: on a single passage.
    """

    one_reader: Bools
    one_place: Bools


def mark_weak_sides(
    counted: StanceCounts, found: PositionMatrix, *, one_reader: Bools
) -> WeakSides:
    """Find the weak sides; ``one_reader`` (N,): of the counted rows."""
    codes = found.state.shape[1]
    state = found.state[counted.actor, counted.code]
    place = np.zeros(codes, bool)
    taken = np.zeros(len(counted.code), bool)
    for side, passages in (
        (CellState.SUPPORTS, counted.supports),
        (CellState.OPPOSES, counted.opposes),
    ):
        here = state == side
        taken |= here
        place |= np.bincount(counted.code[here], passages[here], minlength=codes) == 1
    reader = np.bincount(counted.code[taken & one_reader], minlength=codes) > 0
    return WeakSides(reader, place)


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
