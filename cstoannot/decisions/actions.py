"""Decide places, withdraw decisions, adopt what all agree on, open decisions, hand sources on."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from cstoannot.annotations.locks import lock_codes_and_sources
from cstoannot.assignments.models import SourceConsensus
from cstoannot.codebook.queries import visible_codes
from cstoannot.core.errors import Invalid, NotFound, PreconditionRequired, Stale
from cstoannot.core.fields import ExpectedVersion
from cstoannot.decisions.apart_actions import record_apart, withdraw_apart
from cstoannot.decisions.drafts import (
    DecisionDraft,
    DecisionGround,
    ResolvedDecision,
    choose_majority,
    resolve_decision,
    spell_voices,
)
from cstoannot.decisions.models import Decision, Outcome
from cstoannot.decisions.place_builder import PlaceBuilder
from cstoannot.decisions.place_queries import load_place_builder, select_decidable_sources
from cstoannot.decisions.places import DecidablePlace, DecisionRecord, PlaceState
from cstoannot.decisions.queries import (
    find_decidable_place,
    require_place_source,
    select_sources_from_elsewhere,
)
from cstoannot.decisions.record_actions import (
    DECISION,
    delete_decisions,
    ensure_speakers,
    store_decisions,
    store_states,
    write_states,
)
from cstoannot.decisions.records import is_same_content
from cstoannot.decisions.state_actions import refresh_consensus_states
from cstoannot.decisions.states import compute_consensus_states
from cstoannot.decisions.weigh_actions import (
    begin_consensus,
    lock_coding,
    lock_sources_to_decide,
)
from cstoannot.history.actions import record_event
from cstoannot.projects.models import Project
from cstoannot.projects.permissions import ROLES, Permission
from cstoannot.projects.queries import visible_members
from cstoannot.projects.scope import Scope, project_action
from cstoannot.sources.queries import load_source_texts, require_source

SOURCES_AT_ONCE = 20
"""Sources in one transaction of adopting: others wait less than half a second."""
APART_STATES = {PlaceState.UNDECIDED, PlaceState.WAITING}
"""States of a place in which adjudicators who decide apart do so."""
MOST_LISTED = 200
"""Places that a preview of adopting lists."""


@project_action
def decide_place(
    scope: Scope,
    place_id: uuid.UUID,
    draft: DecisionDraft,
    expected: ExpectedVersion | None = None,
) -> DecidablePlace:
    """Decide a place, or decide it anew; return it as decided.

    The same decision again changes nothing. Somebody else's decision is changed only by whoever
    names its version: raises PreconditionRequired without one, Stale for another. Raises Conflict
    if the place has changed since its id was given, Invalid, NotFound, Forbidden.
    """
    scope.require(Permission.DECIDE)
    source_id = require_place_source(scope, place_id)
    lock_codes_and_sources(scope, codes=(), sources=[source_id])
    lock_sources_to_decide(scope, [source_id])
    place = find_decidable_place(scope, place_id, source_id)
    decided = _resolve_draft(scope, place, draft)
    there = place.state in {PlaceState.DECIDED, PlaceState.WAITING}
    if there and _is_same_decision(place.decision, decided):
        return place
    _check_version(scope, place, expected)
    if scope.project.decide_apart and place.state in APART_STATES:
        settled = record_apart(scope, place, decided)
        if settled is None:
            store_states(scope, [source_id])
            return find_decidable_place(scope, place_id, source_id)
        decided = settled
    (stored,) = store_decisions(scope, [(place, decided)])
    return _find_stored(store_states(scope, [source_id]), stored)


def _resolve_draft(scope: Scope, place: DecidablePlace, draft: DecisionDraft) -> ResolvedDecision:
    codes = visible_codes(scope).order_by().values_list("slug", "retired_at")
    ground = DecisionGround(
        text=load_source_texts(scope, [place.source])[place.source],
        retired={slug: retired is not None for slug, retired in codes},
    )
    decided = resolve_decision(place, draft, ground)
    voices = {one.voice for one in decided.passages if one.voice}
    return spell_voices(
        decided, {name: one.name for name, one in ensure_speakers(scope, voices).items()}
    )


def _is_same_decision(stored: DecisionRecord | None, decided: ResolvedDecision) -> bool:
    return stored is not None and (
        (stored.outcome, stored.reading_numbers, stored.reason, stored.rule)
        == (decided.outcome, decided.chosen, decided.reason, decided.rule)
        and is_same_content(stored.passages, decided.passages)
    )


def _check_version(scope: Scope, place: DecidablePlace, expected: ExpectedVersion | None) -> None:
    """Raise unless the version named is current, or none is needed."""
    if expected is not None:
        if not expected.fits(place.version):
            raise Stale("This place was decided in the meantime.", current=place)
    elif place.decision is not None and place.decision.by != scope.user.username:
        raise PreconditionRequired(
            "Somebody else has decided this place. To change it, send its version as If-Match.",
            current=place,
        )


def _find_stored(builder: PlaceBuilder, stored: Decision) -> DecidablePlace:
    """Return the place of a decision that has just been stored."""
    numbers = {one.pk: number for number, one in enumerate(builder.data.decisions)}
    return builder.build(int(builder.grouped.table.of_decision[numbers[stored.pk]]))


@project_action
def withdraw_decision(
    scope: Scope, place_id: uuid.UUID, expected: ExpectedVersion | None = None
) -> DecidablePlace | None:
    """Withdraw the decision of a place; return the place as it stands then, if anything is there.

    Raises NotFound if it is not decided, and otherwise as `decide_place` does.
    """
    scope.require(Permission.DECIDE)
    source_id = require_place_source(scope, place_id)
    lock_sources_to_decide(scope, [source_id])
    place = find_decidable_place(scope, place_id, source_id)
    if place.decision is None:
        raise NotFound("This place is not decided.")
    _check_version(scope, place, expected)
    stored = Decision.objects.filter(project_id=scope.project_id, pk__in=place.replaces)
    delete_decisions(scope, list(stored))
    withdraw_apart(scope, place, everybodys=place.state != PlaceState.WAITING)
    builder = store_states(scope, [source_id])
    table = builder.grouped.table
    touching = (table.start < place.end) & (table.end > place.start)
    return next((builder.build(int(one)) for one in touching.nonzero()[0]), None)


@dataclass(frozen=True)
class AdoptedPlaces:
    """How many agreed places were adopted, or would be, with how many passages in how many sources.

    `listed`: the first MOST_LISTED of them, as they were before.
    """

    places: int = 0
    passages: int = 0
    sources: int = 0
    listed: tuple[DecidablePlace, ...] = ()

    def __add__(self, other: "AdoptedPlaces") -> "AdoptedPlaces":
        return AdoptedPlaces(
            self.places + other.places,
            self.passages + other.passages,
            self.sources + other.sources,
            (self.listed + other.listed)[:MOST_LISTED],
        )


def adopt_agreed_places(
    scope: Scope, source_id: int | None = None, dry_run: bool = False
) -> AdoptedPlaces:
    """Adopt the majority's passages where all readers agree, in one source or in all.

    Places that were decided once, and those with a retired code, are left to people. `dry_run`:
    change nothing. Others can save in between; an interrupted call is continued by another one.
    """
    scope.require(Permission.DECIDE)
    if source_id is not None:
        require_source(scope, source_id)
    if not dry_run:
        refresh_consensus_states(scope)
    found = select_decidable_sources(scope)
    found = found.filter(pk=source_id) if source_id is not None else found
    # A consensus from elsewhere is decided already.
    elsewhere = set(select_sources_from_elsewhere(scope).values_list("pk", flat=True))
    ids = [pk for pk in found.values_list("pk", flat=True) if pk not in elsewhere]
    adopted = AdoptedPlaces()
    for first in range(0, len(ids), SOURCES_AT_ONCE):
        part = ids[first : first + SOURCES_AT_ONCE]
        if dry_run:
            agreed = _find_agreed(scope, load_place_builder(scope, part))
            adopted += _count_adopted(list(agreed.values()))
        else:
            adopted += _adopt_batch(scope, part)
    return adopted


def _find_agreed(scope: Scope, builder: PlaceBuilder) -> dict[int, DecidablePlace]:
    """Return the agreed places of which nothing was decided, and whose codes are in use."""
    codes = visible_codes(scope).exclude(retired_at=None).order_by()
    retired = set(codes.values_list("slug", flat=True))
    return {
        number: place
        for number, place in builder.build_agreed().items()
        if place.state == PlaceState.UNDECIDED
        and place.majority
        and retired.isdisjoint(one.code for one in place.majority)
    }


def _count_adopted(agreed: Sequence[DecidablePlace]) -> AdoptedPlaces:
    return AdoptedPlaces(
        places=len(agreed),
        passages=sum(len(place.majority) for place in agreed),
        sources=len({place.source for place in agreed}),
        listed=tuple(agreed[:MOST_LISTED]),
    )


@project_action
def _adopt_batch(scope: Scope, source_ids: Sequence[int]) -> AdoptedPlaces:
    """Adopt what is agreed in these sources."""
    scope.require(Permission.DECIDE)
    lock_codes_and_sources(scope, codes=(), sources=source_ids)
    lock_coding(scope, source_ids)
    builder = load_place_builder(scope, source_ids)
    agreed = _find_agreed(scope, builder)
    begun = {place.source for place in agreed.values()}
    begin_consensus(scope, sorted(begun))
    store_decisions(scope, [(place, _build_adoption(place)) for place in agreed.values()])
    states = compute_consensus_states(builder, agreed)
    write_states(scope, {pk: state for pk, state in states.items() if pk in begun})
    return _count_adopted(list(agreed.values()))


def _build_adoption(place: DecidablePlace) -> ResolvedDecision:
    return ResolvedDecision(Outcome.MAJORITY, place.majority, choose_majority(place))


@project_action
def open_decisions(
    scope: Scope, source_ids: Sequence[int] | None = None, opened: bool = True
) -> None:
    """Let coders see what was decided on these sources (None: on all), or no longer."""
    scope.require(Permission.MANAGE)
    if source_ids is None:
        _open_project(scope, opened)
        return
    for source_id in sorted(set(source_ids)):
        require_source(scope, source_id)
        lock_sources_to_decide(scope, [source_id])
        row = SourceConsensus.objects.get(source_id=source_id)
        if (row.opened_at is not None) != opened:
            row.opened_at = timezone.now() if opened else None
            row.save(update_fields=["opened_at"])
            _record_opening(scope, opened, source_id)
        store_states(scope, [source_id])


def _open_project(scope: Scope, opened: bool) -> None:
    project = Project.objects.select_for_update(no_key=True).get(pk=scope.project_id)
    if project.decisions_opened != opened:
        project.decisions_opened = opened
        project.version += 1
        project.save(update_fields=["decisions_opened", "version"])
        _record_opening(scope, opened, None)


def _record_opening(scope: Scope, opened: bool, source_id: int | None) -> None:
    record_event(
        scope,
        action="open" if opened else "close",
        kind=DECISION,
        object_id=scope.project.slug if source_id is None else source_id,
        before={"opened": not opened},
        after={"opened": opened},
        source_id=source_id,
    )


@project_action
def hand_on_source(scope: Scope, source_id: int, username: str) -> None:
    """Hand the decisions of a source on to another owner or adjudicator; empty: to nobody."""
    scope.require(Permission.DECIDE)
    require_source(scope, source_id)
    lock_sources_to_decide(scope, [source_id])
    row = SourceConsensus.objects.select_related("adjudicator").get(source_id=source_id)
    before = row.adjudicator.username if row.adjudicator else ""
    if username == before:
        return
    members = visible_members(scope).filter(user__username=username[:150].replace("\x00", ""))
    member = members.first() if username else None
    if username and (member is None or Permission.DECIDE not in ROLES[member.role]):
        raise Invalid(
            f"“{username[:150]}” is no owner or adjudicator of this project.", field="username"
        )
    row.adjudicator = member.user if member else None
    row.save(update_fields=["adjudicator"])
    record_event(
        scope,
        action="hand_on",
        kind=DECISION,
        object_id=source_id,
        before={"adjudicator": before},
        after={"adjudicator": username},
        source_id=source_id,
    )
    store_states(scope, [source_id])
