"""What the rows of an archive that have come in are called here."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from cstoannot.accounts.models import User
from cstoannot.codebook.deltas import CodebookState
from cstoannot.codebook.models import Code
from cstoannot.exchange.archiving.container import Archive
from cstoannot.exchange.archiving.shapes import check_row, wrong
from cstoannot.projects.scope import Scope

T = TypeVar("T")


@dataclass
class Restoring:
    """Names and ids of the archive, and the keys that they have in the database."""

    archive: Archive
    scope: Scope
    people: Mapping[str, User]
    renew: uuid.UUID | None
    sources: dict[int, int] = field(default_factory=dict)
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

    def id(self, given: uuid.UUID) -> uuid.UUID:
        """The id as it was; another, always the same one, where the old ids are in use here."""
        return uuid.uuid5(self.renew, str(given)) if self.renew else given

    def person(self, kind: str, number: int, name: str | None) -> int | None:
        """The key of whoever is called so; None for nobody."""
        return None if name is None else known(self.people, name, kind, number, "person").pk

    def source(self, kind: str, number: int, given: int | None) -> int | None:
        return None if given is None else known(self.sources, given, kind, number, "source")


def known(names: Mapping[Any, T], name: Any, kind: str, number: int, what: str) -> T:
    if name not in names:
        raise wrong(kind, number, f"the archive has no {what} {str(name)[:80]}")
    return names[name]
