"""What was decided on the places that a coder read, beside their own reading of then."""

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cstoannot.assignments.models import AssignmentState
from cstoannot.assignments.queries import (
    build_visible_consensus_filter,
    select_my_study_assignments,
)
from cstoannot.decisions.models import Decision, Outcome
from cstoannot.decisions.place_queries import load_consensus_passages
from cstoannot.decisions.places import ProposedPassage, list_contents
from cstoannot.decisions.records import parse_passage
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.models import Source
from cstoannot.sources.queries import load_source_texts


@dataclass(frozen=True)
class OwnDecision:
    """A decision beside what its reader had marked there; nobody else's reading.

    `stands`: whether their reading is one of several that stand, None for another outcome.
    """

    id: uuid.UUID
    source: int
    title: str
    start: int
    end: int
    outcome: str
    own: tuple[ProposedPassage, ...]
    decided: tuple[ProposedPassage, ...]
    stands: bool | None
    reason: str
    rule: str
    at: datetime

    @property
    def differs(self) -> bool:
        if self.stands is not None:
            return not self.stands
        return list_contents(self.own) != list_contents(self.decided)


@dataclass(frozen=True)
class OwnDecisionFilter:
    """Which decisions to list; empty fields select all."""

    sources: Sequence[int] = ()
    codes: Sequence[str] = ()
    differs: bool = False


def load_told_sources(scope: Scope) -> dict[int, str]:
    """Return the sources whose decisions this coder is told of, in order: titles by key.

    Those that they have finished for the study, once their decisions are opened.
    """
    scope.require(Permission.ANNOTATE)
    mine = select_my_study_assignments(scope).filter(state=AssignmentState.DONE)
    mine = mine.filter(build_visible_consensus_filter(scope))
    return dict(mine.values_list("source_id", "source__title"))


def list_own_decisions(scope: Scope, asked: OwnDecisionFilter) -> list[OwnDecision]:
    """Return what was decided where this coder read, in the order of sources and text.

    Leaves out places where only others marked something and none of it stands: they would tell
    what others marked.
    """
    told = load_told_sources(scope)
    chosen = {pk: place for place, pk in enumerate(told)}
    if asked.sources:
        chosen = {pk: chosen[pk] for pk in asked.sources if pk in chosen}
    found = Decision.objects.filter(project_id=scope.project_id, apart=False)
    made = [one for one in found.order_by("source_id", "start", "id") if one.source_id in chosen]
    made.sort(key=lambda one: chosen[one.source_id])
    texts = load_source_texts(scope, sorted({one.source_id for one in made}))
    passages = load_consensus_passages(scope, [pk for one in made for pk in one.passages])
    rows = (
        _build_own_decision(scope, one, texts[one.source_id], told[one.source_id], passages)
        for one in made
    )
    return [one for one in rows if _is_told(one) and _is_asked_for(one, asked)]


def _is_told(one: OwnDecision) -> bool:
    return bool(one.own or one.decided)


def _is_asked_for(one: OwnDecision, asked: OwnDecisionFilter) -> bool:
    codes = {passage.code for passage in (*one.own, *one.decided)}
    return (not asked.codes or not codes.isdisjoint(asked.codes)) and (
        one.differs or not asked.differs
    )


def _build_own_decision(
    scope: Scope,
    made: Decision,
    text: str,
    title: str,
    passages: dict[uuid.UUID, ProposedPassage],
) -> OwnDecision:
    own = tuple(_iterate_own_passages(scope, made, text))
    decided = [passages[pk] for pk in map(uuid.UUID, made.passages) if pk in passages]
    stands = None
    if made.outcome == Outcome.PLURAL:
        mine = {one["reading"] for one in made.readings if scope.user_id in one["annotators"]}
        stands = not mine.isdisjoint(made.chosen)
    return OwnDecision(
        id=made.pk,
        source=made.source_id,
        title=title,
        start=made.start,
        end=made.end,
        outcome=made.outcome,
        own=own,
        decided=tuple(sorted(decided, key=lambda one: one.content)),
        stands=stands,
        reason=made.reason,
        rule=made.rule,
        at=made.at,
    )


def _iterate_own_passages(scope: Scope, made: Decision, text: str) -> Iterator[ProposedPassage]:
    """Yield what the coder had marked when the place was decided."""
    for reading in made.readings:
        for passage in reading["passages"]:
            if passage["annotator"] == scope.user_id:
                yield parse_passage(passage, text)


def load_opened_sources(scope: Scope) -> list[tuple[Source, bool]]:
    """Return all sources that can be decided, with whether their decisions are opened by source."""
    scope.require(Permission.DECIDE)
    found = Source.objects.filter(project_id=scope.project_id, deleted_at=None)
    opened = found.filter(consensus__opened_at__isnull=False).values_list("pk", flat=True)
    known: Collection[int] = set(opened)
    listed = found.only("id", "title", "project_id").order_by("position", "id")
    return [(one, one.pk in known) for one in listed]
