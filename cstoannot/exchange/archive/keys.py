"""The names of an archive for keys of the database."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class ArchiveKeys:
    """The archive's names for keys of the database."""

    people: dict[int, str]
    sources: dict[int, int]

    def person(self, key: int | None) -> str | None:
        return None if key is None else self.people[key]

    def known_people(self, keys: Iterable[int]) -> list[str]:
        """Return the names of those who are known, each once."""
        return list(dict.fromkeys(self.people[key] for key in keys if key in self.people))

    def source(self, key: int | None) -> int | None:
        return None if key is None else self.sources[key]
