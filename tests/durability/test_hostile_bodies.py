"""The server's memory stays bounded whatever bodies are sent to it, many at a time."""

import json
import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.durability.server import Server, family_of

pytestmark = pytest.mark.slow
PATH = "/api/v1/projects/alliances/"
MOST_MIB = 400  # above idle
PREPARE = """
from django.core.management import call_command
from tests.builders import make_project, make_user
make_project(make_user("alice"), "Alliances")
call_command("create_token", "alice")
"""
HOSTILE = {
    "nested lists": b"[" * 14_500_000 + b"]" * 14_500_000,
    "many values": b"[" + b"1," * 14_500_000 + b"1]",
    "many empty objects": b"[" + b"{}," * 9_500_000 + b"{}]",
    "many names": b"{" + b'"a":1,' * 4_800_000 + b'"b":1}',
    "one long string": b'{"title": "' + b"\\u00e9" * 4_900_000 + b'"}',
    "escaped quotes": b'{"title": "' + b'\\"' * 15_000_000,
    "the longest text": json.dumps(
        {"title": "T", "text": "\u6f22" * 5_000_000}, ensure_ascii=False
    ).encode(),
    "a million sentences": b'{"title": "T", "text": "' + b"A. " * 1_666_000 + b'"}',
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    server.manage("migrate", "-v0")
    try:
        yield server
    finally:
        server.kill()


def _mib(server: Server) -> float:
    """Memory of the server's own of all its processes, in MiB."""
    total = 0
    for pid in family_of(server.process.pid):
        with suppress(OSError):
            rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(row.split()[1]) for row in rows if row.startswith("Pss:"))
    return total / 1024


def _send(server: Server, token: str, body: bytes, path: str = f"{PATH}sources/") -> int:
    http = HTTPConnection("127.0.0.1", server.port, timeout=300)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    try:
        http.request("POST", path, body, headers)
        return http.getresponse().status
    except (BrokenPipeError, ConnectionResetError):
        return 0
    finally:
        http.close()


def _send_to_sign_in(server: Server) -> int:
    """A gigabyte and a half announced, and a part of it sent, some before the answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=300) as line:
        line.sendall(
            b"POST /account/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1500000000\r\n\r\n"
            + b"x"
            * 50_000
        )
        status = int(line.recv(200).split()[1])
        with suppress(OSError):
            for _ in range(100):
                line.sendall(b"x" * 100_000)
    return status


def test_memory_is_bounded(server, tmp_path):
    token = server.manage("shell", "-v0", "-c", PREPARE).split()[-1]
    server.start()
    assert _send(server, token, b'{"title": "T", "text": "A text."}') == 201
    idle, peak, ended = _mib(server), [0.0], Event()

    def watch() -> None:
        while not ended.wait(0.1):
            peak[0] = max(peak[0], _mib(server))

    watching = Thread(target=watch)
    watching.start()
    statuses: dict[str, Counter[int]] = {}
    try:
        with ThreadPoolExecutor(4) as threads:
            for name, body in HOSTILE.items():
                sent = [threads.submit(_send, server, token, body) for _ in range(4)]
                statuses[name] = Counter(each.result() for each in sent)
            sent = [threads.submit(_send_to_sign_in, server) for _ in range(4)]
            statuses["sign-in"] = Counter(each.result() for each in sent)
    finally:
        ended.set()
        watching.join()
    found = {status for counts in statuses.values() for status in counts}
    assert found <= {0, 201, 400, 413, 422, 503}, statuses
    assert statuses["the longest text"][201] >= 1, statuses
    assert statuses["sign-in"] == {413: 4}, statuses
    assert peak[0] - idle < MOST_MIB, (idle, peak, statuses)
    assert _send(server, token, b'{"title": "T", "text": "Another."}') == 201
