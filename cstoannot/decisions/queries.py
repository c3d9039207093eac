"""The places to decide, and how far each source is decided."""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from cstoannot.assignments.models import ConsensusState, SourceConsensus
from cstoannot.core.errors import Conflict, NotFound
from cstoannot.core.fields import is_possible_id
from cstoannot.decisions.models import Decision, Outcome
from cstoannot.decisions.place_builder import PlaceBuilder
from cstoannot.decisions.place_queries import (
    load_place_builder,
    select_consensus,
    select_decidable_sources,
    select_readings_done,
)
from cstoannot.decisions.places import DecidablePlace, PlaceState, parse_place_source
from cstoannot.decisions.states import compute_consensus_states
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import require_source, visible_sources

SOURCES_AT_ONCE = 100
OPEN_STATES = (PlaceState.UNDECIDED, PlaceState.AGAIN, PlaceState.DIFFERS)
"""The states in which a place waits for the reader's decision."""


def list_decidable_places(scope: Scope, source_id: int) -> list[DecidablePlace]:
    """Return the places of a source, in the text's order; raise NotFound, or Forbidden."""
    scope.require(Permission.DECIDE)
    require_source(scope, source_id)
    builder = load_place_builder(scope, [source_id])
    return [builder.build(place) for place in range(len(builder.grouped.table))]


def require_decidable_place(scope: Scope, place_id: uuid.UUID) -> DecidablePlace:
    """Return the place with this id; raise Conflict if it has changed, NotFound, or Forbidden."""
    scope.require(Permission.DECIDE)
    return find_decidable_place(scope, place_id, require_place_source(scope, place_id))


def require_place_source(scope: Scope, place_id: uuid.UUID) -> int:
    """Return the key of a place's source; raise NotFound for an id that is no place's."""
    source_id = parse_place_source(place_id)
    missing = NotFound("There is no such place to decide.")
    if source_id is None or not is_possible_id(source_id):
        raise missing
    if not select_decidable_sources(scope).filter(pk=source_id).exists():
        raise missing
    return source_id


def find_decidable_place(scope: Scope, place_id: uuid.UUID, source_id: int) -> DecidablePlace:
    """Return the place of a source; raise Conflict if it has changed."""
    builder = load_place_builder(scope, [source_id])
    for place in range(len(builder.grouped.table)):
        found = builder.build(place)
        if found.id == place_id:
            return found
    raise Conflict(
        "The coding of this place changed, so nothing was decided: load it again.",
        code="place_changed",
    )


def find_first_undecided(scope: Scope) -> tuple[int, uuid.UUID] | None:
    """Return the first place that waits for this reader's decision: its source's key and its id.

    Sources that were handed on to somebody else come after all others.
    """
    scope.require(Permission.DECIDE)
    handed_on: list[int] = []
    for ids in _iterate_source_chunks(_load_open_source_ids(scope, handed_on)):
        if found := _find_first_open_place(load_place_builder(scope, ids), ids):
            return found
    for ids in _iterate_source_chunks(handed_on):
        if found := _find_first_open_place(load_place_builder(scope, ids), ids):
            return found
    return None


@dataclass(frozen=True)
class PlacePage:
    """Some places of several sources; `after`: where the next ones begin, None if there are none.

    A position is a source's key and the number of a place in it.
    """

    places: tuple[DecidablePlace, ...]
    after: tuple[int, int] | None


def page_decidable_places(
    scope: Scope,
    states: Collection[str] = (),
    *,
    after: tuple[int, int] = (0, 0),
    limit: int = 100,
) -> PlacePage:
    """Return the project's places in these states (empty: all), in order, from a position on."""
    scope.require(Permission.DECIDE)
    handed_on: list[int] = []
    if states and PlaceState.DECIDED not in states:
        waiting = {*_load_open_source_ids(scope, handed_on), *handed_on}
        ids = [pk for pk in _list_source_ids(scope) if pk in waiting]
    else:
        ids = _list_source_ids(scope)
    if after[0]:
        ids = ids[ids.index(after[0]) :] if after[0] in ids else []
    found: list[DecidablePlace] = []
    for part in _iterate_source_chunks(ids):
        builder = load_place_builder(scope, part)
        for source_id, number, place in _iterate_places(builder, part):
            if source_id == after[0] and number < after[1]:
                continue
            shown = builder.build(place)
            if not states or shown.state in states:
                if len(found) == limit:
                    return PlacePage(tuple(found), (source_id, number))
                found.append(shown)
    return PlacePage(tuple(found), None)


def _list_source_ids(scope: Scope) -> list[int]:
    return list(select_decidable_sources(scope).values_list("pk", flat=True))


