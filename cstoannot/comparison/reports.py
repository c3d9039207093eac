"""The matrix: what each source, or whoever is compared, says on each claim, with the verdicts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cstoannot.agreement.reports import Question as Agreement
from cstoannot.agreement.reports import values_by_code
from cstoannot.annotations.models import Layer
from cstoannot.comparison.actors import NOBODY, Actor, actors_of
from cstoannot.comparison.coding import (
    Bools,
    Chosen,
    Claim,
    Compared,
    Ints,
    Source,
    choose,
    rows_of,
)
from cstoannot.comparison.keeping import Kept, compared_of
from cstoannot.comparison.question import Question, allowed
from cstoannot.core.errors import Invalid
from cstoannot.projects.models import Visibility
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.stats.matrices import (
    Matrix,
    Sides,
    Verdict,
    divergence,
    matrix,
    omissions,
    order_by_likeness,
    tally,
)
from cstoannot.stats.results import Floats, Reason

TENTATIVE = 0.667
"""A code whose α is below has its verdict marked tentative (Krippendorff 2019, chapter 12)."""
NOT_OPEN = "not_open"
"""Why a reader is given no α: how far coders agree is not open to them."""
ORDERS = ("divergence", "codebook", "likeness")
MOST_ALIKE = 500  # actors put in order by likeness; more stay in theirs
_RANKS = {
    Verdict.DIVERGE: 0,
    Verdict.AGREE: 1,
    Verdict.SINGLE: 2,
    Verdict.UNADDRESSED: 3,
}


@dataclass(frozen=True)
class Alpha:
    """How far coders agree on a code: Krippendorff's α by sentences, or why there is none."""

    value: float | None
    reason: str | None

    @property
    def tentative(self) -> bool:
        return self.value is not None and self.value < TENTATIVE


@dataclass(frozen=True, eq=False)
class Comparison:
    """The whole matrix, whatever part of it is shown; (A, C) actors by claims, in their order.

    ``layer``: the one that answers, ``both`` where it differs by source; ``annotators``: those of
    the individual layer who take part. ``members``: the sources that stand for each actor, all
    in view for a speaker; ``layers``: of each source, when sources are compared, the layer that
    answers; ``unnamed``: sources in view that have no group or publisher.
    """

    question: Question
    compared: Compared
    layer: str
    annotators: tuple[str, ...]
    actors: tuple[Actor, ...]
    members: tuple[tuple[Source, ...], ...]
    layers: tuple[str, ...]
    unnamed: int
    claims: tuple[Claim, ...]
    matrix: Matrix
    sides: Sides
    verdicts: tuple[Verdict, ...]
    divergence: Floats
    alphas: tuple[Alpha, ...]
    passages: int
    sources: int

    def tentative(self, claim: int) -> bool:
        """Whether the verdict is only as good as coders who do not agree enough."""
        verdict = self.verdicts[claim]
        return verdict is not Verdict.UNADDRESSED and self.alphas[claim].tentative


def compare(scope: Scope, question: Question) -> Comparison:
    """The comparison, as far as this reader may know (DESIGN sections 4 and 6)."""
    question = allowed(scope, question)
    kept = compared_of(scope)
    with kept.lock:
        found: Comparison | None = kept.known(("matrix", question))
    if found is None:
        # Outside the lock: agreement has its own.
        alphas = _alphas(scope, question)
        with kept.lock:
            found = _kept(kept, question, alphas)
    return found


def _kept(kept: Kept, question: Question, alphas: Mapping[int, Alpha] | Alpha) -> Comparison:
    chosen = choose(kept.compared, question)
    found: Comparison = kept.answer(
        ("matrix", question),
        lambda: _compare(kept.compared, chosen, alphas),
        cells=len(chosen.sources) * len(chosen.claims),
    )
    return found


