"""Merge codes and speakers, and undo merges of speakers; decisions follow.

Each runs in several short transactions, so that others can save in between.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from cstoannot.annotations.locks import lock_codes_and_sources
from cstoannot.annotations.models import Annotation, Speaker
from cstoannot.annotations.queries import require_speaker
from cstoannot.annotations.serialization import build_event_target, build_history_snapshot
from cstoannot.annotations.speaker_queries import (
    SpeakerMerge,
    load_merged_annotation_ids,
    require_speaker_merge,
)
from cstoannot.codebook.actions import change_code, reserve_next_revision
from cstoannot.codebook.models import Code
from cstoannot.codebook.queries import require_code, visible_codes
from cstoannot.core.errors import Conflict, Invalid, NotFound
from cstoannot.core.fields import ExpectedVersion, clean_choice
from cstoannot.decisions.carry_actions import carry_decisions
from cstoannot.history.actions import build_event, record_event, record_events
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, project_action

ORDER = ("source_id", "start", "annotator_id", "pk")  # the order of the text, also for the events
AT_ONCE = 250  # rows in one transaction: others wait less than 0.1 seconds
DROP, CARRY = STANCES = ("drop", "carry")  # drop or carry over stances when codes are merged


def merge_code(
    scope: Scope,
    slug: str,
    *,
    into: str,
    stances: str = "",
    note: str = "",
    expected: ExpectedVersion | None = None,
) -> Code:
    """Move all annotations of a code to another one and retire it; return the other one.

    Each annotation gets a new version and an event, and keeps the revision under which it was made.
    `stances` says whether stances towards another claim are dropped (`drop`) or carried over
    (`carry`). Raises Invalid if it is missing where it matters, and for a code that cannot take
    annotations; Conflict if the retiring code has children; Stale if the version named is no longer
    current.

    Others can save in between: the first transaction retires the code, so that it takes no new
    annotations, each further one moves AT_ONCE annotations, and the last one records the merge.
    Readers find each annotation once, under one of the two codes. Calling it again continues an
    interrupted merge; Conflict if somebody changes one of the codes meanwhile.
    """
    merge = _begin_code_merge(scope, slug, into, stances, note=note, expected=expected)
    while (taker := _continue_code_merge(scope, merge)) is None:
        pass
    return taker


@dataclass(frozen=True)
class _CodeMerge:
    """A merge in progress."""

    slug: str
    into: str
    stances: str
    version: int
    """The version of the retired code; if it changes, another merge or edit has intervened."""


@project_action
def _begin_code_merge(
    scope: Scope, slug: str, into: str, stances: str, *, note: str, expected: ExpectedVersion | None
) -> _CodeMerge:
    scope.require(Permission.EDIT_CODEBOOK)
    reserve_next_revision(scope)  # locks the codebook until the code is retired
    old, new = require_code(scope, slug), _require_merge_target(scope, into)
    if old.pk == new.pk:
        raise Invalid("A code cannot be merged into itself.", field="into")
    if visible_codes(scope).filter(parent=old).exists():
        raise Conflict(f"“{old.name}” has child codes: move them first.", field="slug")
    stances = _choose_merged_stances(scope, old, new, stances)
    why = note or f"Merged “{old.name}” into “{new.name}”"
    was_retired = old.retired_at is not None
    old = change_code(scope, slug, expected=expected, note=why, retired=True)
    if was_retired:  # an interrupted merge continues after this
        old.version += 1
        old.save(update_fields=["version"])
    return _CodeMerge(slug, new.slug, stances, old.version)


@project_action
def _continue_code_merge(scope: Scope, merge: _CodeMerge) -> Code | None:
    """Move the next annotations; return the target code once none is left."""
    scope.require(Permission.EDIT_CODEBOOK)
    lock_codes_and_sources(scope, codes=(merge.slug, merge.into))
    old, new = require_code(scope, merge.slug), require_code(scope, merge.into)
    if old.version != merge.version or new.retired_at is not None:
        changed = new if new.retired_at else old
        raise Conflict(
            f"Somebody changed “{changed.name}” in the meantime. All annotations are kept, some "
            f"with each of the two codes: merge them again."
        )
    if _move_code_annotations(scope, old, new, merge.stances):
        return None
    said = {"stances": merge.stances} if merge.stances else {}
    record_event(
        scope,
        action="merge",
        kind="code",
        object_id=merge.slug,
        before={"name": old.name},
        after={"name": old.name, "into": new.slug} | said,
    )
    return new


def _require_merge_target(scope: Scope, slug: str) -> Code:
    try:
        code = require_code(scope, slug)
    except NotFound as error:
        raise Invalid(error.message, field="into") from None
    if code.retired_at is not None:
        raise Invalid(f"“{code.name}” is retired: restore it first.", field="into")
    return code


def _choose_merged_stances(scope: Scope, old: Code, new: Code, stances: str) -> str:
    """Return `drop`, `carry`, or "" where stances stay; raise Invalid if it must be given.

    It must be given if both codes have claims that differ, or if there are stances and the target
    has another claim.
    """
    stances = clean_choice(stances, field="stances", choices=("", *STANCES))
    if old.claim == new.claim:
        return ""  # stances towards the same claim: nothing to choose
    if stances:
        return stances
    taken = Annotation.objects.filter(project_id=scope.project_id, code=old)
    if (old.claim and new.claim) or taken.exclude(stance="").exists():
        raise Invalid(
            f"“{old.name}” and “{new.name}” have different claims. Choose what happens to the "
            f"stances: drop removes them, carry keeps them as stances on the claim of "
            f"“{new.name}”.",
            field="stances",
            code="stances_not_said",
        )
    return ""


def _move_code_annotations(scope: Scope, old: Code, new: Code, stances: str) -> int:
    left = Annotation.objects.filter(project_id=scope.project_id, code=old)
    if stances == DROP:
        return _rewrite_annotations(
            scope, left, {"code": new.slug, "stance": ""}, code=new, stance=""
        )
    return _rewrite_annotations(scope, left, {"code": new.slug}, code=new)


def merge_speakers(scope: Scope, speaker_id: uuid.UUID, *, into: uuid.UUID) -> Speaker:
    """Move all annotations of one speaker to another, delete the first, return the other.

    Each annotation gets a new version and an event. Raises Invalid for a speaker who cannot take
    them.

    Others can save in between: each transaction moves AT_ONCE annotations, and the last one deletes
    the speaker. Readers find each annotation once, in one of the two voices. Calling it again
    continues an interrupted merge.
    """
    passages = 0
    taker = None
    while taker is None:
        moved, taker = _merge_speaker_batch(scope, speaker_id, into, passages)
        passages += moved
    return taker


@project_action
def _merge_speaker_batch(
    scope: Scope, speaker_id: uuid.UUID, into: uuid.UUID, before: int
) -> tuple[int, Speaker | None]:
    """Move the next annotations; return how many, and the target once the speaker is deleted.

    `before`: how many have been moved already.
    """
    scope.require(Permission.EDIT_CODEBOOK)
    # Concurrent saves in that voice come before or after this.
    _lock_speakers(scope, speaker_id, into)
    old = require_speaker(scope, speaker_id)
    try:
        new = require_speaker(scope, into)
    except NotFound as error:
        raise Invalid(error.message, field="into") from None
    if old.pk == new.pk:
        raise Invalid("A speaker cannot be merged into themselves.", field="into")
    left = Annotation.objects.filter(project_id=scope.project_id, voice=old)
    moved = _rewrite_annotations(scope, left, {"voice": new.name}, voice=new)
    if moved == AT_ONCE:
        return moved, None
    _delete_merged_speaker(scope, old, new, before + moved)
    return moved, new


def _delete_merged_speaker(scope: Scope, old: Speaker, new: Speaker, passages: int) -> None:
    """Delete a speaker who has no annotations left, and record the merge."""
    taker = {"note": new.note, "listed": new.listed}
    before = {"name": old.name, "note": old.note, "listed": old.listed, "into": taker}
    key = old.key
    old.delete()
    if (old.listed and not new.listed) or (old.note and not new.note):
        new.listed, new.note = new.listed or old.listed, new.note or old.note
        new.save()
    # Undoing needs the target, the number of passages, and the target's former state.
    after = {"name": old.name, "into": new.name, "into_id": str(new.key), "passages": passages}
    record_event(scope, action="merge", kind="speaker", object_id=key, before=before, after=after)


def undo_speaker_merge(scope: Scope, speaker_id: uuid.UUID) -> Speaker:
    """Restore a speaker who was merged into another, with the moved passages; return it.

    Passages that have another voice by now stay as they are. Raises NotFound if no merge is known,
    Conflict if it can no longer be undone. Others can save in between, as in a merge; calling it
    again continues an interrupted undo.
    """
    merge = _begin_speaker_undo(scope, speaker_id)
    ids = load_merged_annotation_ids(scope, merge)
    for first in range(0, len(ids), AT_ONCE):
        _restore_speaker_batch(scope, merge, ids[first : first + AT_ONCE])
    return _finish_speaker_undo(scope, merge)


@project_action
def _begin_speaker_undo(scope: Scope, speaker_id: uuid.UUID) -> SpeakerMerge:
    """Restore the speaker without passages; return the merge."""
    scope.require(Permission.EDIT_CODEBOOK)
    merge = require_speaker_merge(scope, speaker_id)
    if not _lock_speakers(scope, merge.into_id):
        raise Conflict(f"“{merge.into}” no longer exists: undo its own merge first.")
    mine = Speaker.objects.filter(project_id=scope.project_id)
    if mine.filter(key=speaker_id).exists():
        if merge.is_undone:
            raise Conflict(f"“{merge.name}” already exists again.")
        return merge  # continues an interrupted undo
    mine.get_or_create(
        project_id=scope.project_id,
        name=merge.name,
        defaults={"key": speaker_id, "note": merge.note, "listed": merge.listed},
    )
    return merge


@project_action
def _restore_speaker_batch(scope: Scope, merge: SpeakerMerge, ids: list[str]) -> None:
    scope.require(Permission.EDIT_CODEBOOK)
    old, new = _lock_merged_speakers(scope, merge)
    taken = Annotation.objects.filter(project_id=scope.project_id, voice=new, pk__in=ids)
    _rewrite_annotations(scope, taken, {"voice": old.name}, voice=old)


@project_action
def _finish_speaker_undo(scope: Scope, merge: SpeakerMerge) -> Speaker:
    scope.require(Permission.EDIT_CODEBOOK)
    old, new = _lock_merged_speakers(scope, merge)
    # The target keeps a note and a place on the list that did not come from the merge.
    new.note = merge.note_before if new.note == merge.note else new.note
    new.listed = merge.listed_before if merge.listed else new.listed
    new.save()
    said = {"name": merge.name, "into": merge.into}
    record_event(
        scope, action="unmerge", kind="speaker", object_id=old.key, before=said, after=said
    )
    return old


def _lock_merged_speakers(scope: Scope, merge: SpeakerMerge) -> tuple[Speaker, Speaker]:
    """Lock and return the restored speaker and the merge's target."""
    mine = Speaker.objects.filter(project_id=scope.project_id)
    found = mine.filter(Q(name=merge.name) | Q(key=merge.into_id)).select_for_update()
    speakers = list(found.order_by("pk"))
    if len(speakers) < 2:
        raise Conflict(
            f"Somebody changed “{merge.name}” or “{merge.into}” in the meantime: check both."
        )
    old, new = sorted(speakers, key=lambda one: one.key == merge.into_id)
    return old, new


