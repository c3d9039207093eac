"""Decisions: how a team settled the places of a source."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cstoannot.history.models import time_ordered_uuid


class Outcome(models.TextChoices):
    """How a decision ends a place. Every one but NOTHING and PLURAL leaves consensus passages."""

    ADOPTED = "adopted", "adopted: one reading"
    MAJORITY = "majority", "adopted: the majority's"
    EDITED = "edited", "edited"
    NOTHING = "nothing", "nothing here"
    PLURAL = "plural", "plural: several readings stand"


class Decision(models.Model):
    """How one place of a source was settled, by whom, why, and what was weighed.

    `place`: the place's id in the API. `readings`: everything weighed, as shown, each with the
    keys of its annotators and their annotations with ids and versions. `chosen`: the numbers of
    the readings adopted. `passages`: the ids of the consensus annotations made by it.
    """

    id = models.UUIDField(primary_key=True, default=time_ordered_uuid, editable=False)
    project = models.ForeignKey(
        "cstoannot.Project", models.CASCADE, related_name="decisions", db_index=False
    )
    source = models.ForeignKey(
        "cstoannot.Source", models.CASCADE, related_name="decisions", db_index=False
    )
    place = models.UUIDField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    reason = models.TextField(blank=True)
    rule = models.TextField(blank=True)
    readings = models.JSONField(default=list)
    chosen = models.JSONField(default=list)
    passages = models.JSONField(default=list)
    # One of two decisions that adjudicators make blind to each other: it has no consensus
    # annotations of its own.
    apart = models.BooleanField(default=False)
    # Made in another program, and brought in.
    elsewhere = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["source_id", "start", "id"]
        indexes = [
            models.Index(fields=["project", "source", "start"], name="decision_by_position"),
            models.Index(fields=["source"], name="decision_by_source"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "place"], condition=Q(apart=False), name="place_decided_once"
            ),
            models.UniqueConstraint(
                fields=["source", "place", "by"],
                condition=Q(apart=True),
                name="place_decided_apart_once",
            ),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="decision_has_a_place"),
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="decision_outcome_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} at {self.start}–{self.end}"
