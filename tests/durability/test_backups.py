"""A backup is of one moment while others save, is there whole or not at all, and comes back."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from cstoannot.management.backups import write_atomically
from tests.durability.databases import one_time_database
from tests.durability.server import FOLDER, PATIENCE, Server, family_of

pytestmark = pytest.mark.slow
PREPARE = """
from tests.builders import add_code, add_source, annotate, assign_to, join, make_project, make_user
lead = make_project(make_user("alice"), "Alliances")
source = add_source(lead, text="Nobody came. " * 100)
add_code(lead, "Failure")
bob = join(lead, make_user("bob"), "annotator")
assign_to(lead, source, bob.user)
for number in range(20):
    annotate(bob, source, "Nobody came. "[: number % 12 + 1], note=str(number))
"""
COUNT = """
from cstoannot.models import Annotation, Event, Project, Source
print(*(model.objects.count() for model in (Annotation, Event, Project, Source)))
"""
BALLAST = 60_000_000  # bytes, so that there is a half way to be killed at


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An installation in which something is coded; it is copied for each test."""
    with _installation(tmp_path_factory.mktemp("template"), "template") as server:
        server.manage("migrate", "--verbosity", "0")
        server.manage("shell", "--no-imports", "-c", PREPARE)
        yield server


@pytest.fixture
def filled(template: Server, tmp_path: Path) -> Iterator[Server]:
    with _installation(tmp_path, "filled", template) as server:
        yield server


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Server]:
    with _installation(tmp_path, "empty") as server:
        yield server


@contextmanager
def _installation(folder: Path, name: str, template: Server | None = None) -> Iterator[Server]:
    """An installation of its own on the suite's kind of database, a copy of the template if any."""
    (folder / name).mkdir()
    with one_time_database(name, copy_of="template" if template else "") as url:
        server = Server(folder / name, url)
        if template is not None and not url:
            shutil.copy(_sqlite_of(template), _sqlite_of(server))
        yield server


def _sqlite_of(server: Server) -> Path:
    return server.folder / "cstoannot.sqlite3"


