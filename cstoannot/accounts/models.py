from django.contrib.auth.models import AbstractUser
from django.db import models
from knox.models import AbstractAuthToken


class User(AbstractUser):  # type: ignore[django-manager-missing] # knox's manager has no types
    """A person; what they may see and do is decided by their memberships alone."""

    class Meta(AbstractUser.Meta):
        verbose_name = "user"

    @property
    def display_name(self) -> str:
        return self.get_full_name() or self.username


class Token(AbstractAuthToken):
    """A program's key to the API in its user's name; only a hash of it is kept."""

    name = models.CharField(max_length=100, blank=True)
    read_only = models.BooleanField(default=False)

    class Meta:
        ordering = ["-created"]
