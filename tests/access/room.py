"""A project in which one coder saves while a reader asks, and how long the answers take."""

import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.test import Client

from cstoannot.accounts.models import User
from cstoannot.decisions.places import build_place_id
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
            "thread": [NOBODY_ELSE],
            "comment": [NOBODY_ELSE],
            "place": [build_place_id(self.source.pk, [], [])],
            "plan": [NOBODY_ELSE],
            "round": [NOBODY_ELSE],
            "outsider": ["nobody"],
            "code": ["plea"],
            "invitation": [INVITED],
            "secret": ["abcd1234"],
            "results_link": [NOBODY_ELSE],
            "rest": ["agreement/"],
            "number": [1],
            "key": ["abcd1234"],
            "format": ["csv", "matrix", "units"],
        }
        for route in routes():
            if not route.startswith(("admin/", "account/")):
                yield from filled(route, values)
        yield from PAGES_ASKED


def make_room(username: str, options: Mapping[str, Any]) -> Room:
    sources = build(Clock(), LIVES["coded before Bob"], **options)
    return Room(User.objects.get(username=username), scope_of("beth"), sources["shared"])


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