def _execute(server: Server, *statements: str) -> None:
    """Statements on the server's database, past the product."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(_sqlite_of(server), timeout=30)) as there:
            for one in statements:
                there.execute(one)
            there.commit()
    else:
        with psycopg.connect(server.environment["DATABASE_URL"], autocommit=True) as there:
            for one in statements:
                there.execute(one)


def _make_large(server: Server) -> None:
    if connection.vendor == "sqlite":
        value = f"SELECT randomblob({BALLAST})"
    else:
        value = f"SELECT md5(n::text) AS x FROM generate_series(1, {BALLAST // 40}) n"
    _execute(server, f"CREATE TABLE ballast AS {value}")


def _begin(server: Server, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "manage.py", *words],
        cwd=FOLDER,
        env=server.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _refused(server: Server, *words: str) -> str:
    process = _begin(server, *words)
    _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert b"Traceback" not in told
    return told.decode()


def _kill_once_begun(process: subprocess.Popen[bytes], part: Path, bytes: int) -> None:
    """End it and all that it has started, once so much is written beside the target."""
    _wait_until_begun(process, part, bytes)
    _kill(process)


def _wait_until_begun(process: subprocess.Popen[bytes], part: Path, bytes: int) -> None:
    until = time.monotonic() + PATIENCE
    while sum(one.stat().st_size for one in part.parent.glob(part.name)) < bytes:
        assert process.poll() is None, "it was done before anything could be done to it"
        assert time.monotonic() < until
        time.sleep(0.001)


def _kill(process: subprocess.Popen[bytes]) -> None:
    for pid in family_of(process.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert process.wait(PATIENCE) == -signal.SIGKILL
    process.communicate()


def test_backup_restores_to_an_equal_installation(filled, empty, tmp_path):
    target = tmp_path / "backup"
    filled.manage("backup", str(target))
    assert target.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["backup"]
    before = [filled.manage("shell", "--no-imports", "-c", COUNT)]
    filled.manage("export_project", "alliances", "archive", str(tmp_path / "before.zip"))
    empty.manage("restore_backup", str(target))
    assert [empty.manage("shell", "--no-imports", "-c", COUNT)] == before
    empty.manage("migrate", "--check")
    empty.manage("export_project", "alliances", "archive", str(tmp_path / "after.zip"))
    assert (tmp_path / "after.zip").read_bytes() == (tmp_path / "before.zip").read_bytes()


def test_backup_restores_into_tables_that_hold_nothing(filled, empty, tmp_path):
    filled.manage("backup", str(tmp_path / "backup"))
    empty.manage("migrate", "--verbosity", "0")
    empty.manage("restore_backup", str(tmp_path / "backup"))
    assert empty.manage("shell", "--no-imports", "-c", COUNT).split()[0] == "20"


def test_what_is_in_use_is_not_restored_over(filled, tmp_path):
    filled.manage("backup", str(tmp_path / "backup"))
    filled.manage("shell", "--no-imports", "-c", "from tests.builders import *; make_user('eve')")
    before = filled.manage("shell", "--no-imports", "-c", COUNT)
    told = _refused(filled, "restore_backup", str(tmp_path / "backup"))
    assert "already has accounts or projects" in told
    assert filled.manage("shell", "--no-imports", "-c", COUNT) == before


def test_backup_of_a_newer_release_is_refused(filled, empty, tmp_path):
    _execute(
        filled,
        "INSERT INTO django_migrations (app, name, applied) "
        "VALUES ('cstoannot', '9999_of_tomorrow', '2030-01-01 00:00:00')",
    )
    filled.manage("backup", str(tmp_path / "backup"))
    told = _refused(empty, "restore_backup", str(tmp_path / "backup"))
    assert "newer release, which has cstoannot.9999_of_tomorrow" in told


@pytest.mark.parametrize("content", [b"", b"no backup", b"SQLite format 3\x00junk", b"PGDMPjunk"])
def test_what_is_no_backup_is_refused(empty, tmp_path, content):
    (tmp_path / "backup").write_bytes(content)
    assert "CommandError" in _refused(empty, "restore_backup", str(tmp_path / "backup"))


def test_file_that_is_there_is_kept_unless_told_otherwise(filled, tmp_path):
    target = tmp_path / "backup"
    target.write_bytes(b"yesterday")
    assert "Use --force" in _refused(filled, "backup", str(target))
    assert target.read_bytes() == b"yesterday"
    filled.manage("backup", str(target), "--force")
    assert target.read_bytes() != b"yesterday"


def test_backup_killed_half_way_leaves_the_target_as_it_was(filled, tmp_path):
    _make_large(filled)
    target = tmp_path / "backup"
    target.write_bytes(b"yesterday")
    process = _begin(filled, "backup", str(target), "--force")
    _kill_once_begun(process, tmp_path / ".backup.*.part", 1_000_000)
    assert target.read_bytes() == b"yesterday"
    filled.manage("backup", str(target), "--force")
    assert target.stat().st_size > BALLAST // 4
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["backup"]


def test_remains_of_a_killed_run_are_found_whatever_the_name_holds(tmp_path):
    target = tmp_path / "backup [1]?*"
    for remains in (f".{target.name}.none.part", f".{target.name}.none.part-journal"):
        (tmp_path / remains).write_bytes(b"half")
    (tmp_path / ".backup 1.none.part").write_bytes(b"of another backup")
    with write_atomically(target) as beside:
        beside.with_name(f"{beside.name}-journal").write_bytes(b"")
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {target.name, ".backup 1.none.part"}


def test_restore_killed_half_way_leaves_the_installation_empty(filled, empty, tmp_path):
    _make_large(filled)
    target = tmp_path / "backup"
    filled.manage("backup", str(target))
    process = _begin(empty, "restore_backup", str(target))
    if connection.vendor == "sqlite":
        _kill_once_begun(process, empty.folder / ".cstoannot.sqlite3.*.part", 1_000_000)
    else:
        _kill_once_pg_restore_works(process)
    assert _refused_or_nothing(empty)
    empty.manage("restore_backup", str(target))
    assert empty.manage("shell", "--no-imports", "-c", COUNT).split()[0] == "20"


def _kill_once_pg_restore_works(process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    working = (
        "SELECT 1 FROM pg_stat_activity "
        "WHERE application_name = 'pg_restore' AND query LIKE 'COPY%ballast%'"
    )
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as admin:
        while not admin.execute(working).fetchall():
            assert process.poll() is None, "it was done before it could be killed"
            assert time.monotonic() < until
            time.sleep(0.005)
    _kill(process)


def _refused_or_nothing(server: Server) -> bool:
    """Whether the installation holds no table of ours."""
    if connection.vendor == "sqlite":
        return not _sqlite_of(server).exists()
    with psycopg.connect(server.environment["DATABASE_URL"]) as there:
        found = there.execute("SELECT to_regclass('cstoannot_annotation')").fetchone()
    return found == (None,)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="pg_dump reads a snapshot")
def test_backup_neither_waits_for_others_who_save_nor_keeps_them(filled, tmp_path):
    """`sqlite3 .backup` begins again after each write, and so never ends."""
    _make_large(filled)
    process = _begin(filled, "backup", str(tmp_path / "backup"))
    _wait_until_begun(process, tmp_path / ".backup.*.part", 1_000_000)
    process.send_signal(signal.SIGSTOP)  # half way, for as long as the others save
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    for _ in range(50):
        _execute(filled, "UPDATE cstoannot_project SET version = version + 1")
    process.send_signal(signal.SIGCONT)
    _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, told
    with closing(sqlite3.connect(tmp_path / "backup")) as copy:
        assert copy.execute("SELECT version FROM cstoannot_project").fetchall() == [(1,)]


def test_server_that_runs_is_not_restored_under(filled, empty, tmp_path):
    filled.manage("backup", str(tmp_path / "backup"))
    if connection.vendor != "sqlite":
        pytest.skip(
            "on PostgreSQL the tables are locked, and what waits for them sees the new ones"
        )
    empty.manage("migrate", "--verbosity", "0")
    with closing(sqlite3.connect(_sqlite_of(empty))) as server:
        server.execute("SELECT * FROM cstoannot_user").fetchall()
        told = _refused(empty, "restore_backup", str(tmp_path / "backup"))
    assert "stop the server first" in told
    empty.manage("restore_backup", str(tmp_path / "backup"))
