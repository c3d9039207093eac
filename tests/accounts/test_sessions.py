"""A session ends some time after its last request."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.builders import make_user


@pytest.fixture
def client(db, settings) -> Client:
    settings.SESSION_COOKIE_AGE = 3600
    client = Client()
    client.force_login(make_user("erin"))
    return client


def _leave(minutes: float) -> None:
    """Time passes for the one session."""
    for session in Session.objects.all():
        session.expire_date -= timedelta(minutes=minutes)
        session.save()


def _left() -> timedelta:
    return Session.objects.get().expire_date - timezone.now()


def test_session_in_use_goes_on(client):
    for path in ("/", "/api/v1/me/", "/"):
        _leave(50)
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.cookies["sessionid"]["max-age"] == 3600
        assert _left() > timedelta(minutes=59)


def test_idle_session_ends(client):
    _leave(61)
    assert client.get("/").status_code == 302
    assert client.get("/api/v1/me/").status_code == 401


def test_session_is_not_written_at_each_request(client, django_assert_num_queries):
    _leave(2)
    answer = client.get("/api/v1/me/")
    assert "sessionid" not in answer.cookies
    assert _left() < timedelta(minutes=59)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite's pragma")
def test_session_is_read_while_the_database_takes_no_changes(client):
    _leave(30)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = 1")
        try:
            assert client.get("/").status_code == 200
            assert client.get("/api/v1/me/").status_code == 200
        finally:
            cursor.execute("PRAGMA query_only = 0")
