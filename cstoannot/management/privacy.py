"""Files of the installation are for its own user alone, also those that were there before."""

import stat
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection


def make_private() -> None:
    """Take the data folder, what this program keeps in it and the database from all others.

    What the user does not own stays as it is. New files need no such care: see `settings.py`.
    """
    for path in _own_files(settings.DATA_FOLDER):
        now = path.lstat().st_mode
        wanted = 0o700 if stat.S_ISDIR(now) else 0o600
        if not stat.S_ISLNK(now) and stat.S_IMODE(now) != wanted:
            try:
                path.chmod(wanted)
            except PermissionError:
                continue


def _own_files(folder: Path) -> Iterator[Path]:
    # A folder such as /tmp, which everybody shares, is not to be closed.
    if not folder.stat().st_mode & stat.S_ISVTX:
        yield folder
    yield from _existing(folder / "secret-key")
    yield from _existing(Path(settings.STATIC_ROOT))
    yield from Path(settings.STATIC_ROOT).rglob("*")
    if connection.vendor == "sqlite":
        database = str(connection.settings_dict["NAME"])
        for ending in ("", "-wal", "-shm", "-journal"):
            yield from _existing(Path(database + ending))


def _existing(path: Path) -> Iterator[Path]:
    if path.exists():
        yield path
