"""Pivotal passages: without one of them, the verdict on its claim would be different."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np

from cstoannot.comparison.actors import build_actor_index
from cstoannot.comparison.dataset import (
    ComparisonDataset,
    ComparisonSelection,
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
    def left_by_row(self) -> Mapping[int, Verdict]:
        """Return the verdict without each passage, by the passage's row."""
        pairs = zip(self.rows.tolist(), self.left.tolist(), strict=True)
        return {row: VERDICTS[left] for row, left in pairs}


# Cached as long as their reports are.
_carriers_of: WeakKeyDictionary[ComparisonReport, PivotalPassages] = WeakKeyDictionary()


def find_pivotal_passages(found: ComparisonReport) -> PivotalPassages:
    """Return the pivotal passages of a comparison."""
    if found not in _carriers_of:
        chosen = build_comparison_selection(found.compared, found.question)
        _carriers_of[found] = _compute_pivotal_passages(found.compared, chosen)
    return _carriers_of[found]


def _compute_pivotal_passages(
    compared: ComparisonDataset, chosen: ComparisonSelection
) -> PivotalPassages:
    rows = select_passage_rows(compared, chosen)
    known = build_actor_index(compared, chosen, rows)
    part = compared.passages
    claim = part.claim[rows].astype(np.int64)
    found = compute_verdicts_without(
        *(known.of_row, claim, part.source[rows], part.stance[rows]),
        actors=len(known.actors),
        codes=len(compared.claims),
    )
    carrying = np.flatnonzero(found.carries(claim))
    return PivotalPassages(compared, rows[carrying], found.left[carrying])