def _compare(compared: Compared, chosen: Chosen, alphas: Mapping[int, Alpha] | Alpha) -> Comparison:
    rows = rows_of(compared, chosen)
    compared_ones = actors_of(compared, chosen, rows)
    actors, actor = tuple(compared_ones.actors), compared_ones.of_row
    named = actor != NOBODY
    rows, actor = rows[named], actor[named]
    column = np.zeros(len(compared.claims), np.int64)
    column[chosen.claims] = np.arange(len(chosen.claims))
    passages = compared.passages
    counted = tally(
        actor, column[passages.claim[rows]], passages.annotator[rows], passages.stance[rows]
    )
    owner = _owners(compared, chosen, actors)
    read, given = _readings(chosen, owner, len(actors))
    found = matrix(counted, len(chosen.claims), read=read, given=given)
    sides = Sides.of(found.state)
    claims = tuple(compared.claims[place] for place in chosen.claims)
    return Comparison(
        question=chosen.question,
        compared=compared,
        layer=_layer(chosen),
        annotators=_taking_part(compared, chosen),
        actors=actors,
        members=_members(compared, chosen, owner, len(actors)),
        layers=_layers(chosen),
        unnamed=compared_ones.unnamed,
        claims=claims,
        matrix=found,
        sides=sides,
        verdicts=tuple(sides.verdicts()),
        divergence=divergence(found.balance),
        alphas=tuple(_alpha_of(alphas, claim) for claim in claims),
        passages=len(rows),
        sources=len(chosen.sources),
    )


def _owners(compared: Compared, chosen: Chosen, actors: Sequence[Actor]) -> Ints:
    """Each chosen source's actor, NOBODY if none; every source stands for every speaker."""
    by = chosen.question.by
    if by in {"source", "speaker"}:
        return np.arange(len(chosen.sources))
    numbers = {actor.name: number for number, actor in enumerate(actors)}
    names = (getattr(compared.sources[place], by) for place in chosen.sources.tolist())
    return np.fromiter((numbers.get(name, NOBODY) for name in names), np.int64)


def _members(
    compared: Compared, chosen: Chosen, owner: Ints, actors: int
) -> tuple[tuple[Source, ...], ...]:
    sources = [compared.sources[place] for place in chosen.sources.tolist()]
    if chosen.question.by == "speaker":
        return (tuple(sources),) * actors
    found: list[list[Source]] = [[] for _ in range(actors)]
    for source, number in zip(sources, owner.tolist(), strict=True):
        if number != NOBODY:
            found[number].append(source)
    return tuple(map(tuple, found))


def _layer_of(by_consensus: bool) -> str:
    return str(Layer.CONSENSUS if by_consensus else Layer.INDIVIDUAL)


def _layers(chosen: Chosen) -> tuple[str, ...]:
    if chosen.question.by != "source":
        return ()
    return tuple(_layer_of(decided) for decided in chosen.by_consensus[chosen.sources].tolist())


def _layer(chosen: Chosen) -> str:
    if chosen.question.layer:
        return chosen.question.layer
    decided = chosen.by_consensus[chosen.sources]
    if decided.any() and not decided.all():
        return "both"
    return _layer_of(len(decided) > 0 and bool(decided.all()))


def _taking_part(compared: Compared, chosen: Chosen) -> tuple[str, ...]:
    """The annotators who finished a source for which individuals answer."""
    answering = chosen.sources[~chosen.by_consensus[chosen.sources]]
    there = set(np.flatnonzero(compared.finished[answering].any(axis=0)).tolist())
    return tuple(compared.annotators[n].username for n in chosen.annotators.tolist() if n in there)


