import uuid
from dataclasses import dataclass

from cstoannot.history.actions import Actor
from cstoannot.history.models import Event


def has_happened(scope: Actor, *, action: str, kind: str, object_id: str) -> bool:
    """Whether the project's history holds such an event."""
    return Event.objects.filter(
        project_id=scope.project_id, action=action, kind=kind, object=object_id
    ).exists()


@dataclass(frozen=True)
class State:
    """A point in a project's history: what was computed at it holds until there is another.

    An event gets its id before its transaction ends, so one can appear behind the newest. The
    number of events in the newest one's last minute tells that; no transaction takes longer.
    """

    newest: uuid.UUID | None
    recent: int

    def __str__(self) -> str:
        return f"{self.newest}/{self.recent}"


def state_of(scope: Actor) -> State:
    """Where the project's history stands, from an index alone."""
    events = Event.objects.filter(project_id=scope.project_id).order_by("-id")
    newest = events.values_list("id", flat=True).first()
    if newest is None:
        return State(None, 0)
    return State(newest, events.filter(id__gte=_minute_before(newest)).count())


def changed_sources(scope: Actor, since: State) -> set[int] | None:
    """The sources whose coding may have changed since then; None if other things have, too."""
    if since.newest is None:
        return None
    events = Event.objects.filter(project_id=scope.project_id).order_by()
    last_minute = events.filter(id__gte=_minute_before(since.newest))
    if last_minute.filter(id__lte=since.newest).count() == since.recent:
        events = events.filter(id__gt=since.newest)
    else:
        events = last_minute
    changed: set[int] = set()
    # A proposed code codes nothing: what comes of it is an event of the codebook.
    events = events.exclude(kind="proposal")
    for kind, source in events.values_list("kind", "source_id").distinct():
        if kind not in {"annotation", "assignment"} or source is None:
            return None
        changed.add(source)
    return changed


def _minute_before(event: uuid.UUID) -> uuid.UUID:
    """The least id of a minute before: a version 7 id begins with its milliseconds."""
    return uuid.UUID(int=max(0, (event.int >> 80) - 60_000) << 80)
