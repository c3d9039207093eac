"""The matrix of actors by claims, with verdicts, agreement and omissions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np

from cstoannot.agreement.reports import AgreementQuery as Agreement
from cstoannot.agreement.reports import compute_values_by_code
from cstoannot.annotations.models import Layer
from cstoannot.comparison.actors import Actor, build_actor_index
from cstoannot.comparison.answering import load_answering_layer
from cstoannot.comparison.cell_states import (
    CellSources,
    ReaderSides,
    build_cell_sources,
    compute_cells_without_passage,
    compute_reader_sides,
    count_stale_passages,
    select_too_early,
)
from cstoannot.comparison.comparison_query import (
    CONSENSUS_OR_MAJORITY,
    MAJORITY,
    ComparisonQuery,
    limit_query_to_scope,
)
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
from cstoannot.comparison.layers import AnsweringLayer
from cstoannot.comparison.project_cache import load_cached_comparison
from cstoannot.core.errors import Invalid
from cstoannot.projects.models import Visibility
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, widen_to_coding
from cstoannot.stats.comparison.positions import (
    PositionMatrix,
    SideCounts,
    StanceCounts,
    Verdict,
    WeakSides,
    build_position_matrix,
    compute_divergence,
    compute_similarity_order,
    count_stances,
    mark_weak_sides,
)
from cstoannot.stats.results import (
    Coefficient,
    ConfidenceInterval,
    Floats,
    IntervalReason,
    Numbers,
    UndefinedReason,
)

_Values = Mapping[int, Coefficient]
_Agreement = tuple[_Values, _Values] | None
"""α and stance α of each code, by primary key."""

LIMIT = 0.667
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


class TentativeReason(StrEnum):
    """Why a verdict is tentative."""

    ALPHA = "alpha"
    """The code's α, or the lower limit of its interval, is below LIMIT, or is undefined."""
    STANCE_ALPHA = "stance_alpha"
    """The same of the α of its stances."""
    ONE_READER = "one_reader"
    """Only one annotator read a source that takes a side."""
    ONE_PLACE = "one_place"
    """A side rests on a single passage."""


@dataclass(frozen=True)
class CodeAlpha:
    """Krippendorff's α of a code with its interval, or why there is no value or no interval."""

    value: float | None
    reason: str | None
    interval: ConfidenceInterval | None = None
    no_interval: IntervalReason | None = None

    @property
    def falls_short(self) -> bool:
        """Return whether α, or the lower limit of its interval, is too low or unknown."""
        if self.value is None:
            return self.reason != NOT_OPEN
        return self.value < LIMIT or self.interval is None or self.interval.low < LIMIT


@dataclass(frozen=True)
class CodeAgreement:
    """How far annotators agree on a code: on where it is (by sentences), and on its stances."""

    alpha: CodeAlpha
    stance: CodeAlpha


@dataclass(frozen=True, eq=False)
class ComparisonReport:
    """The whole matrix (A, C) of actors by claims, whatever part of it is shown.

    `layer`: the layer that answers, CONSENSUS_OR_MAJORITY where it differs by source; `annotators`:
    those of whom the majority is taken, who finished a source in view. `members`: each actor's
    sources, all selected ones for a speaker; `layers`: the layer of each source, and `readers`,
    when sources are compared; `unnamed`: selected sources without a group or publisher, together
    the last actor. `passages`: how many the layer has in view. By claim, `tentative`: the reasons;
    `stale`: annotations in view made under an older meaning, whether they count or not. `too_early`
    (S, C): how many annotators finished a selected source before the claim's code existed.
    """

    question: ComparisonQuery
    compared: ComparisonDataset
    layer: str
    annotators: tuple[str, ...]
    actors: tuple[Actor, ...]
    members: tuple[tuple[ComparisonSource, ...], ...]
    layers: tuple[str, ...]
    readers: ReaderSides | None
    unnamed: tuple[ComparisonSource, ...]
    claims: tuple[Claim, ...]
    matrix: PositionMatrix
    sides: SideCounts
    verdicts: tuple[Verdict, ...]
    divergence: Floats
    agreement: tuple[CodeAgreement, ...]
    tentative: tuple[tuple[TentativeReason, ...], ...]
    stale: tuple[int, ...]
    too_early: Numbers
    passages: int
    sources: int

    @cached_property
    def read_before(self) -> tuple[int, ...]:
        """Return by claim how many sources in view somebody finished before the code existed."""
        return tuple((self.too_early > 0).sum(axis=0).tolist())

    @property
    def alphas(self) -> tuple[CodeAlpha, ...]:
        return tuple(one.alpha for one in self.agreement)


