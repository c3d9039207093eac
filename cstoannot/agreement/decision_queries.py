"""Load how a team came to its consensus: what was decided, by how many, under which settings."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cstoannot.agreement.condition_queries import AT_ONCE, load_settings_in_force
from cstoannot.assignments.models import ConsensusState
from cstoannot.decisions.agreed import is_place_agreed
from cstoannot.decisions.models import Decision, Outcome
from cstoannot.decisions.own_queries import load_told_sources
from cstoannot.decisions.place_queries import (
    load_consensus_passages,
    load_place_builder,
    select_decidable_sources,
)
from cstoannot.decisions.places import ProposedPassage
from cstoannot.decisions.queries import (
    SOURCES_AT_ONCE,
    load_consensus_states,
    select_sources_from_elsewhere,
)
from cstoannot.decisions.records import parse_reading
from cstoannot.decisions.rule_actions import BY_RULE
from cstoannot.projects.models import AgreedBounds, Membership
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.stats.agreement.decidable_places import DecidedState
from cstoannot.text.spans import Bounds, unpack_flat_bounds

FORMER = "former member"


@dataclass(frozen=True)
class DecisionSummary:
    """How the consensus on some sources came about, as far as the reader may know.

    `decided`, `begun`: sources decided here, and those of which a part is. `brought_in`: sources
    whose consensus came without a record of its decisions. `outcomes`: decided places by outcome.
    `undecided`, `again`: places without a decision, and those whose coding changed after it, of
    sources that are begun. `rules`: places decided by a rule for all alike, by its words.
    `elsewhere`: places decided in another program. `deciders`: how many people decided the rest,
    by the role they have now. `named`, `apart`, `bounds`: settings in force meanwhile, in order.
    `agreed`: places of the rest on which all readers agreed and what they marked was adopted.
    """

    decided: int
    begun: int
    brought_in: int
    outcomes: Mapping[str, int]
    undecided: int
    again: int
    rules: Mapping[str, int]
    elsewhere: int
    deciders: Mapping[str, int]
    named: tuple[bool, ...]
    apart: tuple[bool, ...]
    bounds: str
    agreed: int

    @property
    def places(self) -> int:
        return sum(self.outcomes.values())

    @property
    def by_people(self) -> int:
        return self.places - sum(self.rules.values()) - self.elsewhere


def load_decision_summary(
    scope: Scope, source_ids: Collection[int] | None = None
) -> DecisionSummary | None:
    """Load the summary for these sources (None: all); None if nothing is decided for this reader.

    Annotators are told of sources that they have finished, once their decisions are opened; of
    places on which they marked something or the decision left something; and not how many are
    open, or how many coders agreed: that would tell what others marked.
    """
    every = scope.can(Permission.SEE_ALL_CODING)
    told = None if every else set(load_told_sources(scope))
    if told is not None and not told:
        return None
    states = load_consensus_states(scope)
    for chosen in (source_ids, told):
        states = {pk: one for pk, one in states.items() if chosen is None or pk in chosen}
    made = [one for one in _load_decisions(scope) if one.source_id in states]
    if not every:
        made = [one for one in made if not one.apart and _is_told(scope, one)]
    done = {pk for pk, state in states.items() if state == ConsensusState.DECIDED}
    final = [one for one in made if not one.apart]
    recorded = {one.source_id for one in final}
    elsewhere = select_sources_from_elsewhere(scope).values_list("pk", flat=True)
    brought_in = done & set(elsewhere) if every else set[int]()
    if not final and not brought_in:
        return None
    begun = recorded - done
    open_places = _count_open_places(scope, sorted(begun)) if every else Counter[int]()
    by_people = [one for one in made if not one.elsewhere and not one.reason.startswith(BY_RULE)]
    return DecisionSummary(
        decided=len(recorded & done),
        begun=len(begun),
        brought_in=len(brought_in),
        outcomes=Counter(one.outcome for one in final),
        undecided=open_places[DecidedState.UNDECIDED],
        again=open_places[DecidedState.AGAIN],
        rules=_count_rules(final),
        elsewhere=sum(one.elsewhere for one in final),
        deciders=_count_deciders(scope, by_people),
        named=_load_settings(scope, "names_while_deciding", by_people),
        apart=_load_settings(scope, "decide_apart", by_people),
        bounds=scope.project.agreed_bounds,
        agreed=_count_agreed(scope, by_people) if every else 0,
    )


def _load_decisions(scope: Scope) -> list[Decision]:
    found = Decision.objects.filter(project_id=scope.project_id)
    return list(found.order_by("at", "id"))


def _is_told(scope: Scope, one: Decision) -> bool:
    """Return whether a coder may know of the decision: see `list_own_decisions`."""
    passages = (passage for reading in one.readings for passage in reading["passages"])
    return bool(one.passages) or any(said["annotator"] == scope.user_id for said in passages)


def _count_open_places(scope: Scope, source_ids: Sequence[int]) -> Counter[int]:
    counts = Counter[int]()
    for first in range(0, len(source_ids), SOURCES_AT_ONCE):
        part = source_ids[first : first + SOURCES_AT_ONCE]
        counts += Counter(
            load_place_builder(scope, part, spelled=False).grouped.table.state.tolist()
        )
    return counts


def _count_rules(made: Iterable[Decision]) -> Counter[str]:
    reasons = (one.reason for one in made)
    return Counter(one.removeprefix(BY_RULE) for one in reasons if one.startswith(BY_RULE))


def _count_deciders(scope: Scope, made: Iterable[Decision]) -> Counter[str]:
    """Count who decided by their role, as it is now; nobody twice."""
    people = {one.by_id for one in made if one.by_id is not None}
    members = Membership.objects.filter(project_id=scope.project_id)
    roles = {pk: str(role) for pk, role in members.values_list("user_id", "role")}
    return Counter(roles.get(pk, FORMER) for pk in people)


def _load_settings(scope: Scope, name: str, made: Sequence[Decision]) -> tuple[bool, ...]:
    if not made:
        return ()
    return load_settings_in_force(scope, name, made[0].at, made[-1].at, usual=False)


def _count_agreed(scope: Scope, made: Iterable[Decision]) -> int:
    """Count the adopted places on which all readers agreed, by the project's rule of now."""
    likely = [
        one
        for one in made
        if not one.apart and one.outcome == Outcome.MAJORITY and _have_same_labels(one.readings)
    ]
    bounds = scope.project.agreed_bounds
    passages: dict[str, ProposedPassage] = {}
    if bounds == AgreedBounds.MAJORITY:
        for ids in _in_parts([pk for one in likely for pk in one.passages]):
            passages |= {str(pk): one for pk, one in load_consensus_passages(scope, ids).items()}
    sentences = _load_sentences(scope, {one.source_id for one in likely})
    found = 0
    for one in likely:
        held = [
            part
            for reading in one.readings
            for part in parse_reading(reading, "", {}, shown=False).held
        ]
        majority = [passages[pk] for pk in one.passages if pk in passages]
        found += is_place_agreed(held, majority, sentences[one.source_id], bounds)
    return found


def _have_same_labels(readings: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether every reader marked the same codes with the same stance and voice."""
    labels: dict[int, list[tuple[str, str, str]]] = {}
    for reading in readings:
        labels |= {annotator: [] for annotator in reading["annotators"]}
        for said in reading["passages"]:
            labels[said["annotator"]].append((said["code"], said["stance"], said["voice"]))
    return len({tuple(sorted(one)) for one in labels.values()}) == 1


def _load_sentences(scope: Scope, source_ids: Collection[int]) -> dict[int, Bounds]:
    found: dict[int, Bounds] = {}
    for ids in _in_parts(sorted(source_ids)):
        rows = select_decidable_sources(scope).filter(pk__in=ids).values_list("pk", "sentences")
        found |= {pk: unpack_flat_bounds(bytes(stored)) for pk, stored in rows}
    return found


def _in_parts(ids: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (ids[first : first + AT_ONCE] for first in range(0, len(ids), AT_ONCE))
