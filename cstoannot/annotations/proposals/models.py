import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class ProposalState(models.TextChoices):
    WAITING = "waiting", "waiting"
    ACCEPTED = "accepted", "accepted"
    DECLINED = "declined", "declined"


class CodeProposal(models.Model):
    """A code that somebody misses, with the passage at which they missed it, if there is one."""

    # Random, so that it tells a blind coder nothing of how many others have proposed.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("cstoannot.Project", models.CASCADE, related_name="code_proposals")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    name = models.CharField(max_length=100)
    parent = models.ForeignKey("cstoannot.Code", models.SET_NULL, null=True, related_name="+")
    claim = models.TextField(blank=True)
    source = models.ForeignKey("cstoannot.Source", models.SET_NULL, null=True, related_name="+")
    start = models.PositiveIntegerField(null=True)
    end = models.PositiveIntegerField(null=True)
    quote = models.TextField(blank=True)
    state = models.CharField(
        max_length=10, choices=ProposalState.choices, default=ProposalState.WAITING
    )
    # The code that came of it.
    code = models.ForeignKey("cstoannot.Code", models.SET_NULL, null=True, related_name="+")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["project", "-created_at", "-id"], name="proposal_latest"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="proposal_has_name"),
            models.CheckConstraint(
                condition=Q(start=None, end=None, quote="") | Q(end__gt=F("start")),
                name="proposal_passage_whole",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ProposalState.values), name="proposal_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None)
                | (~Q(state="waiting") & Q(decided_at__isnull=False)),
                name="proposal_decided_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name
