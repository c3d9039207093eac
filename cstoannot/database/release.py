"""Connections of the pool go back before a thread waits for a client."""

from django.db import connection


def release_pooled_connection() -> None:
    """Give this thread's connection back to its pool, if it has one; the next query takes another.

    A client that is slow then holds a thread, of which the server has many, and not a connection,
    of which it has few. Inside a transaction the connection stays.
    """
    if connection.settings_dict["OPTIONS"].get("pool") and not connection.in_atomic_block:
        connection.close()
