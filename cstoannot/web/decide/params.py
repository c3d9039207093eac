"""The address of the page on which places are decided."""

import uuid
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from cstoannot.core.fields import parse_whole_number

LARGEST = 2**31 - 1
ORDERS = {
    "text": "as in the text",
    "code": "by code",
    "verdict": "verdicts that would change first",
}
DIFFERS = "differs"
"""The order that puts first what two adjudicators decided differently; where they decide apart."""
MODES = ("", "plural", "edit", "change")
"""What the form of an undecided place asks: which reading, which readings stand, or how a passage
should be; `change` asks again at a place that is decided."""


@dataclass(frozen=True)
class DecideQuery:
    """Which place is shown, in which order the others come, and what the form asks.

    `place`: None for the first undecided one. `done`: the place that was decided last, which can be
    undone. `start`: the number of the reading from which an edit begins, 0 for the majority.
    `stretch`: instead of a place, a stretch of text: the place that shares most of it is shown.
    """

    place: uuid.UUID | None = None
    order: str = "text"
    mode: str = ""
    done: uuid.UUID | None = None
    start: int = 0
    stretch: tuple[int, int] | None = None

    def at(
        self, place: uuid.UUID | None, *, mode: str = "", done: uuid.UUID | None = None
    ) -> "DecideQuery":
        """Return the query of another place in the same order."""
        return replace(self, place=place, mode=mode, done=done, start=0, stretch=None)

    def address(self, project: str, source: int) -> str:
        """Return the page's URL."""
        pairs = {
            "place": str(self.place or ""),
            "order": self.order if self.order != "text" else "",
            "mode": self.mode,
            "done": str(self.done or ""),
            "from": str(self.start or ""),
        }
        given = urlencode({name: value for name, value in pairs.items() if value})
        page = reverse("decide_source", args=[project, source])
        return f"{page}?{given}" if given else page


def parse_decide_query(query: QueryDict) -> DecideQuery:
    """Read a URL; what it does not understand, it leaves out."""
    order, mode = query.get("order", "text"), query.get("mode", "")
    start = query.get("from", "")
    return DecideQuery(
        place=parse_uuid(query.get("place", "")),
        order=order if order in (*ORDERS, DIFFERS) else "text",
        mode=mode if mode in MODES else "",
        done=parse_uuid(query.get("done", "")),
        start=parse_whole_number(start, most=LARGEST) or 0,
        stretch=_parse_stretch(query.get("at", "")),
    )


def _parse_stretch(value: str) -> tuple[int, int] | None:
    """Read `812-1010`, as in links to a text."""
    start, end = (parse_whole_number(one, most=LARGEST) for one in value.partition("-")[::2])
    return None if start is None or end is None else (start, end)


def parse_uuid(value: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(value)
    except ValueError:
        return None
