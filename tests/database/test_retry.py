"""A deadlock ends one transaction, and that one is run again."""

import threading

import pytest
from django.db import OperationalError, connection, transaction

from cstoannot.accounts.models import User
from cstoannot.database.transactions import ATTEMPTS, atomic_with_retry, repeated
from tests.annotations.test_concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)


class _Deadlock(Exception):
    sqlstate = "40P01"


def _fail(times: int, sqlstate: str = "40P01"):
    calls = []

    @atomic_with_retry
    def act() -> int:
        calls.append(connection.in_atomic_block)
        if len(calls) <= times:
            cause = _Deadlock()
            cause.sqlstate = sqlstate
            raise OperationalError("deadlock detected") from cause
        return len(calls)

    return act, calls


def test_deadlock_is_tried_again_and_counted(transactional_db):
    before = repeated["deadlock"]
    act, calls = _fail(2)
    assert act() == 3
    assert calls == [True] * 3
    assert repeated["deadlock"] == before + 2


def test_deadlock_without_end_is_given_up(transactional_db):
    act, calls = _fail(100)
    with pytest.raises(OperationalError):
        act()
    assert len(calls) == ATTEMPTS


def test_other_errors_are_not_tried_again(transactional_db):
    act, calls = _fail(1, "57P01")
    with pytest.raises(OperationalError):
        act()
    assert len(calls) == 1


def test_inner_transaction_leaves_the_repeating_to_the_outer_one(transactional_db):
    inner, calls = _fail(1)
    outer = atomic_with_retry(inner)
    assert outer() == 2
    assert len(calls) == 2


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite locks the whole file")
def test_two_that_lock_each_other_out_both_end_well(transactional_db):
    first, second = (User.objects.create(username=name).pk for name in ("anna", "ben"))
    gate = threading.Barrier(2)

    def lock(one: int, other: int) -> str:
        waited = []

        @atomic_with_retry
        def act() -> str:
            User.objects.select_for_update().get(pk=one)
            if not waited:
                waited.append(True)
                gate.wait(10)
            User.objects.select_for_update().get(pk=other)
            return "locked both"

        return act()

    before = repeated["deadlock"]
    answers = at_once(lambda: lock(first, second), lambda: lock(second, first))
    assert answers == ["locked both"] * 2
    assert repeated["deadlock"] > before
    assert not transaction.get_connection().in_atomic_block
