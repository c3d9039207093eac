"""Places to decide, what was marked and decided there, and when a decision needs a reason."""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cstoannot.decisions.models import Outcome

_SOURCE_BITS = 48
_HASH_BITS = 12, 62  # around the bits that say which kind of UUID it is
_VERSION_BITS = 32  # of the number that stands for what a place looks like now


class PlaceState(StrEnum):
    """Whether a place is decided.

    AGAIN: what was weighed is no longer what is there. Where adjudicators decide apart, WAITING:
    the reader has decided it and the other adjudicator has not; DIFFERS: two decided differently.
    """

    UNDECIDED = "undecided"
    DECIDED = "decided"
    AGAIN = "again"
    WAITING = "waiting"
    DIFFERS = "differs"


Content = tuple[str, int, int, str, str]
"""A passage's code, start, end, stance and voice."""


@dataclass(frozen=True)
class ProposedPassage:
    """A passage of the majority, or of a decision; `voice` empty for the author."""

    code: str
    start: int
    end: int
    quote: str
    stance: str = ""
    voice: str = ""

    @property
    def content(self) -> Content:
        return self.code, self.start, self.end, self.stance, self.voice


@dataclass(frozen=True, kw_only=True)
class WeighedPassage(ProposedPassage):
    """An annotator's passage, in the version that was weighed."""

    annotation_id: uuid.UUID
    version: int


@dataclass(frozen=True)
class ReaderPassages:
    """What one annotator marked at a place; never shown before the place is decided."""

    annotator: int
    passages: tuple[WeighedPassage, ...]


@dataclass(frozen=True)
class WeighedReading:
    """What `coders` annotators marked at a place, all alike; no passages if they marked nothing.

    `passages` are those of one of them. `annotators`: their user names, empty while hidden.
    `held`: what each of them marked, for the record.
    """

    number: int
    coders: int
    passages: tuple[WeighedPassage, ...]
    annotators: tuple[str, ...] = ()
    held: tuple[ReaderPassages, ...] = ()

    @property
    def contents(self) -> tuple[Content, ...]:
        return list_contents(self.passages)


@dataclass(frozen=True)
class DecisionRecord:
    """A decision as it stands. `readings`: those that were weighed, with their numbers of then."""

    id: uuid.UUID
    outcome: str
    reading_numbers: tuple[int, ...]
    passages: tuple[ProposedPassage, ...]
    reason: str
    rule: str
    by: str | None
    at: datetime
    elsewhere: bool
    version: int
    readings: tuple[WeighedReading, ...] = ()


@dataclass(frozen=True)
class DecidablePlace:
    """A place of a source, with everything that its readers marked there.

    `version`: for If-Match; 0 before any decision. `kinds`: the kinds of disagreement there.
    `decision`: as it stands, also if it is to be looked at again; where adjudicators decide apart,
    the reader's own. `apart`: the decisions that differ. `replaces`: those of all decisions that a
    new one replaces.
    """

    id: uuid.UUID
    source: int
    start: int
    end: int
    state: PlaceState
    agreed: bool
    version: int
    kinds: tuple[str, ...]
    read_by: int
    readings: tuple[WeighedReading, ...]
    majority: tuple[ProposedPassage, ...]
    decision: DecisionRecord | None = None
    apart: tuple[DecisionRecord, ...] = ()
    replaces: tuple[uuid.UUID, ...] = ()

    def reading(self, number: int) -> WeighedReading | None:
        return next((one for one in self.readings if one.number == number), None)

    def is_majority(self, passages: Iterable[ProposedPassage]) -> bool:
        """Return whether these passages are those of the majority."""
        return list_contents(passages) == list_contents(self.majority)

    def needs_reason(self, outcome: str, passages: Iterable[ProposedPassage]) -> bool:
        """Return whether a decision that leaves these passages has to give a reason."""
        return outcome == Outcome.PLURAL or not self.is_majority(passages)


def list_contents(passages: Iterable[ProposedPassage]) -> tuple[Content, ...]:
    """Return what these passages say, in an order that does not depend on theirs."""
    return tuple(sorted(one.content for one in passages))


def build_place_id(
    source_id: int, weighed: Iterable[tuple[uuid.UUID, int]], readers: Iterable[int]
) -> uuid.UUID:
    """Return the id of a place: the source's key, and a hash of what would be weighed.

    `weighed`: ids and versions of annotations; `readers`: keys of annotators.
    """
    said = repr((sorted((one.hex, version) for one, version in weighed), sorted(readers)))
    digest = int.from_bytes(hashlib.sha256(said.encode()).digest(), "big")
    high, low = _HASH_BITS
    number = source_id << (128 - _SOURCE_BITS)
    number |= 8 << 76  # version
    number |= (digest & ((1 << high) - 1)) << 64
    number |= 2 << 62  # variant
    number |= (digest >> high) & ((1 << low) - 1)
    return uuid.UUID(int=number)


def parse_place_source(place_id: uuid.UUID) -> int | None:
    """Return the key of the place's source; None for an id that is no place's."""
    return place_id.int >> (128 - _SOURCE_BITS) if place_id.version == 8 else None


def build_again_version(version: int, current_id: uuid.UUID) -> int:
    """Return the version of a decided place whose passages have changed.

    It changes with them, so that nobody decides on what they have not seen.
    """
    return (version << _VERSION_BITS) | (current_id.int & ((1 << _VERSION_BITS) - 1))


def order_readings(
    place_id: uuid.UUID, contents: Iterable[tuple[Content, ...]]
) -> list[tuple[Content, ...]]:
    """Return the readings in an order that is the place's own, and tells nothing of coders."""

    def shuffle(said: tuple[Content, ...]) -> bytes:
        return hashlib.sha256(repr((place_id.hex, said)).encode()).digest()

    return sorted(contents, key=shuffle)
