"""Decisions as cases: what was decided on a code, a source or with an outcome, and why."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from cstoannot.accounts.models import User
from cstoannot.annotations.queries import visible_annotations
from cstoannot.assignments.models import SourceConsensus
from cstoannot.decisions.models import Decision
from cstoannot.decisions.place_queries import load_consensus_passages, select_decidable_sources
from cstoannot.decisions.places import DecisionRecord
from cstoannot.decisions.records import parse_decision
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import load_source_texts


@dataclass(frozen=True)
class CaseFilter:
    """Which decisions are listed; an empty field selects all. `ruled`: only those with a rule."""

    codes: tuple[str, ...] = ()
    sources: tuple[int, ...] = ()
    outcomes: tuple[str, ...] = ()
    ruled: bool = False


@dataclass(frozen=True)
class DecidedCase:
    """A decision with the stretch of text that it settled."""

    source: int
    title: str
    place: uuid.UUID
    start: int
    end: int
    quote: str
    record: DecisionRecord

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the slugs that readers marked or the decision left, first those it left."""
        weighed = (one for reading in self.record.readings for one in reading.passages)
        return tuple(dict.fromkeys(one.code for one in (*self.record.passages, *weighed)))


def filter_decisions(scope: Scope, asked: CaseFilter) -> QuerySet[Decision]:
    """Select decisions, the latest first; a code selects those at whose places it was marked."""
    scope.require(Permission.DECIDE)
    found = Decision.objects.filter(
        project_id=scope.project_id, apart=False, source__in=select_decidable_sources(scope)
    )
    if asked.sources:
        found = found.filter(source_id__in=asked.sources)
    if asked.outcomes:
        found = found.filter(outcome__in=asked.outcomes)
    if asked.ruled:
        found = found.exclude(rule="")
    if asked.codes:
        found = found.alias(weighed=Cast("readings", TextField()))
        found = found.filter(_build_code_condition(scope, asked.codes))
    return found.select_related("source", "by").order_by("-at", "-id")


def _build_code_condition(scope: Scope, codes: Sequence[str]) -> Q:
    """Match decisions that weighed a passage of one of the codes, or left one."""
    left = visible_annotations(scope).filter(
        annotator=None,
        code__slug__in=codes,
        source_id=OuterRef("source_id"),
        start__lt=OuterRef("end"),
        end__gt=OuterRef("start"),
    )
    condition = Q(Exists(left.order_by()))
    for code in codes:
        condition |= Q(weighed__contains=f'"code": "{code}"')
    return condition


def load_decided_cases(scope: Scope, decisions: Iterable[Decision]) -> list[DecidedCase]:
    """Return what these decisions say, in a constant number of queries."""
    rows = list(decisions)
    texts = load_source_texts(scope, sorted({one.source_id for one in rows}))
    made = load_consensus_passages(scope, [uuid.UUID(pk) for one in rows for pk in one.passages])
    names = _load_user_names(rows)
    return [
        DecidedCase(
            source=one.source_id,
            title=one.source.title,
            place=one.place,
            start=one.start,
            end=one.end,
            quote=texts.get(one.source_id, "")[one.start : one.end],
            record=parse_decision(one, texts.get(one.source_id, ""), made, names),
        )
        for one in rows
    ]


def _load_user_names(decisions: Sequence[Decision]) -> dict[int, str]:
    wanted = {pk for one in decisions for row in one.readings for pk in row["annotators"]}
    wanted |= {one.by_id for one in decisions if one.by_id is not None}
    return dict(User.everybody.filter(pk__in=wanted).values_list("pk", "username"))


def find_source_consensus(scope: Scope, source_id: int) -> SourceConsensus | None:
    """Return to whom the decisions of a source were handed on, and whether they are opened."""
    scope.require(Permission.DECIDE)
    found = SourceConsensus.objects.filter(project_id=scope.project_id, source_id=source_id)
    return found.select_related("adjudicator").first()
