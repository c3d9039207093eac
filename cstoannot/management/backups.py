"""Backups of the whole database and their restoration.

SQLite by its backup API, PostgreSQL by pg_dump and pg_restore. Files appear complete or not at all.
"""

import glob
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.db import connection
from django.db.backends.sqlite3._functions import register  # type: ignore[import-untyped]
from django.db.migrations.loader import MigrationLoader

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
_BEGINNINGS = {b"SQLite format 3\x00": SQLITE, b"PGDMP": POSTGRESQL}
Migration = tuple[str, str]


@contextmanager
def write_atomically(target: Path) -> Iterator[Path]:
    """Yield a path to write to, beside `target`; move it to the target once its bytes are on disk.

    Until then an existing target stays unchanged. Leftovers of a killed run are removed.
    """
    for remains in target.parent.glob(f".{glob.escape(target.name)}.*.part*"):
        if not _is_process_running(remains.name.removeprefix(f".{target.name}.").partition(".")[0]):
            remains.unlink(missing_ok=True)
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        beside.touch(mode=0o600, exist_ok=False)
        yield beside
        _sync_to_disk(beside)
        beside.replace(target)
        _sync_to_disk(target.parent)
    except OSError as error:
        raise CommandError(f"{target} cannot be written: {error.strerror}.") from error
    finally:
        for remains in target.parent.glob(f"{glob.escape(beside.name)}*"):
            remains.unlink(missing_ok=True)


def _is_process_running(pid: str) -> bool:
    return pid.isdigit() and int(pid) != os.getpid() and Path(f"/proc/{pid}").exists()


def _sync_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def detect_backup_kind(path: Path) -> str:
    """Return `SQLITE` or `POSTGRESQL`; raises CommandError for files that are no backup."""
    try:
        with path.open("rb") as file:
            begins = file.read(16)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    for beginning, kind in _BEGINNINGS.items():
        if begins.startswith(beginning):
            return kind
    raise CommandError(f"{path} is not a backup made with manage.py backup.")


def check_backup_release(applied: set[Migration]) -> None:
    """Raise CommandError unless this release has all migrations that were applied to the backup."""
    if not any(app == "cstoannot" for app, _ in applied):
        raise CommandError("The backup is not from a cstoannot installation.")
    loader = MigrationLoader(None, ignore_no_migrations=True)
    known = set(loader.disk_migrations) | set(loader.replacements)
    unknown = sorted(applied - known)
    if unknown:
        raise CommandError(
            f"The backup is of a newer release, which has {'.'.join(unknown[-1])}: this release "
            f"cannot read it. Install that release or a later one, then restore the backup."
        )


IN_USE = ("cstoannot_user", "cstoannot_project")
LOCK_PATIENCE = "10s"


def back_up_postgresql(settings: Mapping[str, Any], target: Path) -> None:
    """Dump the database in the state of one moment; writers continue."""
    with write_atomically(target) as beside:
        _run_postgresql_tool(
            "pg_dump",
            settings,
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--file={beside}",
        )


def restore_postgresql(path: Path, settings: Mapping[str, Any]) -> None:
    """Load the backup into the database in one transaction, or change nothing."""
    told = _run_postgresql_tool(
        "pg_restore", {}, "--data-only", "--table=django_migrations", "--file=-", str(path)
    )
    check_backup_release(_parse_dumped_migrations(told))
    _check_postgresql_empty(settings)
    connection.close()
    _run_postgresql_tool(
        "pg_restore",
        settings,
        *("--clean", "--if-exists", "--no-owner", "--no-privileges"),
        *("--single-transaction", "--exit-on-error", str(path)),
    )


