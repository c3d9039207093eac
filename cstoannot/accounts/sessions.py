"""Sessions in the database, as Django's, for cookies that can name one."""

from django.contrib.sessions.backends.db import SessionStore as InDatabase


class SessionStore(InDatabase):
    """A cookie can hold anything, also NUL, for which PostgreSQL raises an error."""

    def __init__(self, session_key: str | None = None) -> None:
        plausible = session_key and session_key.isascii() and session_key.isalnum()
        super().__init__(session_key if plausible else None)
