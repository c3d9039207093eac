"""Sessions in the database, as Django's, for cookies that can name one."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as InDatabase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

RENEWED_AFTER = 0.05  # of a session's life: it is not written at each request


class SessionStore(InDatabase):
    """A cookie can hold anything, also NUL, for which PostgreSQL raises an error."""

    ends_at: datetime | None = None
    """As stored, once it has been read."""

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
        """Whether it was read and is to be renewed, because it is in use."""
        life = settings.SESSION_COOKIE_AGE
        left = timedelta(seconds=life * (1 - RENEWED_AFTER))
        return self.ends_at is not None and self.ends_at < timezone.now() + left
