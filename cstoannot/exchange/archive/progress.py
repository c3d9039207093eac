"""The state of a restore: names, ids and keys of the rows read so far in memory; texts and ids
on disk, however many there are.
"""

import sqlite3
import uuid
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self, TypeVar
from uuid import UUID

from cstoannot.codebook.deltas import CodebookState
from cstoannot.codebook.models import Code
from cstoannot.exchange.archive.actions import Row
from cstoannot.exchange.archive.reader import ArchiveReader
from cstoannot.exchange.archive.schema import build_row_error, check_archive_row

_CACHE = 16_000  # kilobytes of it in memory
_TABLES = """
    CREATE TABLE texts (number INTEGER PRIMARY KEY, text TEXT NOT NULL);
    CREATE TABLE ids (kind TEXT, id BLOB, PRIMARY KEY (kind, id)) WITHOUT ROWID;
"""


class ScratchDatabase:
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


AT_ONCE = 500
BYTES_AT_ONCE = 1_000_000
T = TypeVar("T")


class RowSink(Protocol):
    """Where rows go: into the database, or, when an archive is only read, nowhere."""

    def put(self, rows: Sequence[Row]) -> None:
        """Store rows of one kind; sources and speakers have their keys afterwards."""

    def put_codes(self, codes: Sequence[Code], parents: dict[str, str | None]) -> None:
        """Store the codebook; `parents` gives the slug of the code above, by slug."""

    def retire(self, codes: Sequence[Code]) -> None:
        """Retire those of the codes that were retired where they came from."""


@dataclass
class RestoreProgress:
    """Names and ids of the archive, and the keys that they have in the database."""

    archive: ArchiveReader
    scratch: ScratchDatabase
    sink: RowSink
    people: Mapping[str, int]
    renew: uuid.UUID | None = None
    sources: "array[int]" = field(default_factory=lambda: array("q"))
    """Keys of the sources, which the archive numbers from 1."""
    codes: dict[str, int] = field(default_factory=dict)
    retired: list[Code] = field(default_factory=list)
    """Codes that are to be retired once their annotations have come in."""
    voices: dict[str, int] = field(default_factory=dict)
    codebook: CodebookState = field(default_factory=CodebookState)
    """As it stood after the revisions that have come in."""
    counts: dict[str, int] = field(default_factory=dict)

    def rows(self, kind: str) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, row in self.archive.rows(kind):
            self.counts[kind] = number
            yield number, check_archive_row(kind, number, row, version=self.archive.version)

    def batches(self, kind: str) -> Iterator[list[tuple[int, dict[str, Any]]]]:
        """The same, some at a time: few enough to be held in memory, however large they are."""
        batch, begun = [], self.archive.taken
        for one in self.rows(kind):
            batch.append(one)
            if len(batch) == AT_ONCE or self.archive.taken > begun + BYTES_AT_ONCE:
                yield batch
                batch, begun = [], self.archive.taken
        if batch:
            yield batch

    def id(self, given: uuid.UUID) -> uuid.UUID:
        """The id as it was; another, always the same one, where the old ids are in use here."""
        return uuid.uuid5(self.renew, str(given)) if self.renew else given

    def person(self, kind: str, number: int, name: str | None) -> int | None:
        """The key of whoever is called so; None for nobody."""
        return (
            None if name is None else require_known_name(self.people, name, kind, number, "person")
        )

    def source(self, kind: str, number: int, given: int | None) -> int | None:
        """The key of the source that the archive numbers so; None for none."""
        return None if given is None else self.known_source(kind, number, given)

    def known_source(self, kind: str, number: int, given: int) -> int:
        if not 1 <= given <= len(self.sources):
            raise build_row_error(kind, number, f"the archive has no source {given}")
        return self.sources[given - 1]

    def source_or_zero(self, given: object) -> int:
        """The same for what a history says, which need not be right."""
        there = type(given) is int and 1 <= given <= len(self.sources)
        return self.sources[given - 1] if there else 0  # type: ignore[operator]


def require_known_name(names: Mapping[Any, T], name: Any, kind: str, number: int, what: str) -> T:
    if name not in names:
        raise build_row_error(kind, number, f"the archive has no {what} {str(name)[:80]}")
    return names[name]
