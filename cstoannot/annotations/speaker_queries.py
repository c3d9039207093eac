"""Speakers by name, their annotation counts and duplicates, and merges in the history."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from cstoannot.annotations.models import Speaker
from cstoannot.annotations.queries import (
    readable_speakers,
    visible_annotations,
    visible_speakers,
)
from cstoannot.core.errors import NotFound
from cstoannot.core.likeness import group_alike, likeness_of
from cstoannot.history.models import Event
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope


@dataclass(frozen=True)
class SpeakerMerge:
    """A merge in the history: the deleted speaker, the target, and the number of passages."""

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
    """The target's note before the merge."""
    listed_before: bool


def require_speaker_merge(scope: Scope, speaker_id: uuid.UUID) -> SpeakerMerge:
    """Return the last merge in which this speaker was deleted; raise NotFound.

    For readers who see all annotations: it names speakers that others may not know of.
    """
    events = Event.objects.filter(
        project_id=scope.project_id, kind="speaker", object=str(speaker_id)
    ).order_by("-id")
    event = events.filter(action="merge").first()
    is_undone = bool(event and events.filter(action="unmerge", id__gt=event.pk).exists())
    merge = (
        _parse_speaker_merge(event, event.before or {}, event.after or {}, is_undone)
        if event
        else None
    )
    if merge is None:
        raise NotFound("There is no merge of this speaker that can be undone.")
    return merge


def _parse_speaker_merge(
    event: Event, before: Mapping[str, Any], after: Mapping[str, Any], is_undone: bool
) -> SpeakerMerge | None:
    """Return the merge; None if an archive's event has another content."""
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


def load_merged_annotation_ids(scope: Scope, merge: SpeakerMerge) -> list[str]:
    """Return the ids of the annotations whose voice this merge changed.

    Changes of voice by others between its transactions do not count.
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


def load_speakers_by_name(scope: Scope, names: Iterable[str]) -> dict[str, Speaker]:
    """Return the speakers that this member means by these names; unknown names are left out.

    Of similar names the identical one counts, otherwise a listed one, otherwise the first. A
    speaker known only from annotations that the member may not see matches only the identical name:
    matching another spelling would disclose the speaker.
    """
    keys = {name: likeness_of(name) for name in names if name}
    if not keys:
        return {}
    alike = _load_similar_speakers(scope, set(keys.values()))
    plain = all([one.name for one in alike[key]] in ([], [name]) for name, key in keys.items())
    known = None if plain else _load_visible_speaker_ids(scope, set(keys.values()))
    found = {name: _choose_speaker(name, alike[key], known) for name, key in keys.items()}
    return {name: speaker for name, speaker in found.items() if speaker}


def _load_similar_speakers(scope: Scope, keys: set[str]) -> Mapping[str, Sequence[Speaker]]:
    """Return all speakers with these likenesses, by likeness."""
    speakers = Speaker.objects.filter(project_id=scope.project_id, likeness__in=keys)
    alike: dict[str, list[Speaker]] = defaultdict(list)
    for speaker in speakers.order_by("-listed", "created_at", "pk"):
        alike[speaker.likeness or ""].append(speaker)
    return alike


def _load_visible_speaker_ids(scope: Scope, keys: set[str]) -> set[int] | None:
    """Return the visible speakers with these likenesses; None if all are visible."""
    if scope.can(Permission.SEE_ALL_CODING):
        return None
    return set(readable_speakers(scope).filter(likeness__in=keys).values_list("pk", flat=True))


def _choose_speaker(name: str, alike: Sequence[Speaker], known: set[int] | None) -> Speaker | None:
    open_to_member = [one for one in alike if known is None or one.pk in known]
    same = next((one for one in alike if one.name == name), None)
    if same in open_to_member or not open_to_member:
        return same
    return open_to_member[0]


def count_by_speaker(scope: Scope) -> Mapping[int, int]:
    """Return the number of visible annotations in each speaker's voice, by primary key."""
    found = visible_annotations(scope).exclude(voice=None).order_by()
    return dict(found.values_list("voice_id").annotate(n=Count("*")))


def list_duplicate_speakers(scope: Scope) -> list[list[Speaker]]:
    """Return groups of visible speakers with similar names; listed ones come first."""
    speakers = visible_speakers(scope).order_by("-listed", "created_at", "pk")
    groups = group_alike(speakers, lambda speaker: speaker.name)
    return sorted((group for group in groups if len(group) > 1), key=lambda group: group[0].name)
