"""The matrix of actors by claims, with verdicts, agreement and omissions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cstoannot.agreement.reports import AgreementQuery as Agreement
from cstoannot.agreement.reports import compute_values_by_code
from cstoannot.annotations.models import Layer
from cstoannot.comparison.actors import NOBODY, Actor, build_actor_index
from cstoannot.comparison.comparison_query import ComparisonQuery, limit_query_to_scope
from cstoannot.comparison.dataset import (
    Bools,
    Claim,
    ComparisonDataset,
    ComparisonSelection,
    ComparisonSource,
    Ints,
    build_comparison_selection,
    select_passage_rows,
)
from cstoannot.comparison.project_cache import CachedComparison, load_cached_comparison
from cstoannot.core.errors import Invalid
from cstoannot.projects.models import Visibility
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.stats.comparison.positions import (
    PositionMatrix,
    SideCounts,
    Verdict,
    build_position_matrix,
    compute_divergence,
    compute_omissions,
    compute_similarity_order,
    count_stances,
)
from cstoannot.stats.results import Floats, UndefinedReason

TENTATIVE = 0.667
"""Verdicts on codes with a lower α are tentative (Krippendorff 2019, chapter 12)."""
NOT_OPEN = "not_open"
"""The reason for no α: the reader may not know the agreement."""
ORDERS = ("divergence", "codebook", "likeness")
MOST_ALIKE = 500  # `sort_actors` leaves more actors unsorted
_RANKS = {
    Verdict.DIVERGE: 0,
    Verdict.AGREE: 1,
    Verdict.SINGLE: 2,
    Verdict.UNADDRESSED: 3,
}


@dataclass(frozen=True)
class CodeAlpha:
    """Krippendorff's α of a code by sentences, or why there is none."""

    value: float | None
    reason: str | None

    @property
    def tentative(self) -> bool:
        return self.value is not None and self.value < TENTATIVE


@dataclass(frozen=True, eq=False)
class ComparisonReport:
    """The whole matrix (A, C) of actors by claims, whatever part of it is shown.

    `layer`: the layer used, `both` where it differs by source; `annotators`: those of the
    individual layer that count. `members`: each actor's sources, all selected ones for a speaker;
    `layers`: the layer of each source, when sources are compared; `unnamed`: selected sources
    without a group or publisher.
    """

    question: ComparisonQuery
    compared: ComparisonDataset
    layer: str
    annotators: tuple[str, ...]
    actors: tuple[Actor, ...]
    members: tuple[tuple[ComparisonSource, ...], ...]
    layers: tuple[str, ...]
    unnamed: int
    claims: tuple[Claim, ...]
    matrix: PositionMatrix
    sides: SideCounts
    verdicts: tuple[Verdict, ...]
    divergence: Floats
    alphas: tuple[CodeAlpha, ...]
    passages: int
    sources: int

    def tentative(self, claim: int) -> bool:
        """Return whether there is a verdict on a code whose α is below TENTATIVE."""
        verdict = self.verdicts[claim]
        return verdict is not Verdict.UNADDRESSED and self.alphas[claim].tentative


def build_comparison_report(scope: Scope, question: ComparisonQuery) -> ComparisonReport:
    """Compute the comparison that this reader may see."""
    question = limit_query_to_scope(scope, question)
    kept = load_cached_comparison(scope)
    with kept.lock:
        found: ComparisonReport | None = kept.known(("matrix", question))
    if found is None:
        # Outside the lock: agreement has its own.
        alphas = _load_code_alphas(scope, question)
        with kept.lock:
            found = _cache_comparison_report(kept, question, alphas)
    return found


def _cache_comparison_report(
    kept: CachedComparison, question: ComparisonQuery, alphas: Mapping[int, CodeAlpha] | CodeAlpha
) -> ComparisonReport:
    chosen = build_comparison_selection(kept.compared, question)
    found: ComparisonReport = kept.answer(
        ("matrix", question),
        lambda: _compute_comparison_report(kept.compared, chosen, alphas),
        cells=len(chosen.sources) * len(chosen.claims),
    )
    return found


