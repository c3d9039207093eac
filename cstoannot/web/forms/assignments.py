from collections.abc import Iterable
from dataclasses import dataclass

from django.http import QueryDict

from cstoannot.assignments.actions import Pair
from cstoannot.core.errors import Invalid


@dataclass(frozen=True)
class Ticked:
    """What the boxes of the page say against what they said when it was shown."""

    give: list[Pair]
    take: list[Pair]
    confirmed: bool


def key(source: int, username: str) -> str:
    """A box of the table: the source's id and the annotator's name, which holds no space."""
    return f"{source}:{username}"


def read_ticks(posted: QueryDict) -> Ticked:
    """Only what was changed on the page counts, so that two people do not undo each other."""
    shown = set(posted.get("shown", "").split())
    ticked = set(posted.getlist("given"))
    return Ticked(
        give=sorted(_pairs(ticked - shown)),
        take=sorted(_pairs(shown - ticked)),
        confirmed="confirm" in posted,
    )


def _pairs(keys: Iterable[str]) -> Iterable[Pair]:
    for one in keys:
        source, _, username = one.partition(":")
        if not (source.isascii() and source.isdigit() and len(source) < 19 and username):
            raise Invalid("The page sent something that is no assignment. Load it again.")
        yield int(source), username
