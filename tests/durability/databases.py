"""Databases for servers in processes of their own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection


@contextmanager
def one_time_database(name: str, *, copy_of: str = "") -> Iterator[str]:
    """The address of a database on the suite's server, empty or a copy; "" on SQLite.

    It is dropped at the end, whoever is still connected.
    """
    if connection.vendor != "postgresql":
        yield ""
        return
    server, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    database = _full_name(name)
    copied = f" TEMPLATE {_full_name(copy_of)}" if copy_of else ""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {database}{copied}")
        try:
            yield f"{server}/{database}"
        finally:
            admin.execute(f"DROP DATABASE {database} WITH (FORCE)")


def _full_name(name: str) -> str:
    return f"cstoannot_{name}_{os.getpid()}"
