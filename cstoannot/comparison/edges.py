"""What makes an edge of a network: its claims, its passages, and which of them carry it.

A passage carries an edge if without it the weight has another sign, or there is no edge. Where
repeats count once, the next one takes a removed passage's place; repeats themselves carry nothing.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cstoannot.comparison.actors import Actor
from cstoannot.comparison.coding import Bools, Claim, Ints
from cstoannot.comparison.network import Asked, Network, Said, network
from cstoannot.comparison.places import Place, places_of
from cstoannot.core.errors import NotFound
from cstoannot.projects.scope import Scope
from cstoannot.stats.carrying import Counted, cells_without, changes, weight_of, without
from cstoannot.stats.networks import (
    Normalisation,
    OneMode,
    Share,
    Tally,
    TwoMode,
    denominators,
    factors,
    one_mode,
    two_mode,
)


@dataclass(frozen=True)
class Part:
    """What one claim adds to the edge. `first`, `second`: how many passages of each actor count
    at each level, from opposing to supporting; `second` is empty between actor and claim."""

    claim: Claim
    first: tuple[int, ...]
    second: tuple[int, ...]
    congruence: float
    conflict: float
    weight: float


@dataclass(frozen=True)
class Passage:
    """One annotation behind the edge. `actor`: 0 for the first, 1 for the second.

    `left`: the weight, without normalisation, that the edge would have if the passage were not
    there; `carries`: whether that has another sign, or is 0. A repeat does not count.
    """

    annotation_id: uuid.UUID
    actor: int
    claim: Claim
    repeat: bool
    left: float
    carries: bool


@dataclass(frozen=True)
class Stretch:
    """A place in a text, of one actor, with the annotations that have exactly these bounds."""

    place: Place
    actor: int
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class EdgeReport:
    """An edge, whether it passes the threshold or not. `raw`: its weight before normalisation.

    `second` is a claim in networks of actors and claims. `passages`: those asked for, of `total`;
    `carrying`: how many of all carry the edge.
    """

    asked: Asked
    first: Actor
    second: Actor | Claim
    raw: float
    divisor: float
    weight: float
    congruence: float
    conflict: float
    parts: tuple[Part, ...]
    total: int
    carrying: int
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, eq=False)
class _Behind:
    """The passages behind an edge (P,), by claim, actor and place: rows, and what they do."""

    rows: Ints
    actor: Ints
    code: Ints
    repeat: Bools
    left: np.ndarray
    carries: Bools

    def take(self, kept: Ints | Bools) -> "_Behind":
        return _Behind(
            self.rows[kept],
            self.actor[kept],
            self.code[kept],
            self.repeat[kept],
            self.left[kept],
            self.carries[kept],
        )


def edge_report(
    scope: Scope,
    asked: Asked,
    first: str,
    second: str,
    *,
    carrying: bool = False,
    offset: int = 0,
    limit: int = 50,
) -> EdgeReport:
    """What makes the edge between two actors, or an actor and a claim, given by their keys.

    `carrying`: only the passages that carry it. Raises NotFound for who does not take part.
    """
    found = network(scope, asked)
    asked, said = found.asked, found.said
    ends = _ends(found, first, second)
    behind = _behind(said, asked, ends)
    count = int(behind.carries.sum())
    if carrying:
        behind = behind.take(behind.carries)
    shown = behind.take(np.arange(len(behind.rows))[offset : offset + limit])
    raw, divisor, weight = _weights(said.tally, asked, ends)
    parts = parts_of(found, *ends)
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
        stretches=tuple(_stretches(scope, said, shown)),
    )


def _ends(found: Network, first: str, second: str) -> tuple[int, int]:
    said = found.said
    actors = {one.key: place for place, one in enumerate(said.actors)}
    others = actors
    if found.asked.two_mode:
        others = {one.slug: place for place, one in enumerate(said.claims)}
    for key, known in ((first, actors), (second, others)):
        if key not in known:
            raise NotFound(f"“{key[:80]}” has no part in this network.")
    if first == second and not found.asked.two_mode:
        raise NotFound("An edge is between two: choose another second actor.")
    return actors[first], others[second]


def _weights(tally: Tally, asked: Asked, ends: tuple[int, int]) -> tuple[float, float, float]:
    """The weight before normalisation, what it is divided by, and the quotient."""
    kind = asked.kind
    if isinstance(kind, TwoMode):
        raw = float(two_mode(tally, kind)[ends])
        weight = float(two_mode(tally, kind, Share(asked.normalisation))[ends])
        total = {
            Share.NONE: 1.0,
            Share.ACTIVITY: tally.totals[ends[0]],
            Share.PROMINENCE: tally.counts[:, ends[1]].sum(),
        }[Share(asked.normalisation)]
        return raw, float(total), weight
    pair = Tally(tally.counts[list(ends)], tally.scale)
    by = Normalisation(asked.normalisation)
    return (
        weight_of(tally, kind, *ends),
        float(denominators(pair, by)[0, 1]),
        float(one_mode(pair, kind, by)[0, 1]),
    )


def parts_of(found: Network, first: int, second: int) -> tuple[Part, ...]:
    """Claim by claim what makes the edge, the heaviest first, then in the codebook's order.

    `first`: an actor's place, `second`: another's, or a claim's.
    """
    said, asked, ends = found.said, found.asked, (first, second)
    counts, scale, kind = said.tally.counts, said.tally.scale, asked.kind
    if isinstance(kind, TwoMode):
        levels = counts[ends]
        total, _, _ = _weights(said.tally, asked, ends)
        sides = float(levels[scale > 0].sum()), float(levels[scale < 0].sum())
        return (Part(said.claims[second], _whole(levels), (), *sides, total),)
    one, other = counts[first], counts[second]
    added = {
        each: np.einsum("jk,kl,jl->j", one, factors(scale, each), other)
        for each in (kind, OneMode.CONGRUENCE, OneMode.CONFLICT)
    }
    shared = np.flatnonzero(one.any(axis=1) & other.any(axis=1))
    order = shared[np.argsort(-np.abs(added[kind][shared]), kind="stable")]
    return tuple(
        Part(
            said.claims[code],
            _whole(one[code]),
            _whole(other[code]),
            float(added[OneMode.CONGRUENCE][code]),
            float(added[OneMode.CONFLICT][code]),
            float(added[kind][code]),
        )
        for code in order.tolist()
    )


def _whole(levels: np.ndarray) -> tuple[int, ...]:
    return tuple(levels.astype(np.int64).tolist())


def _behind(said: Said, asked: Asked, ends: tuple[int, int]) -> _Behind:
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
    mine = Counted(
        counted.actor[here], counted.code[here], counted.level[here], counted.instead[here]
    )
    whole, left = _left(said.tally, asked, ends, mine)
    repeated = (said.repeats_of == first) | (said.repeats_of == second)
    repeated &= about[said.repeats_code]
    again = np.flatnonzero(repeated)
    found = _Behind(
        rows=np.concatenate([said.rows[here], said.repeats[again]]),
        actor=(np.concatenate([mine.actor, said.repeats_of[again]]) != first).astype(np.int64),
        code=np.concatenate([mine.code, said.repeats_code[again]]),
        repeat=np.concatenate([np.zeros(len(here), bool), np.ones(len(again), bool)]),
        left=np.concatenate([left, np.full(len(again), whole)]),
        carries=np.concatenate([changes(asked.kind, whole, left), np.zeros(len(again), bool)]),
    )
    return found.take(np.lexsort((found.rows, found.actor, found.code)))


def _left(
    tally: Tally, asked: Asked, ends: tuple[int, int], mine: Counted
) -> tuple[float, np.ndarray]:
    """The edge's weight before normalisation, and that without each passage."""
    if isinstance(asked.kind, TwoMode):
        whole = float(two_mode(tally, asked.kind)[ends])
        return whole, cells_without(tally, asked.kind, mine)
    whole = weight_of(tally, asked.kind, *ends)
    return whole, without(tally, asked.kind, *ends, mine)


def _stretches(scope: Scope, said: Said, shown: _Behind) -> Sequence[Stretch]:
    passages = {}
    for number, row in enumerate(shown.rows.tolist()):
        one = Passage(
            annotation_id=said.compared.passages.annotation_id(row),
            actor=int(shown.actor[number]),
            claim=said.claims[int(shown.code[number])],
            repeat=bool(shown.repeat[number]),
            left=float(shown.left[number]),
            carries=bool(shown.carries[number]),
        )
        passages[one.annotation_id] = one
    found = []
    for actor, place in places_of(scope, said.compared, shown.rows, shown.actor):
        here = tuple(passages[one.annotation_id] for one in place.said)
        found.append(Stretch(place, actor, here))
    return found
