from collections.abc import Iterator

import pytest

from tests.database.conftest import cluster
from tests.durability.databases import one_time_database

__all__ = ["cluster", "database_url"]


@pytest.fixture
def database_url() -> Iterator[str]:
    """A database of this test's own on the suite's server; empty for SQLite."""
    with one_time_database("served") as url:
        yield url
