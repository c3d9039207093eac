from collections.abc import Mapping
from typing import Any, Protocol

from django.utils import timezone

from cstoannot.history.models import Event, time_ordered_uuid


class EventActor(Protocol):
    """What events need of a scope; this package cannot import `Scope`."""

    @property
    def project_id(self) -> int: ...
    @property
    def user_id(self) -> int | None: ...


def build_event(
    scope: EventActor,
    *,
    action: str,
    kind: str,
    object_id: object,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    about_id: int | None = None,
    source_id: int | None = None,
) -> Event:
    """Return an event without storing it, for callers that store many at once."""
    return Event(
        id=time_ordered_uuid(),
        project_id=scope.project_id,
        actor_id=scope.user_id,
        action=action,
        kind=kind,
        object=str(object_id),
        before=before,
        after=after,
        about_id=about_id,
        source_id=source_id,
        at=timezone.now(),
    )


def record_event(scope: EventActor, **what: Any) -> Event:
    """Store one event; call it inside the transaction that makes the change."""
    entry = build_event(scope, **what)
    entry.save(force_insert=True)
    return entry


def record_events(entries: list[Event]) -> None:
    """Store events made with `build_event`, in chunks for SQLite's limit of variables."""
    Event.objects.bulk_create(entries, batch_size=500)
