"""Turns the checked events of an archive into rows of the database."""

import uuid
from typing import Any

from cstoannot.exchange.archive.layout import is_about_source, move_place
from cstoannot.exchange.archive.progress import RestoreProgress, require_known_name
from cstoannot.exchange.archive.schema import build_row_error
from cstoannot.exchange.archive.team_queries import KINDS_WITH_PEOPLE
from cstoannot.exchange.archive.team_schema import check_readings, check_username_list
from cstoannot.exchange.archive.team_steps import renew_readings
from cstoannot.exchange.archive.values import check_uuid_value
from cstoannot.history.models import CODING, LOOK, Event, time_ordered_uuid

# Events of these kinds identify their object by its id (for a look: the assignment's).
KINDS_NAMED_BY_ID = (
    *(*CODING, LOOK, "proposal", "speaker"),
    *("comment", "decision", "plan", "round", "thread"),
)
# Fields of events' states that hold ids.
NAMED_IDS = ("into_id", "decision", "plan", "proposal", "round", "thread")


def restore_events(restoring: RestoreProgress) -> None:
    last = uuid.UUID(int=0)
    for batch in restoring.batches("events"):
        made = []
        for number, row in batch:
            if row["id"] <= last:
                raise build_row_error("events", number, "not in order")
            last = row["id"]
            made.append(_build_restored_event(restoring, number, row))
        restoring.sink.put(made)


def _build_restored_event(restoring: RestoreProgress, number: int, row: dict[str, Any]) -> Event:
    kind, thing = row["kind"], row["object"]
    if is_about_source(kind, thing, row["source"]):
        thing = str(restoring.source_or_zero(int(thing) if len(thing) < 12 else 0))
    elif kind in KINDS_NAMED_BY_ID:
        thing = _renew_object_id(restoring, thing)
    for name in ("before", "after"):
        row[name] = _renew_event_state(restoring, number, kind, row[name])
    return Event(
        id=time_ordered_uuid() if restoring.renew else row["id"],
        actor_id=restoring.person("events", number, row["actor"]),
        about_id=restoring.person("events", number, row["about"]),
        source_id=restoring.source("events", number, row["source"]),
        object=thing,
        **{name: row[name] for name in ("action", "kind", "before", "after", "at")},
    )


def _renew_event_state(
    restoring: RestoreProgress, number: int, kind: str, state: dict[str, Any] | None
) -> dict[str, Any] | None:
    """Replace keys and ids in the state of an event by those of the restored rows."""
    if not state:
        return state
    found = dict(state)
    if "source" in state:
        found["source"] = restoring.source_or_zero(state["source"])
    for name in NAMED_IDS:
        if isinstance(state.get(name), str):
            found[name] = _renew_object_id(restoring, state[name])
    try:
        if kind in KINDS_WITH_PEOPLE and "annotators" in state:
            found["annotators"] = [
                require_known_name(restoring.people, name, "events", number, "person")
                for name in check_username_list(state["annotators"])
            ]
        if kind == "decision":
            found |= _renew_decision_state(restoring, number, state, found)
    except ValueError as error:
        raise build_row_error("events", number, str(error)) from None
    return found


def _renew_decision_state(
    restoring: RestoreProgress, number: int, state: dict[str, Any], found: dict[str, Any]
) -> dict[str, Any]:
    """Return what a decision weighed and where, with keys and ids of here."""
    renewed: dict[str, Any] = {}
    if "readings" in state:
        readings = check_readings(state["readings"])
        renewed["readings"] = renew_readings(restoring, "events", number, readings)
    if "place" in state:
        place = check_uuid_value(state["place"])
        renewed["place"] = str(move_place(place, found.get("source") or 0))
    return renewed


def _renew_object_id(restoring: RestoreProgress, thing: str) -> str:
    """Return the id that a row has here; anything else is returned unchanged."""
    try:
        return str(restoring.id(uuid.UUID(thing))) if restoring.renew else thing
    except ValueError:
        return thing
