"""Clients that are slow on purpose hold no thread, and what else they hold has an end."""

import socket
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from typing import Any

import pytest

from cstoannot.management.serving import connection, limits
from cstoannot.management.serving.connection import ClientConnection
from cstoannot.management.serving.gateway import FileWrapper
from cstoannot.management.serving.limits import THREADS, ConnectionLimits, Pace
from cstoannot.management.serving.request import derive_client_origin
from tests.serving.served import Served, read_all, served, wait_for

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"


def read(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    """Reads all of the body, as a form does."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start("200 OK", [("Content-Length", str(len(str(len(body)))))])
    return [str(len(body)).encode()]


@pytest.fixture
def shorten_times(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on, all times are a fraction of a second.

    A test calls it when the server has received what it is to wait after: before, the test itself
    may be slow.
    """

    def shorten() -> None:
        for name in ("HEAD_SECONDS", "IDLE_SECONDS", "LANE_SECONDS", "LINGER_SECONDS"):
            monkeypatch.setattr(connection, name, 0.3)
        monkeypatch.setattr(limits, "WINDOW_SECONDS", 0.3)

    return shorten


def _open(stack: ExitStack, server: Served, data: bytes, many: int) -> list[socket.socket]:
    clients = []
    for _ in range(many):
        client = stack.enter_context(server.connect())
        with suppress(ConnectionError):
            client.sendall(data)
        clients.append(client)
    return clients


@pytest.mark.parametrize(
    "unfinished",
    [
        b"",
        b"POST /account/login/ HTT",
        HEAD + b"Content-Length: 100\r\n\r\nabc",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
        HEAD + b"Content-Length: 100000\r\n\r\nabc",
        HEAD + b"Expect: 100-continue\r\nContent-Length: 100000\r\n\r\n",
    ],
)
def test_unfinished_requests_keep_nobody_out(unfinished):
    with served(read) as server, ExitStack() as stack:
        _open(stack, server, unfinished, 120)
        assert server.get().endswith(b"\r\n\r\n0")


@pytest.mark.parametrize(
    ("unfinished", "answer"),
    [
        (b"", b""),
        (b"POST / HTT", b"HTTP/1.1 408 "),
        (HEAD + b"Content-Length: 100\r\n\r\nabc", b"HTTP/1.1 408 "),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"HTTP/1.1 408 "),
        (HEAD + b"Content-Length: 100000\r\n\r\nabc", b"HTTP/1.1 408 "),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 200 "),
    ],
)
def test_connection_is_closed_when_its_time_is_over(shorten_times, unfinished, answer):
    with served(read) as server, server.connect() as client:
        client.sendall(unfinished)
        wait_for(lambda: any(_is_waiting(each, unfinished) for each in server.hub))
        shorten_times()
        assert read_all(client).startswith(answer)
        wait_for(lambda: len(server.hub) == 0)


def _is_waiting(each: ClientConnection, unfinished: bytes) -> bool:
    """Whether the server has received this and now waits for its client."""
    if each.is_used and not each.receiving:
        return not each.working or each.working.is_large
    return bool(each.receiving) or not unfinished


def test_steady_client_may_take_longer_than_a_window():
    pace, moved = Pace(0.0), 0
    for second in range(1, 200):
        moved += limits.BYTES_PER_SECOND
        assert not pace.is_too_slow(float(second), moved)


def test_client_is_too_slow_once_it_has_moved_too_little_in_a_window():
    pace = Pace(0.0)
    enough = int(limits.BYTES_PER_SECOND * limits.WINDOW_SECONDS)
    assert not pace.is_too_slow(limits.WINDOW_SECONDS - 1, 0)
    assert not pace.is_too_slow(limits.WINDOW_SECONDS, enough)
    assert not pace.is_too_slow(2 * limits.WINDOW_SECONDS - 1, enough)
    assert pace.is_too_slow(2 * limits.WINDOW_SECONDS, 2 * enough - 1)


