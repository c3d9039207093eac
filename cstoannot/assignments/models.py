"""Assignments, their states, and what each state allows."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from cstoannot.core.errors import Conflict, Forbidden


class AssignmentState(models.TextChoices):
    TODO = "todo", "To do"
    STARTED = "started", "Started"
    DONE = "done", "Done"


class Assignment(models.Model):
    """A source given to an annotator. Done without annotations is data; not done is not."""

    # Random: a counter would tell how many assignments others have.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("cstoannot.Project", models.CASCADE, related_name="assignments")
    source = models.ForeignKey("cstoannot.Source", models.CASCADE, related_name="assignments")
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="assignments"
    )
    state = models.CharField(
        max_length=8, choices=AssignmentState.choices, default=AssignmentState.TODO
    )
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True)
    # The codebook revision in force when it was finished; 0 before the first code. Whoever
    # finished has read the source for the codes that this revision held.
    finished_under = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["source__position", "source_id", "annotator__username"]
        indexes = [
            models.Index(
                fields=["project", "annotator", "source", "state"], name="assignment_by_annotator"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["source", "annotator"], name="assigned_once"),
            models.CheckConstraint(
                condition=Q(state__in=AssignmentState.values), name="state_known"
            ),
            models.CheckConstraint(
                condition=Q(state=AssignmentState.DONE, done_at__isnull=False)
                | (~Q(state=AssignmentState.DONE) & Q(done_at=None)),
                name="done_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(state=AssignmentState.DONE, finished_under__isnull=False)
                | (~Q(state=AssignmentState.DONE) & Q(finished_under=None)),
                name="done_has_its_revision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.annotator} on {self.source}: {self.state}"


def check_assignment_open(state: str | None) -> None:
    """Raise if an assignment in this state (None: no assignment) allows no coding."""
    if state is None:
        raise Forbidden("This source is not assigned to you, so you cannot annotate it.")
    if state == AssignmentState.DONE:
        raise Conflict(
            "This source is marked as done, so nothing was saved. To annotate it, reopen it: set "
            "the state of its assignment to “started”.",
            code="source_done",
        )
