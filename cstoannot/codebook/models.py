from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from cstoannot.codebook.deltas import CodebookState


class Code(models.Model):
    """An entry of the codebook, identified by its slug, which never changes."""

    project = models.ForeignKey("cstoannot.Project", models.CASCADE, related_name="codes")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=100)
    colour = models.CharField(max_length=7)
    shortcut = models.CharField(max_length=1, blank=True)
    claim = models.TextField(blank=True)
    definition = models.TextField(blank=True)
    include = models.TextField(blank=True)
    exclude = models.TextField(blank=True)
    example = models.TextField(blank=True)
    position = models.PositiveIntegerField(default=0)
    # The revision in which the meaning (claim, definition, include, exclude) last changed:
    # annotations made under an earlier one are stale.
    meaning_revision = models.PositiveIntegerField()
    # The revision that added the code.
    added_revision = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=1)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "slug"], name="code_slug_once"),
            models.UniqueConstraint(
                fields=["project", "shortcut"],
                condition=~Q(shortcut="") & Q(retired_at=None),
                name="code_shortcut_once",
            ),
            models.CheckConstraint(
                condition=Q(colour__regex=r"^#[0-9a-f]{6}$"), name="code_colour_is_hex"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="code_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class CodebookRevision(models.Model):
    """One change of the codebook; it stores the codes that it affects: see `deltas`."""

    project = models.ForeignKey("cstoannot.Project", models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    changes = models.JSONField()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="revision_number_once")
        ]

    def __str__(self) -> str:
        return f"revision {self.number}"

    @property
    def snapshot(self) -> list[Any]:
        """Return the whole codebook after this change; computed at each access."""
        found = CodebookRevision.objects.filter(
            project_id=self.project_id, number__lte=self.number
        ).order_by("number")
        return CodebookState(found.values_list("changes", flat=True).iterator(500)).snapshot()
