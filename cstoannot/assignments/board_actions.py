"""Changes of many assignments at once, from the board: deadlines, reopening, giving and taking."""

from collections.abc import Sequence
from datetime import date

from cstoannot.assignments.actions import (
    AT_ONCE,
    AssignmentChanges,
    change_assignment_state,
    change_assignments,
    lock_assignments,
)
from cstoannot.assignments.board_queries import (
    BoardFilter,
    select_board_assignments,
    select_board_sources,
)
from cstoannot.assignments.models import Assignment, AssignmentState
from cstoannot.core.errors import Invalid
from cstoannot.history.actions import build_event, record_events
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, project_action

MOST_AT_ONCE = 20_000


@project_action
def set_deadlines(scope: Scope, asked: BoardFilter, deadline: date | None) -> int:
    """Set or clear the deadline of the matching assignments; return how many changed."""
    rows = [row for row in _lock_matching(scope, asked) if row.deadline != deadline]
    ids = [row.pk for row in rows]
    for first in range(0, len(ids), AT_ONCE):
        Assignment.objects.filter(
            project_id=scope.project_id, pk__in=ids[first : first + AT_ONCE]
        ).update(deadline=deadline)
    record_events(
        [
            build_event(
                scope,
                action="change",
                kind="assignment",
                object_id=row.pk,
                before={"deadline": row.deadline and row.deadline.isoformat()},
                after={"deadline": deadline and deadline.isoformat()},
                about_id=row.annotator_id,
                source_id=row.source_id,
            )
            for row in rows
        ]
    )
    return len(rows)


@project_action
def reopen_assignments(scope: Scope, asked: BoardFilter) -> int:
    """Reopen the matching assignments that are done; return how many."""
    done = [row for row in _lock_matching(scope, asked) if row.state == AssignmentState.DONE]
    for row in done:
        change_assignment_state(scope, row, AssignmentState.STARTED)
    return len(done)


@project_action
def take_assignments(
    scope: Scope, asked: BoardFilter, *, confirmed: bool = False
) -> AssignmentChanges:
    """Unassign what matches; raise Conflict if some is coded, unless confirmed."""
    rows = _lock_matching(scope, asked)
    pairs = [(row.source_id, row.annotator.username) for row in rows]
    return change_assignments(scope, give=[], take=pairs, confirmed=confirmed)


@project_action
def give_matching_sources(
    scope: Scope, asked: BoardFilter, annotators: Sequence[str]
) -> AssignmentChanges:
    """Assign the matching sources to these annotators."""
    scope.require(Permission.EDIT_SOURCES)
    if not annotators:
        raise Invalid("Choose to whom.", field="to")
    sources = list(select_board_sources(scope, asked).values_list("pk", flat=True))
    pairs = [(source, name) for name in sorted(set(annotators)) for source in sources]
    _check_number(len(pairs))
    return change_assignments(scope, give=pairs, take=[])


def _lock_matching(scope: Scope, asked: BoardFilter) -> list[Assignment]:
    scope.require(Permission.EDIT_SOURCES)
    ids = list(select_board_assignments(scope, asked).values_list("pk", flat=True))
    _check_number(len(ids))
    for first in range(0, len(ids), AT_ONCE):
        lock_assignments(scope, ids[first : first + AT_ONCE])
    return list(select_board_assignments(scope, asked))


def _check_number(count: int) -> None:
    if count > MOST_AT_ONCE:
        raise Invalid(f"At most {MOST_AT_ONCE:,} at once: narrow the filter.", field="state")
