"""Workers that end come back; a server that is told to stop ends, with everything answered."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from cstoannot.management.serving import listener, processes
from cstoannot.management.serving.limits import ConnectionLimits
from cstoannot.management.serving.processes import LONGEST_DELAY, Supervisor, WorkerSlot
from tests.serving.served import read_all, wait_for

GET = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def tell_process(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    """Says which process answers; the path may ask it to take its time or to die."""
    if environ["PATH_INFO"] == "/die":
        os.kill(os.getpid(), signal.SIGKILL)
    if environ["PATH_INFO"] == "/slow":
        time.sleep(1)
    start("200 OK", [])
    return [str(os.getpid()).encode()]


class Supervised:
    """A supervisor in a process of its own."""

    def __init__(self, workers: int = 1, *, ignored: int | None = None) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()
        self.pid = os.fork()
        if not self.pid:
            code = 1
            with suppress(BaseException):
                os.setsid()
                if ignored:
                    signal.signal(ignored, signal.SIG_IGN)
                Supervisor(
                    tell_process,
                    self.listener,
                    workers=workers,
                    limits=ConnectionLimits(),
                    behind_proxy=False,
                ).run()
                code = 0
            os._exit(code)
        self.listener.close()

    def ask(self, data: bytes = GET) -> bytes:
        """The answer to one request."""
        with socket.create_connection(self.address, timeout=20) as client:
            client.sendall(data)
            return read_all(client)

    def worker(self) -> int:
        """The process that answers."""
        return int(self.ask().split(b"\r\n")[-4])

    def end(self) -> int | None:
        """Its exit code, once it has ended."""
        with suppress(ChildProcessError):
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            return os.waitstatus_to_exitcode(status) if ended else None
        return 0

    def kill(self) -> None:
        """End whatever is left."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.end()


@pytest.fixture
def server(request):
    supervised = Supervised(getattr(request, "param", 1))
    try:
        yield supervised
    finally:
        supervised.kill()


def test_worker_that_dies_again_and_again_always_comes_back(server):
    seen = {server.worker()}
    for _ in range(4):
        with suppress(ConnectionError):
            server.ask(GET.replace(b"/ ", b"/die "))
        seen.add(server.worker())
    assert len(seen) == 5
    assert server.end() is None


def test_worker_comes_back_though_the_parent_has_ignored_the_end_of_children():
    server = Supervised(ignored=signal.SIGCHLD)
    try:
        first = server.worker()
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: _answers_from_another(server, first))
    finally:
        server.kill()


def test_worker_that_is_told_to_stop_comes_back(server):
    first = server.worker()
    os.kill(first, signal.SIGTERM)
    wait_for(lambda: _answers_from_another(server, first))


def _answers_from_another(server: Supervised, first: int) -> bool:
    with suppress(ConnectionError):
        return server.worker() != first
    return False


def test_delay_grows_to_a_limit_and_starts_over_after_a_steady_worker():
    slot, now, delays = WorkerSlot(), 100.0, []
    for _ in range(12):
        slot.started = now
        delays.append(slot.schedule_restart(now + 0.1))
    assert delays[:2] == [0.0, 0.4]
    assert delays == sorted(delays)
    assert delays[-1] == LONGEST_DELAY
    slot.started = now
    assert slot.schedule_restart(now + processes.STEADY_SECONDS) == 0.0


@pytest.mark.parametrize("server", [1, 2], indirect=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("send", [os.kill, os.killpg])
def test_server_that_is_told_to_stop_ends(server, number, send):
    server.worker()
    send(server.pid, number)
    begun = time.monotonic()
    code = None
    while code is None:
        assert time.monotonic() - begun < 10
        time.sleep(0.01)
        code = server.end()
    assert code == 0
    with pytest.raises(ConnectionError):
        server.ask()


def test_request_that_has_begun_is_answered_before_the_end(server):
    worker_pid = server.worker()
    with socket.create_connection(server.address, timeout=20) as client:
        client.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.2)
        os.killpg(server.pid, signal.SIGTERM)
        answer = read_all(client)
    assert b"Connection: close" in answer
    assert str(worker_pid).encode() in answer


@pytest.fixture
def patient_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """No connection is closed because its client has not asked again in time."""
    monkeypatch.setattr(processes, "RECENT_SECONDS", 60.0)


def test_request_on_a_kept_connection_after_the_signal_is_answered_as_the_last(patient_end, server):
    with socket.create_connection(server.address, timeout=20) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        client.recv(1_000)
        os.killpg(server.pid, signal.SIGTERM)
        wait_for(lambda: not _listens(server))
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"Connection: close" in read_all(client)


def _listens(server: Supervised) -> bool:
    try:
        socket.create_connection(server.address, timeout=20).close()
    except ConnectionRefusedError:
        return False
    return True


def test_connection_without_a_recent_request_does_not_hold_up_the_end(monkeypatch):
    monkeypatch.setattr(processes, "RECENT_SECONDS", 0.1)
    monkeypatch.setattr(processes, "END_SECONDS", 600.0)
    server = Supervised()
    try:
        with socket.create_connection(server.address, timeout=20) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            client.recv(1_000)
            os.killpg(server.pid, signal.SIGTERM)
            wait_for(lambda: server.end() is not None)
    finally:
        server.kill()


@pytest.mark.parametrize("server", [1, 2], indirect=True)
def test_whoever_connects_while_the_server_stops_is_answered_or_refused(patient_end, server):
    faults: list[str] = []
    refused = threading.Event()

    def ask_until_refused() -> None:
        try:
            while b"200 OK" in server.ask():
                continue
            faults.append("an empty answer")
        except ConnectionRefusedError:
            refused.set()
        except OSError as error:
            faults.append(repr(error))

    server.ask()
    clients = [threading.Thread(target=ask_until_refused) for _ in range(8)]
    for client in clients:
        client.start()
    os.killpg(server.pid, signal.SIGTERM)
    for client in clients:
        client.join()
    assert faults == []
    assert refused.is_set()


@pytest.fixture
def short_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests that have begun have little time left."""
    monkeypatch.setattr(processes, "END_SECONDS", 0.3)


def test_unfinished_requests_do_not_hold_up_the_end(short_end, server):
    with socket.create_connection(server.address, timeout=20) as client:
        client.sendall(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n")
        server.ask()
        os.killpg(server.pid, signal.SIGTERM)
        wait_for(lambda: server.end() is not None)


def test_times_of_a_stop_add_up_to_less_than_ten_seconds():
    in_the_worker = listener.HANDSHAKE_SECONDS + processes.END_SECONDS
    assert in_the_worker + 0.5 < processes.STOP_SECONDS < 9


def test_workers_end_when_their_supervisor_is_killed(server):
    first = server.worker()
    os.kill(server.pid, signal.SIGKILL)
    wait_for(lambda: not _is_running(first))


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