def build_comparison_report(scope: Scope, question: ComparisonQuery) -> ComparisonReport:
    """Compute the comparison that this reader may see."""
    question = limit_query_to_scope(scope, question)
    kept = load_cached_comparison(scope)
    with kept.lock:
        found: ComparisonReport | None = kept.known(("matrix", question))
        chosen = build_comparison_selection(kept.compared, question)
    if found is None:
        # Outside the lock: agreement has its own.
        agreement = _load_code_agreement(scope, kept.compared, chosen)
        with kept.lock:
            found = kept.answer(
                ("matrix", question),
                lambda: _compute_comparison_report(
                    load_answering_layer(kept, question), chosen, agreement
                ),
                cells=3 * len(chosen.sources) * len(chosen.claims),
            )
    return found


def _compute_comparison_report(
    layer: AnsweringLayer, chosen: ComparisonSelection, agreement: _Agreement
) -> ComparisonReport:
    compared, by_source = layer.compared, chosen.question.by == "source"
    rows = select_passage_rows(compared, chosen)
    known = build_actor_index(compared, chosen, rows)
    behind = build_cell_sources(layer, chosen, known)
    counted = _count_actor_stances(behind, rows, known.of_row)
    empty = compute_cells_without_passage(behind, len(known.actors))
    found = build_position_matrix(counted, empty, by_source=by_source)
    sides = SideCounts.of(found.state)
    claims = tuple(compared.claims[place] for place in chosen.claims)
    verdicts = tuple(sides.verdicts())
    by_claim = tuple(_choose_claim_agreement(agreement, claim) for claim in claims)
    weak = mark_weak_sides(counted, found, one_reader=_mark_one_reader(layer, chosen, counted))
    return ComparisonReport(
        question=chosen.question,
        compared=compared,
        layer=_name_answering_layer(chosen),
        annotators=_list_answering_annotators(compared, chosen),
        actors=tuple(known.actors),
        members=_list_actor_sources(compared, chosen, behind.owner, len(known.actors)),
        layers=_list_source_layers(chosen),
        readers=compute_reader_sides(behind) if by_source else None,
        unnamed=tuple(compared.sources[place] for place in known.unnamed),
        claims=claims,
        matrix=found,
        sides=sides,
        verdicts=verdicts,
        divergence=compute_divergence(found.balance),
        agreement=by_claim,
        tentative=tuple(
            _list_tentative_reasons(verdict, agreed, weak, place)
            for place, (verdict, agreed) in enumerate(zip(verdicts, by_claim, strict=True))
        ),
        stale=count_stale_passages(layer, chosen),
        too_early=select_too_early(layer, chosen),
        passages=len(rows),
        sources=len(chosen.sources),
    )


def _count_actor_stances(behind: CellSources, rows: Ints, actor: Ints) -> StanceCounts:
    part = behind.layer.compared.passages
    column = behind.column[part.claim[rows]]
    return count_stances(actor, column, part.source[rows], part.stance[rows])


def _mark_one_reader(
    layer: AnsweringLayer, chosen: ComparisonSelection, counted: StanceCounts
) -> Bools:
    """(N,) whether only one annotator read the source for the code, and no consensus answers."""
    alone = layer.readers[counted.source, chosen.claims[counted.code]] == 1
    found: Bools = alone & ~chosen.by_consensus[counted.source]
    return found


def _list_tentative_reasons(
    verdict: Verdict, agreement: CodeAgreement, weak: WeakSides, claim: int
) -> tuple[TentativeReason, ...]:
    """Return why a verdict is tentative; no verdict, no reason."""
    if verdict is Verdict.UNADDRESSED:
        return ()
    reasons = {
        TentativeReason.ALPHA: agreement.alpha.falls_short,
        TentativeReason.STANCE_ALPHA: agreement.stance.falls_short,
        TentativeReason.ONE_READER: weak.one_reader[claim],
        TentativeReason.ONE_PLACE: weak.one_place[claim],
    }
    return tuple(reason for reason, holds in reasons.items() if holds)


