"""Speakers by name, their annotation counts and duplicates, and what the history has of a merge
of speakers.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from cstoannot.annotations.models import Speaker
from cstoannot.annotations.queries import visible_annotations, visible_speakers
from cstoannot.core.errors import NotFound
from cstoannot.core.likeness import group_alike, likeness_of
from cstoannot.history.models import Event
from cstoannot.projects.permissions import Permission
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


def require_speaker_merge(scope: Scope, speaker_id: uuid.UUID) -> SpeakerMerge:
    """The last merge in which this speaker went; raises NotFound if there is none.

    For those who see all coding: it tells of speakers whom a blind coder may not know of.
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
        raise NotFound("The project knows of no merge of this speaker that can be undone.")
    return merge


def _parse_speaker_merge(
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


def load_merged_annotation_ids(scope: Scope, merge: SpeakerMerge) -> list[str]:
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


def load_speakers_by_name(scope: Scope, names: Iterable[str]) -> dict[str, Speaker]:
    """The speakers whom this member means by these names; names of nobody are left out.

    Of those called alike the one with this very name, otherwise one on the list, otherwise the
    first. One whom only coding names that the member may not see is not taken for another
    spelling: that would tell of it.
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
    """All speakers called so, by likeness."""
    speakers = Speaker.objects.filter(project_id=scope.project_id, likeness__in=keys)
    alike: dict[str, list[Speaker]] = defaultdict(list)
    for speaker in speakers.order_by("-listed", "created_at", "pk"):
        alike[speaker.likeness or ""].append(speaker)
    return alike


def _load_visible_speaker_ids(scope: Scope, keys: set[str]) -> set[int] | None:
    """Which of the speakers called so this member may know of; None for all of them."""
    if scope.can(Permission.SEE_ALL_CODING):
        return None
    return set(visible_speakers(scope).filter(likeness__in=keys).values_list("pk", flat=True))


def _choose_speaker(name: str, alike: Sequence[Speaker], known: set[int] | None) -> Speaker | None:
    open_to_member = [one for one in alike if known is None or one.pk in known]
    same = next((one for one in alike if one.name == name), None)
    if same in open_to_member or not open_to_member:
        return same
    return open_to_member[0]


def count_by_speaker(scope: Scope) -> Mapping[int, int]:
    """How many visible annotations are in each speaker's voice, by the speaker's key."""
    found = visible_annotations(scope).exclude(voice=None).order_by()
    return dict(found.values_list("voice_id").annotate(n=Count("*")))


def list_duplicate_speakers(scope: Scope) -> list[list[Speaker]]:
    """Visible speakers who are called alike, in groups; in each, those on the list first."""
    speakers = visible_speakers(scope).order_by("-listed", "created_at", "pk")
    groups = group_alike(speakers, lambda speaker: speaker.name)
    return sorted((group for group in groups if len(group) > 1), key=lambda group: group[0].name)