def _compute_comparison_report(
    compared: ComparisonDataset,
    chosen: ComparisonSelection,
    alphas: Mapping[int, CodeAlpha] | CodeAlpha,
) -> ComparisonReport:
    rows = select_passage_rows(compared, chosen)
    compared_ones = build_actor_index(compared, chosen, rows)
    actors, actor = tuple(compared_ones.actors), compared_ones.of_row
    named = actor != NOBODY
    rows, actor = rows[named], actor[named]
    column = np.zeros(len(compared.claims), np.int64)
    column[chosen.claims] = np.arange(len(chosen.claims))
    passages = compared.passages
    counted = count_stances(
        actor, column[passages.claim[rows]], passages.annotator[rows], passages.stance[rows]
    )
    owner = _build_source_owners(compared, chosen, actors)
    read, given = _compute_read_flags(chosen, owner, len(actors))
    found = build_position_matrix(counted, len(chosen.claims), read=read, given=given)
    sides = SideCounts.of(found.state)
    claims = tuple(compared.claims[place] for place in chosen.claims)
    return ComparisonReport(
        question=chosen.question,
        compared=compared,
        layer=_name_answering_layer(chosen),
        annotators=_list_answering_annotators(compared, chosen),
        actors=actors,
        members=_list_actor_sources(compared, chosen, owner, len(actors)),
        layers=_list_source_layers(chosen),
        unnamed=compared_ones.unnamed,
        claims=claims,
        matrix=found,
        sides=sides,
        verdicts=tuple(sides.verdicts()),
        divergence=compute_divergence(found.balance),
        alphas=tuple(_choose_claim_alpha(alphas, claim) for claim in claims),
        passages=len(rows),
        sources=len(chosen.sources),
    )


def _build_source_owners(
    compared: ComparisonDataset, chosen: ComparisonSelection, actors: Sequence[Actor]
) -> Ints:
    """Return the actor of each selected source, or NOBODY; all sources count for speakers."""
    by = chosen.question.by
    if by in {"source", "speaker"}:
        return np.arange(len(chosen.sources))
    numbers = {actor.name: number for number, actor in enumerate(actors)}
    names = (getattr(compared.sources[place], by) for place in chosen.sources.tolist())
    return np.fromiter((numbers.get(name, NOBODY) for name in names), np.int64)


def _list_actor_sources(
    compared: ComparisonDataset, chosen: ComparisonSelection, owner: Ints, actors: int
) -> tuple[tuple[ComparisonSource, ...], ...]:
    sources = [compared.sources[place] for place in chosen.sources.tolist()]
    if chosen.question.by == "speaker":
        return (tuple(sources),) * actors
    found: list[list[ComparisonSource]] = [[] for _ in range(actors)]
    for source, number in zip(sources, owner.tolist(), strict=True):
        if number != NOBODY:
            found[number].append(source)
    return tuple(map(tuple, found))


def _name_layer(by_consensus: bool) -> str:
    return str(Layer.CONSENSUS if by_consensus else Layer.INDIVIDUAL)


def _list_source_layers(chosen: ComparisonSelection) -> tuple[str, ...]:
    if chosen.question.by != "source":
        return ()
    return tuple(_name_layer(decided) for decided in chosen.by_consensus[chosen.sources].tolist())


def _name_answering_layer(chosen: ComparisonSelection) -> str:
    if chosen.question.layer:
        return chosen.question.layer
    decided = chosen.by_consensus[chosen.sources]
    if decided.any() and not decided.all():
        return "both"
    return _name_layer(len(decided) > 0 and bool(decided.all()))


