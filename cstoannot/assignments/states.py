"""What the state of an assignment allows. No query stands here."""

from cstoannot.assignments.models import State
from cstoannot.core.errors import Conflict, DomainError, Forbidden


def why_closed(state: str | None) -> DomainError | None:
    """The refusal of coding under an assignment in this state (None: there is none), if any."""
    if state is None:
        return Forbidden("This source is not assigned to you, so you cannot annotate it.")
    if state == State.DONE:
        return Conflict(
            "This source is marked as done, so nothing is saved on it. To code it, reopen it: "
            "set the state of its assignment to “started”.",
            code="source_done",
        )
    return None


def check_open(state: str | None) -> None:
    """Raise if nothing may be coded under an assignment in this state."""
    if error := why_closed(state):
        raise error
