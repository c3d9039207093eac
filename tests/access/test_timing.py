"""The time of an answer tells nothing of what the reader may not see.

What an answer costs is compared with and without a save of somebody else just before it: first
the work, which can be counted, then the time, as an attacker would measure it.
"""

import random
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cstoannot.accounts.models import User
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.sources.models import Source
from tests.access.routes import filled, routes
from tests.access.test_blindness import BOBS, INVITED, LIVES, NOBODY_ELSE, PAGES_ASKED, SLUG, build
from tests.access.twins import Clock
from tests.builders import annotate

READERS = {
    "blind coder": ("bob", {}),
    "coder who waits for the others": ("bob", {"visibility": "done"}),
    "viewer": ("vera", {}),
}
# Addresses whose answers rest on what is kept, or on all that a reader may know.
TIMED = [
    f"/projects/{SLUG}/",
    f"/projects/{SLUG}/codebook/",
    f"/projects/{SLUG}/agreement/",
    f"/projects/{SLUG}/disagreements/",
    f"/projects/{SLUG}/compare/",
    f"/projects/{SLUG}/compare/network/",
    f"/projects/{SLUG}/compare/passages/?code=failure&voice=everyone",
    f"/projects/{SLUG}/history/",
    f"/api/v1/projects/{SLUG}/agreement/",
    f"/api/v1/projects/{SLUG}/annotations/",
    f"/api/v1/projects/{SLUG}/comparison/",
    f"/api/v1/projects/{SLUG}/export/csv/",
]
ROUNDS = 40  # answers of each kind in a comparison of times
BEST_GUESS = 0.6


@dataclass
class Room:
    """A project in which Beth saves while a reader asks."""

    reader: User
    beth: Scope
    source: Source
    saves: int = 0

    def save(self) -> None:
        self.saves += 1
        annotate(self.beth, self.source, "Nobody", "plea", note=f"{self.saves}")

    def addresses(self) -> Iterator[str]:
        values: dict[str, list[Any]] = {
            "project": [SLUG],
            "source": [self.source.pk],
            "annotation": [BOBS[0]],
            "assignment": [NOBODY_ELSE],
            "speaker": [NOBODY_ELSE],
            "username": ["bob"],
            "proposal": [NOBODY_ELSE],
            "outsider": ["nobody"],
            "code": ["plea"],
            "invitation": [INVITED],
            "secret": ["abcd1234"],
            "number": [1],
            "key": ["abcd1234"],
            "format": ["csv", "matrix", "units"],
        }
        for route in routes():
            if not route.startswith(("admin/", "account/")):
                yield from filled(route, values)
        yield from PAGES_ASKED


@pytest.fixture(params=READERS)
def room(request: pytest.FixtureRequest, db: None) -> Room:
    name, options = READERS[request.param]
    sources = build(Clock(), LIVES["coded before Bob"], **options)
    return Room(User.objects.get(username=name), scope_of("beth"), sources["shared"])


def scope_of(username: str) -> Scope:
    return open_project(User.objects.get(username=username), SLUG, Permission.ANNOTATE)


def sign_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ask(client: Client, address: str) -> int:
    response = client.get(address)
    if response.streaming:
        b"".join(response)
    return response.status_code


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
    sources = build(Clock(), LIVES["coded, changed, deleted, finished"])
    client = sign_in(User.objects.get(username="ada"))
    address = f"/api/v1/projects/{SLUG}/comparison/"
    ask(client, address)
    _, before = count_work(client, address)
    annotate(scope_of("bob"), sources["bobs"], "hopes", "plea")
    assert count_work(client, address)[1] > 1.2 * before


def best_guess(without: list[float], after: list[float]) -> float:
    """How often the better of two guesses is right whose threshold other answers have given."""
    half = len(without) // 2
    learnt = sorted([(one, 0) for one in without[:half]] + [(one, 1) for one in after[:half]])
    limits = [(one + other) / 2 for (one, _), (other, _) in pairwise(learnt)]

    def right(limit: float, lower: list[float], upper: list[float]) -> float:
        found = [one <= limit for one in lower] + [one > limit for one in upper]
        return sum(found) / len(found)

    limit = max(limits, key=lambda one: abs(right(one, without[:half], after[:half]) - 0.5))
    turned = right(limit, without[:half], after[:half]) < 0.5
    found = right(limit, without[half:], after[half:])
    return 1 - found if turned else found


def measure(client: Client, room: Room, address: str, rounds: int) -> float:
    """The share of right guesses at whether somebody saved, from the time of one answer."""
    times: dict[bool, list[float]] = {False: [], True: []}
    order = [False, True] * rounds
    random.Random(address).shuffle(order)
    for saved in order:
        ask(client, address)
        if saved:
            room.save()
        began = time.perf_counter()
        ask(client, address)
        times[saved].append(time.perf_counter() - began)
    return best_guess(times[False], times[True])


@pytest.mark.slow
def test_time_of_an_answer_does_not_tell_whether_others_saved(room):
    """An address that seems to tell is asked again, longer, before it is said to."""
    client, wrong = sign_in(room.reader), []
    for address in TIMED:
        found = measure(client, room, address, ROUNDS)
        if found > BEST_GUESS:
            found = statistics.median(measure(client, room, address, 3 * ROUNDS) for _ in range(3))
        if found > BEST_GUESS:
            wrong.append(f"{address}: {found:.0%}")
    assert not wrong, "\n".join(wrong)
