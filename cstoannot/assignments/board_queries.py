"""The board: which assignments and sources match a filter, how fast annotators are, who is late."""

import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from cstoannot.assignments.models import Assignment, AssignmentState
from cstoannot.assignments.queries import visible_assignments
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.models import Source
from cstoannot.sources.queries import removed_source_ids, visible_sources

PACE_DAYS = 28
"""The pace is that of these last days."""
NOT_GIVEN = "none"
"""The state of sources that nobody, or not this annotator, has."""


@dataclass(frozen=True)
class BoardFilter:
    """Selects on the board; an empty field selects all.

    `annotator`: a user name; `state`: one of an assignment, or NOT_GIVEN; `round`: a round's key;
    `group`: of sources; `late`: only what is due before today and not done.
    """

    annotator: str = ""
    state: str = ""
    round: uuid.UUID | None = None
    group: str = ""
    late: bool = False

    @property
    def everything(self) -> bool:
        return self == BoardFilter()


@dataclass(frozen=True)
class AnnotatorPace:
    """How fast an annotator is: sources a week, lately; `until`: when the rest will be done.

    `late`: assignments that are not done and were due before today.
    """

    left: int
    late: int
    weekly: float
    until: date | None


@dataclass(frozen=True)
class DueWork:
    """What of one's work is due: the next day, if any, and how many are late."""

    due: date | None
    late: int


def _build_late_filter() -> Q:
    return Q(deadline__lt=timezone.localdate()) & ~Q(state=AssignmentState.DONE)


def select_board_assignments(scope: Scope, asked: BoardFilter) -> QuerySet[Assignment]:
    """Select the assignments that match; only for those who hand out work."""
    scope.require(Permission.EDIT_SOURCES)
    found = visible_assignments(scope)
    if asked.annotator:
        found = found.filter(annotator__username=asked.annotator)
    if asked.state:
        found = found.none() if asked.state == NOT_GIVEN else found.filter(state=asked.state)
    if asked.late:
        found = found.filter(_build_late_filter())
    if asked.round:
        found = found.filter(source__round_id=asked.round)
    return found.filter(source__group=asked.group) if asked.group else found


def select_board_sources(scope: Scope, asked: BoardFilter) -> QuerySet[Source]:
    """Select the sources that match, in their order, without their texts."""
    scope.require(Permission.EDIT_SOURCES)
    found = visible_sources(scope)
    if asked.round:
        found = found.filter(round_id=asked.round)
    if asked.group:
        found = found.filter(group=asked.group)
    here = Assignment.objects.filter(project_id=scope.project_id, source_id=OuterRef("pk"))
    if asked.annotator:
        here = here.filter(annotator__username=asked.annotator)
    if asked.state == NOT_GIVEN:
        return found.filter(~Exists(here))
    if asked.state:
        here = here.filter(state=asked.state)
    if asked.late:
        here = here.filter(_build_late_filter())
    narrow = asked.state or asked.late
    return found.filter(Exists(here)) if narrow else found


def list_groups(scope: Scope) -> list[str]:
    """Return the groups of the visible sources, by name."""
    found = visible_sources(scope).exclude(group="").order_by("group")
    return list(found.values_list("group", flat=True).distinct())


def load_paces(scope: Scope) -> dict[int, AnnotatorPace]:
    """Return each annotator's pace by the user's key; only for those who hand out work."""
    scope.require(Permission.EDIT_SOURCES)
    since = timezone.now() - timedelta(days=PACE_DAYS)
    done = Q(state=AssignmentState.DONE)
    rows = (
        visible_assignments(scope)
        .select_related(None)
        .order_by()
        .values_list("annotator_id")
        .annotate(
            left=Count("pk", filter=~done),
            late=Count("pk", filter=_build_late_filter()),
            recent=Count("pk", filter=done & Q(done_at__gte=since)),
            first=Min("created_at"),
        )
    )
    today = timezone.localdate()
    return {
        pk: _compute_pace(left, late, recent, (timezone.now() - first).days, today)
        for pk, left, late, recent, first in rows
    }


def _compute_pace(left: int, late: int, recent: int, days: int, today: date) -> AnnotatorPace:
    """Compute from what was done in PACE_DAYS, or since the first assignment if that is later."""
    weekly = recent * 7 / min(PACE_DAYS, max(days, 7))
    until = None
    if left and weekly:
        until = today + timedelta(days=min(math.ceil(left / weekly * 7), 36_500))
    return AnnotatorPace(left, late, weekly, until)


def load_my_due_work(scope: Sequence[Scope]) -> dict[int, DueWork]:
    """Return what is due of one person's work in several projects, by the project's key."""
    coded = [one for one in scope if one.can(Permission.ANNOTATE)]
    mine = Assignment.objects.filter(
        project_id__in=[one.project_id for one in coded],
        annotator_id__in={one.user_id for one in coded},
        deadline__isnull=False,
    ).exclude(state=AssignmentState.DONE)
    mine = mine.exclude(source_id__in=removed_source_ids(coded)).order_by()
    late = Count("pk", filter=_build_late_filter())
    rows = mine.values_list("project_id").annotate(due=Min("deadline"), late=late)
    return {pk: DueWork(due, count) for pk, due, count in rows}


def load_late_annotators(scope: Sequence[Scope]) -> dict[int, list[tuple[str, int]]]:
    """Return who is late with how many sources, by the project's key, where one hands out work."""
    led = [one for one in scope if one.can(Permission.EDIT_SOURCES)]
    late = Assignment.objects.filter(
        _build_late_filter(), project_id__in=[o.project_id for o in led]
    )
    late = late.exclude(source_id__in=removed_source_ids(led)).order_by("annotator__username")
    found: dict[int, list[tuple[str, int]]] = {}
    rows = late.values_list("project_id", F("annotator__username")).annotate(n=Count("pk"))
    for project, name, count in rows:
        found.setdefault(project, []).append((name, count))
    return found
