"""A server that runs for months removes deleted projects while it serves."""

import socket
import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from cstoannot.management.serving import installation
from cstoannot.management.serving.installation import DAY, SPREAD, DailyPurge
from cstoannot.projects.models import Project
from tests.builders import build_world


class Clock:
    """Seconds that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def answer(environ, start_response):
    return [b"answer"]


def ask(server: DailyPurge) -> None:
    assert server({}, None) == [b"answer"]
    if server.thread:
        server.thread.join(30)


@pytest.mark.django_db(transaction=True)
def test_deleted_project_is_removed_a_day_after_the_start():
    world, clock = build_world(), Clock()
    server = DailyPurge(answer, clock)
    long_ago = timezone.now() - timedelta(days=31)
    Project.objects.filter(slug=world.slug).update(deleted_at=long_ago)
    ask(server)
    clock.now = DAY - 1
    ask(server)
    assert Project.objects.filter(slug=world.slug).exists()
    clock.now = DAY + SPREAD
    ask(server)
    assert not Project.objects.filter(slug=world.slug).exists()


def test_answer_is_given_though_no_thread_can_be_started(monkeypatch, caplog):
    def fail(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    clock = Clock()
    server = DailyPurge(answer, clock)
    ask(server)
    monkeypatch.setattr(threading.Thread, "start", fail)
    clock.now = DAY + SPREAD
    ask(server)
    assert "can't start new thread" in caplog.text


def test_purge_runs_once_a_day_and_a_failure_is_no_answer(monkeypatch, caplog):
    runs, clock = [], Clock()

    def fail():
        runs.append(clock.now)
        raise DatabaseError("the database is away")

    monkeypatch.setattr(installation, "purge_deleted_projects", fail)
    monkeypatch.setattr(installation.connections, "close_all", lambda: None)
    server = DailyPurge(answer, clock)
    for clock.now in (0.0, DAY + SPREAD, DAY + SPREAD + 1, 2 * (DAY + SPREAD), 2.5 * DAY):
        ask(server)
    assert runs == [DAY + SPREAD, 2 * (DAY + SPREAD)]
    assert "not yet removed" in caplog.text


def test_server_serves_with_it(monkeypatch):
    served = []

    class Supervisor:
        def __init__(self, application, *parts, **options):
            served.append(application)

        def run(self):
            return None

    monkeypatch.setattr(installation, "Supervisor", Supervisor)
    for name in ("close_database_connections", "raise_open_file_limit"):
        monkeypatch.setattr(installation, name, lambda *given: None)
    with socket.socket() as listener:
        installation.run_server(listener, workers=1)
    assert [type(application) for application in served] == [DailyPurge]
