"""Practice: sources coded to learn from the consensus, apart from the study."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from cstoannot.assignments.models import Assignment, AssignmentState
from cstoannot.core.errors import Conflict
from cstoannot.projects.models import Membership
from cstoannot.projects.scope import Scope
from cstoannot.sources.models import Source


def build_practice_filter(scope: Scope, person: str = "annotator_id") -> Exists:
    """Select rows with a `source_id` that this person codes for practice, outside the study."""
    return Exists(_select_practice(scope, person))


def build_practice_of_others_filter(scope: Scope) -> Exists:
    """Select the same of annotators other than this member."""
    return Exists(_select_practice(scope, "annotator_id").exclude(annotator_id=scope.user_id))


def _select_practice(scope: Scope, person: str) -> QuerySet[Assignment]:
    return Assignment.objects.filter(
        practice=True,
        project_id=scope.project_id,
        source_id=OuterRef("source_id"),
        annotator_id=OuterRef(person),
    )


def build_practised_voice_filter(scope: Scope) -> Exists:
    """Select the speakers in whose voice somebody coded for practice."""
    given = Assignment.objects.filter(
        practice=True,
        project_id=scope.project_id,
        source__annotations__annotator_id=F("annotator_id"),
        source__annotations__voice_id=OuterRef("pk"),
    )
    return Exists(given)


def select_practised_source_ids(scope: Scope) -> QuerySet[Assignment, Any]:
    """Select the sources that this member still practises on: only their own coding is shown."""
    mine = Assignment.objects.filter(project_id=scope.project_id, annotator_id=scope.user_id)
    practised = mine.filter(practice=True).exclude(state=AssignmentState.DONE)
    return practised.order_by().values("source_id")


def check_same_purpose(scope: Scope, assignment: Assignment, *, practice: bool) -> None:
    """Raise Conflict if the assignment is for the study instead of practice, or the reverse."""
    if assignment.practice != practice:
        purpose = "for practice" if assignment.practice else "for the study"
        raise Conflict(
            f"{assignment.annotator.username} has this source {purpose} already: unassign it first."
        )


def check_uncoded(scope: Scope, member: Membership, source: Source) -> None:
    """Raise Conflict if passages of the study would become practice."""
    coded = member.user.annotations.filter(project_id=scope.project_id, source_id=source.pk)
    if coded.exists():
        raise Conflict(
            f"{member.user.username} has coded this source for the study, so it cannot be given "
            "to them for practice."
        )


def check_practice_cleared(scope: Scope, rows: Sequence[Assignment]) -> None:
    """Raise Conflict if passages coded for practice would be left, and so enter the study."""
    practised = [row for row in rows if row.practice]
    if practised and select_coded(scope, practised).exists():
        raise Conflict(
            "What was coded here for practice would enter the study. Clear the practice before "
            "you unassign it."
        )


def select_coded(scope: Scope, rows: Sequence[Assignment]) -> QuerySet[Assignment]:
    """Select those of these assignments on which something is coded, once for each annotation."""
    return Assignment.objects.filter(
        pk__in=[row.pk for row in rows],
        source__annotations__project_id=scope.project_id,
        source__annotations__annotator_id=F("annotator_id"),
    )
