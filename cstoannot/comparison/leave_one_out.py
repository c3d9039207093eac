"""Pivotal passages: without one of them, the verdict on its claim would be different."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np

from cstoannot.comparison.actors import NOBODY, build_actor_index
from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.dataset import (
    ComparisonDataset,
    Ints,
    build_comparison_selection,
    select_passage_rows,
)
from cstoannot.comparison.reports import ComparisonReport
from cstoannot.stats.comparison.leave_one_out import VERDICTS, compute_verdicts_without
from cstoannot.stats.comparison.positions import Verdict


@dataclass(frozen=True, eq=False)
class PivotalPassages:
    """The pivotal passages (P,): their rows, and the verdict without each."""

    compared: ComparisonDataset
    rows: Ints
    left: Ints

    @property
    def by_claim(self) -> Mapping[str, int]:
        """Return the number of pivotal passages by the claim's slug."""
        claims, counts = np.unique(self.compared.passages.claim[self.rows], return_counts=True)
        pairs = zip(claims.tolist(), counts.tolist(), strict=True)
        return {self.compared.claims[claim].slug: count for claim, count in pairs}

    @cached_property
    def left_by_id(self) -> Mapping[uuid.UUID, Verdict]:
        """Return the verdict without each passage, by the passage's id."""
        pairs = zip(self.rows.tolist(), self.left.tolist(), strict=True)
        part = self.compared.passages
        return {part.annotation_id(row): VERDICTS[left] for row, left in pairs}


# Cached as long as their reports are.
_carriers_of: WeakKeyDictionary[ComparisonReport, PivotalPassages] = WeakKeyDictionary()


def find_pivotal_passages(found: ComparisonReport) -> PivotalPassages:
    """Return the pivotal passages of a comparison."""
    if found not in _carriers_of:
        _carriers_of[found] = _compute_pivotal_passages(found.compared, found.question)
    return _carriers_of[found]


def _compute_pivotal_passages(
    compared: ComparisonDataset, question: ComparisonQuery
) -> PivotalPassages:
    chosen = build_comparison_selection(compared, question)
    rows = select_passage_rows(compared, chosen)
    known = build_actor_index(compared, chosen, rows)
    named = known.of_row != NOBODY
    rows, actor = rows[named], known.of_row[named]
    part = compared.passages
    claim = part.claim[rows].astype(np.int64)
    found = compute_verdicts_without(
        *(actor, claim, part.annotator[rows], part.stance[rows]),
        actors=len(known.actors),
        codes=len(compared.claims),
    )
    carrying = np.flatnonzero(found.carries(claim))
    return PivotalPassages(compared, rows[carrying], found.left[carrying])
