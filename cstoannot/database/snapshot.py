"""Reads several tables in the state of one moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def consistent_read() -> Iterator[None]:
    """Make all reads inside see the state of one moment, while others go on writing.

    On SQLite one of Django's transactions would block writers, so this one only reads.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            _execute_statement("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield
    else:
        _execute_statement("BEGIN")
        try:
            yield
        finally:
            _execute_statement("ROLLBACK")


def _execute_statement(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
