import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cstoannot.core.errors import NotFound
from cstoannot.history.models import Event
from cstoannot.projects.scope import Scope


@dataclass(frozen=True)
class SpeakerMerge:
    """What the history knows of a merge: who went, who took the passages, and how many."""

    event_id: uuid.UUID
    actor_id: int | None
    is_undone: bool
    name: str
    note: str
    listed: bool
    into: str
    into_id: uuid.UUID
    passages: int
    note_before: str
    """The taker's, before the merge."""
    listed_before: bool


def get_speaker_merge(scope: Scope, speaker_id: uuid.UUID) -> SpeakerMerge:
    """The last merge in which this speaker went; raises NotFound if there is none.

    For those who see all coding: it tells of speakers whom a blind coder may not know of.
    """
    events = Event.objects.filter(
        project_id=scope.project_id, kind="speaker", object=str(speaker_id)
    ).order_by("-id")
    event = events.filter(action="merge").first()
    is_undone = bool(event and events.filter(action="unmerge", id__gt=event.pk).exists())
    merge = _parse_merge(event, event.before or {}, event.after or {}, is_undone) if event else None
    if merge is None:
        raise NotFound("The project knows of no merge of this speaker that can be undone.")
    return merge


def _parse_merge(
    event: Event, before: Mapping[str, Any], after: Mapping[str, Any], is_undone: bool
) -> SpeakerMerge | None:
    """What the entry says; None if it is from an archive that says something else."""
    try:
        return SpeakerMerge(
            event_id=event.pk,
            actor_id=event.actor_id,
            is_undone=is_undone,
            name=str(after["name"]),
            note=str(before["note"]),
            listed=bool(before["listed"]),
            into=str(after["into"]),
            into_id=uuid.UUID(after["into_id"]),
            passages=int(after["passages"]),
            note_before=str(before["into"]["note"]),
            listed_before=bool(before["into"]["listed"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def ids_of_merged(scope: Scope, merge: SpeakerMerge) -> list[str]:
    """The ids of the annotations whose voice this merge changed.

    Others may have changed a voice in the same way between its transactions: theirs do not count.
    """
    changes = Event.objects.filter(
        project_id=scope.project_id,
        kind="annotation",
        action="change",
        actor_id=merge.actor_id,
        id__lt=merge.event_id,
        before__voice=merge.name,
        after__voice=merge.into,
    )
    newest_first = changes.order_by("-id").values_list("object", flat=True)
    return list(newest_first[: max(0, merge.passages)])
