"""Which errors mean that a request cannot be served now, and when to retry."""

import errno
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from django import db


class LockTimeout(db.OperationalError):
    """A write transaction did not get its turn in time."""


@dataclass(frozen=True)
class Outage:
    """Why a request cannot be served; nothing of the failed transaction is stored."""

    code: str
    sentence: str
    retry_after: int
    """in seconds"""


class Unavailable(Exception):
    """Something other than the database is temporarily unavailable."""

    def __init__(self, outage: Outage) -> None:
        super().__init__(outage.code)
        self.outage = outage


BUSY = Outage("database_busy", "The database is busy with other changes.", 2)
DOWN = Outage("database_unavailable", "The database cannot be reached at the moment.", 5)
FULL = Outage("disk_full", "The server's disk is full: the administrator must free some space.", 30)
READ_ONLY = Outage("database_read_only", "The database cannot save changes at the moment.", 30)

_OF_SQLITE = {
    "SQLITE_BUSY": BUSY,
    "SQLITE_LOCKED": BUSY,
    "SQLITE_PROTOCOL": BUSY,
    "SQLITE_FULL": FULL,
    "SQLITE_READONLY": READ_ONLY,
    "SQLITE_CANTOPEN": DOWN,
    "SQLITE_IOERR": DOWN,
    "SQLITE_NOMEM": DOWN,
    "SQLITE_CORRUPT": DOWN,
    "SQLITE_NOTADB": DOWN,
}
# SQLSTATE codes, or the class in their first two characters.
_OF_POSTGRESQL = {
    "08": DOWN,  # connection exception
    "25006": READ_ONLY,  # read-only transaction
    "25P03": DOWN,  # ended because it was idle in a transaction
    "40001": BUSY,  # serialization failure, after the last attempt
    "40P01": BUSY,  # deadlock, after the last attempt
    "53": DOWN,  # system error, such as an I/O error
    "53100": FULL,
    "55P03": BUSY,  # lock not available
    "57014": BUSY,  # query cancelled, by a time limit
    "57P": DOWN,  # shutdown, crash, or starting up
    "58": DOWN,  # system error, such as of input and output
    "XX001": DOWN,  # data corrupted
    "XX002": DOWN,  # index corrupted
}
_OF_THE_SYSTEM = {errno.ENOSPC: FULL, errno.EDQUOT: FULL, errno.EROFS: READ_ONLY}


def find_outage(error: BaseException | None) -> Outage | None:
    """Return the outage that an error or one of its causes means; None for any other error."""
    return next(filter(None, map(_classify_error, _iterate_causes(error))), None)


def _iterate_causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and its causes.

    Only a database error inherits an outage from the exception that was being handled when it was
    raised, such as "connection already closed".
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        context = error.__context__ if isinstance(error, db.Error) else None
        error = error.__cause__ or context


def _classify_error(error: BaseException) -> Outage | None:
    if isinstance(error, Unavailable):
        return error.outage
    if isinstance(error, LockTimeout):
        return BUSY
    if isinstance(error, sqlite3.Error):
        primary = "_".join(str(getattr(error, "sqlite_errorname", "")).split("_")[:2])
        return _OF_SQLITE.get(primary)
    if isinstance(error, psycopg.Error):
        return _classify_postgresql_error(error)
    if isinstance(error, OSError):
        return _OF_THE_SYSTEM.get(error.errno or 0)
    # Django's error for a connection that broke inside a transaction.
    return DOWN if type(error) is db.InterfaceError and error.__cause__ is None else None


def _classify_postgresql_error(error: psycopg.Error) -> Outage | None:
    state = error.sqlstate
    if state is None:
        # No response of the server: the connection failed, broke, or could not be opened.
        return (
            DOWN if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) else None
        )
    known = (_OF_POSTGRESQL.get(state[:length]) for length in (5, 3, 2))
    return next(filter(None, known), None)
