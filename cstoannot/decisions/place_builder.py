"""Build the places to decide from the grouped coding of their sources."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from cstoannot.decisions.agreed import is_place_agreed
from cstoannot.decisions.dataset import DecisionDataset
from cstoannot.decisions.grouping import GroupedPlaces
from cstoannot.decisions.models import Decision
from cstoannot.decisions.places import (
    Content,
    DecidablePlace,
    DecisionRecord,
    PlaceState,
    ProposedPassage,
    ReaderPassages,
    WeighedPassage,
    WeighedReading,
    build_again_version,
    build_place_id,
    list_contents,
    order_readings,
)
from cstoannot.decisions.records import build_reading, parse_decision
from cstoannot.stats.agreement.decidable_places import DecidedState

_STATES = {
    DecidedState.UNDECIDED: PlaceState.UNDECIDED,
    DecidedState.DECIDED: PlaceState.DECIDED,
    DecidedState.AGAIN: PlaceState.AGAIN,
}


class _Stretch(Protocol):
    """What passages of all kinds have in common."""

    @property
    def code(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def _shares_text(one: _Stretch, other: _Stretch) -> bool:
    """Return whether these passages of one source have the same code, and text in common."""
    return one.code == other.code and one.start < other.end and one.end > other.start


@dataclass(frozen=True, eq=False)
class PlaceBuilder:
    """Builds places as one adjudicator, `viewer`, sees them.

    `bounds`: the project's choice of how much bounds may differ. `shows_names`: also before a place
    is decided. `decides_apart`: whether adjudicators decide blind to each other.
    """

    grouped: GroupedPlaces
    viewer: int
    bounds: str
    shows_names: bool
    decides_apart: bool

    @property
    def data(self) -> DecisionDataset:
        return self.grouped.data

    def find_state(self, place: int) -> PlaceState:
        """Return a place's state, leaving aside what adjudicators decided apart."""
        return _STATES[DecidedState(int(self.grouped.table.state[place]))]

    def may_be_agreed(self, place: int) -> bool:
        """Return whether the readers differ in nothing but bounds, if at all: quick to tell."""
        return not self.grouped.disputed[place]

    def build(self, place: int) -> DecidablePlace:
        """Build the place of this number."""
        held = self._collect_held(place)
        return self._build_held(place, held, agreed=self._is_agreed(place, held))

    def build_agreed(self) -> dict[int, DecidablePlace]:
        """Build the undecided places on which all readers agree, by number."""
        undecided = self.grouped.table.state == DecidedState.UNDECIDED
        found = {}
        for place in np.flatnonzero(undecided & ~self.grouped.disputed).tolist():
            held = self._collect_held(place)
            if self._is_agreed(place, held):
                found[place] = self._build_held(place, held, agreed=True)
        return found

    def _is_agreed(self, place: int, held: Sequence[ReaderPassages]) -> bool:
        majority = self.grouped.majority.get(place, ())
        sentences = self.data.sources[int(self.grouped.table.source[place])].sentences
        return self.may_be_agreed(place) and is_place_agreed(held, majority, sentences, self.bounds)

    def _build_held(
        self, place: int, held: Sequence[ReaderPassages], *, agreed: bool
    ) -> DecidablePlace:
        table = self.grouped.table
        source = self.data.sources[int(table.source[place])]
        current_id = build_place_id(
            source.pk,
            ((one.annotation_id, one.version) for part in held for one in part.passages),
            (part.annotator for part in held),
        )
        decisions = [self.data.decisions[number] for number in table.decisions_of(place).tolist()]
        found = DecidablePlace(
            id=current_id,
            source=source.pk,
            start=int(table.start[place]),
            end=int(table.end[place]),
            state=self.find_state(place),
            agreed=agreed,
            version=0,
            kinds=self.grouped.kinds[place],
            read_by=len(held),
            readings=self._build_readings(current_id, held),
            majority=tuple(self.grouped.majority.get(place, ())),
            replaces=tuple(one.pk for one in decisions),
        )
        if decisions:
            return self._add_decision(found, decisions[0])
        return self._add_apart(found) if self.decides_apart else found

    def find_touched(self, source: int, said: ProposedPassage) -> set[int]:
        """Return the numbers of a source's places where this code is marked, or was decided.

        `source`: its index in the dataset. Only places that share text with the passage.
        """
        found = {
            int(self.grouped.table.of_span[number])
            for number, one in enumerate(self.data.passages)
            if one.source == source and _shares_text(one, said)
        }
        for number, decision in enumerate(self.data.decisions):
            if decision.source_id == self.data.sources[source].pk:
                left = [self.data.made.get(uuid.UUID(pk)) for pk in decision.passages]
                if any(one and _shares_text(one, said) for one in left):
                    found.add(int(self.grouped.table.of_decision[number]))
        return found

    def join_readings(self, places: Iterable[int]) -> tuple[WeighedReading, ...]:
        """Return the readings of several places as if they were one."""
        joined: dict[int, list[WeighedPassage]] = defaultdict(list)
        for place in sorted(places):
            for part in self._collect_held(place):
                joined[part.annotator] += part.passages
        held = [ReaderPassages(one, tuple(passages)) for one, passages in sorted(joined.items())]
        return self._build_readings(uuid.UUID(int=0), held)

    def _collect_held(self, place: int) -> list[ReaderPassages]:
        """Collect what each reader marked at the place, in the text's order."""
        grouped = self.grouped
        marked: dict[int, list[WeighedPassage]] = {
            reader: [] for reader in grouped.list_readers(place)
        }
        for number in grouped.table.spans_of(place).tolist():
            one = self.data.passages[number]
            text = self.data.sources[one.source].text
            passage = WeighedPassage(
                annotation_id=one.id,
                version=one.version,
                code=one.code,
                start=one.start,
                end=one.end,
                quote=text[one.start : one.end],
                stance=one.stance,
                voice=one.voice,
            )
            marked[int(grouped.spans.annotator[number])].append(passage)
        return [
            ReaderPassages(grouped.annotators[reader], tuple(passages))
            for reader, passages in marked.items()
        ]

    def _build_readings(
        self, place_id: uuid.UUID, held: Sequence[ReaderPassages]
    ) -> tuple[WeighedReading, ...]:
        """Join those who marked the same, numbered in the place's own order."""
        alike: dict[tuple[Content, ...], list[ReaderPassages]] = {}
        for part in held:
            alike.setdefault(list_contents(part.passages), []).append(part)
        return tuple(
            build_reading(number, alike[contents], self.data.names, shown=self.shows_names)
            for number, contents in enumerate(order_readings(place_id, alike), 1)
        )

    def _add_decision(self, place: DecidablePlace, decision: Decision) -> DecidablePlace:
        """Add the decision under whose id the place is known."""
        record = self._build_record(decision)
        if place.state != PlaceState.DECIDED:
            version = build_again_version(record.version, place.id)
            return replace(place, id=decision.place, version=version, decision=record)
        return replace(
            place,
            id=decision.place,
            start=decision.start,
            end=decision.end,
            version=record.version,
            decision=record,
            readings=record.readings or place.readings,
            read_by=sum(one.coders for one in record.readings) or place.read_by,
        )

    def _add_apart(self, place: DecidablePlace) -> DecidablePlace:
        """Add what this adjudicator decided apart; and, once two have, how both did."""
        both = self._apart_by_place.get(place.id, ())
        if len(both) > 1:
            records = tuple(self._build_record(one) for one in both)
            return replace(place, state=PlaceState.DIFFERS, apart=records)
        own = next((one for one in both if one.by_id == self.viewer), None)
        if own is None:
            return place
        record = self._build_record(own, shown=self.shows_names)
        return replace(place, state=PlaceState.WAITING, decision=record, version=record.version)

    @cached_property
    def _apart_by_place(self) -> Mapping[uuid.UUID, Sequence[Decision]]:
        found: dict[uuid.UUID, list[Decision]] = defaultdict(list)
        for one in self.data.apart:
            found[one.place].append(one)
        return found

    def _build_record(self, decision: Decision, *, shown: bool = True) -> DecisionRecord:
        text = self._texts[decision.source_id]
        return parse_decision(decision, text, self.data.made, self.data.names, shown=shown)

    @cached_property
    def _texts(self) -> Mapping[int, str]:
        return {one.pk: one.text for one in self.data.sources}
