"""Assign sources, change the state of assignments, and record looks before a source closes."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone

from cstoannot.assignments.models import Assignment, AssignmentState
from cstoannot.assignments.practice_queries import (
    check_practice_cleared,
    check_same_purpose,
    check_uncoded,
    select_coded,
)
from cstoannot.assignments.queries import require_assignment, select_open_view_assignments
from cstoannot.codebook.queries import load_current_revision
from cstoannot.core.errors import Conflict, Forbidden, Invalid, NotFound
from cstoannot.core.fields import ExpectedVersion, clean_choice
from cstoannot.core.plurals import count_of
from cstoannot.history.actions import build_event, record_event, record_events
from cstoannot.history.models import LOOK, Event
from cstoannot.projects.actions import change_project
from cstoannot.projects.models import Membership, Project, Visibility
from cstoannot.projects.permissions import ROLES, Permission
from cstoannot.projects.queries import coding_members
from cstoannot.projects.scope import Scope, project_action
from cstoannot.sources.queries import require_source, visible_sources

# A source's number and the user name of its annotator.
Pair = tuple[int, str]
AT_ONCE = 400  # rows in one statement; SQLite may be limited to 999 variables


def _require_annotating_member(scope: Scope, username: str) -> Membership:
    member = (
        Membership.objects.select_related("user")
        .filter(project_id=scope.project_id, user__username=username)
        .first()
        if "\x00" not in username
        else None
    )
    if member is None:
        raise Invalid(
            f"“{username[:150]}” is not a member of this project: add them first.",
            field="annotator",
        )
    if Permission.ANNOTATE not in ROLES[member.role]:
        raise Invalid(
            f"{username} has the role {member.role}, which cannot annotate.",
            field="annotator",
        )
    return member


@project_action
def assign_source(
    scope: Scope, *, source_id: int, annotator: str, practice: bool = False
) -> tuple[Assignment, bool]:
    """Assign a source to an annotator; return the assignment and whether it is new.

    For the study or for practice, never both: what is coded counts by its assignment.
    """
    scope.require(Permission.EDIT_SOURCES)
    try:
        source = require_source(scope, source_id)
    except NotFound as error:
        raise Invalid(error.message, field="source") from None
    member = _require_annotating_member(scope, annotator)
    pair = {"source": source, "annotator_id": member.user_id}
    known = Assignment.objects.select_related("annotator")
    if there := known.filter(**pair).order_by().first():
        check_same_purpose(scope, there, practice=practice)
        return there, False
    if practice:
        check_uncoded(scope, member, source)
    else:
        record_looks(scope, [source.pk])
    assignment, created = known.get_or_create(
        **pair, defaults={"project_id": scope.project_id, "practice": practice}
    )
    if created:
        record_events([_build_assignment_event(scope, "create", annotator, assignment)])
    else:
        check_same_purpose(scope, assignment, practice=practice)
    return assignment, created


@project_action
def unassign_source(scope: Scope, assignment_id: uuid.UUID, *, confirmed: bool = False) -> None:
    """Delete an assignment; raise Conflict if the source is coded, unless `confirmed`."""
    scope.require(Permission.EDIT_SOURCES)
    lock_assignments(scope, [assignment_id])
    assignment = require_assignment(scope, assignment_id)
    check_practice_cleared(scope, [assignment])
    annotator = assignment.annotator
    count = annotator.annotations.filter(
        project_id=scope.project_id, source_id=assignment.source_id
    ).count()
    if count and not confirmed:
        raise Conflict(
            f"{annotator.username} has {count_of(count, 'annotation')} on this "
            "source. Confirm to unassign it; the annotations are kept.",
            field="confirm",
        )
    remove_assignments(scope, [assignment])


def lock_assignments(scope: Scope, ids: Iterable[uuid.UUID]) -> None:
    """Lock the assignments: concurrent saves come before, or are refused after.

    Call it inside a transaction.
    """
    mine = Assignment.objects.filter(project_id=scope.project_id, pk__in=list(ids))
    list(mine.select_for_update(of=("self",)).order_by("source_id", "pk").values_list("pk"))


@project_action
def set_assignment_state(scope: Scope, assignment_id: uuid.UUID, state: str) -> Assignment:
    """Set an assignment's state; for its annotator and editors of assignments."""
    assignment = require_assignment(scope, assignment_id)
    if assignment.annotator_id != scope.user_id and not scope.can(Permission.EDIT_SOURCES):
        raise Forbidden("Only the annotator, an adjudicator or an owner can change this state.")
    state = clean_choice(state, field="state", choices=AssignmentState.values)
    locked = Assignment.objects.select_for_update(of=("self",)).select_related("annotator")
    return change_assignment_state(scope, locked.get(pk=assignment.pk), state)


