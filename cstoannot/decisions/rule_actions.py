"""Decide a source by a rule that its coders' majority answers, at every place at once."""

from cstoannot.annotations.locks import lock_codes_and_sources
from cstoannot.decisions.drafts import ResolvedDecision, choose_majority
from cstoannot.decisions.models import Outcome
from cstoannot.decisions.place_queries import load_place_builder
from cstoannot.decisions.places import DecidablePlace, PlaceState
from cstoannot.decisions.record_actions import store_decisions, store_states
from cstoannot.decisions.weigh_actions import lock_sources_to_decide
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, project_action

BY_RULE = "By rule: "
"""How the reason begins where a rule decided, and nobody looked at the place."""


@project_action
def decide_by_majority(scope: Scope, source_id: int, *, rule: str) -> int:
    """Decide what the majority marked, or that nothing is there, at every undecided place.

    `rule`: how, in words, for the reason of each. Returns how many places were decided.
    """
    scope.require(Permission.DECIDE)
    lock_codes_and_sources(scope, codes=(), sources=[source_id])
    lock_sources_to_decide(scope, [source_id])
    builder = load_place_builder(scope, [source_id])
    places = [builder.build(number) for number in range(len(builder.grouped.table))]
    undecided = [place for place in places if place.state == PlaceState.UNDECIDED]
    reason = f"{BY_RULE}{rule}"
    store_decisions(scope, [(place, _decide_majority(place, reason)) for place in undecided])
    store_states(scope, [source_id])
    return len(undecided)


def _decide_majority(place: DecidablePlace, reason: str) -> ResolvedDecision:
    if not place.majority:
        return ResolvedDecision(Outcome.NOTHING, (), reason=reason)
    return ResolvedDecision(Outcome.MAJORITY, place.majority, choose_majority(place), reason=reason)
