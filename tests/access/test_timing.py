"""The time of an answer tells nothing of what the reader may not see.

The work of an answer is compared with and without a save of somebody else just before it.
benchmarks/timing.py compares the time, as an attacker would measure it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cstoannot.accounts.models import User
from tests.access.room import READERS, Room, ask, best_guess, make_room, measure, scope_of, sign_in
from tests.access.test_blindness import FULLEST, LIVES, SLUG, build
from tests.access.twins import Clock
from tests.builders import annotate


@pytest.fixture(
    params=[
        "blind coder",
        pytest.param("coder who waits for the others", marks=pytest.mark.any_database),
        pytest.param("viewer", marks=pytest.mark.any_database),
    ]
)
def room(request: pytest.FixtureRequest, db: None) -> Room:
    return make_room(*READERS[request.param])


@contextmanager
def counted_calls() -> Iterator[list[int]]:
    """Of functions, those written in C included."""
    count = [0]

    def note(frame: object, event: str, argument: object) -> None:
        if event in {"call", "c_call"}:
            count[0] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield count
    finally:
        sys.setprofile(before)


def count_work(client: Client, address: str) -> tuple[int, int]:
    """Queries and calls of one answer."""
    with CaptureQueriesContext(connection) as queries, counted_calls() as calls:
        ask(client, address)
    return len(queries), calls[0]


def difference_of_work(client: Client, room: Room, address: str) -> str:
    """Queries and calls without a save and after one; empty where they are the same.

    A few calls come and go with the clock and with what Python clears away.
    """
    queries, calls = count_work(client, address)
    room.save()
    queries_after, calls_after = count_work(client, address)
    if queries == queries_after and abs(calls_after - calls) <= 50 + calls // 50:
        return ""
    return f"{address}: {queries} {calls} / {queries_after} {calls_after}"


def test_answer_takes_the_same_work_whatever_others_save(room):
    """An address where something else came in between is asked again."""
    client, wrong = sign_in(room.reader), []
    for address in room.addresses():
        ask(client, address)
        ask(client, address)
        found = [difference_of_work(client, room, address)]
        while found[-1] and len(found) < 3:
            found.append(difference_of_work(client, room, address))
        wrong += found[-1:] if found[-1] else []
    assert not wrong, "\n".join(wrong)


def test_work_of_those_who_may_see_it_differs(db):
    """The comparison is worth something: it finds a save where it may be found."""
    sources = build(Clock(), LIVES[FULLEST])
    client = sign_in(User.objects.get(username="ada"))
    address = f"/api/v1/projects/{SLUG}/comparison/"
    ask(client, address)
    _, before = count_work(client, address)
    annotate(scope_of("bob"), sources["bobs"], "hopes", "plea")
    assert count_work(client, address)[1] > 1.2 * before


def test_best_guess_is_by_chance_where_the_times_are_alike():
    """What benchmarks/timing.py rests on."""
    alike = [float(n % 7) for n in range(40)]
    assert best_guess(alike, alike[::-1]) <= 0.6
    assert best_guess(alike, [one + 7 for one in alike]) == 1.0
    assert best_guess(alike, [one - 7 for one in alike]) == 1.0


def test_times_are_measured_with_and_without_a_save(room):
    """By the clock, benchmarks/timing.py compares them: too many answers for a test."""
    client = sign_in(room.reader)
    assert 0 <= measure(client, room, f"/projects/{SLUG}/compare/", 2) <= 1
    assert room.saves == 2
