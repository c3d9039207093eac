from django.db import models


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
