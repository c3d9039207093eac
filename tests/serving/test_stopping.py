"""The real server, stopped in each way; benchmarks/stop.py does the same a hundred times."""

import http.client
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from benchmarks.stop import KINDS, Stops
from tests.durability.server import Server, family_of

pytestmark = pytest.mark.slow
TIMES = {"start": 1, "idle": 1, "load": 2}  # of each kind, by its moment
UNFINISHED = (
    b"POST /account/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n"
    b"Cookie: csrftoken=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"  # without it the body is not read
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nlogin="
)


def test_server_ends_in_time_and_answers_what_was_asked(tmp_path: Path, database_url: str):
    stops = Stops(database_url, tmp_path)
    try:
        outcomes = {kind: stops.measure(kind, TIMES[kind.split("-")[0]]) for kind in KINDS}
    finally:
        stops.close()
    assert {kind: outcome.hanging for kind, outcome in outcomes.items() if outcome.hanging} == {}
    assert [each for outcome in outcomes.values() for each in outcome.unanswered] == []
    assert sum(outcome.lost for outcome in outcomes.values()) == 0
    assert sum(outcome.answered for outcome in outcomes.values()) > 0
    codes = {code for kind in KINDS if "start" not in kind for code in outcomes[kind].codes}
    assert codes == {0}


@pytest.fixture
def server(tmp_path: Path, database_url: str) -> Iterator[Server]:
    server = Server(tmp_path, database_url)
    try:
        server.start()
        yield server
    finally:
        server.kill()


def _status(server: Server) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request("GET", "/account/login/")
        return connection.getresponse().status
    finally:
        connection.close()


def test_unfinished_sign_ins_keep_nobody_out(server):
    with ExitStack() as stack:
        for _ in range(80):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            client.sendall(UNFINISHED)
        assert _status(server) == 200


def test_workers_that_are_killed_again_and_again_come_back(server):
    for _ in range(4):
        assert server.process
        for worker in family_of(server.process.pid)[1:]:
            os.kill(worker, signal.SIGKILL)
        end = time.monotonic() + 20
        answered = False
        while not answered and time.monotonic() < end:
            with suppress(OSError, http.client.HTTPException):
                answered = _status(server) == 200
        assert answered
