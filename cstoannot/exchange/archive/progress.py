"""The state of a restore: names, ids and keys of the rows read so far.

Names and keys are in memory; texts and ids are on disk, so that their number is not limited.
"""

import sqlite3
import uuid
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
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
    """A temporary SQLite database; its file is deleted when it is closed."""

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
        """Return the text of the source with this number; the last one is cached."""
        if self._last[0] != number:
            found = self._database.execute("SELECT text FROM texts WHERE number = ?", (number,))
            self._last = (number, found.fetchone()[0])
        return self._last[1]

    def keep_ids(self, kind: str, ids: Iterable[bytes]) -> bool:
        """Store ids; return whether none of them was stored before."""
        try:
            self._database.executemany("INSERT INTO ids VALUES (?, ?)", ((kind, id) for id in ids))
        except sqlite3.IntegrityError:
            return False
        return True

    def has_id(self, kind: str, id: UUID) -> bool:
        found = self._database.execute(
            "SELECT 1 FROM ids WHERE kind = ? AND id = ?", (kind, id.bytes)
        )
        return found.fetchone() is not None

    def ids(self, kind: str, size: int) -> Iterator[list[UUID]]:
        """Yield all ids of one kind, ``size`` at a time."""
        found = self._database.execute("SELECT id FROM ids WHERE kind = ?", (kind,))
        while some := found.fetchmany(size):
            yield [UUID(bytes=id) for (id,) in some]


AT_ONCE = 500
BYTES_AT_ONCE = 1_000_000
T = TypeVar("T")


class RowSink(Protocol):
    """Receives rows: stores them, or drops them if an archive is only checked."""

    def put(self, rows: Sequence[Row]) -> None:
        """Store rows of one kind; sets the keys of sources and speakers."""

    def put_codes(self, codes: Sequence[Code], parents: dict[str, str | None]) -> None:
        """Store the codebook; `parents` gives each code's parent, by slug."""

    def retire(self, codes: Sequence[Code]) -> None:
        """Retire those of the codes that are retired in the archive."""


@dataclass
class RestoreProgress:
    """Names and ids of the archive, and their keys in the database."""

    archive: ArchiveReader
    scratch: ScratchDatabase
    sink: RowSink
    people: Mapping[str, int]
    renew: uuid.UUID | None = None
    sources: "array[int]" = field(default_factory=lambda: array("q"))
    """Keys of the sources, which the archive numbers from 1."""
    codes: dict[str, int] = field(default_factory=dict)
    retired: list[Code] = field(default_factory=list)
    """Codes to retire after their annotations are stored."""
    voices: dict[str, int] = field(default_factory=dict)
    rounds: dict[str, UUID] = field(default_factory=dict)
    plans: dict[UUID, UUID] = field(default_factory=dict)
    """Ids of the plans here, by their ids in the archive."""
    codebook: CodebookState = field(default_factory=CodebookState)
    """The codebook after the revisions read so far."""
    revision_times: list[datetime] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def rows(self, kind: str) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, row in self.archive.rows(kind):
            self.counts[kind] = number
            yield number, check_archive_row(kind, number, row, version=self.archive.version)

    def batches(self, kind: str) -> Iterator[list[tuple[int, dict[str, Any]]]]:
        """Yield the same rows in batches that fit into memory, however large the rows are."""
        batch, begun = [], self.archive.taken
        for one in self.rows(kind):
            batch.append(one)
            if len(batch) == AT_ONCE or self.archive.taken > begun + BYTES_AT_ONCE:
                yield batch
                batch, begun = [], self.archive.taken
        if batch:
            yield batch

    def revision_at(self, at: datetime | None) -> int | None:
        """Return the newest revision that was there at this time; 0 before the first."""
        if at is None:
            return None
        numbered = enumerate(self.revision_times, 1)
        return max((number for number, made in numbered if made <= at), default=0)

    def id(self, given: uuid.UUID) -> uuid.UUID:
        """Return the id, or one derived from it if the archive's ids are in use here."""
        return uuid.uuid5(self.renew, str(given)) if self.renew else given

    def person(self, kind: str, number: int, name: str | None) -> int | None:
        """Return the key of the person with this name; None for nobody."""
        return (
            None if name is None else require_known_name(self.people, name, kind, number, "person")
        )

    def source(self, kind: str, number: int, given: int | None) -> int | None:
        """Return the key of the source with this number in the archive; None for none."""
        return None if given is None else self.known_source(kind, number, given)

    def known_source(self, kind: str, number: int, given: int) -> int:
        if not 1 <= given <= len(self.sources):
            raise build_row_error(kind, number, f"the archive has no source {given}")
        return self.sources[given - 1]

    def source_or_zero(self, given: object) -> int:
        """Return the key of a source that an event names; 0 if there is no such source."""
        there = type(given) is int and 1 <= given <= len(self.sources)
        return self.sources[given - 1] if there else 0  # type: ignore[operator]


def require_known_name(names: Mapping[Any, T], name: Any, kind: str, number: int, what: str) -> T:
    if name not in names:
        raise build_row_error(kind, number, f"the archive has no {what} {str(name)[:80]}")
    return names[name]
