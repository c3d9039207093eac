from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length


class Source(models.Model):
    """One article. Offsets into `text` are Unicode code points, half-open."""

    project = models.ForeignKey("cstoannot.Project", models.CASCADE, related_name="sources")
    title = models.CharField(max_length=500)
    publisher = models.CharField(max_length=300, blank=True)
    author = models.CharField(max_length=300, blank=True)
    # May be partial: 2021, 2020-11 or 2020-11-25.
    published = models.CharField(max_length=10, blank=True)
    url = models.CharField(max_length=2000, blank=True)
    language = models.CharField(max_length=35, blank=True)
    group = models.CharField(max_length=100, blank=True)
    note = models.TextField(blank=True)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    length = models.PositiveIntegerField()
    words = models.PositiveIntegerField()
    paragraphs = models.BinaryField()
    sentences = models.BinaryField()
    tokens = models.BinaryField()
    position = models.PositiveIntegerField(default=0)
    round = models.ForeignKey(
        "cstoannot.Round", models.SET_NULL, null=True, blank=True, related_name="sources"
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]
        indexes = [
            models.Index(fields=["project", "position", "id"], name="source_in_order"),
            models.Index(fields=["project", "sha256"], name="source_by_text"),
            # Partial: deleted sources are few, and every count of coding queries them.
            models.Index(
                fields=["project"], condition=Q(deleted_at__isnull=False), name="source_removed"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="source_has_title"),
            models.CheckConstraint(
                condition=Q(length=Length(F("text"))) & Q(length__gt=0),
                name="source_length_is_texts",
            ),
        ]

    def __str__(self) -> str:
        return self.title
