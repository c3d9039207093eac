"""Write transactions on SQLite wait in one queue, and always leave it."""

import pytest
from django.db import OperationalError, connection, transaction

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite's own lock"),
]


def _is_free() -> bool:
    if not connection._queue.take(0):
        return False
    connection._queue.give_back()
    return True


def test_turn_is_held_in_a_transaction_and_given_back_after_it(transactional_db):
    with transaction.atomic():
        assert not _is_free()
        with transaction.atomic():
            assert not _is_free()
        assert not _is_free()
    assert _is_free()


def test_turn_is_given_back_by_what_fails(transactional_db):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        raise ZeroDivisionError
    assert _is_free()
    with pytest.raises(OperationalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM nothing_of_the_kind")
    assert _is_free()


def test_turn_is_given_back_by_a_closed_connection(transactional_db):
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    assert not _is_free()
    connection.close()
    assert _is_free()


def test_writer_that_waits_too_long_is_refused(transactional_db, monkeypatch):
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.01)
    assert connection._queue.take(0)
    try:
        with pytest.raises(OperationalError, match="database is locked"), transaction.atomic():
            pass
    finally:
        connection._queue.give_back()
    with transaction.atomic():
        assert not _is_free()
