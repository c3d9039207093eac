"""Stops the server 100 times in each way, and checks requests and saves.

    python -m benchmarks.stop [--database postgres://…] [--times 100] [--kinds load-TERM-group,…]

A request sent while the server closes its persistent connection is repeated, as HTTP requires.

A kind is a phase (start, idle, load), a signal (TERM, INT) and its target (group, master). In the
phase start (from the first line of `manage.py` on), the server is `manage.py serve`; otherwise it
is forked from a process that has loaded the application. Under load, eight clients save on
persistent connections.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from benchmarks.cstoannot_server import RANDOM, ROOT, Cstoannot
from benchmarks.large import identifier
from benchmarks.measure import HOST
from benchmarks.report import FOLDER, Row, publish
from benchmarks.tool import Document

KINDS = [
    f"{moment}-{name}-{whom}"
    for moment in ("start", "idle", "load")
    for name in ("TERM", "INT")
    for whom in ("group", "master")
]
LIMIT = 10.0
"""Seconds within which a server must end."""
SAVERS = 8


@dataclass
class Outcome:
    """The results of all stops of one kind."""

    took: list[float] = field(default_factory=list)
    hanging: int = 0
    codes: set[int] = field(default_factory=set)
    answered: int = 0
    unanswered: list[str] = field(default_factory=list)
    repeated: int = 0
    lost: int = 0

    def row(self, kind: str) -> Row:
        """Return the row of the table."""
        return {
            "kind": kind,
            "stops": len(self.took),
            "hanging": self.hanging,
            "exit codes": " ".join(map(str, sorted(self.codes))),
            "slowest s": max(self.took, default=0.0),
            "saves answered": self.answered,
            "repeated": self.repeated,
            "sent, not answered": len(self.unanswered),
            "answered, not stored": self.lost,
        }


class Saver(threading.Thread):
    """Saves on a persistent connection until nothing listens; records acknowledged saves."""

    def __init__(self, port: int, document: Document, token: str) -> None:
        super().__init__()
        self.document, self.token = document, token
        self.acknowledged: list[str] = []
        self.unanswered: list[str] = []
        self.repeated = 0
        self.http = http.client.HTTPConnection(HOST, port, timeout=30)
        self._is_kept = False
        """Whether a request was answered on this connection."""

    def run(self) -> None:
        """Save again and again."""
        try:
            while self._save(str(identifier(RANDOM, time.time_ns() // 1_000_000))):
                continue
        except (OSError, http.client.HTTPException) as error:
            self.unanswered.append(repr(error))
        self.http.close()

    def _save(self, key: str) -> bool:
        """Save one annotation; return false if nothing listens.

        A server may close a persistent connection while the client sends the next request on it.
        Clients repeat an idempotent request, such as this one, if no byte of a response has
        arrived (RFC 9110, 9.2.2).
        """
        if not self._is_connected():
            return False
        is_kept = self._is_kept
        if not self._is_answered(key):
            if not is_kept:
                raise ConnectionResetError("the first request of a connection was not answered")
            self.http.close()
            self.repeated += 1
            return self._save(key)
        answer = self.http.getresponse()
        answer.read()
        self._is_kept = True
        if answer.status in {200, 201}:
            self.acknowledged.append(key)
        elif answer.status != 503:  # too busy: a response, but no save
            self.unanswered.append(str(answer.status))
        return True

    def _is_connected(self) -> bool:
        if self.http.sock is None:
            self._is_kept = False
            try:
                self.http.connect()
            except ConnectionRefusedError:
                return False
        return True

    def _is_answered(self, key: str) -> bool:
        """Send the request; return whether any byte of a response arrives."""
        path = f"/api/v1/projects/{self.document.project}/annotations/{key}/"
        start = len(self.acknowledged) % 500
        body = {"source": int(self.document.key), "code": self.document.code(start)}
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            self.http.request(
                "PUT", path, json.dumps({**body, "start": start, "end": start + 5}), headers
            )
            return bool(self.http.sock.recv(1, socket.MSG_PEEK))
        except ConnectionError:
            return False


class Stops:
    """An installation with a project whose server is started and stopped."""

    def __init__(self, database: str, folder: Path) -> None:
        self.tool = Cstoannot(database)
        self.tool.install(folder)
        self.tool.start()
        self.document = self.tool.make_document("Nobody came. " * 100)
        self.tool.stop()
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            **self.tool.environment,
            "DJANGO_SETTINGS_MODULE": "cstoannot.settings",
        }
        self.acknowledged: set[str] = set()
        self.log = (folder / "stop.log").open("ab")
        self._preloaded: subprocess.Popen[str] | None = None

    def close(self) -> None:
        """End the remaining processes."""
        if self._preloaded:
            assert self._preloaded.stdin and self._preloaded.stdout
            self._preloaded.stdin.close()
            self._preloaded.wait(20)
            self._preloaded.stdout.close()
        self.log.close()

    def measure(self, kind: str, times: int) -> Outcome:
        """Stop the server `times` times."""
        moment, name, whom = kind.split("-")
        number = signal.Signals[f"SIG{name}"]
        outcome = Outcome()
        random = Random(kind)
        for _ in range(times):
            if moment == "start":
                self._stop_while_starting(outcome, number, whom, random.uniform(0, 4))
            else:
                self._stop(outcome, number, whom, SAVERS if moment == "load" else 0)
        if moment == "load":
            self._look_for_lost(outcome)
        return outcome

    def _stop_while_starting(
        self, outcome: Outcome, number: signal.Signals, whom: str, delay: float
    ) -> None:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env=self.environment,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        _wait_until_it_is_loading(process)
        time.sleep(delay)
        signal_server(process.pid, number, whom)
        began = time.monotonic()
        try:
            outcome.codes.add(process.wait(LIMIT))
        except subprocess.TimeoutExpired:
            outcome.hanging += 1
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        outcome.took.append(time.monotonic() - began)

    def _stop(self, outcome: Outcome, number: signal.Signals, whom: str, savers: int) -> None:
        pid = self._fork()
        _wait_until_it_answers(self.tool.port)
        people = [Saver(self.tool.port, self.document, self.tool.token) for _ in range(savers)]
        for saver in people:
            saver.start()
        time.sleep(RANDOM.uniform(0.1, 0.5))
        signal_server(pid, number, whom)
        began = time.monotonic()
        killer = threading.Timer(LIMIT, _kill_group, [pid])
        killer.start()
        code = int(self.read_reply())
        killer.cancel()
        outcome.took.append(time.monotonic() - began)
        outcome.codes.add(code)
        outcome.hanging += code == -signal.SIGKILL
        for saver in people:
            saver.join(30)
            outcome.answered += len(saver.acknowledged)
            outcome.unanswered += saver.unanswered
            outcome.repeated += saver.repeated
            self.acknowledged |= set(saver.acknowledged)

    def _look_for_lost(self, outcome: Outcome) -> None:
        """Check on a restarted server that every acknowledged save exists."""
        pid = self._fork()
        _wait_until_it_answers(self.tool.port)
        stored = set(self.tool.identifiers(self.document))
        outcome.lost = len(self.acknowledged - stored)
        signal_server(pid, signal.SIGTERM, "master")
        self.read_reply()

    def _fork(self) -> int:
        if self._preloaded is None:
            self._preloaded = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.preloaded"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.log,
                text=True,
            )
            assert self.read_reply() == "ready"
        assert self._preloaded.stdin
        self._preloaded.stdin.write("\n")
        self._preloaded.stdin.flush()
        return int(self.read_reply())

    def read_reply(self) -> str:
        """Read a line of the process that forks servers."""
        assert self._preloaded and self._preloaded.stdout
        return self._preloaded.stdout.readline().strip()


def signal_server(pid: int, number: signal.Signals, whom: str) -> None:
    """Send the signal to the server's process, or to its group."""
    with suppress(ProcessLookupError):
        if whom == "group":
            os.killpg(pid, number)
        else:
            os.kill(pid, number)


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _wait_until_it_is_loading(process: subprocess.Popen[bytes]) -> None:
    """Wait until `manage.py` runs, which first sets SIGINT to end the process.

    Python may lose a SIGINT in some hundredths of a second of its own start, before any code of
    cstoannot runs (CPython reports "Failed checking if argv[0] is an import path entry").
    """
    status = Path(f"/proc/{process.pid}/status")
    while status.exists() and process.poll() is None:
        lines = dict(line.split(":\t", 1) for line in status.read_text().splitlines())
        ignored, caught = (int(lines[name], 16) for name in ("SigIgn", "SigCgt"))
        # Python ignores SIGPIPE and catches SIGINT; `manage.py` resets SIGINT.
        if ignored & _get_signal_bit(signal.SIGPIPE) and not caught & _get_signal_bit(
            signal.SIGINT
        ):
            return
        time.sleep(0.001)


def _get_signal_bit(number: signal.Signals) -> int:
    return 1 << (number - 1)


def _wait_until_it_answers(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        connection = http.client.HTTPConnection(HOST, port, timeout=10)
        try:
            connection.request("GET", "/api/v1/me/")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.02)
        finally:
            connection.close()
    raise TimeoutError("the server does not answer")


def main() -> int:
    """Read the options, run, publish; return the number of kinds with errors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", default="", help="DATABASE_URL; else SQLite")
    parser.add_argument("--times", type=int, default=100, help="stops of each kind")
    parser.add_argument("--kinds", default=",".join(KINDS), help="comma-separated")
    options = parser.parse_args()
    name = "stop-postgresql" if options.database else "stop-sqlite"
    stops = Stops(options.database, FOLDER / name)
    rows: list[Row] = []
    failed = []
    try:
        for kind in options.kinds.split(","):
            outcome = stops.measure(kind, options.times)
            rows.append(outcome.row(kind))
            print(outcome.row(kind), flush=True)
            if outcome.hanging or outcome.unanswered or outcome.lost:
                failed.append(kind)
                print(kind, outcome.unanswered[:5])
    finally:
        stops.close()
    publish(name, rows, failed=failed, options=vars(options))
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
