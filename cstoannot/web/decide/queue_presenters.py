"""The queue of a source's places: which are decided, which comes next, and how many agree."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from cstoannot.decisions.places import DecidablePlace, PlaceState, ProposedPassage
from cstoannot.web.decide.params import DIFFERS, DecideQuery
from cstoannot.web.decide.words import describe_place_state

BEFORE, AFTER = 8, 14  # places listed before and after the one that is shown
OPEN = {PlaceState.UNDECIDED, PlaceState.AGAIN, PlaceState.DIFFERS}
"""The states of places that the reader still has to decide."""


@dataclass(frozen=True)
class QueueEntry:
    """`codes`: the first of the place's codes; `more`: how many others it has."""

    number: int
    url: str
    codes: tuple[str, ...]
    more: int
    state: str
    words: str
    current: bool


@dataclass(frozen=True)
class DecideQueue:
    """The places in the order that was asked for, and where the shown one stands in it.

    `agreed`: how many more are undecided, but all agree on them. `before`, `after`: the URLs of the
    places around the shown one; `upcoming`: of the next that is not decided, itself left out.
    """

    entries: tuple[QueueEntry, ...]
    total: int
    decided: int
    again: int
    agreed: int
    number: int
    earlier: int
    later: int
    earlier_url: str
    later_url: str
    before: str
    after: str
    upcoming: str

    @property
    def left(self) -> int:
        """Return how many have not been decided yet."""
        return self.total - self.decided - self.again


def is_called(place: DecidablePlace, calls: Collection[uuid.UUID]) -> bool:
    """Return whether somebody asks to look at the decision again; `calls`: such decisions."""
    settled = place.state in (PlaceState.DECIDED, PlaceState.WAITING)
    return settled and place.decision is not None and place.decision.id in calls


def select_queued(
    places: Sequence[DecidablePlace], calls: Collection[uuid.UUID] = ()
) -> list[DecidablePlace]:
    """Return the places that somebody has to decide one by one, or to look at again."""
    return [
        one
        for one in places
        if not one.agreed or one.state == PlaceState.AGAIN or is_called(one, calls)
    ]


def sort_places(
    places: Sequence[DecidablePlace], order: str, codes: Sequence[str], weight: Mapping[str, int]
) -> list[DecidablePlace]:
    """Sort by `order`; `codes`: slugs in the codebook's order; `weight`: by place, larger first."""
    if order == "code":
        rank = {slug: number for number, slug in enumerate(codes)}
        return sorted(
            places, key=lambda one: min(map(rank.__getitem__, list_codes(one)), default=0)
        )
    if order == DIFFERS:
        return sorted(places, key=lambda one: one.state != PlaceState.DIFFERS)
    if order == "verdict":
        return sorted(places, key=lambda one: -weight.get(str(one.id), 0))
    return list(places)


def list_codes(place: DecidablePlace) -> tuple[str, ...]:
    """Return the slugs at a place, first what is marked first."""
    passages: list[ProposedPassage] = [
        one for reading in place.readings for one in reading.passages
    ]
    if place.decision:
        passages += place.decision.passages
    passages.sort(key=lambda one: (one.start, one.end, one.code))
    return tuple(dict.fromkeys(one.code for one in passages))


def find_next_open(
    ordered: Sequence[DecidablePlace], after: int, calls: Collection[uuid.UUID] = ()
) -> DecidablePlace | None:
    """Return the next place to decide or to look at after this index, or else the first before."""
    rest = [*ordered[after + 1 :], *ordered[: max(after, 0)]]
    return next((one for one in rest if one.state in OPEN or is_called(one, calls)), None)


def build_queue(
    project: str,
    places: Sequence[DecidablePlace],
    ordered: Sequence[DecidablePlace],
    shown: DecidablePlace | None,
    asked: DecideQuery,
    *,
    calls: Collection[uuid.UUID] = (),
) -> DecideQueue:
    """Build the queue; `ordered`: its places, `places`: all of the source."""
    here = next((n for n, one in enumerate(ordered) if shown and one.id == shown.id), -1)
    first, last = max(0, here - BEFORE), min(len(ordered), max(here, 0) + AFTER)

    def link(number: int) -> str:
        if not 0 <= number < len(ordered):
            return ""
        one = ordered[number]
        return asked.at(one.id).address(project, one.source)

    upcoming = find_next_open(ordered, here, calls)
    called = [is_called(one, calls) for one in ordered]
    settled = sum(one.state in (PlaceState.DECIDED, PlaceState.WAITING) for one in ordered)
    again = sum(one.state in (PlaceState.AGAIN, PlaceState.DIFFERS) for one in ordered)
    return DecideQueue(
        entries=tuple(
            _build_queue_entry(ordered[n], n, link(n), current=n == here, called=called[n])
            for n in range(first, last)
        ),
        total=len(ordered),
        decided=settled - sum(called),
        again=again + sum(called),
        agreed=sum(one.agreed and one.state == PlaceState.UNDECIDED for one in places),
        number=here + 1,
        earlier=first,
        later=len(ordered) - last,
        earlier_url=link(first - 1),
        later_url=link(last),
        before=link(here - 1),
        after=link(here + 1),
        upcoming=asked.at(upcoming.id).address(project, upcoming.source) if upcoming else "",
    )


def _build_queue_entry(
    place: DecidablePlace, number: int, url: str, *, current: bool, called: bool
) -> QueueEntry:
    codes = list_codes(place)
    states = {PlaceState.DECIDED: "done", PlaceState.WAITING: "started", PlaceState.UNDECIDED: ""}
    return QueueEntry(
        number=number + 1,
        url=url,
        codes=codes[:1],
        more=len(codes) - 1,
        state="again" if called else states.get(place.state, "again"),
        words=describe_place_state(place, called=called),
        current=current,
    )
