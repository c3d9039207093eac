from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.database.cluster import Cluster, find_programs


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A running PostgreSQL of the test's own."""
    programs = find_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server on this machine")
    made = Cluster(tmp_path, programs)
    made.start()
    try:
        yield made
    finally:
        if made.is_running():
            made.stop("immediate")
