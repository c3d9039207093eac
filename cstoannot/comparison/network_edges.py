"""The passages behind an edge of a network, and which of them are pivotal.

A passage carries an edge if without it the weight changes its sign or becomes 0. Where repeats
count once, the next one replaces a removed passage; repeats themselves carry nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cstoannot.comparison.actors import Actor
from cstoannot.comparison.dataset import Bools, Claim, Ints
from cstoannot.comparison.excerpts import Excerpt, load_excerpts
from cstoannot.comparison.network import Network, NetworkData, build_network
from cstoannot.comparison.network_query import NetworkQuery
from cstoannot.core.errors import NotFound
from cstoannot.projects.scope import Scope
from cstoannot.stats.comparison.leave_one_out import (
    CountedPassages,
    compute_cells_without,
    compute_edge_weight,
    compute_weights_without,
    mark_changed_answers,
)
from cstoannot.stats.comparison.networks import (
    LevelCounts,
    Normalisation,
    OneMode,
    TwoMode,
    TwoModeShare,
    compute_denominators,
    compute_level_factors,
    compute_one_mode_weights,
    compute_two_mode_weights,
)


@dataclass(frozen=True)
class EdgePart:
    """One claim's contribution to the edge.

    `first`, `second`: passages of each actor by level, from opposing to supporting; `second` is
    empty between actor and claim.
    """

    claim: Claim
    first: tuple[int, ...]
    second: tuple[int, ...]
    congruence: float
    conflict: float
    weight: float


@dataclass(frozen=True)
class EdgePassage:
    """One passage behind the edge. `actor`: 0 for the first, 1 for the second.

    `left`: the edge's raw weight without the passage; `carries`: whether that has another sign or
    is 0. A repeat does not count.
    """

    row: int
    actor: int
    claim: Claim
    repeat: bool
    left: float
    carries: bool


@dataclass(frozen=True)
class EdgeExcerpt:
    """An excerpt of one actor, with the annotations that have exactly these bounds."""

    place: Excerpt
    actor: int
    passages: tuple[EdgePassage, ...]


@dataclass(frozen=True)
class EdgeReport:
    """An edge, even below the threshold. `raw`: its weight before normalisation.

    `second` is a claim in networks of actors and claims. `passages`: those requested, of `total`;
    `carrying`: how many of all carry the edge.
    """

    asked: NetworkQuery
    first: Actor
    second: Actor | Claim
    raw: float
    divisor: float
    weight: float
    congruence: float
    conflict: float
    parts: tuple[EdgePart, ...]
    total: int
    carrying: int
    stretches: tuple[EdgeExcerpt, ...]


@dataclass(frozen=True, eq=False)
class _EdgePassageTable:
    """The passages behind an edge (P,), by claim, actor and position."""

    rows: Ints
    actor: Ints
    code: Ints
    repeat: Bools
    left: np.ndarray
    carries: Bools

    def take(self, kept: Ints | Bools) -> "_EdgePassageTable":
        return _EdgePassageTable(
            self.rows[kept],
            self.actor[kept],
            self.code[kept],
            self.repeat[kept],
            self.left[kept],
            self.carries[kept],
        )


def build_edge_report(
    scope: Scope,
    asked: NetworkQuery,
    first: str,
    second: str,
    *,
    carrying: bool = False,
    offset: int = 0,
    limit: int = 50,
) -> EdgeReport:
    """Return the edge between two actors, or an actor and a claim, given by their keys.

    `carrying`: only the passages that carry it. Raises NotFound for a node that is not in the
    network.
    """
    found = build_network(scope, asked)
    asked, said = found.asked, found.said
    ends = _require_edge_ends(found, first, second)
    behind = _collect_edge_passages(said, asked, ends)
    count = int(behind.carries.sum())
    if carrying:
        behind = behind.take(behind.carries)
    shown = behind.take(np.arange(len(behind.rows))[offset : offset + limit])
    raw, divisor, weight = _compute_edge_weights(said.tally, asked, ends)
    parts = build_edge_parts(found, *ends)
    return EdgeReport(
        asked=asked,
        first=said.actors[ends[0]],
        second=said.claims[ends[1]] if asked.two_mode else said.actors[ends[1]],
        raw=raw,
        divisor=divisor,
        weight=weight,
        congruence=sum(part.congruence for part in parts),
        conflict=sum(part.conflict for part in parts),
        parts=parts,
        total=len(behind.rows),
        carrying=count,
        stretches=tuple(_load_edge_excerpts(scope, said, shown)),
    )


def _require_edge_ends(found: Network, first: str, second: str) -> tuple[int, int]:
    said = found.said
    actors = {one.key: place for place, one in enumerate(said.actors)}
    others = actors
    if found.asked.two_mode:
        others = {one.slug: place for place, one in enumerate(said.claims)}
    for key, known in ((first, actors), (second, others)):
        if key not in known:
            raise NotFound(f"“{key[:80]}” is not in this network.")
    if first == second and not found.asked.two_mode:
        raise NotFound("An edge needs two different actors: choose another second one.")
    return actors[first], others[second]


def _compute_edge_weights(
    tally: LevelCounts, asked: NetworkQuery, ends: tuple[int, int]
) -> tuple[float, float, float]:
    """Return the raw weight, its divisor, and the quotient."""
    kind = asked.kind
    if isinstance(kind, TwoMode):
        raw = float(compute_two_mode_weights(tally, kind)[ends])
        weight = float(
            compute_two_mode_weights(tally, kind, TwoModeShare(asked.normalisation))[ends]
        )
        total = {
            TwoModeShare.NONE: 1.0,
            TwoModeShare.ACTIVITY: tally.totals[ends[0]],
            TwoModeShare.PROMINENCE: tally.counts[:, ends[1]].sum(),
        }[TwoModeShare(asked.normalisation)]
        return raw, float(total), weight
    pair = LevelCounts(tally.counts[list(ends)], tally.scale)
    by = Normalisation(asked.normalisation)
    return (
        compute_edge_weight(tally, kind, *ends),
        float(compute_denominators(pair, by)[0, 1]),
        float(compute_one_mode_weights(pair, kind, by)[0, 1]),
    )


def build_edge_parts(found: Network, first: int, second: int) -> tuple[EdgePart, ...]:
    """Return each claim's contribution, the largest first, then in the codebook's order.

    `first`: an actor's index; `second`: another's, or a claim's.
    """
    said, asked, ends = found.said, found.asked, (first, second)
    counts, scale, kind = said.tally.counts, said.tally.scale, asked.kind
    if isinstance(kind, TwoMode):
        levels = counts[ends]
        total, _, _ = _compute_edge_weights(said.tally, asked, ends)
        sides = float(levels[scale > 0].sum()), float(levels[scale < 0].sum())
        return (EdgePart(said.claims[second], _convert_to_integers(levels), (), *sides, total),)
    one, other = counts[first], counts[second]
    added = {
        each: np.einsum("jk,kl,jl->j", one, compute_level_factors(scale, each), other)
        for each in (kind, OneMode.CONGRUENCE, OneMode.CONFLICT)
    }
    shared = np.flatnonzero(one.any(axis=1) & other.any(axis=1))
    order = shared[np.argsort(-np.abs(added[kind][shared]), kind="stable")]
    return tuple(
        EdgePart(
            said.claims[code],
            _convert_to_integers(one[code]),
            _convert_to_integers(other[code]),
            float(added[OneMode.CONGRUENCE][code]),
            float(added[OneMode.CONFLICT][code]),
            float(added[kind][code]),
        )
        for code in order.tolist()
    )


def _convert_to_integers(levels: np.ndarray) -> tuple[int, ...]:
    return tuple(levels.astype(np.int64).tolist())


def _collect_edge_passages(
    said: NetworkData, asked: NetworkQuery, ends: tuple[int, int]
) -> _EdgePassageTable:
    counted, two = said.counted, asked.two_mode
    first, second = ends[0], -1 if two else ends[1]
    counts = said.tally.counts
    about = np.zeros(len(said.claims), bool)
    if two:
        about[ends[1]] = True
    else:
        about = counts[first].any(axis=1) & counts[second].any(axis=1)
    here = np.flatnonzero(
        ((counted.actor == first) | (counted.actor == second)) & about[counted.code]
    )
    mine = CountedPassages(
        counted.actor[here], counted.code[here], counted.level[here], counted.instead[here]
    )
    whole, left = _compute_weights_without(said.tally, asked, ends, mine)
    repeated = (said.repeats_of == first) | (said.repeats_of == second)
    repeated &= about[said.repeats_code]
    again = np.flatnonzero(repeated)
    found = _EdgePassageTable(
        rows=np.concatenate([said.rows[here], said.repeats[again]]),
        actor=(np.concatenate([mine.actor, said.repeats_of[again]]) != first).astype(np.int64),
        code=np.concatenate([mine.code, said.repeats_code[again]]),
        repeat=np.concatenate([np.zeros(len(here), bool), np.ones(len(again), bool)]),
        left=np.concatenate([left, np.full(len(again), whole)]),
        carries=np.concatenate(
            [mark_changed_answers(asked.kind, whole, left), np.zeros(len(again), bool)]
        ),
    )
    return found.take(np.lexsort((found.rows, found.actor, found.code)))


def _compute_weights_without(
    tally: LevelCounts, asked: NetworkQuery, ends: tuple[int, int], mine: CountedPassages
) -> tuple[float, np.ndarray]:
    """Return the edge's raw weight, and the one without each passage."""
    if isinstance(asked.kind, TwoMode):
        whole = float(compute_two_mode_weights(tally, asked.kind)[ends])
        return whole, compute_cells_without(tally, asked.kind, mine)
    whole = compute_edge_weight(tally, asked.kind, *ends)
    return whole, compute_weights_without(tally, asked.kind, *ends, mine)


def _load_edge_excerpts(
    scope: Scope, said: NetworkData, shown: _EdgePassageTable
) -> Sequence[EdgeExcerpt]:
    passages = {}
    for number, row in enumerate(shown.rows.tolist()):
        one = EdgePassage(
            row=row,
            actor=int(shown.actor[number]),
            claim=said.claims[int(shown.code[number])],
            repeat=bool(shown.repeat[number]),
            left=float(shown.left[number]),
            carries=bool(shown.carries[number]),
        )
        passages[one.row] = one
    found = []
    for actor, place in load_excerpts(scope, said.compared, shown.rows, shown.actor):
        here = tuple(passages[one.row] for one in place.said)
        found.append(EdgeExcerpt(place, actor, here))
    return found
