"""Lock sources to decide, and turn a consensus without decisions into decisions."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from cstoannot.annotations.models import Annotation
from cstoannot.assignments.models import Assignment, SourceConsensus
from cstoannot.core.errors import Conflict
from cstoannot.decisions.drafts import ResolvedDecision
from cstoannot.decisions.models import Decision, Outcome
from cstoannot.decisions.place_builder import PlaceBuilder
from cstoannot.decisions.place_queries import load_place_builder, select_consensus
from cstoannot.decisions.places import PlaceState, ProposedPassage, build_place_id
from cstoannot.decisions.record_actions import (
    build_decision_event,
    build_snapshots,
    store_decisions,
)
from cstoannot.decisions.records import serialize_reading
from cstoannot.history.actions import record_events
from cstoannot.projects.scope import Scope


@dataclass
class _Group:
    """Passages that belong to one decision, and the numbers of the places that they touch."""

    passages: list[Annotation] = field(default_factory=list)
    places: set[int] = field(default_factory=set)


def lock_sources_to_decide(scope: Scope, source_ids: Iterable[int]) -> None:
    """Lock all assignments of these sources and the states of their consensus; create the latter.

    Coders who save, or finish, come before or after. A consensus that came from elsewhere becomes
    decisions.
    """
    ids = sorted(source_ids)
    lock_coding(scope, ids)
    begin_consensus(scope, ids)


def lock_coding(scope: Scope, source_ids: Sequence[int]) -> None:
    """Lock all assignments of these sources: their coders wait until the transaction ends."""
    mine = Assignment.objects.filter(project_id=scope.project_id, source_id__in=source_ids)
    list(mine.select_for_update(of=("self",)).order_by("source_id", "pk").values_list("pk"))


def begin_consensus(scope: Scope, ids: Sequence[int]) -> None:
    """Lock the states of these sources' consensus, creating those that are missing."""
    rows = SourceConsensus.objects.filter(project_id=scope.project_id, source_id__in=ids)
    known = set(rows.values_list("source_id", flat=True))
    new = [pk for pk in ids if pk not in known]
    SourceConsensus.objects.bulk_create(
        [SourceConsensus(source_id=pk, project_id=scope.project_id) for pk in new],
        ignore_conflicts=True,
    )
    list(rows.select_for_update(of=("self",)).order_by("source_id").values_list("pk"))
    if new:
        _claim_consensus(scope, set(new))


def weigh_consensus(
    scope: Scope,
    source_id: int,
    passages: Sequence[Annotation],
    reasons: Mapping[uuid.UUID, str],
    *,
    by: int | None,
) -> None:
    """Store decisions made elsewhere that left these passages of a source, in the transaction.

    Passages that touch the same place, or the same code's passage of another one, become one
    decision. Raises Conflict where somebody has decided here.
    """
    builder = load_place_builder(scope, [source_id])
    for group in _group_passages(builder, passages):
        numbers = sorted(
            number
            for place in group.places
            for number in builder.grouped.table.decisions_of(place).tolist()
        )
        former = [builder.data.decisions[number] for number in numbers]
        if any(not one.elsewhere for one in former) or len(former) > 1:
            raise Conflict("This place is decided here: change that decision instead.")
        decision = (
            former[0]
            if former
            else Decision(project_id=scope.project_id, source_id=source_id, version=0)
        )
        before = build_snapshots(scope, former)
        _write_decision(builder, decision, group, reasons)
        decision.by_id, decision.at = by, timezone.now()
        decision.save()
        record_events(
            [
                build_decision_event(
                    scope,
                    decision,
                    "change" if former else "create",
                    before=before.get(decision.pk),
                    after=build_snapshots(scope, [decision])[decision.pk],
                )
            ]
        )


def _claim_consensus(scope: Scope, source_ids: set[int]) -> None:
    """Turn the consensus that these sources have from elsewhere into decisions of nobody's.

    It is complete: where it has no passage, it was decided that there is nothing.
    """
    found = select_consensus(scope).filter(source_id__in=source_ids)
    by_source: dict[int, list[Annotation]] = defaultdict(list)
    for one in found.select_related("code").order_by("source_id", "start", "id"):
        by_source[one.source_id].append(one)
    if not by_source or Decision.objects.filter(source_id__in=source_ids).exists():
        return
    for source_id, passages in by_source.items():
        weigh_consensus(scope, source_id, passages, {}, by=None)
        builder = load_place_builder(scope, [source_id])
        left = [
            builder.build(place)
            for place in range(len(builder.grouped.table))
            if builder.find_state(place) == PlaceState.UNDECIDED
        ]
        nothing = ResolvedDecision(Outcome.NOTHING, (), elsewhere=True)
        store_decisions(scope, [(place, nothing) for place in left])


def _group_passages(builder: PlaceBuilder, passages: Iterable[Annotation]) -> list[_Group]:
    groups: list[_Group] = []
    for one in passages:
        said = ProposedPassage(one.code.slug, one.start, one.end, one.quote)
        joined = _Group([one], builder.find_touched(0, said))
        apart = []
        for group in groups:
            if group.places & joined.places or any(
                _is_overlapping(one, two) for two in group.passages
            ):
                joined.passages = group.passages + joined.passages
                joined.places |= group.places
            else:
                apart.append(group)
        groups = [*apart, joined]
    return groups


def _is_overlapping(one: Annotation, other: Annotation) -> bool:
    return one.code_id == other.code_id and one.start < other.end and one.end > other.start


def _write_decision(
    builder: PlaceBuilder, decision: Decision, group: _Group, reasons: Mapping[uuid.UUID, str]
) -> None:
    """Write what the decision weighs, and the passages that it leaves besides its former ones."""
    table, places = builder.grouped.table, sorted(group.places)
    readings = builder.join_readings(places)
    held = [part for reading in readings for part in reading.held]
    weighed = [(one.annotation_id, one.version) for part in held for one in part.passages]
    readers = [part.annotator for part in held]
    starts = [one.start for one in group.passages] + [int(table.start[one]) for one in places]
    ends = [one.end for one in group.passages] + [int(table.end[one]) for one in places]
    if not decision.version:
        # Where nobody marked anything, the place is that of its first passage.
        alone = [(one.pk, 0) for one in group.passages[:1]]
        decision.place = build_place_id(decision.source_id, weighed or alone, readers)
    decision.start, decision.end = min(starts), max(ends)
    decision.outcome, decision.elsewhere = Outcome.EDITED, True
    decision.readings = [serialize_reading(one) for one in readings]
    decision.passages = [*decision.passages, *(str(one.pk) for one in group.passages)]
    said = [decision.reason, *(reasons.get(one.pk, "") for one in group.passages)]
    decision.reason = "\n\n".join(dict.fromkeys(text for text in said if text))
    decision.version += 1
