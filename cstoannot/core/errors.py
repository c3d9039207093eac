"""Errors of the domain. They do not know HTTP; API and pages map them to a status."""

from collections.abc import Mapping, Sequence


class DomainError(Exception):
    """A request that cannot be fulfilled.

    ``code`` is a key for programs, ``message`` a sentence for people: what is wrong and what to do.
    ``field`` names the invalid input, ``errors`` has all messages by field; ``field`` without
    ``errors`` fills them with its own message.
    """

    default_code = "error"
    default_message = "This cannot be done."

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        field: str | None = None,
        errors: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.message = message or self.default_message
        self.code = code or self.default_code
        self.field = field
        self.errors: dict[str, list[str]] = {
            name: list(messages) for name, messages in (errors or {}).items()
        }
        if field is not None and not self.errors:
            self.errors[field] = [self.message]
        super().__init__(self.message)


class NotFound(DomainError):
    """The object does not exist, or the user may not know that it does."""

    default_code = "not_found"
    default_message = "This page does not exist. Check the URL."


class Forbidden(DomainError):
    """The object exists, but the user may not do this."""

    default_code = "forbidden"
    default_message = "You may not do this. Ask an owner of the project."


class Invalid(DomainError):
    """The input is well-formed, but has no meaning here."""

    default_code = "invalid"
    default_message = "This is not valid. Correct it and send it again."


class Conflict(DomainError):
    """The input contradicts stored data."""

    default_code = "conflict"
    default_message = "This conflicts with the stored data. Load it again."


class TooLarge(DomainError):
    """The input exceeds the stated limit."""

    default_code = "too_large"
    default_message = "This is too large. Send it in parts."


class _VersionError(DomainError):
    """An edit that does not match the stored state; ``current`` is that state, in any shape."""

    def __init__(
        self,
        message: str = "",
        *,
        current: object | None = None,
        code: str = "",
        field: str | None = None,
        errors: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(message, code=code, field=field, errors=errors)
        self.current = current


class Stale(_VersionError):
    """The edit started from a version that is no longer current."""

    default_code = "stale"
    default_message = "This was changed in the meantime. Check the current version, then try again."


class PreconditionRequired(_VersionError):
    """The edit does not say from which version it started."""

    default_code = "precondition_required"
    default_message = "Give the version that this edit is based on."
