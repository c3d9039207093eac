"""User accounts, tokens of programs, and counters of attempts to log in."""

from typing import Any

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from knox.models import AbstractAuthToken

from cstoannot.core.likeness import LONGEST_LIKENESS, likeness_of

# Not allowed in user names; separates a likeness from the suffix that makes it unique.
APART = "#"


class UsernameLikenessField(models.CharField):
    """The likeness of a user name, updated whenever the row is saved.

    Unique among accounts. Similar names that are older than this rule have a suffix after `APART`
    until they are renamed.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        options.update(max_length=LONGEST_LIKENESS + 20, editable=False)
        super().__init__(*args, **options)

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        likeness = likeness_of(model_instance.username)  # type: ignore[attr-defined]
        stored: str = getattr(model_instance, self.attname) or ""
        if not stored or stored.partition(APART)[0] != likeness:
            setattr(model_instance, self.attname, likeness)
            return likeness
        return stored


class AccountManager(UserManager["User"]):
    """Finds only people who can have an account here, no outsiders."""

    use_in_migrations = False

    def get_queryset(self) -> "models.QuerySet[User]":
        return super().get_queryset().filter(is_outsider=False)

    def explain_name_refusal(self, username: str, *, but: "User | None" = None) -> str:
        """Return why nobody except `but` can have this name; empty if it is free."""
        likeness = likeness_of(username)
        if not likeness and username:
            return "This name has no visible characters: choose another one."
        if but is not None and but.likeness.partition(APART)[0] == likeness:
            return ""
        other = self.filter(likeness=likeness).first()
        if other is None:
            return ""
        return (
            f"“{other.username}” has an account here, and “{username}” looks like it: choose a "
            "name that differs by more than capitals or similar characters."
        )

    def create_superuser(self, username: str, *args: Any, **fields: Any) -> "User":
        """Create it as Django does; raise ValidationError for a name that resembles another."""
        if refusal := self.explain_name_refusal(username):
            raise ValidationError(refusal)
        return super().create_superuser(username, *args, **fields)


class User(AbstractUser):  # type: ignore[django-manager-missing] # knox's manager has no types
    """A person; only memberships decide what they may see and do.

    An *outsider* is somebody whose coding came with an archive: a row that coding and history refer
    to, without an account, in one project (`projects/models.py: Outsider`). `objects` contains
    accounts only, `everybody` also outsiders.
    """

    username = models.CharField(
        "username",
        max_length=150,
        help_text="150 characters or fewer. Letters, digits and @/./+/-/_ only.",
        validators=[UnicodeUsernameValidator()],
    )
    is_outsider = models.BooleanField(default=False, editable=False)

    objects = AccountManager()  # type: ignore[misc] # its own model's, not any user's
    everybody: models.Manager[Any] = models.Manager()

    likeness = UsernameLikenessField()

    class Meta(AbstractUser.Meta):
        verbose_name = "user"
        constraints = [
            models.UniqueConstraint(
                fields=["username"],
                condition=Q(is_outsider=False),
                name="account_name_once",
                violation_error_message="A user with that username already exists.",
            ),
            models.UniqueConstraint(
                fields=["likeness"],
                condition=Q(is_outsider=False),
                name="account_name_told_apart",
            ),
            models.CheckConstraint(
                condition=Q(is_outsider=False)
                | Q(is_active=False, is_staff=False, is_superuser=False),
                name="outsider_cannot_sign_in",
            ),
        ]

    @property
    def display_name(self) -> str:
        return self.get_full_name() or self.username


class Token(AbstractAuthToken):
    """A program's key to the API in its user's name; only its hash is stored."""

    name = models.CharField(max_length=100, blank=True)
    read_only = models.BooleanField(default=False)
    # Deleted together with the token that made this one.
    made_with = models.ForeignKey("self", models.CASCADE, null=True, related_name="made")
    # Updated at most once a minute.
    last_used_at = models.DateTimeField(null=True)
    last_address = models.CharField(max_length=45, blank=True)

    class Meta:
        ordering = ["-created"]


class SignInAttempts(models.Model):
    """Attempts to log in by account, device or address, as a leaky bucket.

    In the database, so that all processes count together.
    """

    key = models.CharField(max_length=64, primary_key=True)
    """A hash: what was typed as a user name may be a password."""
    level = models.FloatField()
    at = models.FloatField(db_index=True)
    """Unix time of `level`, which falls with time."""

    def __str__(self) -> str:
        return self.key
