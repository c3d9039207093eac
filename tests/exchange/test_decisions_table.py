"""The table of decisions."""

from uuid import uuid4

import pytest

from cstoannot.decisions.models import Decision
from tests.exchange.handed_out import decide
from tests.exchange.reading import file_of


@pytest.mark.any_database
def test_decision_made_apart_is_told_once_another_has_decided(world):
    """Adjudicators who decide apart would else read in the table what the other decided."""
    decide(world)
    alone = Decision.objects.get(apart=True)
    met = file_of(world.lead, "decisions").decode()
    Decision.objects.filter(pk=alone.pk).update(place=uuid4(), reason="A word for nobody yet.")
    told = file_of(world.lead, "decisions").decode()
    assert f"{alone.pk}" in met
    assert f"{alone.pk}" not in told
    assert "A word for nobody yet." not in told
    assert len(told.splitlines()) == 2
