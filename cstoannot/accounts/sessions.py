"""Sessions in the database, like Django's, that are renewed while in use."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as InDatabase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

RENEWED_AFTER = 0.05  # share of a session's lifetime, so that not every request writes it


class SessionStore(InDatabase):
    """A session; ignores cookies that contain NUL, for which PostgreSQL raises an error."""

    ends_at: datetime | None = None
    """The stored expiry, after loading."""

    def __init__(self, session_key: str | None = None) -> None:
        plausible = session_key and session_key.isascii() and session_key.isalnum()
        super().__init__(session_key if plausible else None)

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        found = super()._get_session_from_db()  # type: ignore[misc] # not in the stubs
        if found:
            self.ends_at = found.expire_date
        return found

    @property
    def is_due(self) -> bool:
        """Return whether the loaded session is to be renewed."""
        life = settings.SESSION_COOKIE_AGE
        left = timedelta(seconds=life * (1 - RENEWED_AFTER))
        return self.ends_at is not None and self.ends_at < timezone.now() + left
