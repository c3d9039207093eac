"""Which passages carry the verdicts: without one of them, the verdict on its claim is another."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np

from cstoannot.comparison.actors import NOBODY, actors_of
from cstoannot.comparison.coding import Compared, Ints, choose, rows_of
from cstoannot.comparison.question import Question
from cstoannot.comparison.reports import Comparison
from cstoannot.stats.matrices import Verdict
from cstoannot.stats.verdicts import VERDICTS, verdicts_without


@dataclass(frozen=True, eq=False)
class Carriers:
    """The passages (P,) that carry a verdict: their rows, and the verdict without each."""

    compared: Compared
    rows: Ints
    left: Ints

    @property
    def by_claim(self) -> Mapping[str, int]:
        """How many single passages carry the verdict on a claim, by its slug."""
        claims, counts = np.unique(self.compared.passages.claim[self.rows], return_counts=True)
        pairs = zip(claims.tolist(), counts.tolist(), strict=True)
        return {self.compared.claims[claim].slug: count for claim, count in pairs}

    @cached_property
    def left_by_id(self) -> Mapping[uuid.UUID, Verdict]:
        """The verdict without a passage, by the passage's id."""
        pairs = zip(self.rows.tolist(), self.left.tolist(), strict=True)
        part = self.compared.passages
        return {part.annotation_id(row): VERDICTS[left] for row, left in pairs}


# As long as their comparisons are kept.
_carriers_of: WeakKeyDictionary[Comparison, Carriers] = WeakKeyDictionary()


def carriers(found: Comparison) -> Carriers:
    """The passages that carry verdicts of a comparison."""
    if found not in _carriers_of:
        _carriers_of[found] = _carriers(found.compared, found.question)
    return _carriers_of[found]


def _carriers(compared: Compared, question: Question) -> Carriers:
    chosen = choose(compared, question)
    rows = rows_of(compared, chosen)
    known = actors_of(compared, chosen, rows)
    named = known.of_row != NOBODY
    rows, actor = rows[named], known.of_row[named]
    part = compared.passages
    claim = part.claim[rows].astype(np.int64)
    found = verdicts_without(
        *(actor, claim, part.annotator[rows], part.stance[rows]),
        actors=len(known.actors),
        codes=len(compared.claims),
    )
    carrying = np.flatnonzero(found.carries(claim))
    return Carriers(compared, rows[carrying], found.left[carrying])