def _list_actor_sources(
    compared: ComparisonDataset, chosen: ComparisonSelection, owner: Ints | None, actors: int
) -> tuple[tuple[ComparisonSource, ...], ...]:
    sources = [compared.sources[place] for place in chosen.sources.tolist()]
    if owner is None:
        return (tuple(sources),) * actors
    found: list[list[ComparisonSource]] = [[] for _ in range(actors)]
    for source, number in zip(sources, owner.tolist(), strict=True):
        found[number].append(source)
    return tuple(map(tuple, found))


def _name_layer(question: ComparisonQuery, by_consensus: bool) -> str:
    if by_consensus:
        return str(Layer.CONSENSUS)
    return str(Layer.INDIVIDUAL) if question.layer == Layer.INDIVIDUAL else MAJORITY


def _list_source_layers(chosen: ComparisonSelection) -> tuple[str, ...]:
    if chosen.question.by != "source":
        return ()
    decided = chosen.by_consensus[chosen.sources].tolist()
    return tuple(_name_layer(chosen.question, one) for one in decided)


def _name_answering_layer(chosen: ComparisonSelection) -> str:
    if chosen.question.layer != CONSENSUS_OR_MAJORITY:
        return chosen.question.layer
    decided = chosen.by_consensus[chosen.sources]
    if decided.any() and not decided.all():
        return CONSENSUS_OR_MAJORITY
    return _name_layer(chosen.question, len(decided) > 0 and bool(decided.all()))


def _list_answering_annotators(
    compared: ComparisonDataset, chosen: ComparisonSelection
) -> tuple[str, ...]:
    """Return the annotators who finished a source that no consensus answers for.

    None where the reader may not tell them apart.
    """
    if not compared.named:
        return ()
    answering = chosen.sources[~chosen.by_consensus[chosen.sources]]
    there = set(np.flatnonzero(compared.finished[answering].any(axis=0)).tolist())
    return tuple(compared.annotators[n].username for n in chosen.annotators.tolist() if n in there)


def _load_code_agreement(
    scope: Scope, compared: ComparisonDataset, chosen: ComparisonSelection
) -> _Agreement:
    """Return the agreement by the code's primary key; None if the reader may not know.

    Over the sources in view, of the selected annotators if there are several. One coder alone: of
    all who coded.
    """
    if scope.can(Permission.SEE_RESULTS):
        scope = widen_to_coding(scope)
    elif scope.project.visibility == Visibility.OWN or not scope.can(Permission.SEE_AGREEMENT):
        return None
    named = chosen.question.annotators
    asked = Agreement(
        unit="sentence",
        annotators=named if len(named) > 1 else (),
        meaning=chosen.question.meaning,
        sources=_list_sources_in_view(compared, chosen),
    )
    alpha = compute_values_by_code(scope, asked)
    stance = compute_values_by_code(scope, replace(asked, measure="stance_alpha", unit=""))
    return alpha, stance


def _list_sources_in_view(
    compared: ComparisonDataset, chosen: ComparisonSelection
) -> tuple[int, ...]:
    """Return the selected sources; empty for all, as a query of agreement has it."""
    if len(chosen.sources) == len(compared.sources):
        return ()
    return tuple(compared.sources[place].pk for place in chosen.sources.tolist())


def _choose_claim_agreement(agreement: _Agreement, claim: Claim) -> CodeAgreement:
    if agreement is None:
        unknown = CodeAlpha(None, NOT_OPEN)
        return CodeAgreement(unknown, unknown)
    alpha, stance = (_choose_claim_alpha(values, claim) for values in agreement)
    return CodeAgreement(alpha, stance)


def _choose_claim_alpha(values: Mapping[int, Coefficient], claim: Claim) -> CodeAlpha:
    """Return the claim's α; a code that agreement does not list was never used."""
    if found := values.get(claim.pk):
        reason = found.reason.value if found.reason else None
        return CodeAlpha(found.value, reason, found.interval, found.no_interval)
    alone = any(one.reason == UndefinedReason.ONE_ANNOTATOR for one in values.values())
    missing = (
        UndefinedReason.ONE_ANNOTATOR if alone or not values else UndefinedReason.SINGLE_CATEGORY
    )
    return CodeAlpha(None, missing.value)


def list_alpha_limits(alpha: CodeAlpha) -> tuple[float | None, float | None, float | None]:
    """Return the value and the limits of its interval, None for what there is not."""
    found = alpha.interval
    return alpha.value, found.low if found else None, found.high if found else None


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
