"""Files that appear whole or not at all, and what a backup begins with."""

import glob
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import CommandError
from django.db.migrations.loader import MigrationLoader

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
_BEGINNINGS = {b"SQLite format 3\x00": SQLITE, b"PGDMP": POSTGRESQL}
Migration = tuple[str, str]


@contextmanager
def write_atomically(target: Path) -> Iterator[Path]:
    """A name beside `target` to write to; it takes the target's place once its bytes are on disk.

    What is there stays as it was until then. Remains of a run that was killed are removed.
    """
    for remains in target.parent.glob(f".{glob.escape(target.name)}.*.part*"):
        if not _is_running(remains.name.removeprefix(f".{target.name}.").partition(".")[0]):
            remains.unlink(missing_ok=True)
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        beside.touch(mode=0o600, exist_ok=False)
        yield beside
        _sync(beside)
        beside.replace(target)
        _sync(target.parent)
    except OSError as error:
        raise CommandError(f"{target} cannot be written: {error.strerror}.") from error
    finally:
        for remains in target.parent.glob(f"{glob.escape(beside.name)}*"):
            remains.unlink(missing_ok=True)


def _is_running(pid: str) -> bool:
    return pid.isdigit() and int(pid) != os.getpid() and Path(f"/proc/{pid}").exists()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def kind_of(path: Path) -> str:
    """`SQLITE` or `POSTGRESQL`; raises CommandError for what is no backup."""
    try:
        with path.open("rb") as file:
            begins = file.read(16)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    for beginning, kind in _BEGINNINGS.items():
        if begins.startswith(beginning):
            return kind
    raise CommandError(f"{path} is no backup made by manage.py backup.")


def refuse_newer(applied: set[Migration]) -> None:
    """Raise CommandError unless this release knows all migrations that the backup has had."""
    if not any(app == "cstoannot" for app, _ in applied):
        raise CommandError("The backup is not of an installation of cstoannot.")
    loader = MigrationLoader(None, ignore_no_migrations=True)
    known = set(loader.disk_migrations) | set(loader.replacements)
    unknown = sorted(applied - known)
    if unknown:
        raise CommandError(
            f"The backup is of a newer release, which has {'.'.join(unknown[-1])}: this one "
            "cannot read it. Install that release, or a later one, and restore with it."
        )