def _readings(chosen: Chosen, owner: Ints, actors: int) -> tuple[Bools, Bools]:
    """(A,) whether all that stands for the actor was read to the end, and whether any was given."""
    read, given = chosen.read[chosen.sources], chosen.given[chosen.sources]
    if chosen.question.by == "speaker":
        whole = bool(len(read)) and bool(read.all())
        return np.full(actors, whole), np.full(actors, (read | given).any())
    unread, begun = np.zeros(actors + 1, bool), np.zeros(actors + 1, bool)  # the last is NOBODY
    unread[owner[~read]] = True
    begun[owner[read | given]] = True
    return ~unread[:-1], begun[:-1]


def _alphas(scope: Scope, question: Question) -> Mapping[int, Alpha] | Alpha:
    """By the code's number; one for all where the reader may not know.

    Of the annotators asked for if they are several: one coder's reading is as good as the coders
    agree who read as they did.
    """
    open_to_reader = scope.can(Permission.SEE_ALL_CODING) or (
        scope.can(Permission.SEE_AGREEMENT) and scope.project.visibility != Visibility.OWN
    )
    if not open_to_reader:
        return Alpha(None, NOT_OPEN)
    several = len(question.annotators) > 1
    asked = Agreement(unit="sentence", annotators=question.annotators if several else ())
    return {
        pk: Alpha(found.value, found.reason.value if found.reason else None)
        for pk, found in values_by_code(scope, asked).items()
    }


def _alpha_of(alphas: Mapping[int, Alpha] | Alpha, claim: Claim) -> Alpha:
    """A code that agreement does not list is one that nobody used, or could."""
    if isinstance(alphas, Alpha):
        return alphas
    alone = any(one.reason == Reason.ONE_ANNOTATOR for one in alphas.values())
    missing = Reason.ONE_ANNOTATOR if alone or not alphas else Reason.SINGLE_CATEGORY
    return alphas.get(claim.pk, Alpha(None, missing.value))


def ordered_claims(found: Comparison, order: str, verdicts: Sequence[str] = ()) -> list[int]:
    """Places of the claims to show: those with one of the verdicts (all if none), in order.

    ``divergence``: diverging ones first, the widest apart first; ``likeness``: those on which the
    actors stand alike together. Raises Invalid.
    """
    if order not in ORDERS:
        raise Invalid(f"order is one of: {', '.join(ORDERS)}.", field="order")
    if not set(verdicts) <= set(Verdict):
        raise Invalid(f"verdict is one of: {', '.join(Verdict)}.", field="verdict")
    places: list[int] = list(range(len(found.claims)))
    if order == "likeness":
        places = order_by_likeness(found.matrix.balance.T).tolist()
    elif order == "divergence":
        apart = np.round(np.nan_to_num(found.divergence, nan=-1.0), 9)
        places.sort(key=lambda n: (_RANKS[found.verdicts[n]], -apart[n], -found.sides.taken[n], n))
    return [place for place in places if not verdicts or found.verdicts[place] in verdicts]


def ordered_actors(found: Comparison, order: str) -> list[int]:
    """Places of the actors: by likeness as long as they can be seen together, else as they are."""
    if order == "likeness" and len(found.actors) <= MOST_ALIKE:
        return order_by_likeness(found.matrix.balance).tolist()
    return list(range(len(found.actors)))


@dataclass(frozen=True)
class Omitted:
    """What an actor (its place) leaves out: the claims' places, most spoken of first."""

    actor: int
    claims: tuple[int, ...]


def by_silence(found: Comparison) -> list[int]:
    """The actors' places, those first who leave out most of what others take a side on."""
    numbers = omissions(found.matrix.state, found.sides).sum(axis=1)
    order: list[int] = np.argsort(-numbers, kind="stable").tolist()
    return order


def left_out(found: Comparison, actors: Sequence[int]) -> list[Omitted]:
    """What each of these is silent about though others take a side."""
    cells = omissions(found.matrix.state[list(actors)], found.sides)
    loudest = np.argsort(-found.sides.taken, kind="stable")
    return [
        Omitted(actor, tuple(loudest[row[loudest]].tolist()))
        for actor, row in zip(actors, cells, strict=True)
    ]
