"""Which version of a thing an edit started from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Expected:
    """The versions an edit accepts as its start; `versions` None accepts any existing one."""

    versions: frozenset[int] | None

    def fits(self, current: int) -> bool:
        return self.versions is None or current in self.versions


ANY_VERSION = Expected(None)


def expect(version: int) -> Expected:
    return Expected(frozenset({version}))
