"""Events of how a team divides its work and decides, as sentences."""

from collections.abc import Callable, Mapping

from cstoannot.decisions.models import Outcome
from cstoannot.history.models import Event

Describe = Callable[[Event, Mapping[str, str]], str]


def _describe_decision_event(event: Event, codes: Mapping[str, str]) -> str:
    if event.action in ("open", "close"):
        verb = "opened" if event.action == "open" else "closed"
        where = ":" if event.source_id else ", on all sources"
        return f"{verb} the team’s decisions to coders{where}"
    if event.action == "hand_on":
        to = (event.after or {}).get("adjudicator")
        return f"handed on to {to} to decide:" if to else "handed on to nobody to decide:"
    told = event.after or event.before or {}
    outcome = told.get("outcome", "")
    known = Outcome(outcome).label if outcome in Outcome.values else outcome
    verbs = {"create": "decided", "change": "decided again", "delete": "withdrew the decision"}
    elsewhere = " elsewhere" if told.get("elsewhere") else ""
    return f"{verbs.get(event.action, event.action)}{elsewhere} ({known}) at"


def _describe_plan_event(event: Event, codes: Mapping[str, str]) -> str:
    told = event.after or event.before or {}
    name, given = f"‘{told.get('name', '')}’", told.get("given", 0)
    verbs = {"create": "handed out sources by", "change": "extended", "delete": "deleted"}
    count = f": {given:,} assignments" if isinstance(given, int) and given else ""
    return f"{verbs.get(event.action, event.action)} the plan {name}{count}"


def _describe_round_event(event: Event, codes: Mapping[str, str]) -> str:
    told = event.after or event.before or {}
    verbs = {"create": "added", "change": "changed", "delete": "deleted"}
    return f"{verbs.get(event.action, event.action)} the round ‘{told.get('name', '')}’"


def _describe_results_link_event(event: Event, codes: Mapping[str, str]) -> str:
    verbs = {"create": "made", "revoke": "revoked", "delete": "revoked"}
    return f"{verbs.get(event.action, event.action)} a link to the results"


TEAM_KINDS: Mapping[str, Describe] = {
    "decision": _describe_decision_event,
    "plan": _describe_plan_event,
    "results_link": _describe_results_link_event,
    "round": _describe_round_event,
}
