"""Which passage carries a verdict: leave it out, and the actors together say something else.

Everything but the passage stays: a cell's balance is the mean over the annotators who still have
one, its position is taken anew, and with it the verdict on the claim.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cstoannot.stats.matrices import State, Verdict, balances, positions
from cstoannot.stats.results import Floats, Ints, Numbers

VERDICTS = tuple(Verdict)


@dataclass(frozen=True, eq=False)
class Without:
    """Places in VERDICTS: ``whole`` (C,) of each code, ``left`` (P,) of a passage's code if that
    passage were not there."""

    whole: Ints
    left: Ints

    def carries(self, code: Ints) -> Numbers:
        """(P,) whether each passage carries the verdict on its code."""
        return np.not_equal(self.left, self.whole[code])


def verdicts_without(
    actor: Ints, code: Ints, annotator: Ints, stance: Ints, *, actors: int, codes: int
) -> Without:
    """For passages (P,), whose stances are those of `matrices`; annotators any whole numbers."""
    own, place = _own(actor * codes + code, annotator)
    counts = np.bincount(place * 4 + stance, minlength=4 * len(own)).reshape(-1, 4)
    balance = balances(counts[:, 1], counts[:, 3], counts[:, 2])
    total, number = _summed(own, balance, actors * codes)
    states = positions(_mean(total, number))
    supports, opposes = (
        (states == side).reshape(actors, codes).sum(axis=0)
        for side in (State.SUPPORTS, State.OPPOSES)
    )
    left = np.empty((len(own), 4), np.int64)
    for taken in range(4):
        fewer = counts.copy()
        fewer[:, taken] -= 1
        after = balances(fewer[:, 1], fewer[:, 3], fewer[:, 2])
        state = positions(
            _mean(
                total[own] - np.nan_to_num(balance) + np.nan_to_num(after),
                number[own] - ~np.isnan(balance) + ~np.isnan(after),
            )
        )
        change = [
            (state == side).astype(np.int64) - (states[own] == side)
            for side in (State.SUPPORTS, State.OPPOSES)
        ]
        on = own % codes
        left[:, taken] = _verdicts(supports[on] + change[0], opposes[on] + change[1])
    return Without(_verdicts(supports, opposes), left[place, stance])


def _own(cell: Ints, annotator: Ints) -> tuple[Ints, Ints]:
    """The cell of each annotator's part of a cell; and which part each passage belongs to."""
    least = int(annotator.min(initial=0))
    people = int(annotator.max(initial=0)) - least + 1
    key = cell.astype(np.int64) * people + (annotator - least)
    found, place = np.unique(key, return_inverse=True)
    return found // people, place


def _summed(cell: Ints, balance: Floats, cells: int) -> tuple[Floats, Ints]:
    known = np.flatnonzero(~np.isnan(balance))
    total = np.bincount(cell[known], balance[known], minlength=cells)
    return total.astype(np.float64), np.bincount(cell[known], minlength=cells).astype(np.int64)


def _mean(total: Floats, number: Ints) -> Floats:
    return np.divide(total, number, out=np.full(len(total), np.nan), where=number > 0)


def _verdicts(supports: Ints, opposes: Ints) -> Ints:
    both = supports + opposes
    said: Sequence[tuple[Numbers, Verdict]] = (
        ((supports > 0) & (opposes > 0), Verdict.DIVERGE),
        (both >= 2, Verdict.AGREE),
        (both == 1, Verdict.SINGLE),
    )
    return np.select(
        [one for one, _ in said],
        [VERDICTS.index(verdict) for _, verdict in said],
        VERDICTS.index(Verdict.UNADDRESSED),
    )
