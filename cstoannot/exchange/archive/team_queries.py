"""Reads the rows of how a team works and decides, a few at a time."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet

from cstoannot.annotations.models import Annotation, CodeProposal, Layer
from cstoannot.assignments.models import Plan, Round, SourceConsensus
from cstoannot.decisions.models import Decision
from cstoannot.history.models import Event
from cstoannot.projects.scope import Scope
from cstoannot.threads.models import Comment, Thread, ThreadRead

AT_ONCE = 500
Values = Iterator[tuple[Any, ...]]
# Events of these kinds name people by key in their states.
KINDS_WITH_PEOPLE = ("decision", "plan")


def iterate_team_people(scope: Scope) -> Iterator[int | None]:
    """Yield the keys of people in these rows, and in the events about them; some twice."""
    mine = {"project_id": scope.project_id}
    columns = (
        Plan.objects.filter(**mine).values_list("made_by_id"),
        Decision.objects.filter(**mine).values_list("by_id"),
        SourceConsensus.objects.filter(**mine).values_list("adjudicator_id"),
        Thread.objects.filter(**mine).values_list("opened_by_id"),
        Thread.objects.filter(**mine).values_list("resolved_by_id"),
        Comment.objects.filter(thread__project_id=scope.project_id).values_list("author_id"),
        _select_mentions().filter(comment__thread__project_id=scope.project_id).values_list("user"),
        ThreadRead.objects.filter(thread__project_id=scope.project_id).values_list("user_id"),
    )
    for column in columns:
        yield from (key for (key,) in column.order_by().distinct())
    planned = Plan.objects.filter(**mine).order_by().values_list("annotators", flat=True)
    yield from chain.from_iterable(planned)
    weighed = Decision.objects.filter(**mine).order_by().values_list("readings", flat=True)
    for readings in weighed.iterator(AT_ONCE):
        yield from _list_readers(readings)
    told = Event.objects.filter(**mine, kind__in=KINDS_WITH_PEOPLE).order_by()
    for states in told.values_list("before", "after").iterator(AT_ONCE):
        for state in filter(None, states):
            yield from state.get("annotators", ())
            yield from _list_readers(state.get("readings", ()))


def _list_readers(readings: Iterable[Mapping[str, Any]]) -> list[int]:
    """Return the keys of the annotators whose readings a decision weighed."""
    return [key for reading in readings for key in reading["annotators"]]


def has_team_rows(scope: Scope, kind: str) -> bool:
    """Whether the project has rows of an optional kind."""
    models: dict[str, type[Model]] = {
        "consensus": SourceConsensus,
        "decisions": Decision,
        "plans": Plan,
        "proposals": CodeProposal,
        "rounds": Round,
        "threads": Thread,
    }
    if kind == "comments":
        return Comment.objects.filter(thread__project_id=scope.project_id).exists()
    return models[kind]._default_manager.filter(project_id=scope.project_id).exists()


def iterate_archived_rounds(scope: Scope) -> Values:
    found = Round.objects.filter(project_id=scope.project_id).order_by("position", "name")
    columns = ("id", "name", "note", "revision", "position", "created_at")
    return found.values_list(*columns).iterator(AT_ONCE)


def iterate_archived_plans(scope: Scope) -> Values:
    """Yield plans, oldest first."""
    found = Plan.objects.filter(project_id=scope.project_id).order_by("created_at", "id")
    columns = ("id", "made_by_id", "annotators", "deadline", "created_at")
    more = ("name", "each", "shared", "seed")
    return found.values_list(*columns, *more).iterator(AT_ONCE)


def iterate_archived_decisions(scope: Scope) -> Values:
    """Yield decisions by source, start and id; passages that are gone are left out."""
    found = Decision.objects.filter(project_id=scope.project_id)
    found = found.order_by("source__position", "source_id", "start", "id")
    columns = ("id", "source_id", "place", "by_id", "at", "apart", "passages", "readings")
    more = ("start", "end", "outcome", "reason", "rule", "chosen", "elsewhere", "version")
    rows = found.values_list(*columns, *more).iterator(AT_ONCE)
    while some := list(islice(rows, AT_ONCE)):
        there = _load_consensus_ids(scope, some)
        for id, source, place, by, at, apart, passages, *said in some:
            kept = passages if apart else [one for one in passages if one in there]
            yield id, source, place, by, at, apart, kept, *said


def _load_consensus_ids(scope: Scope, decisions: Iterable[tuple[Any, ...]]) -> set[str]:
    ids = [one for row in decisions if not row[5] for one in row[6]]
    found = Annotation.objects.filter(project_id=scope.project_id, layer=Layer.CONSENSUS)
    return {
        str(id)
        for first in range(0, len(ids), AT_ONCE)
        for id in found.filter(pk__in=ids[first : first + AT_ONCE])
        .order_by()
        .values_list("pk", flat=True)
    }


def iterate_archived_consensus(scope: Scope) -> Values:
    found = SourceConsensus.objects.filter(project_id=scope.project_id)
    found = found.order_by("source__position", "source_id")
    columns = ("source_id", "state", "doubtful", "opened_at", "adjudicator_id")
    return found.values_list(*columns).iterator(AT_ONCE)


def iterate_archived_threads(scope: Scope) -> Iterator[tuple[Any, ...]]:
    """Yield threads, oldest first; the last value is who has read them, and until when."""
    found = Thread.objects.filter(project_id=scope.project_id).order_by("created_at", "id")
    columns = ("id", "source_id", "code__slug", "decision_id", "proposal_id", "opened_by_id")
    more = ("resolved_by_id", "created_at", "resolved_at")
    plain = ("kind", "start", "end", "quote", "asks_again", "version")
    rows = found.values_list(*columns, *more, *plain).iterator(AT_ONCE)
    while some := list(islice(rows, AT_ONCE)):
        reads = defaultdict[UUID, list[tuple[Any, ...]]](list)
        marks = ThreadRead.objects.filter(thread_id__in=[row[0] for row in some]).order_by()
        for thread, *mark in marks.values_list("thread_id", "user_id", "read_at", "number"):
            reads[thread].append(tuple(mark))
        yield from ((*row, reads[row[0]]) for row in some)


def iterate_archived_comments(scope: Scope) -> Iterator[tuple[Any, ...]]:
    """Yield comments, oldest first; the last value is the keys of those mentioned."""
    found = Comment.objects.filter(thread__project_id=scope.project_id)
    columns = ("id", "thread_id", "author_id", "text", "created_at", "edited_at")
    rows = found.order_by("created_at", "id").values_list(*columns).iterator(AT_ONCE)
    while some := list(islice(rows, AT_ONCE)):
        mentions = defaultdict[UUID, list[int]](list)
        found_mentions = _select_mentions().filter(comment_id__in=[row[0] for row in some])
        for comment, user in found_mentions.values_list("comment_id", "user_id"):
            mentions[comment].append(user)
        yield from ((*row, mentions[row[0]]) for row in some)


def _select_mentions() -> QuerySet[Any]:
    return Comment.mentions.through._default_manager.order_by()


TEAM_MODELS: dict[str, tuple[type[Model], str]] = {
    "comments": (Comment, "thread__project"),
    "decisions": (Decision, "project"),
    "plans": (Plan, "project"),
    "rounds": (Round, "project"),
    "threads": (Thread, "project"),
}
"""Kinds of rows with an id, and the way to their project."""
