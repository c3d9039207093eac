"""On how many claims each two of those compared diverge, with links to these claims."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from django.urls import reverse

from cstoannot.comparison.actors import AUTHORS, Actor
from cstoannot.comparison.comparison_query import AUTHOR, ComparisonQuery
from cstoannot.comparison.passages import build_cell_query
from cstoannot.comparison.reports import ComparisonReport
from cstoannot.stats.comparison.positions import CellState, Verdict
from cstoannot.web.compare.presenters import ANY_CLAIM, ActorHead

FEWEST, MOST = 3, 12  # actors with a table of pairs


@dataclass(frozen=True)
class DivergentPair:
    """`link`: the claims on which the two diverge, with the rest of the query."""

    first: str
    second: str
    claims: int
    link: str


@dataclass(frozen=True)
class PairRow:
    """One actor, with a pair for each actor before it."""

    name: str
    pairs: Sequence[DivergentPair]


def build_pair_rows(
    slug: str, found: ComparisonReport, heads: Sequence[ActorHead]
) -> list[PairRow]:
    """Build the lower triangle of pairs; empty for fewer than FEWEST or more than MOST actors."""
    if not FEWEST <= len(found.actors) <= MOST or len(heads) != len(found.actors):
        return []
    supports = (found.matrix.state == CellState.SUPPORTS).astype(np.int64)
    opposes = (found.matrix.state == CellState.OPPOSES).astype(np.int64)
    against = supports @ opposes.T
    counts = (against + against.T).tolist()
    at, names = reverse("compare", args=[slug]), [head.name for head in heads]
    return [
        PairRow(
            names[one],
            [
                DivergentPair(
                    names[one],
                    names[other],
                    counts[one][other],
                    f"{at}?{_format_pair_query(found, one, other)}",
                )
                for other in range(one)
            ],
        )
        for one in range(1, len(names))
    ]


def _format_pair_query(found: ComparisonReport, one: int, other: int) -> str:
    both = build_pair_query(found.question, found.actors[other], found.actors[one])
    return both.address(verdict=Verdict.DIVERGE.value)


def build_pair_query(question: ComparisonQuery, first: Actor, second: Actor) -> ComparisonQuery:
    """Return the query that compares two of the actors alone."""
    if question.by == "speaker":
        # Together with a speaker, the voice `author` selects the authors themselves.
        keys = [AUTHOR if actor == AUTHORS else actor.key for actor in (first, second)]
        return replace(question, voices=tuple(sorted(keys)))
    one, two = (build_cell_query(question, actor, ANY_CLAIM) for actor in (first, second))
    return replace(
        question,
        sources=tuple(sorted({*one.sources, *two.sources})),
        groups=tuple(sorted({*one.groups, *two.groups})),
        publishers=tuple(sorted({*one.publishers, *two.publishers})),
    )
