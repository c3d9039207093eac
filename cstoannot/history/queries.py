from cstoannot.history.actions import EventActor
from cstoannot.history.models import LOOK, Event

# Of these kinds only those who see all coding are told. A look says who closed a source, and when.
HIDDEN_KINDS = ("invitation", LOOK, "speaker")


def has_event(scope: EventActor, *, action: str, kind: str, object_id: str) -> bool:
    """Whether the project's history holds such an event."""
    return Event.objects.filter(
        project_id=scope.project_id, action=action, kind=kind, object=object_id
    ).exists()
