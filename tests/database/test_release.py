"""A pooled connection goes back when nothing is under way in it."""

import pytest
from django.db import connection, transaction

from cstoannot.database.transactions import release_pooled_connection

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def closed(monkeypatch) -> list[bool]:
    """One entry for each time that the connection was closed."""
    found: list[bool] = []
    monkeypatch.setattr(connection, "close", lambda: found.append(True))
    return found


def test_only_pooled_connections_are_released(closed, monkeypatch):
    release_pooled_connection()
    assert closed == []
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "pool", {"max_size": 1})
    release_pooled_connection()
    assert closed == [True]


def test_connection_in_a_transaction_stays(closed, monkeypatch):
    connection.ensure_connection()
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "pool", {"max_size": 1})
    with transaction.atomic():
        release_pooled_connection()
    assert closed == []
