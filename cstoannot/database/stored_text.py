"""Formats stored ids and timestamps of many rows as text, without a Python object for each."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import BinaryField, Func

Characters = np.ndarray[Any, np.dtype[np.uint8]]
"""UTF-8, a row for each value, padded with NUL."""
_Numbers = np.ndarray[Any, np.dtype[np.int64]]

ID = 36  # characters
_AFTER = (8, 12, 16, 20)  # hyphens of a UUID follow these numbers of digits
_HEXADECIMAL = np.frombuffer(bytes(range(256)).hex().encode(), np.uint16)

_MOMENT = b"0000-00-00T00:00:00.000000Z"
_STORED = 26  # characters of a timestamp with a fraction in SQLite, which stores no zone
_WHOLE = 19  # characters of one without a fraction
_DATE = 10  # characters of its date
_SECOND = 1_000_000  # in microseconds
_DAY = 24 * 60 * 60  # in seconds
_EPOCH = np.datetime64("2000-01-01", "D")  # PostgreSQL's
_TWO = np.frombuffer(b"".join(b"%02d" % n for n in range(100)), np.uint8).reshape(-1, 2)
_THREE = np.frombuffer(b"".join(b"%03d" % n for n in range(1000)), np.uint8).reshape(-1, 3)


class _StoredValue(Func):
    """A value as the database stores it; on SQLite it is text already."""

    output_field = BinaryField()
    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="CAST(%(expressions)s AS BLOB)", **context
        )


class StoredId(_StoredValue):
    """For `format_stored_ids`."""

    function = "uuid_send"


class StoredTimestamp(_StoredValue):
    """For `format_stored_timestamps`."""

    function = "timestamptz_send"


def format_stored_ids(stored: bytes) -> Characters:
    """Format UUIDs, stored one after the other, in their usual form."""
    characters = np.frombuffer(stored, np.uint8)
    if connection.vendor == "postgresql":
        characters = _HEXADECIMAL[characters].view(np.uint8)
    return np.insert(characters.reshape(-1, ID - len(_AFTER)), _AFTER, ord("-"), axis=1)


def format_stored_timestamps(stored: bytes, count: int) -> Characters:
    """Format ``count`` timestamps, stored one after the other, like the API: ISO 8601 in UTC.

    A fraction of 0 is left out.
    """
    if connection.vendor == "postgresql":
        return _format_postgresql_timestamps(np.frombuffer(stored, ">i8").astype(np.int64))
    unended = _pad_timestamps(np.frombuffer(stored, np.uint8), count)
    characters = np.zeros((count, len(_MOMENT)), np.uint8)
    characters[:, : unended.shape[1]] = unended
    characters[:, _DATE] = ord("T")
    return _append_utc_suffix(characters, characters[:, _WHOLE] == 0)


def _pad_timestamps(moments: Characters, count: int) -> Characters:
    """Split ``count`` timestamps of SQLite; pad missing fractions with NUL if some have one."""
    if len(moments) not in (count * _WHOLE, count * _STORED):
        begins = np.flatnonzero(moments == ord(" ")) - _DATE
        ends = np.append(begins[1:], len(moments))
        whole = ends[ends - begins == _WHOLE]
        moments = np.insert(moments, np.repeat(whole, _STORED - _WHOLE), 0)
    return moments.reshape(count, len(moments) // max(count, 1))


def _format_postgresql_timestamps(microseconds: _Numbers) -> Characters:
    """Format PostgreSQL's timestamps, in microseconds."""
    seconds, parts = _divide_with_remainder(microseconds, _SECOND)
    days, seconds = _divide_with_remainder(seconds, _DAY)
    known, places = np.unique(days, return_inverse=True)
    dates = np.datetime_as_string(_EPOCH + known).astype("S10").view(np.uint8)
    minutes, seconds = _divide_with_remainder(seconds, 60)
    hours, minutes = _divide_with_remainder(minutes, 60)
    characters = np.empty((len(microseconds), len(_MOMENT)), np.uint8)
    characters[:] = np.frombuffer(_MOMENT, np.uint8)
    characters[:, :_DATE] = dates.reshape(-1, _DATE).take(places, axis=0)
    characters[:, 11:13] = _TWO.take(hours, axis=0)
    characters[:, 14:16] = _TWO.take(minutes, axis=0)
    characters[:, 17:19] = _TWO.take(seconds, axis=0)
    if parts.any():
        thousandths, millionths = _divide_with_remainder(parts, 1000)
        characters[:, 20:23] = _THREE.take(thousandths, axis=0)
        characters[:, 23:26] = _THREE.take(millionths, axis=0)
    return _append_utc_suffix(characters, parts == 0)


def _divide_with_remainder(numbers: _Numbers, by: int) -> tuple[_Numbers, _Numbers]:
    """Do the same as `np.divmod`, faster."""
    quotients = numbers // by
    return quotients, numbers - quotients * by


def _append_utc_suffix(
    moments: Characters, whole: "np.ndarray[Any, np.dtype[np.bool_]]"
) -> Characters:
    """Append Z; ``whole``: which timestamps have no fraction."""
    if whole.all():
        moments[:, _WHOLE] = ord("Z")
        return moments[:, : _WHOLE + 1]
    moments[:, -1] = ord("Z")
    if whole.any():
        moments[whole, _WHOLE] = ord("Z")
        moments[whole, _WHOLE + 1 :] = 0
    return moments


def join_character_columns(parts: Sequence[Characters | bytes]) -> list[bytes]:
    """Join the parts of each row to one text; a part in bytes is the same in every row.

    All other parts have equal numbers of rows.
    """
    like = b"".join(part if isinstance(part, bytes) else bytes(part.shape[1]) for part in parts)
    rows = next(len(part) for part in parts if not isinstance(part, bytes))
    characters = np.empty((rows, len(like)), np.uint8)
    characters[:] = np.frombuffer(like, np.uint8)
    end = 0
    for part in parts:
        begin, end = end, end + (len(part) if isinstance(part, bytes) else part.shape[1])
        if not isinstance(part, bytes):
            characters[:, begin:end] = part
    texts: list[bytes] = characters.view(f"S{len(like)}").ravel().tolist()
    for row in set((np.flatnonzero(characters == 0) // len(like)).tolist()):
        texts[row] = texts[row].replace(b"\0", b"")
    return texts
