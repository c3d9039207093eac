"""How large a body may be: refused by its length, before a byte of it is read or stored."""

import errno
import re
from io import BytesIO

import pytest
from django.conf import settings
from django.core.files import uploadhandler
from django.test import Client
from django.urls import get_resolver, resolve

from cstoannot.http import bodies, middleware
from cstoannot.http.bodies import IN_MEMORY, LIMITS, SMALL, resolve_body_limit
from tests.access.routes import _below, plain
from tests.api.hostile import assert_problem, contents
from tests.http.problems import assert_outage

FORM = "application/x-www-form-urlencoded"
PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
STANDARD = {"int": "1", "uuid": "0" * 8 + "-0000-4000-8000-" + "0" * 12, "slug": "a"}
STANDARD["id"] = STANDARD["uuid"]


class Watched(BytesIO):
    taken = 0

    def read(self, size=-1):
        found = super().read(size)
        self.taken += len(found)
        return found


def _routes() -> list[str]:
    return list(_below(get_resolver().url_patterns, ""))


def _address(world, route: str) -> str:
    def fill(found: re.Match[str]) -> str:
        return world.slug if found[2] == "project" else STANDARD.get(found[1] or "", "a")

    return "/" + PARAMETER.sub(fill, route)


def _send(client, path, length, method="POST", content_type="application/json", **more):
    stream = Watched(b"x" * min(length, 1000))
    request = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(length),
        "wsgi.input": stream,
        **more,
    }
    return client.request(**request), stream.taken


def _fixed_routes() -> list[str]:
    """Those that a pattern of text names; the admin's and allauth's expressions are left out."""
    return [route for route in _routes() if not re.search(r"[\^$\\(]", route)]


def test_limits_name_routes_that_exist():
    assert set(LIMITS) - set(_routes()) == set()
    assert min(LIMITS.values()) > SMALL


def test_every_route_refuses_what_is_larger_than_its_limit(world, client_for):
    client = client_for(world.alice)
    before = contents()
    routes = _fixed_routes()
    assert len(routes) > 100
    for route in routes:
        for method in ("POST", "PUT", "GET"):
            path = _address(world, route)
            answer, taken = _send(client, path, resolve_body_limit(route) + 1, method)
            assert (answer.status_code, taken) == (413, 0), (method, plain(route))
            assert answer["Connection"] == "close"
            if path.startswith("/api/"):
                assert_problem(answer, 413)
            else:
                assert "<h1>Too large</h1>" in answer.content.decode()
    assert contents() == before


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/account/login/", 413),
        ("/join/abc/", 413),
        ("/projects/restore/", 302),
        ("/projects/alliances/sources/new/", 302),
    ],
)
def test_large_bodies_of_strangers_are_not_read(world, path, status):
    """The check of a form's token would read them, and store what they upload."""
    for kind in (FORM, "multipart/form-data; boundary=b"):
        answer, taken = _send(Client(enforce_csrf_checks=True), path, SMALL + 1, content_type=kind)
        assert (answer.status_code, taken) == (status, 0)


def test_large_upload_is_not_stored_before_it_is_refused(world, client_for, monkeypatch):
    made = []
    monkeypatch.setattr(
        uploadhandler, "TemporaryUploadedFile", lambda *args, **kwargs: made.append(args)
    )
    for user in (world.alice, None):
        client = client_for(user)
        answer, taken = _send(
            client, "/account/login/", 1_500_000_000, content_type="multipart/form-data; boundary=b"
        )
        assert (answer.status_code, taken, made) == (413, 0, [])


def test_refused_write_whose_body_was_not_read_ends_the_connection(world, client_for):
    path = f"{world.api}sources/"
    for user, status in ((None, 401), (world.vera, 403), (world.dan, 404)):
        answer, taken = _send(client_for(user), path, 500)
        assert (answer.status_code, taken, answer["Connection"]) == (status, 0, "close")
    answer, _ = _send(client_for(world.alice), path, 500)
    assert (answer.status_code, answer.has_header("Connection")) == (400, False)
    answer, taken = _send(client_for(world.alice), "/no/such/address/", 500)
    assert (answer.status_code, taken, answer["Connection"]) == (404, 0, "close")
    assert not client_for(world.alice).get(path).has_header("Connection")


