"""Visible assignments, progress, and the next source to annotate."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, Window
from django.db.models.functions import Coalesce, RowNumber

from cstoannot.assignments.models import (
    Assignment,
    AssignmentState,
    ConsensusState,
    SourceConsensus,
)
from cstoannot.core.errors import NotFound
from cstoannot.history.models import LOOK, Event
from cstoannot.projects.models import Visibility
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import coding_members
from cstoannot.projects.scope import Scope
from cstoannot.sources.models import Source
from cstoannot.sources.queries import removed_source_ids, visible_sources

# The place in an annotator's own order; assignments without one come first.
_TURN = Coalesce(F("rank"), Value(-1))
_IN_TURN: tuple[Coalesce | F, ...] = (_TURN, F("source__position"), F("source_id"))
# Columns of a source that no list needs.
_HEAVY = ("source__text", "source__paragraphs", "source__sentences", "source__tokens")


def build_opened_sources_filter(scope: Scope) -> Q:
    """Select rows with a `source_id` whose source is open to this annotator.

    A source is open by visibility `done` once they and all others assigned to it have finished.
    Before that, nothing tells who is still working.
    """
    if scope.project.visibility != Visibility.DONE:
        return Q(pk__isnull=True)
    here = _select_study(scope).filter(source_id=OuterRef("source_id"))
    return Q(Exists(here.filter(annotator_id=scope.user_id))) & ~Q(
        Exists(here.exclude(state=AssignmentState.DONE))
    )


def build_decided_sources_filter(scope: Scope) -> Q:
    """Select rows with a `source_id` whose consensus is complete: decided, or from elsewhere."""
    known = SourceConsensus.objects.filter(project_id=scope.project_id)
    return ~Q(source_id__in=known.exclude(state=ConsensusState.DECIDED).values("source_id"))


def build_visible_consensus_filter(scope: Scope) -> Q:
    """Select rows with a `source_id` whose consensus this member may see.

    Annotators: where its decisions are opened, and they have finished, if it is assigned to them.
    Viewers: where the team has decided.
    """
    if scope.can(Permission.SEE_ALL_CODING):
        return Q()
    if not scope.can(Permission.ANNOTATE):
        return build_decided_sources_filter(scope)
    mine = Assignment.objects.filter(project_id=scope.project_id, annotator_id=scope.user_id)
    unfinished = mine.exclude(state=AssignmentState.DONE)
    known = SourceConsensus.objects.filter(project_id=scope.project_id)
    opened = Q(source_id__in=known.filter(opened_at__isnull=False).values("source_id"))
    if scope.project.decisions_opened:
        opened = Q(source_id__isnull=False)
    return opened & ~Q(source_id__in=unfinished.values("source_id"))


def load_visible_consensus_states(scope: Scope) -> frozenset[tuple[int, bool]]:
    """Return which sources the team has begun to decide, as far as this member may know of it.

    Each with whether it is decided.
    """
    found = SourceConsensus.objects.filter(project_id=scope.project_id)
    if scope.can(Permission.ANNOTATE):
        found = found.filter(build_visible_consensus_filter(scope))
        found = found.filter(source__in=visible_sources(scope).order_by().values("pk"))
    states = found.values_list("source_id", "state")
    return frozenset((pk, state == ConsensusState.DECIDED) for pk, state in states)


def _select_study(scope: Scope) -> QuerySet[Assignment]:
    """Select the project's assignments without practice, which never enters the study."""
    return Assignment.objects.filter(project_id=scope.project_id, practice=False)


def select_open_view_assignments(
    scope: Scope, source_ids: Iterable[int] | None = None
) -> QuerySet[Assignment]:
    """Select finished assignments on these sources (None: all) that visibility `done` opens.

    Leaves out annotators whose look is recorded.
    """
    project = _select_study(scope)
    here = project.filter(source_id=OuterRef("source_id"))
    looks = Event.objects.filter(
        source_id=OuterRef("source_id"),
        about_id=OuterRef("annotator_id"),
        kind=LOOK,
    )
    if source_ids is not None:
        project = project.filter(source_id__in=set(source_ids))
    return project.filter(
        Exists(here.exclude(pk=OuterRef("pk"))),
        ~Exists(here.exclude(state=AssignmentState.DONE)),
        ~Exists(looks),
        project__visibility=Visibility.DONE,
    ).order_by("source_id", "annotator_id")


