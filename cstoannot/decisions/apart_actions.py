"""Decisions of adjudicators who decide blind to each other, and what becomes of two."""

from dataclasses import replace

from django.utils import timezone

from cstoannot.decisions.drafts import ResolvedDecision
from cstoannot.decisions.models import Decision, Outcome
from cstoannot.decisions.places import DecidablePlace, list_contents
from cstoannot.decisions.record_actions import build_decision_event, build_snapshots
from cstoannot.decisions.records import parse_passage, serialize_passage, serialize_reading
from cstoannot.history.actions import record_events
from cstoannot.history.models import DECIDED_APART
from cstoannot.projects.scope import Scope


def record_apart(
    scope: Scope, place: DecidablePlace, decided: ResolvedDecision
) -> ResolvedDecision | None:
    """Store what one adjudicator decides apart; return what two have decided alike, if they have.

    Call it inside the transaction, with the source locked.
    """
    mine = Decision.objects.filter(
        project_id=scope.project_id, source_id=place.source, place=place.id, apart=True
    )
    known = {one.by_id: one for one in mine.order_by("at", "id")}
    own = known.pop(scope.user_id, None)
    before = build_snapshots(scope, [own])[own.pk] if own else None
    stored = own or Decision(project_id=scope.project_id, source_id=place.source, version=0)
    stored.place, stored.start, stored.end = place.id, place.start, place.end
    stored.apart, stored.by_id, stored.at = True, scope.user_id, timezone.now()
    stored.outcome, stored.reason, stored.rule = decided.outcome, decided.reason, decided.rule
    stored.readings = [serialize_reading(one) for one in place.readings]
    stored.chosen = list(decided.chosen)
    stored.passages = [serialize_passage(one) for one in decided.passages]
    stored.version += 1
    stored.save()
    after = build_snapshots(scope, [stored])[stored.pk]
    record_events([build_decision_event(scope, stored, DECIDED_APART, before=before, after=after)])
    alike = next((one for one in known.values() if _is_alike(one, decided)), None)
    return _join_decisions(alike, decided) if alike else None


def _is_alike(stored: Decision, decided: ResolvedDecision) -> bool:
    """Return whether both leave the same, by whatever way they came to it."""
    plural = Outcome.PLURAL in {stored.outcome, decided.outcome}
    if plural and (stored.outcome, tuple(stored.chosen)) != (decided.outcome, decided.chosen):
        return False
    passages = [parse_passage(one, "") for one in stored.passages]
    return list_contents(passages) == list_contents(decided.passages)


def _join_decisions(stored: Decision, decided: ResolvedDecision) -> ResolvedDecision:
    """Return the decision with what both said of it."""

    def join(*texts: str) -> str:
        return "\n\n".join(dict.fromkeys(text for text in texts if text))

    return replace(
        decided,
        reason=join(stored.reason, decided.reason),
        rule=join(stored.rule, decided.rule),
    )


def withdraw_apart(scope: Scope, place: DecidablePlace, *, everybodys: bool) -> None:
    """Delete what this adjudicator, or everybody, decided apart at a place, and record it."""
    found = Decision.objects.filter(
        project_id=scope.project_id, source_id=place.source, place=place.id, apart=True
    )
    stored = list(found if everybodys else found.filter(by_id=scope.user_id))
    before = build_snapshots(scope, stored)
    record_events(
        [build_decision_event(scope, one, DECIDED_APART, before=before[one.pk]) for one in stored]
    )
    for one in stored:
        one.delete()