def begin_assignment(scope: Scope, assignment_id: uuid.UUID) -> None:
    """Mark an assignment as started if it is to do; call it inside a transaction."""
    mine = Assignment.objects.filter(project_id=scope.project_id, pk=assignment_id)
    # Without an order: the default one joins users and sources and would lock their rows, too.
    assignment = (
        mine.select_for_update(of=("self",)).filter(state=AssignmentState.TODO).order_by().first()
    )
    if assignment is not None:
        change_assignment_state(scope, assignment, AssignmentState.STARTED)


def begin_assignments(scope: Scope, assignment_ids: Iterable[uuid.UUID]) -> None:
    """Do the same for many, in three statements; call it inside a transaction."""
    mine = Assignment.objects.filter(project_id=scope.project_id, pk__in=list(assignment_ids))
    begun = list(
        mine.select_for_update(of=("self",)).filter(state=AssignmentState.TODO).order_by("pk")
    )
    Assignment.objects.filter(pk__in=[one.pk for one in begun]).update(
        state=AssignmentState.STARTED
    )
    record_events(
        [
            build_event(
                scope,
                action="change",
                kind="assignment",
                object_id=one.pk,
                before={"state": AssignmentState.TODO},
                after={"state": AssignmentState.STARTED},
                about_id=one.annotator_id,
                source_id=one.source_id,
            )
            for one in begun
        ]
    )


def change_assignment_state(scope: Scope, assignment: Assignment, state: str) -> Assignment:
    """Store the state and its event; call it inside a transaction."""
    before = assignment.state
    if before == state:
        return assignment
    if before == AssignmentState.DONE and assignment.practice:
        raise Conflict(
            "This practice is finished, and its coder knows the consensus. To practise again, "
            "begin anew: that clears what was coded."
        )
    if before == AssignmentState.DONE:
        record_looks(scope, [assignment.source_id])
    done = state == AssignmentState.DONE
    assignment.state = state
    assignment.done_at = timezone.now() if done else None
    assignment.finished_under = load_current_revision(scope) if done else None
    assignment.save(update_fields=["state", "done_at", "finished_under"])
    record_event(
        scope,
        action="change",
        kind="assignment",
        object_id=assignment.pk,
        before={"state": before},
        after={"state": state},
        about_id=assignment.annotator_id,
        source_id=assignment.source_id,
    )
    return assignment


def record_looks(scope: Scope, source_ids: Iterable[int] | None = None) -> None:
    """Record in the history who could see others' annotations on these sources, or on all.

    Call it before a change closes sources again: afterwards the assignments no longer show it,
    though what these annotators save is no longer blind. Each look is recorded once.
    """
    shown = list(select_open_view_assignments(scope, source_ids))
    record_events(
        [
            build_event(
                scope,
                action="create",
                kind=LOOK,
                object_id=one.pk,
                about_id=one.annotator_id,
                source_id=one.source_id,
            )
            for one in shown
        ]
    )


@dataclass(frozen=True)
class AssignmentChanges:
    """How many assignments were created and how many deleted."""

    given: int
    taken: int


@project_action
def change_assignments(
    scope: Scope, *, give: Sequence[Pair], take: Sequence[Pair], confirmed: bool = False
) -> AssignmentChanges:
    """Assign sources to annotators and unassign others, all or nothing.

    Assignments that are already as requested stay. Raises Conflict if an unassigned source is coded
    and that was not confirmed; Invalid for a source or an annotator that the project does not have.
    """
    scope.require(Permission.EDIT_SOURCES)
    members = {member.user.username: member.user_id for member in coding_members(scope)}
    for _, username in give:
        if username not in members:
            _require_annotating_member(scope, username)
    given = _create_assignments(scope, give, members)
    return AssignmentChanges(given, _delete_assignments(scope, take, confirmed=confirmed))


@project_action
def assign_all_sources(scope: Scope, *, annotators: Iterable[str]) -> AssignmentChanges:
    """Assign every source of the project to each of these annotators."""
    scope.require(Permission.EDIT_SOURCES)
    everything = list(visible_sources(scope).values_list("pk", flat=True))
    names = sorted(set(annotators))
    pairs = [(source, name) for name in names for source in everything]
    return change_assignments(scope, give=pairs, take=[])