def _run_postgresql_tool(tool: str, settings: Mapping[str, Any], *words: str) -> str:
    """Run a tool and return its output; `settings` are Django's of its database, if any."""
    found = shutil.which(tool)
    if found is None:
        raise CommandError(
            f"{tool} is not installed here: install PostgreSQL's client programs "
            "(postgresql-client on Debian), of the server's version or newer."
        )
    done = subprocess.run(
        [found, *(["--dbname", settings["NAME"]] if settings else []), *words],
        env={**os.environ, **_build_tool_environment(settings)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(f"{tool} failed: {' '.join(done.stderr.split())[-500:]}")
    return done.stdout


def _build_tool_environment(settings: Mapping[str, Any]) -> dict[str, str]:
    """Return the environment that tells PostgreSQL's programs the server, with the password.

    A password in the command line would be visible to others.
    """
    options = settings.get("OPTIONS", {})
    told = {
        "PGHOST": settings.get("HOST"),
        "PGPORT": settings.get("PORT"),
        "PGUSER": settings.get("USER"),
        "PGPASSWORD": settings.get("PASSWORD"),
        "PGSSLMODE": options.get("sslmode"),
        "PGSSLROOTCERT": options.get("sslrootcert"),
        "PGOPTIONS": f"-c lock_timeout={LOCK_PATIENCE}",
    }
    return {name: str(value) for name, value in told.items() if value}


def _parse_dumped_migrations(told: str) -> set[tuple[str, str]]:
    """Parse the rows of django_migrations in a dump written as SQL."""
    _, _, rows = told.partition(
        "COPY public.django_migrations (id, app, name, applied) FROM stdin;\n"
    )
    columns = [row.split("\t") for row in rows.partition("\n\\.")[0].splitlines()]
    return {(row[1], row[2]) for row in columns if len(row) == 4}


def _check_postgresql_empty(settings: Mapping[str, Any]) -> None:
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for name in set(IN_USE) & tables:
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {name})")
            (held,) = cursor.fetchone()
            if held:
                raise CommandError(
                    f"The database {settings['NAME']} already has accounts or projects. Set "
                    f"DATABASE_URL to an empty database and restore into that."
                )


PATIENCE = 5.0  # seconds


def back_up_sqlite(database: Path, target: Path) -> None:
    """Copy the database in the state of one moment.

    All pages are copied in one step, under one read transaction: in WAL mode no writer waits for
    it, and writes do not restart it.
    """
    if not database.exists():
        raise CommandError(f"The database {database} does not exist.")
    try:
        with (
            write_atomically(target) as beside,
            closing(sqlite3.connect(database, timeout=PATIENCE)) as source,
            closing(sqlite3.connect(beside)) as copy,
        ):
            source.backup(copy, pages=-1)
            _check_sqlite_copy(copy, target)
    except sqlite3.Error as error:
        raise CommandError(f"The database could not be copied: {error}.") from error


def restore_sqlite(path: Path, database: Path) -> None:
    """Replace the database by the backup; raises CommandError and changes nothing if refused."""
    try:
        # Opened without writing, because the backup may be on a read-only medium.
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)
        ) as backup:
            _check_sqlite_copy(backup, path)
            check_backup_release(_load_sqlite_migrations(backup))
            _check_sqlite_empty(database)
            with write_atomically(database) as beside:
                with closing(sqlite3.connect(beside)) as copy:
                    backup.backup(copy, pages=-1)
                _close_sqlite_journal(database)
    except sqlite3.Error as error:
        raise CommandError(f"The backup could not be restored: {error}.") from error


def _check_sqlite_copy(copy: sqlite3.Connection, path: Path) -> None:
    register(copy)  # some constraints use functions that Django defines
    try:
        (found,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise CommandError(f"{path} is damaged: {found}.")


def _load_table_names(connection: sqlite3.Connection) -> set[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {name for (name,) in rows}


def _load_sqlite_migrations(backup: sqlite3.Connection) -> set[tuple[str, str]]:
    if "django_migrations" not in _load_table_names(backup):
        return set()
    return set(backup.execute("SELECT app, name FROM django_migrations"))


def _check_sqlite_empty(database: Path) -> None:
    if not database.exists():
        return
    with closing(sqlite3.connect(database, timeout=PATIENCE)) as there:
        known = _load_table_names(there)
        held = [name for name in IN_USE if name in known and _has_table_rows(there, name)]
    if held:
        raise CommandError(
            f"{database} already has accounts or projects. Restore into an empty installation: "
            f"move this file and all files that start with its name to another folder, or set "
            f"CSTOANNOT_DATA to another folder."
        )


def _has_table_rows(connection: sqlite3.Connection, table: str) -> Any:
    return connection.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone()[0]


def _close_sqlite_journal(database: Path) -> None:
    """Delete the journal, which SQLite would otherwise apply to a new file of the same name.

    Fails if another process has the database open, such as a running server.
    """
    if not database.exists():
        return
    with closing(sqlite3.connect(database, timeout=PATIENCE)) as there:
        try:
            there.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as error:
            raise CommandError(f"{database} is in use: stop the server first.") from error