def visible_assignments(scope: Scope) -> QuerySet[Assignment]:
    """Return the study's assignments that this member may see, in the sources' order.

    Practice is no part of the study: see `readable_assignments`.
    """
    return readable_assignments(scope).filter(practice=False)


def readable_assignments(scope: Scope) -> QuerySet[Assignment]:
    """Return the same with practice: one's own, and everybody's for readers of all coding."""
    found = Assignment.objects.filter(project_id=scope.project_id)
    found = found.exclude(source_id__in=removed_source_ids([scope])).select_related("annotator")
    if not scope.can(Permission.SEE_ALL_CODING):
        if not scope.can(Permission.ANNOTATE):
            return Assignment.objects.none()
        own = Q(annotator_id=scope.user_id)
        if scope.project.visibility == Visibility.ALL:
            found = found.filter(own | Q(practice=False))
        else:
            found = found.filter(own | (Q(practice=False) & build_opened_sources_filter(scope)))
    return found.order_by("source__position", "source_id", "annotator__username")


def filter_assignments(
    scope: Scope,
    *,
    source: Sequence[int] = (),
    annotator: Sequence[str] = (),
    state: Sequence[str] = (),
) -> QuerySet[Assignment]:
    """Return the readable assignments that match the filters; an empty one selects all."""
    asked = {"source_id__in": source, "annotator__username__in": annotator, "state__in": state}
    found = readable_assignments(scope)
    return found.filter(**{name: value for name, value in asked.items() if value})


# Runs on every save (docs/decisions/0003-plain-sql-on-the-way-of-a-save.md).
_LOCK_STATES = """
    SELECT source_id, state FROM cstoannot_assignment
    WHERE project_id = %s AND annotator_id = %s AND source_id IN ({}) ORDER BY source_id
"""


def lock_assignment_states(scope: Scope, source_ids: Collection[int]) -> dict[int, str]:
    """Return the states of one's own assignments by source, locked for the transaction.

    Writers lock the assignment first and the annotation second, so that they cannot deadlock.
    SQLite needs no lock: only one transaction writes at a time.
    """
    ids = sorted(set(source_ids))
    if not ids:
        return {}
    statement = _LOCK_STATES.format(", ".join(["%s"] * len(ids)))
    if connection.features.has_select_for_update:
        statement += "FOR UPDATE"
    with connection.cursor() as cursor:
        cursor.execute(statement, [scope.project_id, scope.user_id, *ids])
        return dict(cursor.fetchall())


def select_my_assignments(scope: Scope) -> QuerySet[Assignment]:
    """Select one's own assignments, practice too."""
    mine = Assignment.objects.filter(project_id=scope.project_id, annotator_id=scope.user_id)
    mine = mine.exclude(source_id__in=removed_source_ids([scope]))
    return mine.order_by(*_IN_TURN)


def order_by_turn(scope: Scope, sources: QuerySet[Source]) -> QuerySet[Source]:
    """Return these sources in this annotator's own order."""
    mine = Assignment.objects.filter(annotator_id=scope.user_id, source_id=OuterRef("pk"))
    turn = Coalesce(Subquery(mine.order_by().values("rank")), Value(-1))
    return sources.order_by(turn, "position", "id")


def select_my_study_assignments(scope: Scope) -> QuerySet[Assignment]:
    """Select one's own assignments without practice."""
    return select_my_assignments(scope).filter(practice=False)


@dataclass(frozen=True)
class AssignmentProgress:
    """How many sources are assigned, started and done."""

    todo: int = 0
    started: int = 0
    done: int = 0

    @property
    def total(self) -> int:
        return self.todo + self.started + self.done

    def __add__(self, other: "AssignmentProgress") -> "AssignmentProgress":
        return AssignmentProgress(
            self.todo + other.todo, self.started + other.started, self.done + other.done
        )


def load_progress_by_annotator(scope: Scope) -> dict[int, AssignmentProgress]:
    """Return each annotator's visible progress, by the user's primary key."""
    found = visible_assignments(scope).select_related(None).order_by()
    counted = found.values_list("annotator_id", "state").annotate(n=Count("*"))
    return _build_progress_by_key(counted)


def _build_progress_by_key(
    counted: QuerySet[Assignment, tuple[int, str, int]],
) -> dict[int, AssignmentProgress]:
    """Return progress by the first column of the rows: (key, state, count)."""
    found: dict[int, dict[str, int]] = {}
    for key, state, number in counted:
        found.setdefault(key, {})[state] = number
    return {key: AssignmentProgress(**states) for key, states in found.items()}


