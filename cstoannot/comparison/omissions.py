"""The claims on which an actor is silent and others take a side."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cstoannot.comparison.reports import ComparisonReport
from cstoannot.stats.comparison.positions import compute_omissions


@dataclass(frozen=True)
class OmittedClaims:
    """The claims (indexes) that an actor (index) omits, the most mentioned first."""

    actor: int
    claims: tuple[int, ...]


def sort_actors_by_omissions(found: ComparisonReport) -> list[int]:
    """Return indexes of the actors, those first who omit most claims that others address."""
    numbers = compute_omissions(found.matrix.state, found.sides).sum(axis=1)
    order: list[int] = np.argsort(-numbers, kind="stable").tolist()
    return order


def list_omitted_claims(found: ComparisonReport, actors: Sequence[int]) -> list[OmittedClaims]:
    """Return for each actor the claims on which it is silent and others take a side."""
    cells = compute_omissions(found.matrix.state[list(actors)], found.sides)
    loudest = np.argsort(-found.sides.taken, kind="stable")
    return [
        OmittedClaims(actor, tuple(loudest[row[loudest]].tolist()))
        for actor, row in zip(actors, cells, strict=True)
    ]