def test_development_server_gets_no_header_that_it_refuses(world, client_for):
    more = {"SERVER_SOFTWARE": "WSGIServer/0.2"}
    answer, _ = _send(client_for(None), f"{world.api}sources/", 500, **more)
    assert not answer.has_header("Connection")


def test_bodies_held_in_memory_are_those_of_sources(world):
    largest = [route for route, limit in LIMITS.items() if limit == settings.LARGEST_SOURCE_BODY]
    assert {resolve(_address(world, route)).url_name for route in largest} == IN_MEMORY


def test_large_texts_are_taken_in_one_at_a_time(world, client_for, monkeypatch):
    monkeypatch.setattr(bodies, "PATIENCE", 0.01)
    path, page = f"{world.api}sources/", f"/projects/{world.slug}/sources/new/"
    client = client_for(world.alice)
    client.raise_request_exception = False
    checked = Client(enforce_csrf_checks=True, raise_request_exception=False)
    checked.force_login(world.alice)
    checked.get(page)  # sets the cookie without which a form is refused unread
    with bodies.slot:
        answer, _ = _send(client, path, 3_000_000)
        assert_problem(answer, 503)
        assert answer["Retry-After"] == "10"
        answer, _ = _send(checked, page, 3_000_000, content_type=FORM)
        assert (answer.status_code, answer["Retry-After"]) == (503, "10")
        assert "Others are sending large texts" in answer.content.decode()
        assert _send(client, path, 3_000)[0].status_code == 400
    for _ in range(5):
        assert _send(client, path, 3_000_000)[0].status_code == 400
        assert _send(checked, page, 3_000_000, content_type=FORM)[0].status_code == 403
    assert not bodies.slot.locked()


def test_slow_sender_of_a_large_text_keeps_nobody_waiting(world, client_for, monkeypatch):
    """The slot is taken once the whole body has come, and is free again if it never does."""
    free_while_it_came = []

    def read(self, size=-1):
        free_while_it_came.append(not bodies.slot.locked())
        return Watched.read(self, size)

    slow = type("Slow", (Watched,), {"read": read})(b'{"title": "T", "text": "A text."}')
    client, path = client_for(world.alice), f"{world.api}sources/"
    answer, _ = _send(client, path, 3_000_000, **{"wsgi.input": slow})
    assert answer.status_code == 201
    assert len(free_while_it_came) > 1 and all(free_while_it_came)

    def break_off(self, size=-1):
        raise ConnectionResetError

    gone = type("Gone", (Watched,), {"read": break_off})(b"x")
    answer, _ = _send(client, path, 3_000_000, **{"wsgi.input": gone})
    assert answer.status_code == 400
    assert not bodies.slot.locked()


def test_full_disk_while_a_large_text_comes(world, client_for, monkeypatch):
    def refuse(self, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    full = type("Full", (BytesIO,), {"write": refuse})
    monkeypatch.setattr(bodies.tempfile, "TemporaryFile", full)
    client = client_for(world.alice)
    client.raise_request_exception = False
    answer, _ = _send(client, f"{world.api}sources/", 3_000_000)
    assert_outage(answer, "disk_full")


def test_connection_is_released_before_a_large_body_is_read(world, client_for, monkeypatch):
    order = []

    def read(self, size=-1):
        order.append("read")
        return Watched.read(self, size)

    monkeypatch.setattr(middleware, "release_pooled_connection", lambda: order.append("release"))
    stream = type("Noted", (Watched,), {"read": read})(b"x=1")
    page = f"/projects/{world.slug}/codebook/new-list/"
    more = {"wsgi.input": stream}
    _send(client_for(world.alice), page, SMALL + 1, content_type=FORM, **more)
    assert order[:2] == ["release", "read"]
    order.clear()
    _send(client_for(world.alice), page, 100, content_type=FORM)
    assert order == []
