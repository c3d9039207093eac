"""A database for servers in processes of their own."""

import os
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection


@pytest.fixture
def database_url() -> Iterator[str]:
    """A database of this test's own on the suite's server; empty for SQLite."""
    if connection.vendor != "postgresql":
        yield ""
        return
    url = os.environ["DATABASE_URL"]
    name = f"cstoannot_served_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield f"{url.rpartition('/')[0]}/{name}"
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
