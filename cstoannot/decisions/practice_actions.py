"""Give decided sources to coders for practice, clear it to begin anew, and take it back."""

import uuid
from collections.abc import Iterable, Sequence

from cstoannot.annotations.models import Annotation
from cstoannot.annotations.serialization import build_event_target, build_history_snapshot
from cstoannot.assignments.actions import assign_source, lock_assignments, unassign_source
from cstoannot.assignments.models import Assignment, AssignmentState
from cstoannot.core.errors import Forbidden, Invalid
from cstoannot.decisions.practice_queries import require_practice
from cstoannot.decisions.queries import load_decided_source_ids
from cstoannot.history.actions import build_event, record_event, record_events
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, project_action

AT_ONCE = 400  # rows in one statement; SQLite may be limited to 999 variables


@project_action
def give_practice(
    scope: Scope, *, source_ids: Sequence[int], annotators: Iterable[str]
) -> list[tuple[Assignment, bool]]:
    """Give decided sources to annotators for practice, all or nothing.

    Returns the assignments and whether each is new. Raises Invalid for a source that is not
    decided, Conflict for one that the annotator has for the study.
    """
    scope.require(Permission.EDIT_SOURCES)
    if not set(source_ids) <= load_decided_source_ids(scope):
        raise Invalid(
            "Only a source whose consensus is decided can be given for practice.", field="source"
        )
    return [
        assign_source(scope, source_id=pk, annotator=name, practice=True)
        for name in annotators
        for pk in source_ids
    ]


@project_action
def clear_practice(scope: Scope, assignment_id: uuid.UUID) -> Assignment:
    """Delete what was coded for practice, so that its coder can begin anew.

    For its coder and for editors of assignments. The history keeps what was there.
    """
    practice = require_practice(scope, assignment_id)
    if practice.annotator_id != scope.user_id and not scope.can(Permission.EDIT_SOURCES):
        raise Forbidden("Only the coder, an adjudicator or an owner can clear this practice.")
    lock_assignments(scope, [practice.pk])
    _delete_practised(scope, practice)
    practice.refresh_from_db()
    before = practice.state
    if before != AssignmentState.TODO:
        practice.state, practice.done_at, practice.finished_under = AssignmentState.TODO, None, None
        practice.save(update_fields=["state", "done_at", "finished_under"])
        record_event(
            scope,
            action="change",
            kind="assignment",
            object_id=practice.pk,
            before={"state": before},
            after={"state": practice.state},
            about_id=practice.annotator_id,
            source_id=practice.source_id,
        )
    return practice


@project_action
def withdraw_practice(scope: Scope, assignment_id: uuid.UUID) -> None:
    """Clear a practice and take it back."""
    scope.require(Permission.EDIT_SOURCES)
    clear_practice(scope, assignment_id)
    unassign_source(scope, assignment_id)


def _delete_practised(scope: Scope, practice: Assignment) -> None:
    """Delete the passages of a locked practice, with their history."""
    found = Annotation.objects.filter(
        project_id=scope.project_id,
        source_id=practice.source_id,
        annotator_id=practice.annotator_id,
    )
    rows = list(found.select_related("code", "voice").order_by("start", "id"))
    record_events(
        [
            build_event(
                scope,
                action="delete",
                **build_event_target(row),
                before=build_history_snapshot(
                    row, row.code.slug, row.voice.name if row.voice else ""
                ),
            )
            for row in rows
        ]
    )
    ids = [row.pk for row in rows]
    for first in range(0, len(ids), AT_ONCE):
        Annotation.objects.filter(pk__in=ids[first : first + AT_ONCE]).delete()
