from cstoannot.history.actions import EventActor
from cstoannot.history.models import LOOK, Event

# Kinds of events that tell how far a team has decided.
DECIDING = ("consensus", "decision")
# Kinds for readers of all coding only. A look shows who closed a source, and when.
HIDDEN_KINDS = (
    *("invitation", LOOK, "speaker"),
    *(*DECIDING, "thread", "comment", "plan", "round", "results_link"),
)


def has_event(scope: EventActor, *, action: str, kind: str, object_id: str) -> bool:
    """Return whether the project's history contains such an event."""
    return Event.objects.filter(
        project_id=scope.project_id, action=action, kind=kind, object=object_id
    ).exists()
