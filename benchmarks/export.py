"""Time, CPU and memory of exports: 1,000,000 annotations here, and the same work in other tools.

    python -m benchmarks.export                       # SQLite, filled the first time (five minutes)
    DATABASE_URL=postgres://… python -m benchmarks.fill
    python -m benchmarks.export --database postgres://…
    python -m benchmarks.export --peers taguette,labelstudio --without-cstoannot

The production server is asked over HTTP; the client discards what it reads. CPU is that of the
server's processes and, on PostgreSQL, of the database's. Memory is the largest proportional set
size of the server's processes during the download, minus that before the request. The peers have
`--peer-annotations` of the same passages, inserted into their databases.
"""

from __future__ import annotations

import http.client
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks.fill import LEAD, SLUG
from benchmarks.large import Large
from benchmarks.measure import HOST, Server, cpu, cpu_of, free_port, memory
from benchmarks.peers.labelstudio import Labelstudio
from benchmarks.peers.taguette import Taguette
from benchmarks.report import FOLDER, Row, publish
from benchmarks.tool import CODES
from benchmarks.tools import arguments, running

ROOT = Path(__file__).resolve().parent.parent
FORMATS = ("csv", "jsonl", "xlsx")
PER_SOURCE = Large.per_source
WORKERS_FIND_WORK = 12  # requests, so that each of a few workers gets one


_DOCUMENT = """
    INSERT INTO documents
        (name, description, filename, created, project_id, text_direction, contents)
    VALUES (?, '', 'text.html', '2026-01-01 00:00:00', ?, 'LEFT_TO_RIGHT', ?)
"""
_HIGHLIGHT = """
    INSERT INTO highlights (document_id, start_offset, end_offset, snippet) VALUES (?, ?, ?, ?)
"""


@dataclass
class Download:
    """The measured cost of one download."""

    first: float
    """Seconds to the first byte of the body."""
    seconds: float
    bytes: int
    cpu: float
    database_cpu: float
    grown: float
    """MiB above idle."""


