"""Ids and moments as the database stores them, and what they say, for thousands at once.

An object for each of them, or text that the database makes of each, costs several times as much.
"""

from binascii import hexlify
from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import BinaryField, Func

_AFTER = (8, 12, 16, 20)  # digits of a UUID, stands a hyphen
_SECOND = 1_000_000  # microseconds
_EPOCH = np.datetime64("2000-01-01", "us")  # PostgreSQL's
_WHOLE, _LONG = 19, 26  # characters of a moment without its fraction, and with it


class _Stored(Func):
    output_field = BinaryField()
    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="CAST(%(expressions)s AS BLOB)", **context
        )


class StoredId(_Stored):
    """A UUID as the database has it, for `id_texts`."""

    function = "uuid_send"


class StoredMoment(_Stored):
    """A moment as the database has it, for `moment_texts`."""

    function = "timestamptz_send"


def id_texts(stored: Sequence[bytes]) -> list[bytes]:
    """UUIDs in their usual form of 36 characters."""
    joined = b"".join(stored)
    if connection.vendor == "postgresql":
        joined = hexlify(joined)
    digits = np.frombuffer(joined, np.uint8).reshape(len(stored), 32)
    return _lines(np.insert(digits, _AFTER, ord("-"), axis=1))


def moment_texts(stored: Sequence[bytes]) -> list[bytes]:
    """Moments as the API shows them: ISO 8601 in UTC, no fraction where there is none."""
    if not stored:
        return []
    if connection.vendor != "postgresql":
        return [moment.replace(b" ", b"T") + b"Z" for moment in stored]
    since = np.frombuffer(b"".join(stored), ">i8").astype("m8[us]")
    written = np.datetime_as_string(_EPOCH + since, unit="us").view(np.uint32)
    texts = np.zeros((len(stored), _LONG + 1), np.uint8)
    texts[:, :_LONG] = written.reshape(len(stored), -1)[:, :_LONG]
    texts[:, _LONG] = ord("Z")
    whole = since.astype(np.int64) % _SECOND == 0
    texts[whole, _WHOLE] = ord("Z")
    texts[whole, _WHOLE + 1 :] = 0
    return _lines(texts)


def _lines(characters: "np.ndarray[Any, np.dtype[np.uint8]]") -> list[bytes]:
    """Each row of characters, without the zeros at its end."""
    length = characters.shape[1]
    found: list[bytes] = np.ascontiguousarray(characters).view(f"S{length}").ravel().tolist()
    return found
