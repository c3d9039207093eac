"""Files of several tables show one moment; nobody waits for them, and nothing stays open."""

import pytest
from django.db import connection

from cstoannot.exchange.moment import one_moment
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
    with pytest.raises(KeyError), one_moment():
        Project.objects.count()
        raise KeyError
    with one_moment():
        assert Project.objects.count() == 0
