from collections.abc import Iterator

import pytest

from tests.database.cluster import Cluster, find_programs


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A running PostgreSQL of the test's own."""
    programs = find_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server on this machine")
    made = Cluster(programs)
    try:
        made.start()
        yield made
    finally:
        made.remove()