def load_my_progress(scope: Scope) -> AssignmentProgress:
    counted = select_my_study_assignments(scope).order_by().values_list("annotator_id", "state")
    return _build_progress_by_key(counted.annotate(n=Count("*"))).get(
        scope.user_id, AssignmentProgress()
    )


def find_next_assignment(scope: Scope) -> Assignment | None:
    """Return this member's next assignment: a started one, otherwise the first to do."""
    if not scope.can(Permission.ANNOTATE):
        return None
    # "started" sorts before "todo".
    open_ones = (
        select_my_assignments(scope).exclude(state=AssignmentState.DONE).select_related("source")
    )
    return open_ones.defer(*_HEAVY).order_by("state", *_IN_TURN).first()


def find_next_source_after(scope: Scope, source: Source) -> int | None:
    """Return the key of one's next source that is not done, after this one, else the first."""
    everything = select_my_assignments(scope).annotate(turn=_TURN)
    here = everything.filter(source_id=source.pk).values_list("turn", flat=True).first()
    turn = -1 if here is None else here
    place = {"turn": turn, "source__position": source.position}
    later = (
        Q(turn__gt=turn)
        | Q(turn=turn, source__position__gt=source.position)
        | Q(**place, source_id__gt=source.pk)
    )
    open_ones = everything.exclude(state=AssignmentState.DONE).exclude(source_id=source.pk)
    ids = open_ones.values_list("source_id", flat=True)
    return ids.filter(later).first() or ids.first()


def load_my_neighbours(
    scope: Scope, source: Source, *, reach: int
) -> tuple[list[Source], list[Source]]:
    """Return up to `reach` of one's own sources before this one and after it, in one's order."""
    mine = select_my_assignments(scope).values_list("source_id", flat=True)
    ids = list(mine)
    place = ids.index(source.pk)
    before, after = ids[max(0, place - reach) : place], ids[place + 1 : place + 1 + reach]
    found = {one.pk: one for one in visible_sources(scope).filter(pk__in=[*before, *after])}
    return [found[pk] for pk in before], [found[pk] for pk in after]


def list_working_names(scope: Scope, *, everybody: bool = False) -> tuple[str, ...]:
    """Return the annotators who have an assignment, by name.

    `everybody`: also those who are no members any more.
    """
    found = visible_assignments(scope).order_by("annotator__username")
    if not everybody:
        found = found.filter(annotator__in=coding_members(scope).order_by().values("user_id"))
    return tuple(found.values_list("annotator__username", flat=True).distinct())


def load_my_progress_everywhere(scope: Sequence[Scope]) -> dict[int, AssignmentProgress]:
    """Return one person's progress in several projects, by the project's key."""
    mine = _select_my_assignments_everywhere(scope).filter(practice=False)
    counted = mine.order_by().values_list("project_id", "state")
    return _build_progress_by_key(counted.annotate(n=Count("*")))


def load_team_progress_everywhere(scope: Sequence[Scope]) -> dict[int, AssignmentProgress]:
    """Return everybody's progress in those projects whose annotations this person may see."""
    led = [one.project_id for one in scope if one.can(Permission.SEE_ALL_CODING)]
    found = Assignment.objects.filter(project_id__in=led, practice=False)
    found = found.exclude(source_id__in=removed_source_ids(scope))
    return _build_progress_by_key(
        found.order_by().values_list("project_id", "state").annotate(n=Count("*"))
    )


def load_next_sources_everywhere(scope: Sequence[Scope]) -> dict[int, int]:
    """Return one person's next source in several projects: its key by the project's."""
    order = [F("state"), *_IN_TURN]
    place = Window(RowNumber(), partition_by=[F("project_id")], order_by=order)
    open_ones = (
        _select_my_assignments_everywhere(scope)
        .exclude(state=AssignmentState.DONE)
        .annotate(place=place)
    )
    return dict(open_ones.filter(place=1).order_by().values_list("project_id", "source_id"))


def _select_my_assignments_everywhere(scope: Sequence[Scope]) -> QuerySet[Assignment]:
    coded = [one for one in scope if one.can(Permission.ANNOTATE)]
    return Assignment.objects.filter(
        project_id__in=[one.project_id for one in coded],
        annotator_id__in={one.user_id for one in coded},
    ).exclude(source_id__in=removed_source_ids(coded))


def require_assignment(scope: Scope, assignment_id: uuid.UUID) -> Assignment:
    found = readable_assignments(scope).filter(pk=assignment_id).first()
    if found is None:
        raise NotFound("There is no such assignment, or you may not see it.")
    return found
