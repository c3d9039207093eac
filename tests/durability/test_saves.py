"""What was acknowledged is there: 32 annotators at once, and the server killed under them."""

import json
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.durability.server import PATIENCE, Server

pytestmark = pytest.mark.slow
WRITERS, EACH = 32, 10
ENDLESS = 1_000_000  # saves, so that the server is killed before anybody has done them
API = "/api/v1/projects/alliances/"
# Made by the server's own commands, in one process.
PREPARE = """
from django.core.management import call_command
from tests.builders import add_code, add_source, assign_to, join, make_project, make_user
make_user("alice")
call_command("create_token", "alice")
lead = make_project(make_user("alice"), "Alliances")
source = add_source(lead, text="Nobody came. " * 100)
add_code(lead, "Failure")
for number in range(32):
    user = make_user(f"coder-{number}")
    join(lead, user, "annotator")
    assign_to(lead, source, user)
    call_command("create_token", user.username)
"""


@pytest.fixture
def server(tmp_path: Path, database_url: str) -> Iterator[Server]:
    server = Server(tmp_path, database_url)
    try:
        yield server
    finally:
        server.kill()


@dataclass
class Writer:
    """One annotator's program, which remembers what was acknowledged to it."""

    port: int
    token: str
    number: int
    source: int = 1
    statuses: Counter[int] = field(default_factory=Counter)
    acknowledged: list[dict[str, Any]] = field(default_factory=list)
    unanswered: list[tuple[uuid.UUID, dict[str, Any]]] = field(default_factory=list)

    def save(self, many: int, *, at_work: Event | None = None) -> None:
        self.http = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            for count in range(many):
                start = (self.number * many + count) % 1_000
                draft = {"source": self.source, "code": "failure", "start": start, "end": start + 7}
                if not self._put(uuid.uuid4(), {**draft, "voice": f"Voice {count % 3}"}):
                    return
                if at_work and count == EACH:
                    at_work.set()
        finally:
            self.http.close()

    def send_again(self) -> None:
        """As a client does that had no answer: the same id, the same content."""
        waiting, self.unanswered = self.unanswered, []
        self.http = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        for number, draft in waiting:
            self._put(number, draft)
        self.http.close()

    def _put(self, number: uuid.UUID, draft: dict[str, Any]) -> bool:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            self.http.request("PUT", f"{API}annotations/{number}/", json.dumps(draft), headers)
            response = self.http.getresponse()
            body = json.loads(response.read())
        except (OSError, HTTPException, ValueError):
            self.unanswered.append((number, draft))
            return False
        self.statuses[response.status] += 1
        self.acknowledged += [body] if response.status in {200, 201} else []
        return True


def _all_at_once(writers: list[Writer], act: Any) -> None:
    with ThreadPoolExecutor(len(writers)) as pool:
        list(pool.map(act, writers, timeout=PATIENCE))


def _stored(server: Server, token: str) -> list[dict[str, Any]]:
    """Every annotation, as its owner reads it."""
    http = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    headers = {"Authorization": f"Bearer {token}"}
    http.request("GET", f"{API}annotations/?page_size=5000", headers=headers)
    page = json.loads(http.getresponse().read())
    http.close()
    assert page.get("next", "none") is None, page
    return list(page["results"])


def _by_id(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    assert len({row["id"] for row in rows}) == len(rows)
    return {row["id"]: row for row in rows}


def test_acknowledged_annotations_survive_the_server(server):
    server.manage("migrate", "--verbosity", "0")
    owner, *tokens = server.manage("shell", "--no-imports", "-c", PREPARE).split()
    server.start()
    writers = [Writer(server.port, token, number) for number, token in enumerate(tokens)]

    _all_at_once(writers, lambda writer: writer.save(EACH))
    assert sum((writer.statuses for writer in writers), Counter()) == {201: WRITERS * EACH}
    acknowledged = _by_id([row for writer in writers for row in writer.acknowledged])
    assert _by_id(_stored(server, owner)) == acknowledged

    assert server.kill() >= 2, "a parent and at least one worker"
    server.start()
    assert _by_id(_stored(server, owner)) == acknowledged

    at_work = Event()
    with ThreadPoolExecutor(WRITERS) as pool:
        saving = [pool.submit(writer.save, ENDLESS, at_work=at_work) for writer in writers]
        assert at_work.wait(PATIENCE)
        server.kill()
        for future in saving:
            future.result(PATIENCE)
    server.start()
    acknowledged = _by_id([row for writer in writers for row in writer.acknowledged])
    stored = _by_id(_stored(server, owner))
    assert {pk: stored.get(pk) for pk in acknowledged} == acknowledged
    unanswered = {str(pk) for writer in writers for pk, _ in writer.unanswered}
    assert unanswered and stored.keys() - acknowledged.keys() <= unanswered

    _all_at_once(writers, Writer.send_again)
    acknowledged = _by_id([row for writer in writers for row in writer.acknowledged])
    assert _by_id(_stored(server, owner)) == acknowledged
    assert sum((w.statuses for w in writers), Counter()).keys() <= {200, 201}
