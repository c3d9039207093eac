"""A database that cannot serve is told as such, on both surfaces: 503 with `Retry-After`."""

import sqlite3
from contextlib import closing, contextmanager

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from cstoannot.accounts.actions import create_token
from cstoannot.database.sqlite3.base import FairLock
from tests.builders import World
from tests.http.problems import assert_outage

pytestmark = pytest.mark.django_db(transaction=True)
on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="of SQLite")
on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="of PostgreSQL")


def _clients(world: World) -> tuple[Client, Client]:
    """A browser, and a program with a token; neither raises what the server made of an error."""
    browser = Client(raise_request_exception=False)
    browser.force_login(world.alice)
    _, secret = create_token(world.alice)
    headers = {"Authorization": f"Bearer {secret}"}
    return browser, Client(raise_request_exception=False, headers=headers)


def _page(world: World) -> str:
    return world.api.removeprefix("/api/v1")


def _write(client: Client, world: World):
    body = b'{"name": "Speaker of the house"}'
    return client.post(f"{world.api}speakers/", body, content_type="application/json")


def _send_form(browser: Client):
    return browser.post("/projects/new/", {"name": "Another", "visibility": "done"})


def _assert_all_writes_fail(world, browser, program, code):
    for answer in (_write(browser, world), _write(program, world)):
        assert_outage(answer, code)
    page = _send_form(browser)
    assert_outage(page, code)
    assert "Your input is kept in this browser" in page.content.decode()


@contextmanager
def _settings_of(pragma: str, value: object, after: object):
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {pragma} = {value}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA {pragma} = {after}")


@on_sqlite
def test_full_disk_on_sqlite(world):
    browser, program = _clients(world)
    with connection.cursor() as cursor:
        # Rows that fill the free space of all pages.
        (pages,) = cursor.execute("PRAGMA page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(Exception, match="full"):
            cursor.execute("CREATE TABLE filler AS SELECT randomblob(3900) AS b")
            while True:
                cursor.execute("INSERT INTO filler SELECT randomblob(3900)")
    try:
        big = b'{"title": "T", "text": "%s"}' % (b"word " * 20_000)
        answer = program.post(f"{world.api}sources/", big, content_type="application/json")
        assert_outage(answer, "disk_full")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 4294967294")
            cursor.execute("DROP TABLE filler")
    assert _write(program, world).status_code == 201
    assert browser.get("/").status_code == 200


@on_sqlite
def test_read_only_database_on_sqlite(world):
    browser, program = _clients(world)
    with _settings_of("query_only", 1, 0):
        _assert_all_writes_fail(world, browser, program, "database_read_only")
        assert browser.get(f"{_page(world)}").status_code == 200
        assert program.get(world.api).status_code == 200
    assert _write(program, world).status_code == 201


@on_sqlite
def test_database_locked_by_another_process_on_sqlite(world):
    browser, program = _clients(world)
    name = str(connection.settings_dict["NAME"])
    with (
        _settings_of("busy_timeout", 20, settings.WRITER_PATIENCE * 1000),
        closing(sqlite3.connect(name, isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        _assert_all_writes_fail(world, browser, program, "database_busy")
        other.execute("ROLLBACK")
    assert _write(program, world).status_code == 201


@on_sqlite
def test_writer_that_waits_too_long_for_its_turn(world, monkeypatch):
    browser, program = _clients(world)
    monkeypatch.setattr(FairLock, "take", lambda self, timeout: False)
    _assert_all_writes_fail(world, browser, program, "database_busy")


@on_postgresql
def test_read_only_database_on_postgresql(world):
    browser, program = _clients(world)
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    try:
        _assert_all_writes_fail(world, browser, program, "database_read_only")
        assert browser.get(f"{_page(world)}").status_code == 200
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off")


@on_postgresql
def test_table_locked_by_another_on_postgresql(world):
    browser, program = _clients(world)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '20ms'")
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE cstoannot_membership, cstoannot_event")
            _assert_all_writes_fail(world, browser, program, "database_busy")
    finally:
        other.close()
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{settings.WRITER_PATIENCE}s'")
    assert _write(program, world).status_code == 201


def _break(*_):
    raise ZeroDivisionError


def test_session_that_cannot_be_read(world, monkeypatch):
    """What middleware asks of the database before the view."""
    browser, _ = _clients(world)

    def refuse(*_):
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorname = "SQLITE_IOERR_READ"
        raise error

    monkeypatch.setattr("cstoannot.accounts.sessions.SessionStore.load", refuse)
    for path in ("/", "/account/login/", f"{_page(world)}", f"{world.api}codes/"):
        assert_outage(browser.get(path), "database_unavailable")
    assert_outage(_write(browser, world), "database_unavailable")


def test_other_errors_stay_errors(world, monkeypatch):
    browser, _ = _clients(world)
    monkeypatch.setattr("cstoannot.accounts.sessions.SessionStore.load", _break)
    assert browser.get("/").status_code == 500