def test_large_body_beyond_the_permits_waits_and_is_then_told_to_come_again(monkeypatch):
    monkeypatch.setattr(connection, "LANE_SECONDS", 0.3)
    with served(read) as server, ExitStack() as stack:
        _open(stack, server, HEAD + b"Content-Length: 99999\r\n\r\n", THREADS // 4)
        wait_for(lambda: server.hub.unanswered_requests == THREADS // 4)
        assert server.hub.lane.held.total() == THREADS // 4
        late = server.send(HEAD + b"Content-Length: 99999\r\n\r\n")
        assert late.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nRetry-After: 10\r\n" in late
        assert server.hub.unanswered_requests == THREADS // 4


def test_permit_is_given_back_when_the_body_does_not_come(shorten_times):
    with served(read) as server, server.connect() as client:
        client.sendall(HEAD + b"Content-Length: 99999\r\n\r\n")
        wait_for(lambda: server.hub.lane.held)
        shorten_times()
        assert read_all(client).startswith(b"HTTP/1.1 408 ")
        wait_for(lambda: not server.hub.lane.held)


def test_answer_that_is_read_late_arrives_whole(monkeypatch):
    """The client's part of the operating system has some of it; the server's has the rest."""

    def answer(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        start("200 OK", [("Content-Length", "20000")])
        return [b"a" * 20_000]

    with served(answer) as server, server.connect(receive_buffer=4_096) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert client.recv(1) == b"H"
        monkeypatch.setattr(connection, "LINGER_SECONDS", 0.1)
        wait_for(lambda: len(server.hub) == 0)
        assert read_all(client).endswith(b"\r\n\r\n" + b"a" * 20_000)


def test_large_body_waits_for_a_permit_and_gets_it():
    with served(read) as server, ExitStack() as stack:
        data = HEAD + b"Connection: close\r\nContent-Length: 99999\r\n\r\n"
        first = _open(stack, server, data, THREADS // 4)
        wait_for(lambda: server.hub.unanswered_requests == THREADS // 4)
        (late,) = _open(stack, server, data + b"a" * 99_999, 1)
        wait_for(lambda: any(each.ready for each in server.hub))
        assert server.hub.lane.held.total() == THREADS // 4
        first[0].sendall(b"a" * 99_999)
        assert read_all(late).endswith(b"99999")


def test_newest_connection_of_an_address_takes_the_place_of_the_oldest():
    limit = ConnectionLimits(connections_per_address=5)
    with served(read, limits=limit) as server, ExitStack() as stack:
        clients = _open(stack, server, HEAD, 5)
        wait_for(lambda: len(server.hub) == 5)
        assert server.get().startswith(b"HTTP/1.1 200 ")
        with pytest.raises(ConnectionResetError):
            clients[0].recv(1)
        wait_for(lambda: len(server.hub) == 4)


def test_connections_that_a_proxy_brings_are_limited_in_all():
    limit = ConnectionLimits(connections=8, connections_per_address=2)
    with served(read, limits=limit, behind_proxy=True) as server, ExitStack() as stack:
        _open(stack, server, HEAD, 12)
        wait_for(lambda: len(server.hub) == 8)
        assert server.get().startswith(b"HTTP/1.1 200 ")


def test_permits_behind_a_proxy_are_counted_for_the_client_it_names():
    data = HEAD + b"Connection: close\r\nContent-Length: 99999\r\nX-Forwarded-For: 9.9.9.9, "
    with served(read, behind_proxy=True) as server, ExitStack() as stack:
        _open(stack, server, data + b"10.0.0.1\r\n\r\n", THREADS // 4 + 5)
        wait_for(lambda: server.hub.lane.held == {"10.0.0.1": THREADS // 4})
        assert server.send(data + b"10.0.0.2\r\n\r\n" + b"a" * 99_999).endswith(b"99999")


def test_permits_are_counted_for_a_network_of_ipv6():
    data = HEAD + b"Connection: close\r\nContent-Length: 99999\r\nX-Forwarded-For: "
    with served(read, behind_proxy=True) as server, ExitStack() as stack:
        for number in range(THREADS // 4 + 5):
            _open(stack, server, data + b"2001:db8:1:2::%x\r\n\r\n" % number, 1)
        network = derive_client_origin("2001:db8:1:2::1")
        wait_for(lambda: server.hub.lane.held == {network: THREADS // 4})
        wait_for(lambda: len(server.hub) == THREADS // 4 + 5)
        assert server.hub.lane.held == {network: THREADS // 4}


def test_networks_of_ipv6_count_as_one_client():
    assert derive_client_origin("2001:db8:1:2::1") == derive_client_origin(
        "2001:db8:1:2:ffff::9%eth0"
    )
    assert derive_client_origin("2001:db8:1:2::1") != derive_client_origin("2001:db8:1:3::1")
    assert derive_client_origin("::ffff:10.0.0.1") != derive_client_origin("::ffff:10.0.0.2")


def _large_file(path: Any) -> Callable[..., Iterable[bytes]]:
    def answer(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/large":
            return read(environ, start)
        start("200 OK", [("Content-Length", str(path.stat().st_size))])
        return FileWrapper(path.open("rb"))

    return answer


def test_file_taken_slowly_holds_no_thread(tmp_path):
    path = tmp_path / "large"
    path.write_bytes(b"a" * 20_000_000)
    with served(_large_file(path)) as server, ExitStack() as stack:
        _open(stack, server, b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n", THREADS + 8)
        wait_for(lambda: len(server.hub) == THREADS + 8)
        assert server.get().endswith(b"0")
        wait_for(lambda: server.hub.unanswered_requests == 0)


def test_answer_that_is_not_taken_is_cut_off(tmp_path, shorten_times):
    path = tmp_path / "large"
    path.write_bytes(b"a" * 20_000_000)
    with served(_large_file(path)) as server, server.connect() as client:
        client.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(1) == b"H"
        shorten_times()
        wait_for(lambda: len(server.hub) == 0)
        with pytest.raises(ConnectionResetError):
            read_all(client)


def _endless(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    if environ["PATH_INFO"] != "/endless":
        return read(environ, start)
    start("200 OK", [])
    return iter(lambda: b"a" * 100_000, b"")


def test_streamed_answers_taken_slowly_leave_threads_to_others():
    with served(_endless) as server, ExitStack() as stack:
        _open(stack, server, b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n", THREADS + 8)
        wait_for(lambda: server.hub.unanswered_requests == THREADS // 4)
        assert server.get().endswith(b"0")


def test_streamed_answer_that_nobody_takes_ends_its_thread(shorten_times):
    with served(_endless) as server, server.connect() as client:
        client.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_for(lambda: server.hub.unanswered_requests == 1)
        shorten_times()
        wait_for(lambda: server.hub.unanswered_requests == 0 and not server.hub.lane.held)


def test_unread_answers_of_one_address_have_a_limit(monkeypatch):
    monkeypatch.setattr("cstoannot.management.serving.hub.UNSENT_BYTES_PER_ADDRESS", 20_000_000)

    class Whole(list[bytes]):
        streaming = False

    asked = []

    def answer(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        asked.append(environ["PATH_INFO"])
        start("200 OK", [])
        return Whole([b"a" * 9_000_000])

    with served(answer) as server, ExitStack() as stack:
        _open(stack, server, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 6)
        wait_for(lambda: len(asked) == 6 and server.hub.unanswered_requests == 0)
        wait_for(lambda: sum(each.unsent for each in server.hub) <= 20_000_000)
        assert 1 <= len(server.hub) < 6