def _lock_speakers(scope: Scope, *keys: uuid.UUID) -> QuerySet[Speaker]:
    """Lock these speakers until the transaction ends, always in the same order."""
    found = Speaker.objects.filter(project_id=scope.project_id, key__in=keys)
    list(found.select_for_update().order_by("pk"))
    return found


def _rewrite_annotations(
    scope: Scope, left: QuerySet[Annotation], said: dict[str, str], **columns: Any
) -> int:
    """Change at most AT_ONCE of the annotations `left`; return how many.

    `said`: the new values in their events; `columns`: the same values as stored.
    """
    keys = list(left.select_for_update().order_by(*ORDER).values_list("pk", flat=True)[:AT_ONCE])
    # Read after the lock: a row that waited for it would be joined to its former voice.
    locked = Annotation.objects.filter(pk__in=keys)
    some = list(locked.select_related("voice", "code").order_by(*ORDER))
    events = []
    for one in some:
        voice = one.voice.name if one.voice else ""
        before = build_history_snapshot(one, one.code.slug, voice)
        after = {**before, **said, "version": one.version + 1}
        events.append(
            build_event(
                scope, action="change", before=before, after=after, **build_event_target(one)
            )
        )
    locked.update(version=F("version") + 1, updated_at=timezone.now(), **columns)
    record_events(events)
    carry_decisions(
        scope, {one.pk: one.version for one in some}, {one.source_id for one in some}, said
    )
    return len(some)
