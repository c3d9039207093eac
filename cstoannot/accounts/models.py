"""User accounts, the tokens of programs, and the counters of attempts to sign in."""

from typing import Any

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from knox.models import AbstractAuthToken

from cstoannot.core.likeness import LONGEST_LIKENESS, likeness_of

# Stands in no user name; what follows it tells a name apart from an older one that looks like it.
APART = "#"


class UsernameLikenessField(models.CharField):
    """The likeness of a user name, kept up whenever the row is saved.

    Unique among accounts, but for names that looked alike before this was asked for: these have
    their own after `APART`, and keep it until they are renamed.
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
    """People who can have an account here: whatever looks somebody up by name finds no other."""

    use_in_migrations = False

    def get_queryset(self) -> "models.QuerySet[User]":
        return super().get_queryset().filter(is_outsider=False)

    def explain_name_refusal(self, username: str, *, but: "User | None" = None) -> str:
        """Why nobody can be called like this, beside `but`; empty if somebody can."""
        likeness = likeness_of(username)
        if not likeness and username:
            return "Nothing of this name can be seen: choose another one."
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
        """As Django's; raises ValidationError for a name that looks like another's."""
        if refusal := self.explain_name_refusal(username):
            raise ValidationError(refusal)
        return super().create_superuser(username, *args, **fields)


class User(AbstractUser):  # type: ignore[django-manager-missing] # knox's manager has no types
    """A person; what they may see and do is decided by their memberships alone.

    A *named outsider* is somebody whose coding came with an archive: a row that coding and history
    refer to, without an account, in one project (`projects/models.py: Outsider`). `objects` knows
    accounts only, `everybody` outsiders too.
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
    """A program's key to the API in its user's name; only a hash of it is kept."""

    name = models.CharField(max_length=100, blank=True)
    read_only = models.BooleanField(default=False)
    # A token ends with the one that made it.
    made_with = models.ForeignKey("self", models.CASCADE, null=True, related_name="made")
    # Noted once a minute at most.
    last_used_at = models.DateTimeField(null=True)
    last_address = models.CharField(max_length=45, blank=True)

    class Meta:
        ordering = ["-created"]


class SignInAttempts(models.Model):
    """How many attempts count against an account, a device or an address: a leaky bucket.

    In the database, so that all processes count together.
    """

    key = models.CharField(max_length=64, primary_key=True)
    """A hash: what was typed as a user name may have been a password."""
    level = models.FloatField()
    at = models.FloatField(db_index=True)
    """Seconds since 1970 when the level was this one; it falls with time."""

    def __str__(self) -> str:
        return self.key
