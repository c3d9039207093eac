from django.conf import settings
from django.db import models
from django.db.models import Q


class Visibility(models.TextChoices):
    OWN = "own", "Blind: annotators see their own coding only"
    DONE = "done", "After finishing: a source's coding opens when everyone assigned is done"
    ALL = "all", "Open: annotators see all coding"


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    ADJUDICATOR = "adjudicator", "Adjudicator"
    ANNOTATOR = "annotator", "Annotator"
    VIEWER = "viewer", "Viewer"


class Project(models.Model):
    """One study of a team. Nothing crosses from one project to another."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    about = models.TextField(blank=True)
    guidelines = models.TextField(blank=True)
    visibility = models.CharField(max_length=8, choices=Visibility.choices, default=Visibility.OWN)
    open_sources = models.BooleanField(
        default=False, help_text="Annotators read all sources, not only those assigned to them."
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(visibility__in=Visibility.values), name="project_visibility_known"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="project_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A user in a project, with one role."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["user__username"]
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="one_membership_each"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.project} as {self.role}"
