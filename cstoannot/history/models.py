import uuid

import uuid_utils
from django.conf import settings
from django.db import models
from django.db.models import Q

CODING = ("annotation", "assignment")
"""The kinds of events that show what somebody codes."""
LOOK = "look"
"""The kind of events that record who has seen the coding of others."""
DECIDED_APART = "decide_apart"
"""The action of events of decisions that adjudicators make blind to each other."""


def time_ordered_uuid() -> uuid.UUID:
    """Return a version 7 UUID: sorts by time, and does not disclose a count of events."""
    return uuid.UUID(bytes=uuid_utils.uuid7().bytes)


class Event(models.Model):
    """One change. Never changed or deleted; triggers refuse it."""

    id = models.UUIDField(primary_key=True, default=time_ordered_uuid, editable=False)
    project = models.ForeignKey("cstoannot.Project", models.CASCADE, related_name="events")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    action = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    object = models.CharField(max_length=64)
    # Whose coding the event is about; empty for the whole project. It decides which events a blind
    # annotator may read. The foreign keys have no index of their own: the two below begin with
    # them.
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    source = models.ForeignKey(
        "cstoannot.Source", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["project", "-id"], name="event_by_time"),
            models.Index(fields=["about", "project", "-id"], name="event_by_person"),
            models.Index(fields=["source", "-id"], name="event_by_source"),
            # Partial: few events are looks, and other events take no entry in it.
            models.Index(
                fields=["project", "source"], condition=Q(kind=LOOK), name="event_of_look"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.kind} {self.object}"
