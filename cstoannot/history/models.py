import uuid

import uuid_utils
from django.conf import settings
from django.db import models
from django.db.models import Q

CODING = ("annotation", "assignment")
"""The kinds of events that tell what somebody codes."""
LOOK = "look"
"""The kind of events by which the history keeps who was shown the coding of others."""


def time_ordered_uuid() -> uuid.UUID:
    """A version 7 UUID: sorts by time, and counts nothing that a blind coder could read off."""
    return uuid.UUID(bytes=uuid_utils.uuid7().bytes)


class Event(models.Model):
    """One change. Never altered (the database refuses it), never removed."""

    id = models.UUIDField(primary_key=True, default=time_ordered_uuid, editable=False)
    project = models.ForeignKey("cstoannot.Project", models.CASCADE, related_name="events")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    action = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    object = models.CharField(max_length=64)
    # Whose coding the event tells of; empty for what belongs to the whole project. What a blind
    # coder may read of the history is decided by it.
    # Their own indexes are the two below, which begin with them.
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
            # Few events are looks, and no other event costs an entry in it.
            models.Index(
                fields=["project", "source"], condition=Q(kind=LOOK), name="event_of_look"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.kind} {self.object}"
