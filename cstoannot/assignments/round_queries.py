"""Rounds: sets of sources coded under one codebook revision.

Nobody but those who edit assignments knows of them: for all others no round exists.
"""

import uuid
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from cstoannot.assignments.models import Assignment, AssignmentState, Round
from cstoannot.core.errors import Invalid, NotFound
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.models import Source
from cstoannot.sources.queries import visible_sources


@dataclass(frozen=True)
class RoundSummary:
    """A round with its numbers of sources and assignments.

    `elsewhere`: assignments finished under another revision than the round's.
    """

    round: Round
    sources: int = 0
    assigned: int = 0
    done: int = 0
    elsewhere: int = 0


def visible_rounds(scope: Scope) -> QuerySet[Round]:
    """Return the project's rounds in their order; none for those who do not hand out work."""
    if not scope.can(Permission.EDIT_SOURCES):
        return Round.objects.none()
    return Round.objects.filter(project_id=scope.project_id).order_by(
        "position", "created_at", "id"
    )


def require_round(scope: Scope, round_id: uuid.UUID) -> Round:
    found = visible_rounds(scope).filter(pk=round_id).first()
    if found is None:
        raise NotFound("The project has no such round.")
    return found


def visible_round_sources(scope: Scope, chosen: Round) -> QuerySet[Source]:
    return visible_sources(scope).filter(round_id=chosen.pk)


def resolve_round(scope: Scope, name: str) -> tuple[int, ...]:
    """Return the sources of the round with this name; raise Invalid."""
    found = None if "\x00" in name else visible_rounds(scope).filter(name=name).first()
    if found is None:
        raise Invalid(f"The project has no round “{name[:100]}”.", field="round")
    sources = visible_round_sources(scope, found).order_by("pk")
    return tuple(sources.values_list("pk", flat=True))


def build_round_column(scope: Scope) -> Combinable:
    """Return the name of a source's round as a column; empty for readers who know of none."""
    if not scope.can(Permission.EDIT_SOURCES):
        return Value("")
    return Coalesce(F("round__name"), Value(""))


def list_round_summaries(scope: Scope) -> list[RoundSummary]:
    """Return the rounds with their numbers, in three queries."""
    rounds = list(visible_rounds(scope))
    sources = dict(
        visible_sources(scope)
        .filter(round__in=rounds)
        .order_by()
        .values_list("round_id")
        .annotate(n=Count("pk"))
    )
    done = Q(state=AssignmentState.DONE)
    work = {
        pk: counts
        for pk, *counts in Assignment.objects.filter(
            project_id=scope.project_id, source__round__in=rounds, source__deleted_at=None
        )
        .order_by()
        .values_list("source__round_id")
        .annotate(
            assigned=Count("pk"),
            done=Count("pk", filter=done),
            elsewhere=Count("pk", filter=done & ~Q(finished_under=F("source__round__revision"))),
        )
    }
    return [RoundSummary(one, sources.get(one.pk, 0), *work.get(one.pk, [])) for one in rounds]