def _iterate_places(builder: PlaceBuilder, ids: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Yield source key, number in the source and number in the builder, in the order of `ids`."""
    rank = {pk: number for number, pk in enumerate(ids)}
    sources = [builder.data.sources[one].pk for one in builder.grouped.table.source.tolist()]
    seen: Counter[int] = Counter()
    for place in sorted(range(len(sources)), key=lambda one: (rank[sources[one]], one)):
        yield sources[place], seen[sources[place]], place
        seen[sources[place]] += 1


def _load_open_source_ids(scope: Scope, handed_on: list[int]) -> list[int]:
    """Return the sources that are not known to be decided, in order; add those of others."""
    known = {
        row[0]: row[1:]
        for row in SourceConsensus.objects.filter(project_id=scope.project_id)
        .order_by()
        .values_list("source_id", "state", "doubtful", "adjudicator_id")
    }
    read = set(select_readings_done(scope).values_list("source_id", flat=True).distinct())
    read |= known.keys()
    elsewhere = select_sources_from_elsewhere(scope)
    read -= set(elsewhere.values_list("pk", flat=True)) - known.keys()
    mine: list[int] = []
    for pk in select_decidable_sources(scope).values_list("pk", flat=True):
        state, doubtful, adjudicator = known.get(pk, (ConsensusState.NOT_BEGUN, False, None))
        if pk in read and (doubtful or state != ConsensusState.DECIDED):
            (mine if adjudicator in {None, scope.user_id} else handed_on).append(pk)
    return mine


def select_sources_from_elsewhere(scope: Scope) -> QuerySet[Any]:
    """Select the sources with a consensus that was not decided here."""
    coded = select_consensus(scope).filter(source_id=OuterRef("pk"))
    return select_decidable_sources(scope).filter(Exists(coded), consensus=None).order_by()


def _iterate_source_chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield the ids in growing chunks: mostly the first one suffices."""
    first, size = 0, 4
    while first < len(ids):
        yield ids[first : first + size]
        first, size = first + size, min(2 * size, SOURCES_AT_ONCE)


def _find_first_open_place(
    builder: PlaceBuilder, ids: Sequence[int]
) -> tuple[int, uuid.UUID] | None:
    """Return the first open place, in the order of these sources."""
    for source_id, _, place in _iterate_places(builder, ids):
        if builder.find_state(place) != PlaceState.DECIDED:
            found = builder.build(place)
            if found.state in OPEN_STATES:
                return source_id, found.id
    return None


def count_undecided(scope: Scope, source_id: int) -> int:
    """Return how many places of a source wait for a decision, new or again."""
    scope.require(Permission.DECIDE)
    require_source(scope, source_id)
    builder = load_place_builder(scope, [source_id], spelled=False)
    places = range(len(builder.grouped.table))
    return sum(builder.find_state(place) != PlaceState.DECIDED for place in places)


def load_consensus_states(
    scope: Scope, source_ids: Collection[int] | None = None
) -> dict[int, ConsensusState]:
    """Return how far each visible source is decided (None: all), by key.

    A source whose consensus came from elsewhere is decided.
    """
    found = visible_sources(scope)
    if source_ids is not None:
        found = found.filter(pk__in=list(source_ids))
    ids = list(found.order_by().values_list("pk", flat=True))
    states = dict.fromkeys(ids, ConsensusState.NOT_BEGUN)
    rows = SourceConsensus.objects.filter(project_id=scope.project_id).order_by()
    doubtful = []
    for pk, state, doubt in rows.values_list("source_id", "state", "doubtful"):
        if pk in states:
            states[pk] = ConsensusState(state)
            if doubt:
                doubtful.append(pk)
    for pk in select_sources_from_elsewhere(scope).values_list("pk", flat=True):
        if pk in states:
            states[pk] = ConsensusState.DECIDED
    return states | recompute_states(scope, doubtful)


def recompute_states(scope: Scope, source_ids: Iterable[int]) -> dict[int, ConsensusState]:
    """Return the states of these sources from their coding and decisions, whatever is stored."""
    ids = list(source_ids)
    states: dict[int, ConsensusState] = {}
    for first in range(0, len(ids), SOURCES_AT_ONCE):
        part = ids[first : first + SOURCES_AT_ONCE]
        states |= compute_consensus_states(load_place_builder(scope, part, spelled=False))
    return states


def load_doubtful_states(scope: Scope) -> dict[int, ConsensusState]:
    """Return the states of the sources whose stored one is in doubt, computed anew."""
    rows = SourceConsensus.objects.filter(project_id=scope.project_id, doubtful=True).order_by()
    return recompute_states(scope, rows.values_list("source_id", flat=True))


def load_plural_cells(scope: Scope) -> set[tuple[int, str]]:
    """Return the sources and codes for which several readings stand at some place."""
    plural = Decision.objects.filter(
        project_id=scope.project_id, outcome=Outcome.PLURAL, apart=False
    )
    return {
        (source, passage["code"])
        for source, readings, chosen in plural.order_by().values_list(
            "source_id", "readings", "chosen"
        )
        for reading in readings
        if reading["reading"] in chosen
        for passage in reading["passages"]
    }


def load_decided_source_ids(scope: Scope) -> set[int]:
    """Return the keys of sources whose consensus counts in comparisons."""
    states = load_consensus_states(scope)
    return {pk for pk, state in states.items() if state == ConsensusState.DECIDED}
