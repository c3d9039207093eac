"""Which sources are given for practice, and to whom."""

import uuid

from django.db.models import QuerySet

from cstoannot.assignments.models import Assignment, AssignmentState
from cstoannot.assignments.queries import readable_assignments
from cstoannot.core.errors import Conflict, NotFound
from cstoannot.projects.scope import Scope


def visible_practice(scope: Scope) -> QuerySet[Assignment]:
    """Return one's own practice, or everybody's for readers of all coding, by coder and source."""
    found = readable_assignments(scope).filter(practice=True).select_related("source")
    return found.order_by("annotator__username", "source__position", "source_id")


def require_practice(scope: Scope, assignment_id: uuid.UUID) -> Assignment:
    """Return the practice with this id; raise NotFound, also for an assignment of the study."""
    found = visible_practice(scope).filter(pk=assignment_id).first()
    if found is None:
        raise NotFound("There is no such practice, or you may not see it.")
    return found


def require_finished_practice(scope: Scope, assignment_id: uuid.UUID) -> Assignment:
    """Return the practice; raise Conflict before it is finished: nothing is told until then."""
    found = require_practice(scope, assignment_id)
    if found.state != AssignmentState.DONE:
        raise Conflict(
            "This practice is not finished. Finish it first: how it compares with the consensus is "
            "told then.",
            code="practice_unfinished",
        )
    return found
