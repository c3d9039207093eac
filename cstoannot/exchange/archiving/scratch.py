"""What must be remembered of an archive while it is read: on disk, however much it is."""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Self
from uuid import UUID

_CACHE = 16_000  # kilobytes of it in memory
_TABLES = """
    CREATE TABLE texts (number INTEGER PRIMARY KEY, text TEXT NOT NULL);
    CREATE TABLE ids (kind TEXT, id BLOB, PRIMARY KEY (kind, id)) WITHOUT ROWID;
"""


class Scratch:
    """A database of SQLite without a name: its file goes with it."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("")
        self._database.execute(f"PRAGMA cache_size = -{_CACHE}")
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.executescript(_TABLES)
        self._last: tuple[int, str] = (0, "")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._last = (0, "")
        self._database.close()

    def keep_text(self, number: int, text: str) -> None:
        self._database.execute("INSERT INTO texts VALUES (?, ?)", (number, text))

    def text(self, number: int) -> str:
        """The text of the source with this number; the last one is held in memory."""
        if self._last[0] != number:
            found = self._database.execute("SELECT text FROM texts WHERE number = ?", (number,))
            self._last = (number, found.fetchone()[0])
        return self._last[1]

    def keep_ids(self, kind: str, ids: Iterable[bytes]) -> bool:
        """Whether none of them was there before."""
        try:
            self._database.executemany("INSERT INTO ids VALUES (?, ?)", ((kind, id) for id in ids))
        except sqlite3.IntegrityError:
            return False
        return True

    def ids(self, kind: str, size: int) -> Iterator[list[UUID]]:
        """All of one kind, so many at a time."""
        found = self._database.execute("SELECT id FROM ids WHERE kind = ?", (kind,))
        while some := found.fetchmany(size):
            yield [UUID(bytes=id) for (id,) in some]
