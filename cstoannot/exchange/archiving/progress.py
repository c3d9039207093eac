"""What the rows of an archive that have come in are called here."""

import uuid
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from cstoannot.codebook.deltas import CodebookState
from cstoannot.codebook.models import Code
from cstoannot.exchange.archiving.actions import Row
from cstoannot.exchange.archiving.container import Archive
from cstoannot.exchange.archiving.scratch import Scratch
from cstoannot.exchange.archiving.shapes import check_row, wrong

AT_ONCE = 500
BYTES_AT_ONCE = 1_000_000
T = TypeVar("T")


class Sink(Protocol):
    """Where rows go: into the database, or, when an archive is only read, nowhere."""

    def put(self, rows: Sequence[Row]) -> None:
        """Store rows of one kind; sources and speakers have their keys afterwards."""

    def put_codes(self, codes: Sequence[Code], parents: dict[str, str | None]) -> None:
        """Store the codebook; `parents` gives the slug of the code above, by slug."""

    def retire(self, codes: Sequence[Code]) -> None:
        """Retire those of the codes that were retired where they came from."""


@dataclass
class Restoring:
    """Names and ids of the archive, and the keys that they have in the database."""

    archive: Archive
    scratch: Scratch
    sink: Sink
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
            yield number, check_row(kind, number, row, version=self.archive.version)

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
        return None if name is None else known(self.people, name, kind, number, "person")

    def source(self, kind: str, number: int, given: int | None) -> int | None:
        """The key of the source that the archive numbers so; None for none."""
        return None if given is None else self.known_source(kind, number, given)

    def known_source(self, kind: str, number: int, given: int) -> int:
        if not 1 <= given <= len(self.sources):
            raise wrong(kind, number, f"the archive has no source {given}")
        return self.sources[given - 1]

    def source_or_zero(self, given: object) -> int:
        """The same for what a history says, which need not be right."""
        there = type(given) is int and 1 <= given <= len(self.sources)
        return self.sources[given - 1] if there else 0  # type: ignore[operator]


def known(names: Mapping[Any, T], name: Any, kind: str, number: int, what: str) -> T:
    if name not in names:
        raise wrong(kind, number, f"the archive has no {what} {str(name)[:80]}")
    return names[name]
