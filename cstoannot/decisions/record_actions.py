"""Write decisions with their passages, events and the states of their sources.

All of it inside the transactions of `actions.py`.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone

from cstoannot.annotations.models import Annotation, Layer, Speaker
from cstoannot.annotations.speaker_queries import load_speakers_by_name
from cstoannot.assignments.models import ConsensusState, SourceConsensus
from cstoannot.codebook.queries import load_current_revision, visible_codes
from cstoannot.decisions.drafts import ResolvedDecision
from cstoannot.decisions.models import Decision
from cstoannot.decisions.place_builder import PlaceBuilder
from cstoannot.decisions.place_queries import load_consensus_passages, load_place_builder
from cstoannot.decisions.places import DecidablePlace, ProposedPassage
from cstoannot.decisions.records import build_decision_snapshot, parse_passage, serialize_reading
from cstoannot.decisions.states import compute_consensus_states
from cstoannot.history.actions import build_event, record_events
from cstoannot.history.models import Event, time_ordered_uuid
from cstoannot.projects.scope import Scope

DECISION = "decision"
"""The kind of events of decisions."""
AT_ONCE = 500  # rows in one statement, or fewer where the database has a limit


def store_states(scope: Scope, source_ids: Sequence[int], *, spelled: bool = True) -> PlaceBuilder:
    """Store how far these locked sources are decided; return their places.

    `spelled`: as in `load_place_builder`.
    """
    builder = load_place_builder(scope, source_ids, spelled=spelled)
    write_states(scope, compute_consensus_states(builder))
    return builder


def write_states(scope: Scope, states: Mapping[int, ConsensusState]) -> None:
    """Store the states of these locked sources."""
    mine = SourceConsensus.objects.filter(project_id=scope.project_id)
    for state in set(states.values()):
        alike = [pk for pk, one in states.items() if one == state]
        mine.filter(source_id__in=alike).update(state=state, doubtful=False)


def store_decisions(
    scope: Scope, decided: Sequence[tuple[DecidablePlace, ResolvedDecision]]
) -> list[Decision]:
    """Write these decisions, each instead of those that it replaces, with passages and events."""
    former = _load_former_decisions(scope, (place for place, _ in decided))
    before = build_snapshots(scope, former.values())
    delete_consensus(scope, former.values())
    build = _prepare_passages(scope, [one for _, said in decided for one in said.passages])
    decisions, passages, events = [], list[Annotation](), list[Event]()
    for place, said in decided:
        made = [build(place.source, one) for one in said.passages]
        replaced = [former[pk] for pk in place.replaces if pk in former]
        decision = _build_decision(scope, place, said, replaced)
        decision.passages = [str(one.pk) for one in made]
        events += _build_events(
            scope, decision, said.passages, [before[one.pk] for one in replaced]
        )
        for one in replaced[1:]:
            events.append(build_decision_event(scope, one, "delete", before=before[one.pk]))
            one.delete()
        decisions.append(decision)
        passages += made
    Decision.objects.bulk_create(
        [one for one in decisions if one.pk not in former], batch_size=AT_ONCE
    )
    for one in decisions:
        if one.pk in former:
            one.save()
    Annotation.objects.bulk_create(passages, batch_size=AT_ONCE)
    record_events(events)
    return decisions


def delete_decisions(scope: Scope, decisions: Sequence[Decision]) -> None:
    """Delete these decisions with their passages, and record it."""
    before = build_snapshots(scope, decisions)
    delete_consensus(scope, decisions)
    for one in decisions:
        record_events([build_decision_event(scope, one, "delete", before=before[one.pk])])
        one.delete()


def _load_former_decisions(
    scope: Scope, places: Iterable[DecidablePlace]
) -> dict[uuid.UUID, Decision]:
    ids = [pk for place in places for pk in place.replaces]
    found = Decision.objects.filter(project_id=scope.project_id, pk__in=ids) if ids else ()
    return {one.pk: one for one in found}


def build_snapshots(scope: Scope, decisions: Iterable[Decision]) -> dict[uuid.UUID, dict[str, Any]]:
    """Return these decisions as the history stores them, with the passages that they leave."""
    stored = list(decisions)
    ids = [pk for one in stored if not one.apart for pk in one.passages]
    made = load_consensus_passages(scope, ids) if ids else {}
    return {
        one.pk: build_decision_snapshot(
            one,
            [parse_passage(passage, "") for passage in one.passages]
            if one.apart
            else [made[pk] for text in one.passages if (pk := uuid.UUID(text)) in made],
        )
        for one in stored
    }


def delete_consensus(scope: Scope, decisions: Iterable[Decision]) -> None:
    """Delete the passages that these decisions left."""
    ids = [pk for one in decisions if not one.apart for pk in one.passages]
    if ids:
        Annotation.objects.filter(
            project_id=scope.project_id, layer=Layer.CONSENSUS, pk__in=ids
        ).delete()


def _prepare_passages(
    scope: Scope, passages: Iterable[ProposedPassage]
) -> Callable[[int, ProposedPassage], Annotation]:
    """Look up codes and speakers; return what builds the row of a passage of a source."""
    wanted = list(passages)
    slugs = {one.code for one in wanted}
    codes = {code.slug: code for code in visible_codes(scope).filter(slug__in=slugs).order_by()}
    speakers = ensure_speakers(scope, {one.voice for one in wanted if one.voice})
    revision, now = load_current_revision(scope), timezone.now()

    def build(source_id: int, one: ProposedPassage) -> Annotation:
        return Annotation(
            id=time_ordered_uuid(),
            project_id=scope.project_id,
            source_id=source_id,
            code_id=codes[one.code].pk,
            layer=Layer.CONSENSUS,
            start=one.start,
            end=one.end,
            quote=one.quote,
            stance=one.stance,
            voice=speakers.get(one.voice),
            revision=revision,
            created_at=now,
            updated_at=now,
        )

    return build


def ensure_speakers(scope: Scope, names: set[str]) -> dict[str, Speaker]:
    """Return the speakers of these names, as the project spells them; create missing ones."""
    found = load_speakers_by_name(scope, names)
    for name in sorted(names - found.keys()):
        found[name], _ = Speaker.objects.get_or_create(project_id=scope.project_id, name=name)
    return found


def _build_decision(
    scope: Scope, place: DecidablePlace, said: ResolvedDecision, replaced: Sequence[Decision]
) -> Decision:
    """Return the row: that of the first decision that it replaces, or a new one."""
    decision = replaced[0] if replaced else Decision(project_id=scope.project_id, version=0)
    decision.source_id, decision.place = place.source, place.id
    decision.start, decision.end = place.start, place.end
    decision.outcome, decision.reason, decision.rule = said.outcome, said.reason, said.rule
    decision.readings = [serialize_reading(one) for one in place.readings]
    decision.chosen = list(said.chosen)
    decision.elsewhere = said.elsewhere
    decision.by_id = None if said.elsewhere else scope.user_id
    decision.at = timezone.now()
    decision.version = max([one.version for one in replaced], default=0) + 1
    return decision


def _build_events(
    scope: Scope,
    decision: Decision,
    passages: Sequence[ProposedPassage],
    before: Sequence[dict[str, Any]],
) -> list[Event]:
    after = build_decision_snapshot(decision, passages)
    action = "change" if before else "create"
    first = before[0] if before else None
    return [build_decision_event(scope, decision, action, before=first, after=after)]


def build_decision_event(
    scope: Scope,
    decision: Decision,
    action: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> Event:
    """Return the history's entry of a decision, not yet saved."""
    if after is not None:
        after = {name: value for name, value in after.items() if name != "readings"}
    return build_event(
        scope,
        action=action,
        kind=DECISION,
        object_id=decision.pk,
        before=before,
        after=after,
        source_id=decision.source_id,
    )
