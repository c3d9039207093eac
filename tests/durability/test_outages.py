"""PostgreSQL goes away and comes back under a running server: 503 meanwhile, and never a 500."""

import json
import os
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from threading import Event

import pytest

from tests.database.cluster import Cluster
from tests.durability.server import PATIENCE, Server

pytestmark = [pytest.mark.slow, pytest.mark.postgres]
# Made by the server's own commands, in one process.
PREPARE = """
from django.core.management import call_command
from tests.builders import add_code, add_source, assign_to, join, make_project, make_user
lead = make_project(make_user("alice"), "Alliances")
source = add_source(lead, text="Nobody came. " * 100)
add_code(lead, "Failure")
coder = make_user("coder")
join(lead, coder, "owner")
assign_to(lead, source, coder)
call_command("create_token", "coder")
"""
API = "/api/v1/projects/alliances/"
LONGEST_REFUSAL = 10  # seconds, as long as a thread waits for a connection of a full pool


@pytest.fixture
def server(tmp_path: Path, cluster: Cluster) -> Iterator[Server]:
    server = Server(tmp_path, cluster.url)
    server.manage("migrate", "-v0")
    try:
        yield server
    finally:
        server.kill()


class Client:
    """A program that saves with a token, and a browser that asks for pages."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token

    def ask(self, method: str, path: str, body: object = None, cookie: str = ""):
        """Status, headers and text of the answer, and how long it took."""
        http = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"Cookie": cookie} if cookie else {"Authorization": f"Bearer {self.token}"}
        headers["Content-Type"] = "application/json"
        begun = time.monotonic()
        http.request(method, path, json.dumps(body) if body else None, headers)
        answer = http.getresponse()
        found = answer.status, answer.headers, answer.read().decode()
        http.close()
        return *found, time.monotonic() - begun

    def save(self):
        body = {"source": 1, "code": "failure", "start": 0, "end": 6, "quote": "Nobody"}
        return self.ask("PUT", f"{API}annotations/{uuid.uuid4()}/", body)


def _client(server: Server) -> Client:
    *_, token = server.manage("shell", "-c", PREPARE).split()
    return Client(server.port, token)


def _assert_out(client: Client) -> None:
    for status, headers, text, seconds in (
        client.save(),
        client.ask("GET", API),
        client.ask("GET", "/projects/alliances/", cookie="sessionid=" + "a" * 32),
        client.ask("GET", "/", cookie="sessionid=" + "a" * 32),
    ):
        assert (status, headers["Retry-After"]) == (503, "5"), text[:300]
        assert "cannot be reached" in text
        assert seconds < LONGEST_REFUSAL


def _wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)


def _wait_for_more(statuses: list[int], status: int, many: int) -> None:
    """Until this status was answered so many times more often than now."""
    enough = statuses.count(status) + many
    _wait_until(lambda: statuses.count(status) >= enough)


def test_restarts_while_people_save(server, cluster):
    client = _client(server)
    server.start()
    ended, kept, statuses = Event(), [], []

    def save_on() -> None:
        while not ended.is_set():
            status, _, text, _ = client.save()
            statuses.append(status)
            if status == 201:
                kept.append(json.loads(text)["id"])

    with ThreadPoolExecutor(12) as threads:
        saving = [threads.submit(save_on) for _ in range(12)]
        try:
            for mode in ("fast", "immediate"):
                _wait_for_more(statuses, 201, 40)
                cluster.stop(mode)
                _wait_for_more(statuses, 503, 20)
                cluster.start()
            _wait_for_more(statuses, 201, 40)
        finally:
            ended.set()
        for each in saving:
            each.result()
    assert set(statuses) == {201, 503}, Counter(statuses)
    for _ in range(20):
        assert client.save()[0] == 201
    listed = server.manage(
        "shell", "-v0", "-c",
        "from cstoannot.annotations.models import Annotation as A;"
        "print(*A.objects.values_list('pk', flat=True))",
    )  # fmt: skip
    assert set(kept) <= set(listed.split())


def test_idle_server_after_a_restart_and_while_it_is_down(server, cluster):
    client = _client(server)
    server.start()
    with ThreadPoolExecutor(16) as threads:
        assert {each[0] for each in threads.map(lambda _: client.save(), range(64))} == {201}
        cluster.stop("fast")
        cluster.start()
        assert {each[0] for each in threads.map(lambda _: client.save(), range(64))} == {201}
    cluster.stop("fast")
    for _ in range(5):
        _assert_out(client)
    cluster.start()
    _wait_until(lambda: client.save()[0] == 201)


def test_full_disk(server, cluster):
    """A tablespace on a small file system, where this machine lets the test make one."""
    disk = cluster.home / "disk"
    disk.mkdir()
    if os.geteuid() or os.system(f"mount -t tmpfs -o size=24m tmpfs {disk} 2>/dev/null"):
        pytest.skip("no file system of the test's own")
    try:
        os.system(f"chown postgres {disk}")
        client = _client(server)
        move = (
            "from django.db import connection as c\n"
            f"c.cursor().execute(\"CREATE TABLESPACE small LOCATION '{disk}'\")\n"
            "c.cursor().execute('ALTER TABLE cstoannot_source SET TABLESPACE small')\n"
        )
        server.manage("shell", "-c", move)
        server.start()
        statuses = Counter()
        for number in range(20):
            text = os.urandom(1_500_000).hex()
            answer = client.ask("POST", f"{API}sources/", {"title": f"T{number}", "text": text})
            statuses[answer[0]] += 1
            if answer[0] == 503:
                assert json.loads(answer[2])["type"] == "urn:cstoannot:problem:disk_full"
        assert statuses[503] > 5, statuses
        assert set(statuses) <= {201, 503}, statuses
        assert client.save()[0] == 201
    finally:
        server.kill()
        cluster.stop("immediate")
        os.system(f"umount {disk}")
