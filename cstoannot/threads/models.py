"""Threads, their comments, and until where each user has read them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cstoannot.history.models import time_ordered_uuid


class ThreadKind(models.TextChoices):
    PLACE = "place", "a place"
    SOURCE = "source", "a source"
    CODE = "code", "a code"
    DECISION = "decision", "a decision"


class Thread(models.Model):
    """A conversation on a place, a source, a code or a decision."""

    # Random: a counter would tell how many conversations others have.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(
        "cstoannot.Project", models.CASCADE, related_name="threads", db_index=False
    )
    kind = models.CharField(max_length=8, choices=ThreadKind.choices)
    source = models.ForeignKey("cstoannot.Source", models.CASCADE, null=True, related_name="+")
    code = models.ForeignKey("cstoannot.Code", models.CASCADE, null=True, related_name="threads")
    decision = models.ForeignKey(
        "cstoannot.Decision", models.SET_NULL, null=True, related_name="threads"
    )
    start = models.PositiveIntegerField(null=True)
    end = models.PositiveIntegerField(null=True)
    quote = models.TextField(blank=True)
    # A coder asks to look at the decision again.
    asks_again = models.BooleanField(default=False)
    proposal = models.ForeignKey(
        "cstoannot.CodeProposal", models.SET_NULL, null=True, related_name="+"
    )
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["project", "-created_at", "-id"], name="thread_latest")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ThreadKind.values), name="thread_kind"),
            models.CheckConstraint(
                condition=Q(start=None, end=None, quote="") | Q(end__gt=F("start")),
                name="thread_place_whole",
            ),
            models.CheckConstraint(
                condition=Q(kind="code", code__isnull=False) | Q(source__isnull=False),
                name="thread_about_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} thread {self.pk}"


class Comment(models.Model):
    """One message of a thread."""

    id = models.UUIDField(primary_key=True, default=time_ordered_uuid, editable=False)
    thread = models.ForeignKey(Thread, models.CASCADE, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    text = models.TextField()
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="comment_has_text")]

    def __str__(self) -> str:
        return self.text[:80]


class ThreadRead(models.Model):
    """Until when a user has read a thread, and the number that stands for their name in it.

    `number`: for annotators who have written or were mentioned; those who may not know them read
    “coder 2”. It stays with them when their comments are deleted.
    """

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    read_at = models.DateTimeField()
    number = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["thread", "user"], name="read_until_once"),
            models.UniqueConstraint(fields=["thread", "number"], name="coder_numbered_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} of {self.thread_id}"