def _list_answering_annotators(
    compared: ComparisonDataset, chosen: ComparisonSelection
) -> tuple[str, ...]:
    """Return the annotators who finished a source for which the individual layer counts."""
    answering = chosen.sources[~chosen.by_consensus[chosen.sources]]
    there = set(np.flatnonzero(compared.finished[answering].any(axis=0)).tolist())
    return tuple(compared.annotators[n].username for n in chosen.annotators.tolist() if n in there)


def _compute_read_flags(
    chosen: ComparisonSelection, owner: Ints, actors: int
) -> tuple[Bools, Bools]:
    """Return (A,): whether all of the actor's sources are finished; whether any is assigned."""
    read, given = chosen.read[chosen.sources], chosen.given[chosen.sources]
    if chosen.question.by == "speaker":
        whole = bool(len(read)) and bool(read.all())
        return np.full(actors, whole), np.full(actors, (read | given).any())
    unread, begun = np.zeros(actors + 1, bool), np.zeros(actors + 1, bool)  # the last is NOBODY
    unread[owner[~read]] = True
    begun[owner[read | given]] = True
    return ~unread[:-1], begun[:-1]


def _load_code_alphas(
    scope: Scope, question: ComparisonQuery
) -> Mapping[int, CodeAlpha] | CodeAlpha:
    """Return α by the code's primary key; a single one if the reader may not know.

    Of the selected annotators if there are several. One coder alone: of all who coded.
    """
    open_to_reader = scope.can(Permission.SEE_ALL_CODING) or (
        scope.can(Permission.SEE_AGREEMENT) and scope.project.visibility != Visibility.OWN
    )
    if not open_to_reader:
        return CodeAlpha(None, NOT_OPEN)
    several = len(question.annotators) > 1
    asked = Agreement(unit="sentence", annotators=question.annotators if several else ())
    return {
        pk: CodeAlpha(found.value, found.reason.value if found.reason else None)
        for pk, found in compute_values_by_code(scope, asked).items()
    }


def _choose_claim_alpha(alphas: Mapping[int, CodeAlpha] | CodeAlpha, claim: Claim) -> CodeAlpha:
    """Return the claim's α; a code that agreement does not list was never used."""
    if isinstance(alphas, CodeAlpha):
        return alphas
    alone = any(one.reason == UndefinedReason.ONE_ANNOTATOR for one in alphas.values())
    missing = (
        UndefinedReason.ONE_ANNOTATOR if alone or not alphas else UndefinedReason.SINGLE_CATEGORY
    )
    return alphas.get(claim.pk, CodeAlpha(None, missing.value))


def sort_claims(found: ComparisonReport, order: str, verdicts: Sequence[str] = ()) -> list[int]:
    """Return indexes of the claims to show: those with one of the verdicts, or all, sorted.

    `divergence`: diverging claims first, the furthest apart first; `likeness`: claims with similar
    positions next to each other. Raises Invalid.
    """
    if order not in ORDERS:
        raise Invalid(f"order is one of: {', '.join(ORDERS)}.", field="order")
    if not set(verdicts) <= set(Verdict):
        raise Invalid(f"verdict is one of: {', '.join(Verdict)}.", field="verdict")
    places: list[int] = list(range(len(found.claims)))
    if order == "likeness":
        places = compute_similarity_order(found.matrix.balance.T).tolist()
    elif order == "divergence":
        apart = np.round(np.nan_to_num(found.divergence, nan=-1.0), 9)
        places.sort(key=lambda n: (_RANKS[found.verdicts[n]], -apart[n], -found.sides.taken[n], n))
    return [place for place in places if not verdicts or found.verdicts[place] in verdicts]


def sort_actors(found: ComparisonReport, order: str) -> list[int]:
    """Return indexes of the actors: by similarity up to MOST_ALIKE, otherwise unchanged."""
    if order == "likeness" and len(found.actors) <= MOST_ALIKE:
        return compute_similarity_order(found.matrix.balance).tolist()
    return list(range(len(found.actors)))


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
