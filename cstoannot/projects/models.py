import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Visibility(models.TextChoices):
    OWN = "own", "Blind: annotators see their own coding only"
    DONE = "done", "After finishing: a source's coding opens when everyone assigned is done"
    ALL = "all", "Open: annotators see all coding"


class Results(models.TextChoices):
    """Who reads a project's results besides its coders."""

    CLOSED = "closed", "Closed: viewers see only what the team has decided"
    VIEWERS = "viewers", "Open to viewers"
    LINK = "link", "Open to viewers, and to everybody who has a link"


class AgreedBounds(models.TextChoices):
    """How much bounds may differ at a place on which coders count as agreeing."""

    SENTENCE = "sentence", "Bounds begin in the same sentence and end in the same sentence"
    MAJORITY = "majority", "Bounds lie within the stretch that most coders marked"


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    ADJUDICATOR = "adjudicator", "Adjudicator"
    ANNOTATOR = "annotator", "Annotator"
    VIEWER = "viewer", "Viewer"


# How long a deleted project can be restored.
KEPT_AFTER_DELETION = timedelta(days=30)
# A restoration without progress for this long counts as interrupted.
LONGEST_STANDSTILL = timedelta(minutes=1)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""The `restoring_at` of a restoration that is being deleted: no batch can continue it."""


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
    counts_after_look = models.BooleanField(
        default=False,
        help_text="Agreement counts passages saved after their coder had seen others' coding.",
    )
    results = models.CharField(max_length=8, choices=Results.choices, default=Results.CLOSED)
    whole_articles = models.BooleanField(
        default=False, help_text="Readers with a link read whole articles, not only passages."
    )
    decisions_opened = models.BooleanField(
        default=False, help_text="Coders see what was decided on all sources, and why."
    )
    names_while_deciding = models.BooleanField(
        default=False, help_text="Adjudicators see the coders' names before a place is decided."
    )
    decide_apart = models.BooleanField(
        default=False, help_text="Two adjudicators decide each place, blind to each other."
    )
    agreed_bounds = models.CharField(
        max_length=8, choices=AgreedBounds.choices, default=AgreedBounds.SENTENCE
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    # Set while the project is restored from an archive and hidden, and renewed with each batch:
    # without progress it counts as interrupted, and is deleted.
    restoring_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(restoring_at=None) | Q(deleted_at__isnull=False),
                name="unseen_while_restored",
            ),
            models.CheckConstraint(
                condition=Q(visibility__in=Visibility.values), name="project_visibility_known"
            ),
            models.CheckConstraint(
                condition=Q(results__in=Results.values), name="project_results_known"
            ),
            models.CheckConstraint(
                condition=Q(agreed_bounds__in=AgreedBounds.values),
                name="project_agreed_bounds_known",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="project_has_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def restorable_until(self) -> datetime | None:
        """Return until when an owner can restore it; None unless it is deleted."""
        return self.deleted_at + KEPT_AFTER_DELETION if self.deleted_at else None


def end_unless_last_owner(
    collector: Any, field: Any, memberships: "models.QuerySet[Membership]", using: str
) -> None:
    """Delete the memberships of deleted users; refuse for a project's last owner."""
    if last := select_last_ownerships(memberships):
        raise models.ProtectedError(
            "Some of these users are the only owners of projects: make others owner first.",
            set(last),
        )
    models.CASCADE(collector, field, memberships, using)


class Membership(models.Model):
    """A user in a project, with one role."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, end_unless_last_owner, related_name="memberships"
    )
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


class Outsider(models.Model):
    """Somebody whose coding came with an archive, without a known account here.

    `user`: the row that their coding refers to; `role` and `since`: of their membership in the
    archive, if any. Once an owner has tied them to a member, their coding is the member's.
    `moved_at`: when some of it last moved to the member or back.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="outsiders")
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="outsider")
    name = models.CharField(max_length=150)
    role = models.CharField(max_length=12, choices=Role.choices, null=True)  # noqa: DJ001 as it was
    since = models.DateTimeField(null=True)
    tied_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    tied_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField(null=True)
    sources = models.JSONField(default=list, help_text="Keys of those that went to the member.")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="outsider_once"),
            models.CheckConstraint(
                condition=Q(tied_to=None) | Q(tied_at__isnull=False), name="tied_at_some_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} in {self.project}"


def select_last_ownerships(memberships: "models.QuerySet[Membership]") -> list[Membership]:
    """Return the memberships without which a project has no owner who can log in."""
    # Query again: Django's collector defers most columns of the rows.
    ending = list(memberships.defer(None).filter(role=Role.OWNER, project__deleted_at=None))
    others = Membership.objects.filter(
        project__in=[one.project_id for one in ending], role=Role.OWNER, user__is_active=True
    )
    kept = set(others.exclude(pk__in=[one.pk for one in ending]).values_list("project", flat=True))
    return [one for one in ending if one.project_id not in kept]


# Anybody with a link can use it, and an owner could remove all others and delete the project. So a
# link makes nobody an owner; owners name members as owners.
INVITED_ROLES = [role for role in Role if role != Role.OWNER]


class Invitation(models.Model):
    """A link by which any one person becomes a member; only its hash is stored."""

    # Random: a counter would disclose other projects' invitations.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=12, choices=Role.choices)
    note = models.CharField(max_length=100, blank=True, help_text="For whom; only owners read it.")
    digest = models.CharField(max_length=128, unique=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["project", "-created_at", "-id"], name="invited_latest")]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=INVITED_ROLES), name="invited_role_known"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="invitation_lives"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(withdrawn_at=None),
                name="accepted_or_withdrawn",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by=None) | Q(accepted_at__isnull=False),
                name="accepted_at_some_time",
            ),
        ]

    def __str__(self) -> str:
        return f"to {self.project} as {self.role}"

    def state(self, now: datetime) -> str:
        """Return `open`, `accepted`, `withdrawn` or `expired`."""
        if self.accepted_at:
            return "accepted"
        # Void once its creator is deactivated.
        if self.withdrawn_at or self.made_by is None or not self.made_by.is_active:
            return "withdrawn"
        return "open" if self.expires_at > now else "expired"


class ResultsLink(models.Model):
    """A link by which anybody reads a project's results; only its hash is stored."""

    # Random: a counter would disclose other projects' links.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, related_name="results_links")
    note = models.CharField(max_length=100, blank=True, help_text="For whom; only owners read it.")
    digest = models.CharField(max_length=128, unique=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    visits = models.PositiveIntegerField(default=0)
    last_visit_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="results_link_lives"
            ),
        ]

    def __str__(self) -> str:
        return f"to the results of {self.project}"

    def state(self, now: datetime) -> str:
        """Return `open`, `revoked` or `expired`."""
        if self.revoked_at:
            return "revoked"
        return "open" if self.expires_at > now else "expired"
