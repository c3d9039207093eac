"""Runs everything at once for 20 minutes: is anything lost, duplicated or answered with 500?

    python -m benchmarks.soak [--minutes 20] [--database postgres://…] [--restart-database "…"]

Coders save as the annotation page does: they repeat the same id until it is acknowledged.
Meanwhile the lead changes the codebook, archives are restored, exports are read, the server is
killed and restarted every minute, and PostgreSQL is restarted with the given command.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.cstoannot_server import RANDOM, ROOT, SETUP, Cstoannot
from benchmarks.large import identifier
from benchmarks.measure import HOST, Client, Server, memory
from benchmarks.report import FOLDER, Row, publish
from benchmarks.tool import Document

CODERS = 8
KILL_EVERY, RESTORE_EVERY, RESTART_EVERY, LOOK_EVERY = 60.0, 20.0, 150.0, 5.0  # seconds
TEXT = "Nobody came. " * 400


class Soaked(Cstoannot):
    """An installation whose server can be killed and restarted on the same data."""

    def kill(self) -> None:
        """Kill the server's processes, like a power cut."""
        with suppress(ProcessLookupError):
            os.killpg(self.server.pid, signal.SIGKILL)
        self.server.stop()
        # A killed worker may listen a little longer than its supervisor.
        while _is_open(self.port):
            time.sleep(0.05)

    def start_again(self) -> None:
        """Start the server on its port."""
        self.server = Server.start(
            [sys.executable, "manage.py", "serve"],
            port=self.port,
            env=self.environment,
            cwd=ROOT,
            log=self.folder / "again.log",
        )

    def make_coder(self, name: str, owner: Client, document: Document) -> str:
        """Create a member with the source assigned; return their token."""
        self._run("-m", SETUP, given={"user": name, "password": secrets.token_urlsafe(16)})
        path = f"/api/v1/projects/{document.project}"
        owner.send("POST", f"{path}/members/", data={"username": name, "role": "annotator"})
        given = {"source": int(document.key), "annotator": name}
        owner.send("POST", f"{path}/assignments/", data=given)
        return self._run("manage.py", "create_token", name).strip()

    def restore(self, archive: Path, slug: str) -> None:
        """Restore the archive as another project, with the command."""
        self._run("manage.py", "restore_project", str(archive), "--slug", slug)


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


@dataclass
class Answers:
    """Counts the responses to all clients."""

    statuses: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str, status: int, body: bytes) -> None:
        """Count a response, and record unexpected ones."""
        with self.lock:
            self.statuses[str(status)] += 1
            if status >= 500 and status != 503:
                self.faults.append(f"{what}: {status} {body[:200]!r}")


class Caller:
    """A client that reconnects when the server is gone."""

    def __init__(self, port: int, token: str, answers: Answers) -> None:
        self.port, self.token, self.answers = port, token, answers
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, method: str, path: str, data: object = None, **headers: str) -> int:
        """Send a request; return the response's status, 0 without a response."""
        sent = {"Authorization": f"Bearer {self.token}", **headers}
        body = None
        if data is not None:
            body, sent["Content-Type"] = json.dumps(data), "application/json"
        try:
            self.http.request(method, path, body, sent)
            response = self.http.getresponse()
            self.body = response.read()
        except (OSError, http.client.HTTPException):
            self.http.close()
            time.sleep(0.1)
            return 0
        self.answers.note(f"{method} {path}", response.status, self.body)
        if response.status == 503:
            time.sleep(0.2)
        return response.status