class Watcher:
    """Records the peak memory of a process tree while the block runs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.idle = self.most = memory(pid)
        self._ended = threading.Event()

    def __enter__(self) -> Watcher:
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *rest: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.1):
            self.most = max(self.most, memory(self.pid))


def database_cpu(database: str) -> float:
    """Return CPU seconds of the database processes for this database; 0 if there are none."""
    if not database:
        return 0.0
    with psycopg.connect(database) as connection:
        found = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid()"
        )
        return sum(cpu_of(pid) for (pid,) in found.fetchall())


def download(port: int, path: str, headers: dict[str, str], pid: int, database: str) -> Download:
    """Request a file and discard it."""
    before, base = cpu(pid), database_cpu(database)
    connection = http.client.HTTPConnection(HOST, port, timeout=3_600)
    with Watcher(pid) as watched:
        began = time.perf_counter()
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        if response.status != 200:
            raise RuntimeError(f"{path}: {response.status} {response.read(500)!r}")
        size = len(response.read(1))
        first = time.perf_counter() - began
        while chunk := response.read(1 << 20):
            size += len(chunk)
        seconds = time.perf_counter() - began
    connection.close()
    return Download(
        first=first,
        seconds=seconds,
        bytes=size,
        cpu=cpu(pid) - before,
        database_cpu=database_cpu(database) - base,
        grown=watched.most - watched.idle,
    )


def shown(tool: str, what: str, rows: int, took: Download) -> Row:
    return {
        "tool": tool,
        "file": what,
        "rows": rows,
        "MB": took.bytes / 1e6,
        "first byte ms": took.first * 1000,
        "seconds": took.seconds,
        "CPU s": took.cpu,
        "CPU s, database": took.database_cpu,
        "rows per CPU s": round(rows / (took.cpu + took.database_cpu)),
        "MiB above idle": took.grown,
    }


@contextmanager
def cstoannot(database: str) -> Iterator[tuple[Server, int, dict[str, str]]]:
    """Run the production server on the filled database; yield it, its port, a token header."""
    folder = (FOLDER / "export").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    address = database or f"sqlite:///{folder / 'large.sqlite3'}"
    environment = {"CSTOANNOT_DATA": str(folder), "PORT": str(port), "DATABASE_URL": address}

    def run(*command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    if not database:
        run("manage.py", "migrate", "--noinput")
        run("-m", "benchmarks.fill")
    token = run("manage.py", "create_token", LEAD)
    command = [sys.executable, "manage.py", "serve"]
    server = Server.start(command, port=port, env=environment, cwd=ROOT, log=folder / "server.log")
    try:
        yield server, port, {"Authorization": f"Bearer {token}"}
    finally:
        server.stop()


def ours(database: str, formats: list[str], runs: int) -> Iterator[Row]:
    """Measure each format, after partial downloads that warm up each worker."""
    name = "cstoannot, PostgreSQL" if database else "cstoannot, SQLite"
    with cstoannot(database) as (server, port, headers):
        for key in formats:
            path = f"/api/v1/projects/{SLUG}/export/{key}/"
            for _ in range(WORKERS_FIND_WORK):
                download(port, f"{path}?code=code-001", headers, server.pid, database)
            for _ in range(runs):
                time.sleep(1)
                took = download(port, path, headers, server.pid, database)
                yield shown(name, key, Large.sources * PER_SOURCE, took)


def lay_into(taguette: Taguette, project: str, large: Large) -> None:
    """Insert the same sources and passages, one tag each, as Taguette stores them."""
    with sqlite3.connect(taguette.folder / "taguette.sqlite3") as database:
        tags = [
            pk
            for (pk,) in database.execute(
                "SELECT id FROM tags WHERE project_id = ? ORDER BY id", [project]
            )
        ]
        texts = {}
        for source in large.source_texts():
            row = database.execute(_DOCUMENT, [source.title, project, f"<p>{source.text}</p>"])
            texts[source.number] = row.lastrowid, source.text
        for said in large.annotations():
            document, text = texts[said.source]
            start = len(text[: said.start].encode())
            quote = text[said.start : said.end]
            place = [document, start, start + len(quote.encode()), quote]
            row = database.execute(_HIGHLIGHT, place).lastrowid
            tag = tags[int(said.code[-3:]) % len(CODES)]
            database.execute("INSERT INTO highlight_tags VALUES (?, ?)", [row, tag])


def of_taguette(annotations: int, runs: int) -> Iterator[Row]:
    taguette = Taguette()
    with running(taguette):
        document = taguette.make_document("A text.")
        lay_into(taguette, document.project, Large(sources=annotations // PER_SOURCE))
        client = taguette.client()
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        client.close()
        path = f"/project/{document.project}/export/highlights/.csv"
        for _ in range(runs):
            took = download(taguette.port, path, {"Cookie": cookies}, taguette.server.pid, "")
            yield shown("taguette", "csv", annotations, took)


def of_labelstudio(annotations: int, runs: int) -> Iterator[Row]:
    """Measure its exports that link passages to codes, after a first one of a single text.

    A coder's passages in a text are one annotation, as its page stores them. Since its tables have
    a row per annotation, the same is measured with one annotation per passage.
    """
    labelstudio = Labelstudio()
    for one_each, shape in ((False, "annotation a coder"), (True, "annotation a passage")):
        with running(labelstudio):
            project = labelstudio.lay(Large(sources=annotations // PER_SOURCE), one_each=one_each)
            client = labelstudio.client()
            tasks = client.send("GET", f"/api/tasks/?project={project}&page_size=1").json()
            headers = client.headers
            client.close()
            for format in ("JSON", "JSON_MIN", "CSV"):
                path = f"/api/projects/{project}/export?exportType={format}"
                pid, some = labelstudio.server.pid, f"&ids[]={tasks['tasks'][0]['id']}"
                download(labelstudio.port, f"{path}{some}", headers, pid, "")
                for _ in range(runs):
                    time.sleep(1)
                    took = download(labelstudio.port, path, headers, pid, "")
                    yield shown("labelstudio", f"{format}, {shape}", annotations, took)


PEERS = {"taguette": of_taguette, "labelstudio": of_labelstudio}
"""Without doccano, whose export never ends on SQLite."""


def main() -> int:
    parser = arguments(__doc__)
    parser.set_defaults(peers="taguette")
    parser.add_argument("--peer-annotations", type=int, default=100_000)
    parser.add_argument("--formats", default=",".join(FORMATS))
    parser.add_argument("--runs", type=int, default=1)
    options = parser.parse_args()
    peers = [name for name in options.peers.split(",") if name]
    if unknown := set(peers) - set(PEERS):
        raise SystemExit(f"unknown peers: {', '.join(sorted(unknown))}; there are {[*PEERS]}")
    rows: list[Row] = []
    for name in peers:
        rows += PEERS[name](options.peer_annotations, options.runs)
    if not options.without_cstoannot:
        rows += ours(options.database, options.formats.split(","), options.runs)
    publish("export", rows, failed=[], options=vars(options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
