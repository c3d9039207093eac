"""Assignments, plans, rounds, and the state of each source's consensus."""

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
    plan = models.ForeignKey(
        "cstoannot.Plan", models.SET_NULL, null=True, blank=True, related_name="assignments"
    )
    # The place in the annotator's own order; None: the order of the sources.
    rank = models.PositiveIntegerField(null=True, blank=True)
    deadline = models.DateField(null=True, blank=True)
    # To learn from the consensus: it never enters the study.
    practice = models.BooleanField(default=False)

    class Meta:
        ordering = ["source__position", "source_id", "annotator__username"]
        indexes = [
            models.Index(
                fields=["project", "annotator", "source", "state"], name="assignment_by_annotator"
            ),
            # Partial: every read of annotations asks for practice, and there is little of it.
            models.Index(
                fields=["source", "annotator"], condition=Q(practice=True), name="practice_given"
            ),
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


class Plan(models.Model):
    """How sources were handed out: to how many of which annotators each, from which seed.

    `shared`: percentage of sources that everybody codes. `annotators`: their keys.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("cstoannot.Project", models.CASCADE, related_name="plans")
    name = models.CharField(max_length=100)
    each = models.PositiveIntegerField(default=2)
    shared = models.PositiveIntegerField(default=0)
    seed = models.PositiveIntegerField(default=1)
    annotators = models.JSONField(default=list)
    deadline = models.DateField(null=True, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(shared__lte=100), name="plan_share_shared"),
            models.CheckConstraint(condition=Q(each__gte=1), name="plan_has_coders"),
        ]

    def __str__(self) -> str:
        return self.name


class Round(models.Model):
    """A set of sources coded under one codebook revision, such as a pilot."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("cstoannot.Project", models.CASCADE, related_name="rounds")
    name = models.CharField(max_length=100)
    note = models.TextField(blank=True)
    revision = models.PositiveIntegerField()
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="round_named_once"),
            models.CheckConstraint(condition=~Q(name=""), name="round_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ConsensusState(models.TextChoices):
    NOT_BEGUN = "not_begun", "Not begun"
    UNDER_WAY = "under_way", "Under way"
    DECIDED = "decided", "Decided"
    AGAIN = "again", "To be looked at again"


class SourceConsensus(models.Model):
    """How far the team has decided a source.

    Without such a row, a source has a consensus if it has annotations of that layer: it came from
    elsewhere. `doubtful`: coding changed since `state` was computed; triggers set it.
    """

    source = models.OneToOneField(
        "cstoannot.Source", models.CASCADE, primary_key=True, related_name="consensus"
    )
    project = models.ForeignKey("cstoannot.Project", models.CASCADE, related_name="+")
    state = models.CharField(
        max_length=9, choices=ConsensusState.choices, default=ConsensusState.NOT_BEGUN
    )
    doubtful = models.BooleanField(default=False)
    # Since when coders see the decisions of this source.
    opened_at = models.DateTimeField(null=True, blank=True)
    # The adjudicator to whom it was handed on.
    adjudicator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ConsensusState.values), name="consensus_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.state}"


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
