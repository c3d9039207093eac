"""SQLite: a copy of one moment, while others write."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.db.backends.sqlite3._functions import register  # type: ignore[import-untyped]

from cstoannot.management.backups.files import refuse_newer, write_atomically

IN_USE = ("cstoannot_user", "cstoannot_project")
PATIENCE = 5.0  # seconds


def back_up(database: Path, target: Path) -> None:
    """Copy the database as it stands at this moment.

    All pages are copied in one step, under one read transaction: in WAL mode nobody who writes
    waits for it, and what they write does not make it begin again.
    """
    if not database.exists():
        raise CommandError(f"There is no database {database} yet.")
    try:
        with (
            write_atomically(target) as beside,
            closing(sqlite3.connect(database, timeout=PATIENCE)) as source,
            closing(sqlite3.connect(beside)) as copy,
        ):
            source.backup(copy, pages=-1)
            _check(copy, target)
    except sqlite3.Error as error:
        raise CommandError(f"The database could not be copied: {error}.") from error


def put_back(path: Path, database: Path) -> None:
    """Make the backup the database; raises CommandError and changes nothing if it may not be."""
    try:
        # Never written to: a backup may lie where nothing can be.
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)
        ) as backup:
            _check(backup, path)
            refuse_newer(_migrations(backup))
            _refuse_in_use(database)
            with write_atomically(database) as beside:
                with closing(sqlite3.connect(beside)) as copy:
                    backup.backup(copy, pages=-1)
                _close_for_good(database)
    except sqlite3.Error as error:
        raise CommandError(f"The backup could not be restored: {error}.") from error


def _check(copy: sqlite3.Connection, path: Path) -> None:
    register(copy)  # some conditions of rows call what Django brings along
    try:
        (found,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise CommandError(f"{path} is damaged: {found}.")


def _tables(connection: sqlite3.Connection) -> set[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {name for (name,) in rows}


def _migrations(backup: sqlite3.Connection) -> set[tuple[str, str]]:
    if "django_migrations" not in _tables(backup):
        return set()
    return set(backup.execute("SELECT app, name FROM django_migrations"))


def _refuse_in_use(database: Path) -> None:
    if not database.exists():
        return
    with closing(sqlite3.connect(database, timeout=PATIENCE)) as there:
        known = _tables(there)
        held = [name for name in IN_USE if name in known and _has_rows(there, name)]
    if held:
        raise CommandError(
            f"{database} has accounts or projects already. Restore into an empty installation: "
            "move this file and those that begin with its name aside, or set CSTOANNOT_DATA to "
            "another folder."
        )


def _has_rows(connection: sqlite3.Connection, table: str) -> Any:
    return connection.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone()[0]


def _close_for_good(database: Path) -> None:
    """Leave no journal that a new file of this name would be taken to belong to.

    Fails if anybody else has the database open, which a server does while it runs.
    """
    if not database.exists():
        return
    with closing(sqlite3.connect(database, timeout=PATIENCE)) as there:
        try:
            there.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as error:
            raise CommandError(f"{database} is open: stop the server first.") from error
