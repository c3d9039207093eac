from typing import Any

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models import Q
from knox.models import AbstractAuthToken


class AccountManager(UserManager["User"]):
    """People who can have an account here: whatever looks somebody up by name finds no other."""

    use_in_migrations = False

    def get_queryset(self) -> "models.QuerySet[User]":
        return super().get_queryset().filter(is_outsider=False)


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

    objects = AccountManager()
    everybody: models.Manager[Any] = models.Manager()

    class Meta(AbstractUser.Meta):
        verbose_name = "user"
        constraints = [
            models.UniqueConstraint(
                fields=["username"],
                condition=Q(is_outsider=False),
                name="account_name_once",
                violation_error_message="A user with that username already exists.",
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

    class Meta:
        ordering = ["-created"]
