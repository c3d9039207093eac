"""Worlds that differ in one person's work and in nothing else, down to the last identifier."""

import json
import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models.signals import pre_save
from django.http import HttpResponse
from django.test import Client

from cstoannot.accounts.models import User
from cstoannot.annotations.models import Speaker
from cstoannot.assignments.models import Assignment
from cstoannot.threads.models import Thread

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = uuid.UUID("00000000-0000-4000-8000-000000000000")
LINK = re.compile(r"""(?:href|src|action|data-[\w-]*)=["'](/[^"'#]*)""")
PAGES_END = ("/account/logout/", "/static/")
# What is left of a member's own requests: it counts what they asked, and the clock.
OWN_COUNT = "RateLimit"


class Clock:
    """The time, and what is made from it. It stands still until somebody sets it."""

    def __init__(self) -> None:
        self.at(0)

    def at(self, minute: int) -> None:
        self.time, self.count = BEGIN + timedelta(minutes=minute), 0

    def now(self) -> datetime:
        return self.time

    def seconds(self) -> float:
        return self.time.timestamp()

    def uuid7(self) -> uuid.UUID:
        """As version 7: the time first; then a number instead of random bits."""
        self.count += 1
        milliseconds = int(self.seconds() * 1000)
        return uuid.UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | self.count)


def named(*words: object) -> uuid.UUID:
    return uuid.uuid5(NAMES, "/".join(map(str, words)))


def _name_speaker(instance: Speaker, **signal: Any) -> None:
    instance.key = named("speaker", instance.project_id, instance.name)


def _name_assignment(instance: Assignment, **signal: Any) -> None:
    instance.pk = named("assignment", instance.source_id, instance.annotator.username)


def _name_thread(instance: Thread, **signal: Any) -> None:
    if instance._state.adding:
        minute = (instance.created_at - BEGIN) // timedelta(minutes=1)
        about = (instance.kind, instance.source_id, instance.start)
        instance.pk = named("thread", minute, *about)


@contextmanager
def stopped_clock() -> Iterator[Clock]:
    """Nothing in the block is random, and time passes by `Clock.at` only.

    Random identifiers are made from what they stand for instead: they tell nothing, and would
    make every two answers differ.
    """
    clock = Clock()
    pre_save.connect(_name_speaker, sender=Speaker)
    pre_save.connect(_name_assignment, sender=Assignment)
    pre_save.connect(_name_thread, sender=Thread)
    try:
        with (
            patch("django.utils.timezone.now", clock.now),
            patch("time.time", clock.seconds),
            patch("uuid_utils.uuid7", clock.uuid7),
            patch("django.middleware.csrf._get_new_csrf_string", lambda: "c" * 32),
        ):
            yield clock
    finally:
        pre_save.disconnect(_name_speaker, sender=Speaker)
        pre_save.disconnect(_name_assignment, sender=Assignment)
        pre_save.disconnect(_name_thread, sender=Thread)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever the block stores is gone after it. It finds empty tables, and numbers from 1 on."""
    _number_anew()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    _number_anew()


def _number_anew() -> None:
    """PostgreSQL does not give back the numbers of rows that are gone, those of other tests too."""
    tables = [m._meta for m in apps.get_app_config("cstoannot").get_models() if m._meta.auto_field]
    sequences = [{"table": meta.db_table, "column": meta.pk.column} for meta in tables]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_by_name_sql(no_style(), sequences):
            cursor.execute(statement)


@contextmanager
def counted_queries() -> Iterator[list[int]]:
    """Of this connection. Django's own way notes their words, which costs as much as asking."""
    count = [0]

    def note(execute: Callable[..., Any], *arguments: Any) -> Any:
        count[0] += 1
        return execute(*arguments)

    with connection.execute_wrapper(note):
        yield count


@dataclass(frozen=True)
class Answer:
    """All that somebody is told who asks."""

    status: int
    content: bytes
    headers: tuple[tuple[str, str], ...]
    queries: int | None = None


@dataclass
class Reader:
    """One person at one client, asking whatever there is to ask."""

    user: User
    clock: Clock
    answers: dict[str, Answer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = Client()
        self.client.force_login(self.user)

    def read(self, addresses: Iterable[str], *, follow: bool = True) -> None:
        """GET the addresses, and every address that their answers name unless told otherwise."""
        waiting = list(addresses)
        while waiting:
            url = waiting.pop(0)
            if url in self.answers:
                continue
            with counted_queries() as count:
                response = self.client.get(url)
            self.answers[url] = _answer(response, count[0])
            waiting += _links(response) if follow else []

    def try_out(
        self, method: str, url: str, body: Any = None, *, form: bool = False, **headers: str
    ) -> None:
        """Ask for a change, and undo it."""
        label = f"{method} {url} {json.dumps(body, default=str)} {headers or ''}"
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        data = b"" if form or body is None else json.dumps(body, default=str).encode()
        with transaction.atomic():
            response = self.client.generic(method, url, data, content_type=kind, headers=headers)
            self.answers[label] = _answer(response, None)
            transaction.set_rollback(True)


def _told(response: HttpResponse) -> Iterator[tuple[str, str]]:
    return (item for item in response.headers.items() if item[0] != OWN_COUNT)


def _answer(response: HttpResponse, queries: int | None) -> Answer:
    content = b"".join(response) if response.streaming else response.content
    cookies = ((f"cookie {name}", morsel.value) for name, morsel in response.cookies.items())
    return Answer(
        status=response.status_code,
        content=content,
        headers=tuple(sorted((*_told(response), *cookies))),
        queries=queries,
    )


def _links(response: HttpResponse) -> list[str]:
    kind = response.headers.get("Content-Type", "")
    if response.status_code == 302:
        found = [response.headers["Location"]]
    elif kind.startswith("text/html"):
        found = [link.replace("&amp;", "&") for link in LINK.findall(response.content.decode())]
    elif kind == "application/json" and response.content.startswith(b'{"next"'):
        page = json.loads(response.content)
        found = [link for link in (page["next"], page["previous"]) if link]
    else:
        found = []
    local = [link.removeprefix("http://testserver") for link in found]
    return [link for link in local if not link.startswith(PAGES_END)]


def differences(one: dict[str, Answer], other: dict[str, Answer]) -> list[str]:
    """Each address that is answered differently, with what differs."""
    found = [f"{url}: only one has it" for url in one.keys() ^ other.keys()]
    for url in one.keys() & other.keys():
        parts = [
            part
            for part in ("status", "content", "headers", "queries")
            if getattr(one[url], part) != getattr(other[url], part)
        ]
        if parts:
            found.append(f"{url}: {_first_difference(one[url], other[url], parts)}")
    return sorted(found)


def _first_difference(one: Answer, other: Answer, parts: list[str]) -> str:
    part = parts[0]
    a, b = getattr(one, part), getattr(other, part)
    if part == "headers":
        a, b = sorted(set(a) - set(b)), sorted(set(b) - set(a))
    if part == "content":
        at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), 0)
        a, b = a[max(0, at - 60) : at + 60], b[max(0, at - 60) : at + 60]
    return f"{part}: {a!r} / {b!r}"
