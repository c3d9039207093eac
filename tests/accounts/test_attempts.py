"""Guesses are slowed down; whoever has signed in on a device before is not locked out by them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client

from cstoannot.accounts import attempt_actions, sign_in_limits
from cstoannot.accounts.attempt_actions import count_attempt, uncount_attempt
from cstoannot.accounts.models import SignInAttempts
from cstoannot.accounts.sign_in_limits import (
    ACCOUNT,
    DEVICE,
    SignInAllowance,
    build_address_allowance,
)
from tests.builders import PASSWORD, make_user

FEW = SignInAllowance("few", attempts=3, seconds=10)


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1_700_000_000.0

        def time(self):
            return self.now

    made = Clock()
    monkeypatch.setattr(attempt_actions, "time", made)
    return made


@pytest.fixture
def erin(db):
    return make_user("erin")


def _sign_in(client: Client, password: str = PASSWORD, name: str = "erin", **more) -> int:
    answer = client.post("/account/login/", {"login": name, "password": password}, **more)
    return 429 if b"Too many attempts" in answer.content else answer.status_code


def test_attempts_are_allowed_again_as_time_passes(db, clock):
    assert [count_attempt(FEW, "a") for _ in range(4)] == [0, 0, 0, 10]
    assert count_attempt(FEW, "b") == 0
    clock.now += 9
    assert count_attempt(FEW, "a") == 1
    clock.now += 1
    assert [count_attempt(FEW, "a") for _ in range(2)] == [0, 10]
    clock.now += 1000
    assert [count_attempt(FEW, "a") for _ in range(4)] == [0, 0, 0, 10]


def test_what_was_right_is_given_back(db, clock):
    for _ in range(10):
        assert count_attempt(FEW, "a") == 0
        uncount_attempt(FEW, "a")


def test_levels_that_have_fallen_are_forgotten(db, clock):
    count_attempt(FEW, "a")
    clock.now += attempt_actions.FORGOTTEN + 1
    count_attempt(FEW, "b")
    assert SignInAttempts.objects.count() == 1
    assert (
        max(each.attempts * each.seconds for each in (ACCOUNT, DEVICE, build_address_allowance()))
        <= attempt_actions.FORGOTTEN
    )


@pytest.mark.django_db(transaction=True)
def test_attempts_at_once_count_together(clock):
    def count(_) -> int:
        try:
            return count_attempt(FEW, "a")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(count, range(24)))
    assert waits.count(0) == FEW.attempts


def test_guesses_slow_the_account_down_from_every_address(erin, clock):
    for number in range(ACCOUNT.attempts):
        assert _sign_in(Client(), "wrong", REMOTE_ADDR=f"192.0.2.{number}") == 200
    assert _sign_in(Client(), REMOTE_ADDR="192.0.2.99") == 429
    assert _sign_in(Client(), name="ERIN", REMOTE_ADDR="192.0.2.98") == 429
    clock.now += ACCOUNT.seconds
    assert _sign_in(Client(), REMOTE_ADDR="192.0.2.99") == 302


def test_guesses_of_others_do_not_lock_out_a_known_device(erin, clock):
    known = Client()
    assert _sign_in(known) == 302
    known.post("/account/logout/")
    for number in range(20):
        _sign_in(Client(), "wrong", REMOTE_ADDR=f"192.0.2.{number}")
    assert _sign_in(Client()) == 429
    assert _sign_in(known) == 302


def test_device_guesses_for_others_as_anybody_does(erin, clock):
    make_user("eve")
    device = Client()
    assert _sign_in(device, name="eve") == 302
    device.post("/account/logout/")
    found = [_sign_in(device, "wrong") for _ in range(8)]
    assert found == [200] * ACCOUNT.attempts + [429] * 3


def test_known_device_has_an_end_of_its_own(erin, clock):
    known = Client()
    _sign_in(known)
    known.post("/account/logout/")
    found = [_sign_in(known, "wrong") for _ in range(12)]
    assert found == [200] * DEVICE.attempts + [429] * 2


def test_address_is_slowed_down(erin, clock, settings):
    settings.SIGN_IN_FAILURES = 7
    client = Client()
    found = [_sign_in(client, "wrong", name=f"somebody-{number}") for number in range(9)]
    assert found == [200] * 7 + [429] * 2
    assert _sign_in(Client(), REMOTE_ADDR="192.0.2.1") == 302


def test_right_passwords_are_counted_for_nobody(erin, clock):
    for _ in range(3 * ACCOUNT.attempts):
        assert _sign_in(Client()) == 302


def test_cookie_of_a_device():
    cookie = sign_in_limits.add_person_to_cookie("", "Erin")
    device = sign_in_limits.find_known_device(cookie, "erin")
    assert device
    assert sign_in_limits.find_known_device(cookie, "eve") is None
    both = sign_in_limits.add_person_to_cookie(cookie, "eve")
    assert (
        sign_in_limits.find_known_device(both, "eve")
        == sign_in_limits.find_known_device(both, "erin")
        == device
    )
    for number in range(sign_in_limits.MOST_PEOPLE):
        both = sign_in_limits.add_person_to_cookie(both, f"user-{number}")
    assert sign_in_limits.find_known_device(both, "erin") is None
    for forged in ("", "x", cookie + "x", cookie.replace(".", ":", 1), "\x00"):
        assert sign_in_limits.find_known_device(forged, "erin") is None
