"""What was decided is there: adjudicators and coders at once, and the server killed under them."""

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
from tests.durability.test_saves import API, EACH, ENDLESS, Writer

pytestmark = pytest.mark.slow
BUSY = 503  # after five seconds in which others wrote
# Two have finished both sources and differ at sixteen places of each; sixteen others still code.
PREPARE = """
from django.core.management import call_command
from tests.builders import (
    add_code, add_source, annotate, assign_to, finish, join, make_project, make_user
)
make_user("alice")
lead = make_project(make_user("alice"), "Alliances")
text = " ".join(f"Nobody came on day {number}." for number in range(10, 26)) + " So it was." * 100
sources = [add_source(lead, text=text) for _ in range(2)]
add_code(lead, "Failure")
for name, stance in (("one", "supports"), ("two", "opposes")):
    reader = join(lead, make_user(name), "annotator")
    for source in sources:
        assign_to(lead, source, reader.user)
        for number in range(10, 26):
            annotate(reader, source, f"day {number}", stance=stance)
        finish(reader, source)
call_command("create_token", "alice")
for role in ("adjudicator", "annotator"):
    for number in range(16):
        user = make_user(f"{role}-{number}")
        join(lead, user, role)
        if role == "annotator":
            assign_to(lead, sources[number % 2], user)
        call_command("create_token", user.username)
"""
TELL_HISTORY = """
import json
from cstoannot.history.models import Event
found = Event.objects.filter(kind="decision").order_by("id")
print(json.dumps([(one.after["place"], one.after["reason"]) for one in found]))
"""


@pytest.fixture
def server(tmp_path: Path, database_url: str) -> Iterator[Server]:
    server = Server(tmp_path, database_url)
    try:
        yield server
    finally:
        server.kill()


@dataclass
class Adjudicator:
    """One adjudicator's program, which decides its own places again and again, each time anew.

    `acknowledged`: each place's decision as it was last answered; `said`: the reasons answered.
    """

    port: int
    token: str
    places: list[dict[str, Any]]
    statuses: Counter[int] = field(default_factory=Counter)
    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    said: list[tuple[str, str]] = field(default_factory=list)
    unanswered: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def decide(self, many: int, *, at_work: Event | None = None) -> None:
        http = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            for count in range(many):
                place = self.places[count % len(self.places)]
                if not self._put(http, place["id"], build_draft(place, count)):
                    return
                if at_work and count == EACH:
                    at_work.set()
        finally:
            http.close()

    def send_again(self) -> None:
        """As a client does that had no answer: the same decision of the same place."""
        waiting, self.unanswered = self.unanswered, []
        http = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        for place, draft in waiting:
            self._put(http, place, draft)
        http.close()

    def _put(self, http: HTTPConnection, place: str, draft: dict[str, Any]) -> bool:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        status = BUSY
        while status == BUSY:  # others have this source: nothing was stored
            try:
                http.request("PUT", f"{API}decisions/{place}/", json.dumps(draft), headers)
                response = http.getresponse()
                status, body = response.status, json.loads(response.read())
            except (OSError, HTTPException, ValueError):
                self.unanswered.append((place, draft))
                return False
        self.statuses[status] += 1
        if status == 200:
            self.acknowledged[place] = body["decision"]
            self.said.append((place, draft["reason"]))
        return True


def build_draft(place: dict[str, Any], count: int) -> dict[str, Any]:
    reason = f"For the {count}th time, {uuid.uuid4()}."
    if count % 4 == 3:
        return {"outcome": "nothing", "reason": reason}
    if count % 4 == 2:
        return {"outcome": "plural", "readings": [1, 2], "reason": reason}
    bounds = {"start": place["start"], "end": place["end"] - count % 3}
    return {
        "outcome": "edited",
        "annotations": [{"code": "failure", "stance": "mixed", **bounds}],
        "reason": reason,
    }


def read_all(server: Server, token: str, path: str) -> list[dict[str, Any]]:
    http = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    http.request("GET", API + path, headers={"Authorization": f"Bearer {token}"})
    page = json.loads(http.getresponse().read())
    http.close()
    assert page.get("next", "none") is None, page
    return list(page["results"])


def list_consensus(annotations: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    names = ("code", "start", "end", "quote", "stance")
    return sorted(tuple(one[name] for name in names) for one in annotations)


def check_decisions(server: Server, owner: str, adjudicators: list[Adjudicator]) -> None:
    """Each place is decided as was last answered, or as nobody had an answer to, and wholly so."""
    waiting = {(place, one["reason"]) for a in adjudicators for place, one in a.unanswered}
    acknowledged = {pk: one for a in adjudicators for pk, one in a.acknowledged.items()}
    places = {one["id"]: one for one in read_all(server, owner, "decisions/?page_size=5000")}
    for pk, decision in acknowledged.items():
        found = places[pk]["decision"]
        newer = found["version"] == decision["version"] + 1 and (pk, found["reason"]) in waiting
        assert found == decision or newer
    told = Counter(tuple(one) for one in json.loads(tell_history(server)))
    said = Counter(one for a in adjudicators for one in a.said)
    assert not said - told, "each decision that was answered is in the history"
    assert set(told - said) <= waiting and set(told.values()) <= {1}
    made = read_all(server, owner, "annotations/?layer=consensus&page_size=5000")
    decided = [one["decision"] for one in places.values() if one["decision"]]
    left = [passage for one in decided for passage in one["annotations"]]
    assert list_consensus(made) == list_consensus(left)


def tell_history(server: Server) -> str:
    return server.manage("shell", "--no-imports", "-c", TELL_HISTORY)


def test_acknowledged_decisions_survive_the_server(server):
    server.manage("migrate", "--verbosity", "0")
    owner, *tokens = server.manage("shell", "--no-imports", "-c", PREPARE).split()
    server.start()
    places = read_all(server, owner, "decisions/?page_size=5000")
    assert [one["state"] for one in places] == ["undecided"] * 32
    adjudicators = [
        Adjudicator(server.port, token, places[number::16])
        for number, token in enumerate(tokens[:16])
    ]
    sources = sorted({one["source"] for one in places})
    coders = [
        Writer(server.port, token, number, source=sources[number % 2])
        for number, token in enumerate(tokens[16:])
    ]

    deciding, coding = Event(), Event()
    with ThreadPoolExecutor(32) as pool:
        work = [pool.submit(one.decide, ENDLESS, at_work=deciding) for one in adjudicators]
        work += [pool.submit(one.save, ENDLESS, at_work=coding) for one in coders]
        assert deciding.wait(PATIENCE) and coding.wait(PATIENCE)
        server.kill()
        for future in work:
            future.result(PATIENCE)
    server.start()
    check_decisions(server, owner, adjudicators)
    stored = {one["id"]: one for one in read_all(server, owner, "annotations/?page_size=5000")}
    saved = [one for coder in coders for one in coder.acknowledged]
    assert saved and [stored.get(one["id"]) for one in saved] == saved

    waiting = sum(len(one.unanswered) for one in adjudicators)
    assert waiting
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(Adjudicator.send_again, adjudicators, timeout=PATIENCE))
    check_decisions(server, owner, adjudicators)
    assert sum((one.statuses for one in adjudicators), Counter()).keys() == {200}
    assert sum((one.statuses for one in coders), Counter()).keys() <= {201, BUSY}
