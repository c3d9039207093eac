"""Files of several tables show one moment; nobody waits for them, and nothing stays open."""

import pytest
from django.db import connection

from cstoannot.database.snapshot import consistent_read
from cstoannot.models import Project
from tests.builders import build_world
from tests.exchange.reading import file_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("key", ["archive", "qdpx"])
def test_files_are_made_outside_of_tests_too(key):
    lead = build_world().lead
    first = file_of(lead, key)
    assert file_of(lead, key) == first
    assert not connection.in_atomic_block
    Project.objects.filter(pk=lead.project_id).update(about="Written afterwards.")
    assert Project.objects.get(pk=lead.project_id).about == "Written afterwards."


def test_a_failure_inside_closes_it():
    with pytest.raises(KeyError), consistent_read():
        Project.objects.count()
        raise KeyError
    with consistent_read():
        assert Project.objects.count() == 0
