"""List the places where coders differ, with what how many of them hold there."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cstoannot.agreement.dataset import AgreementCode, AgreementSource, Annotator
from cstoannot.agreement.disagreements import (
    KIND_NAMES,
    CodedPassage,
    DisagreementFilter,
    build_coded_passage,
    build_disagreement_selection,
    check_disagreement_filter,
    check_filter_names,
    filter_disagreements,
    mark_visible_disagreements,
    select_disputed_spans,
)
from cstoannot.agreement.project_cache import CachedAgreement, load_cached_agreement
from cstoannot.agreement.reports import AgreementSelection
from cstoannot.agreement.stretch_readings import StretchReading, build_stretch_readings
from cstoannot.projects.scope import Scope
from cstoannot.stats.agreement.disagreements import KINDS, DisagreementTable
from cstoannot.stats.agreement.places import DisputedPlaces, group_disputed_places
from cstoannot.stats.tables import SpanTable

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class PlaceReading:
    """What these coders marked at a place, all alike; no passages where they marked nothing."""

    annotators: tuple[Annotator, ...]
    passages: tuple[CodedPassage, ...]


@dataclass(frozen=True)
class PlaceEntry:
    """One place, its index in the list, everything that differs there, and all readings of it.

    `kinds` are of all pairs of coders that the reader sees; `pairs`: how many disagreements these
    have there. The reading of most coders comes first. `third`: what those marked in the same text
    who are not among the chosen coders, or have no passage of the place but others there.
    """

    number: int
    source: AgreementSource
    start: int
    end: int
    kinds: tuple[str, ...]
    pairs: int
    codes: tuple[AgreementCode, ...]
    readings: tuple[PlaceReading, ...]
    third: tuple[StretchReading, ...] = ()

    @property
    def coders(self) -> tuple[Annotator, ...]:
        """Return everybody who read the source, by name."""
        everybody = (one for reading in self.readings for one in reading.annotators)
        return tuple(sorted(everybody, key=lambda one: one.username))


@dataclass(frozen=True)
class PlaceList:
    """One page of places; `counts`: with how many of them a kind occurs, whatever kinds are asked.

    A place at which several kinds occur counts for each; `every`: all places, whatever their kinds.
    """

    asked: DisagreementFilter
    total: int
    every: int
    counts: dict[str, int]
    offset: int
    entries: tuple[PlaceEntry, ...]


@dataclass(frozen=True, eq=False)
class _GroupedCases:
    """All places of a selection; `cases` (C,): the visible disagreements, ascending."""

    chosen: AgreementSelection
    spans: SpanTable
    found: DisagreementTable
    cases: Ints
    places: DisputedPlaces

    @cached_property
    def _by_place(self) -> tuple[Ints, Ints]:
        """Return the cases in order of their places, and where those of each place begin."""
        order = np.argsort(self.places.of_case, kind="stable")
        numbers = np.arange(len(self.places) + 1)
        return self.cases[order], np.searchsorted(self.places.of_case[order], numbers)

    def cases_of(self, place: int) -> Ints:
        cases, begins = self._by_place
        return cases[begins[place] : begins[place + 1]]


def list_disputed_places(
    scope: Scope, asked: DisagreementFilter, *, offset: int = 0, limit: int = 50
) -> PlaceList:
    """Return the places with a visible disagreement that matches; at most `limit` from `offset`."""
    check_disagreement_filter(asked)
    kept = load_cached_agreement(scope, asked.meaning)
    with kept.lock:
        check_filter_names(kept, asked)
        found, matching = filter_disagreements(kept, asked)
        held = _group_cases(kept, asked, found)
        place = held.places.of_case[np.searchsorted(held.cases, matching)]
        kind = found.kind[matching]
        counts = {name: len(np.unique(place[kind == n])) for n, name in enumerate(KIND_NAMES)}
        wanted = np.isin(kind, [KIND_NAMES.index(name) for name in asked.kinds or KIND_NAMES])
        order = _sort_places(held.places, np.unique(place[wanted]), asked.order)
        return PlaceList(
            asked=asked,
            total=len(order),
            every=len(np.unique(place)),
            counts=counts,
            offset=offset,
            entries=tuple(
                _build_place_entry(kept, held, number, offset + nth)
                for nth, number in enumerate(order[offset : offset + limit].tolist())
            ),
        )


def _group_cases(
    kept: CachedAgreement, asked: DisagreementFilter, found: DisagreementTable
) -> _GroupedCases:
    chosen = build_disagreement_selection(kept.coding, asked, all_codes=True)

    def group() -> _GroupedCases:
        spans = select_disputed_spans(kept.coding, chosen)
        cases = np.flatnonzero(mark_visible_disagreements(kept, found))
        return _GroupedCases(
            chosen, spans, found, cases, group_disputed_places(spans, found, cases)
        )

    held: _GroupedCases = kept.answer(("places", chosen.annotators, chosen.sources), group)
    return held


def _sort_places(places: DisputedPlaces, chosen: Ints, order: str) -> Ints:
    if order == "position":
        return chosen
    size = places.end[chosen] - places.start[chosen]
    return chosen[np.argsort(-size, kind="stable")]


def _build_place_entry(
    kept: CachedAgreement, held: _GroupedCases, place: int, number: int
) -> PlaceEntry:
    coding, places = kept.coding, held.places
    here = held.cases_of(place)
    inside = places.spans_of(place)
    kinds = set(held.found.kind[here].tolist())
    codes = np.unique(held.spans.code[inside]).tolist()
    source = coding.sources[int(places.source[place])]
    start, end = int(places.start[place]), int(places.end[place])
    readings = _build_readings(kept, held, place, inside)
    return PlaceEntry(
        number=number,
        source=source,
        start=start,
        end=end,
        kinds=tuple(name.value for n, name in enumerate(KINDS) if n in kinds),
        pairs=len(here),
        codes=tuple(coding.codes[code] for code in codes),
        readings=readings,
        third=_select_third_readings(readings, build_stretch_readings(kept, source.pk, start, end)),
    )


def _select_third_readings(
    readings: Iterable[PlaceReading], every: Iterable[StretchReading]
) -> tuple[StretchReading, ...]:
    held = {one: bool(reading.passages) for reading in readings for one in reading.annotators}
    return tuple(
        one
        for one in every
        if one.annotator not in held or (one.passages and not held[one.annotator])
    )


def _build_readings(
    kept: CachedAgreement, held: _GroupedCases, place: int, inside: Ints
) -> tuple[PlaceReading, ...]:
    """Join the coders who hold the same; most coders first, then those who marked something."""
    spans, finished = held.spans, kept.coding.finished[held.places.source[place]]
    source = int(held.places.source[place])
    read = [kept.coding.read_for(code)[source] for code in np.unique(spans.code[inside]).tolist()]
    finished = finished & np.any(read, axis=0)
    groups: dict[tuple[tuple[int, ...], ...], list[int]] = {}
    for annotator in held.chosen.annotators:
        if finished[annotator]:
            own = inside[spans.annotator[inside] == annotator]
            columns = (spans.start, spans.end, spans.code, spans.stance, spans.voice)
            said = sorted(zip(*(column[own].tolist() for column in columns), strict=True))
            groups.setdefault(tuple(said), []).append(annotator)
    ranked = sorted(groups.items(), key=lambda one: (-len(one[1]), not one[0], one[1]))
    return tuple(
        PlaceReading(
            tuple(kept.coding.annotators[one] for one in annotators),
            tuple(
                build_coded_passage(kept.coding, row)
                for row in spans.row[inside[spans.annotator[inside] == annotators[0]]].tolist()
            ),
        )
        for _, annotators in ranked
    )