def _create_assignments(scope: Scope, pairs: Sequence[Pair], members: dict[str, int]) -> int:
    known = set(visible_sources(scope).values_list("pk", flat=True)) if pairs else set()
    if not {source for source, _ in pairs} <= known:
        raise Invalid("One of these sources is no longer in the project.", field="source")
    there = set(
        Assignment.objects.filter(
            project_id=scope.project_id,
            annotator_id__in={members[username] for _, username in pairs},
        ).values_list("source_id", "annotator_id")
    )
    new = {(source, name) for source, name in pairs if (source, members[name]) not in there}
    made = [
        (
            name,
            Assignment(project_id=scope.project_id, source_id=source, annotator_id=members[name]),
        )
        for source, name in sorted(new)
    ]
    store_new_assignments(scope, made)
    return len(made)


def store_new_assignments(scope: Scope, made: Sequence[tuple[str, Assignment]]) -> None:
    """Store assignments, each with its annotator's user name; call it inside a transaction."""
    record_looks(scope, {row.source_id for _, row in made})
    try:
        with transaction.atomic():
            Assignment.objects.bulk_create([row for _, row in made], batch_size=AT_ONCE)
    except IntegrityError as error:
        raise Conflict(
            "Somebody else is changing these assignments. Reload the page, then try again."
        ) from error
    record_events([_build_assignment_event(scope, "create", name, row) for name, row in made])


def _build_assignment_event(scope: Scope, action: str, username: str, row: Assignment) -> Event:
    what = _describe_assignment(username, row)
    return build_event(
        scope,
        action=action,
        kind="assignment",
        object_id=row.pk,
        before=what if action == "delete" else None,
        after=what if action == "create" else None,
        about_id=row.annotator_id,
        source_id=row.source_id,
    )


def _describe_assignment(username: str, row: Assignment) -> dict[str, Any]:
    """Return an assignment as the history keeps it."""
    told = {"source": row.source_id, "annotator": username, "state": row.state}
    return {**told, "practice": True} if row.practice else told


def _delete_assignments(scope: Scope, pairs: Sequence[Pair], *, confirmed: bool) -> int:
    wanted = set(pairs)
    rows = [
        row
        for row in Assignment.objects.select_related("annotator").filter(
            project_id=scope.project_id, source_id__in={source for source, _ in wanted}
        )
        if (row.source_id, row.annotator.username) in wanted
    ]
    lock_assignments(scope, [row.pk for row in rows])
    check_practice_cleared(scope, rows)
    if not confirmed:
        _check_assignments_uncoded(scope, rows)
    remove_assignments(scope, rows)
    return len(rows)


def remove_assignments(scope: Scope, rows: Sequence[Assignment]) -> None:
    """Delete locked assignments; call it inside a transaction."""
    record_looks(scope, {row.source_id for row in rows if not row.practice})
    gone = [row.pk for row in rows]
    for first in range(0, len(gone), AT_ONCE):
        Assignment.objects.filter(
            project_id=scope.project_id, pk__in=gone[first : first + AT_ONCE]
        ).delete()
    record_events(
        [_build_assignment_event(scope, "delete", row.annotator.username, row) for row in rows]
    )


def _check_assignments_uncoded(scope: Scope, rows: Sequence[Assignment]) -> None:
    """Raise Conflict if any of these is coded, with annotators and counts."""
    coded = select_coded(scope, rows)
    counts = dict(
        coded.order_by()
        .values_list("annotator__username")
        .annotate(n=Count("source__annotations"))
        .order_by("annotator__username")
    )
    if counts:
        said = ", ".join(f"{name} has {count_of(n, 'annotation')}" for name, n in counts.items())
        raise Conflict(
            f"On the sources that you unassign {said}. Confirm to unassign them; the annotations "
            "are kept.",
            field="confirm",
        )


@project_action
def change_project_settings(
    scope: Scope, *, expected: ExpectedVersion | None = None, **changes: Any
) -> Project:
    """Change the project as `change_project` does.

    Another visibility may close sources that visibility `done` opened: record looks first.
    """
    scope.require(Permission.MANAGE)
    if changes.get("visibility", Visibility.DONE) != Visibility.DONE:
        record_looks(scope)
    return change_project(scope, expected=expected, **changes)
