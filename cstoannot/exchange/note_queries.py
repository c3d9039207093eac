"""What a team said about its coding: decisions and threads as notes of an export."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from cstoannot.decisions.models import Decision, Outcome
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import visible_sources
from cstoannot.threads.models import Comment, Thread, ThreadKind

AT_ONCE = 500
NAMELESS = "somebody"


@dataclass(frozen=True)
class ExportedNote:
    """A decision or a thread in words; about a source, maybe a place of it, or about a code.

    `by`: a user name; None without an account.
    """

    kind: str
    id: UUID
    name: str
    text: str
    by: str | None
    at: datetime
    source: int | None = None
    code: str | None = None
    start: int | None = None
    end: int | None = None


def load_exported_notes(scope: Scope, sources: Sequence[int] = ()) -> list[ExportedNote]:
    """Return the notes of these sources (empty: all) and of codes, for those who see all coding."""
    if not scope.can(Permission.SEE_ALL_CODING):
        return []
    found = visible_sources(scope)
    if sources:
        found = found.filter(pk__in=sources)
    readable = set(found.order_by().values_list("pk", flat=True))
    notes = (*_iterate_decision_notes(scope), *_iterate_thread_notes(scope))
    return [one for one in notes if one.source is None or one.source in readable]


def _iterate_decision_notes(scope: Scope) -> Iterator[ExportedNote]:
    """Yield what was decided, with its reason; decisions made apart are not the team's."""
    found = Decision.objects.filter(project_id=scope.project_id, apart=False)
    found = found.order_by("source_id", "start", "id").select_related("by")
    for one in found.iterator(AT_ONCE):
        name = one.by.username if one.by else None
        outcome = Outcome(one.outcome).label
        elsewhere = " (brought in from elsewhere)" if one.elsewhere else ""
        parts = [
            f"Decided by {name or NAMELESS}{elsewhere}: {outcome}.",
            one.reason and f"Reason: {one.reason}",
            one.rule and f"Rule for the codebook: {one.rule}",
        ]
        yield ExportedNote(
            kind="decision",
            id=one.pk,
            name=f"Decision: {outcome}",
            text="\n\n".join(part for part in parts if part),
            by=name,
            at=one.at,
            source=one.source_id,
            start=one.start,
            end=one.end,
        )


def _iterate_thread_notes(scope: Scope) -> Iterator[ExportedNote]:
    said = defaultdict[UUID, list[str]](list)
    comments = Comment.objects.filter(thread__project_id=scope.project_id)
    columns = ("thread_id", "author__username", "created_at", "text")
    for thread, author, at, text in comments.order_by("created_at", "id").values_list(*columns):
        day = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
        said[thread].append(f"{author or NAMELESS}, {day}: {text}")
    found = Thread.objects.filter(project_id=scope.project_id).order_by("created_at", "id")
    for one in found.select_related("opened_by", "code").iterator(AT_ONCE):
        state = "resolved" if one.resolved_at else "open"
        yield ExportedNote(
            kind="thread",
            id=one.pk,
            name=f"Thread on {ThreadKind(one.kind).label}, {state}",
            text="\n\n".join(said[one.pk]),
            by=one.opened_by.username if one.opened_by else None,
            at=one.created_at,
            source=one.source_id,
            code=one.code.slug if one.code else None,
            start=one.start,
            end=one.end,
        )