class Coder(Caller):
    """Saves passages one after the other, repeating each until it is acknowledged."""

    def __init__(self, port: int, token: str, answers: Answers) -> None:
        super().__init__(port, token, answers)
        self.acknowledged: set[str] = set()

    def save(self, document: Document, is_over: Callable[[], bool]) -> None:
        """Save one passage; change to another code if the lead has retired it."""
        key = str(identifier(RANDOM, time.time_ns() // 1_000_000))
        path = f"/api/v1/projects/{document.project}/annotations/{key}/"
        start = RANDOM.randrange(len(TEXT) - 20)
        status = 0
        while status not in {200, 201} and not is_over():
            code = RANDOM.choice(document.codes)
            draft = {"source": int(document.key), "code": code, "start": start, "end": start + 9}
            status = self.ask("PUT", path, draft)
        if status in {200, 201}:
            self.acknowledged.add(key)


class Soak:
    """The whole soak test, until the time is over."""

    def __init__(self, database: str, minutes: float, restart: str) -> None:
        self.tool = Soaked(database)
        self.tool.install(FOLDER / "soak")
        self.tool.start()
        self.document = self.tool.make_document(TEXT)
        owner = self.tool.client()
        self.answers, self.restart = Answers(), restart
        names = [f"coder-{secrets.token_hex(3)}" for _ in range(CODERS)]
        tokens = [self.tool.make_coder(name, owner, self.document) for name in names]
        self.coders = [Coder(self.tool.port, token, self.answers) for token in tokens]
        self.end = time.monotonic() + 60 * minutes
        self.happened: Counter[str] = Counter()
        self.sizes: list[float] = []
        self.server_lock = threading.Lock()

    def is_over(self) -> bool:
        return time.monotonic() > self.end

    def run(self) -> None:
        """Run all threads."""
        works = [
            self._change_codebook,
            self._export_often,
            self._restore_archives,
            self._kill_often,
            self._measure_memory,
        ]
        works += [self._restart_database] if self.restart else []
        with ThreadPoolExecutor(CODERS + len(works)) as pool:
            coding = [pool.submit(self._save_until_over, coder) for coder in self.coders]
            for done in [*coding, *(pool.submit(work) for work in works)]:
                done.result()

    def _save_until_over(self, coder: Coder) -> None:
        while not self.is_over():
            coder.save(self.document, self.is_over)
            time.sleep(0.05)

    def _change_codebook(self) -> None:
        lead = Caller(self.tool.port, self.tool.token, self.answers)
        path = f"/api/v1/projects/{self.document.project}/codes/"
        while not self.is_over():
            slug = f"tried-{secrets.token_hex(4)}"
            if lead.ask("POST", path, {"name": slug, "slug": slug}) == 201:
                lead.ask("PATCH", f"{path}{slug}/", {"definition": "Changed."}, **{"If-Match": "*"})
                into = {"into": self.document.codes[0]}
                status = lead.ask("POST", f"{path}{slug}/merge/", into, **{"If-Match": "*"})
                self.happened["codes merged"] += status in {200, 204}
            time.sleep(1)

    def _export_often(self) -> None:
        reader = Caller(self.tool.port, self.tool.token, self.answers)
        path = f"/api/v1/projects/{self.document.project}/export/"
        while not self.is_over():
            for name in ("csv", "jsonl", "refi-qda"):
                self.happened["exports"] += reader.ask("GET", f"{path}{name}/") == 200
            time.sleep(2)

    def _restore_archives(self) -> None:
        reader = Caller(self.tool.port, self.tool.token, self.answers)
        archive = self.tool.folder / "soak.zip"
        while not self._wait(RESTORE_EVERY):
            path = f"/api/v1/projects/{self.document.project}/export/archive/"
            if reader.ask("GET", path) != 200:
                continue
            archive.write_bytes(reader.body)
            with suppress(RuntimeError):  # the database may be down
                self.tool.restore(archive, f"restored-{secrets.token_hex(4)}")
                self.happened["archives restored"] += 1

    def _kill_often(self) -> None:
        while not self._wait(KILL_EVERY):
            with self.server_lock:
                self.tool.kill()
                self.tool.start_again()
            self.happened["kills"] += 1

    def _restart_database(self) -> None:
        while not self._wait(RESTART_EVERY):
            subprocess.run(shlex.split(self.restart), check=True, capture_output=True)
            self.happened["restarts of the database"] += 1

    def _measure_memory(self) -> None:
        while not self._wait(LOOK_EVERY):
            with self.server_lock:
                self.sizes.append(memory(self.tool.server.pid))

    def _wait(self, seconds: float) -> bool:
        """Wait these seconds; return whether the time is over."""
        until = min(self.end, time.monotonic() + seconds)
        time.sleep(max(0.0, until - time.monotonic()))
        return self.is_over()

    def measure(self) -> tuple[Row, list[str]]:
        """Return the result row and the errors."""
        self.tool.kill()
        self.tool.start_again()
        stored = self.tool.identifiers(self.document)
        acknowledged = set().union(*(coder.acknowledged for coder in self.coders))
        quarter = max(1, len(self.sizes) // 4)
        early, late = self.sizes[:quarter], self.sizes[-quarter:]
        row: dict[str, str | float | int] = {
            "saves acknowledged": len(acknowledged),
            "lost": len(acknowledged - set(stored)),
            "doubled": len(stored) - len(set(stored)),
            "5xx but 503": len(self.answers.faults),
            "503": self.answers.statuses["503"],
            **self.happened,
            "MiB, first quarter": sum(early) / max(1, len(early)),
            "MiB, last quarter": sum(late) / max(1, len(late)),
            "MiB, most": max(self.sizes, default=0.0),
        }
        wrong = [name for name in ("lost", "doubled", "5xx but 503") if row[name]]
        return row, wrong


def main() -> int:
    """Read the options, run, publish; return the number of errors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", default="", help="DATABASE_URL; else SQLite")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--restart-database", default="", help="a command, every 150 seconds")
    options = parser.parse_args()
    soak = Soak(options.database, options.minutes, options.restart_database)
    try:
        soak.run()
        row, wrong = soak.measure()
    finally:
        soak.tool.stop()
    name = "soak-postgresql" if options.database else "soak-sqlite"
    publish(
        name,
        [{"": what, "found": value} for what, value in row.items()],
        failed=wrong,
        options=vars(options),
    )
    print(dict(soak.answers.statuses), *soak.answers.faults[:20], sep="\n")
    return len(wrong)


if __name__ == "__main__":
    sys.exit(main())
