"""Merges codes and speakers, and undoes merges of speakers.

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
from cstoannot.history.actions import build_event, record_event, record_events
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, project_action

ORDER = ("source_id", "start", "annotator_id", "pk")  # the history tells it as the text has it
AT_ONCE = 250  # rows: others wait for less than a tenth of a second
DROP, CARRY = STANCES = ("drop", "carry")  # what becomes of stances when codes are merged


def merge_code(
    scope: Scope,
    slug: str,
    *,
    into: str,
    stances: str = "",
    note: str = "",
    expected: ExpectedVersion | None = None,
) -> Code:
    """Give all of a code's annotations to another code, and retire it; returns the other one.

    Each annotation gains a version and an event, and keeps the revision that it was made under.
    `stances` says what becomes of stances towards another claim than the taker's: `drop` or
    `carry`. Raises Invalid if that is not said where it matters, and for a code that cannot take
    them; Conflict if codes stand below the one that goes, Stale if a version is named and no
    longer current.

    Others save in between: the first transaction retires the code, so that it takes nothing new,
    each further one moves AT_ONCE annotations, and the last one records the merge. Whoever reads
    meanwhile finds each annotation once, under one of the two codes. A merge that is interrupted
    goes on when it is asked for again; Conflict if somebody changes one of the codes meanwhile.
    """
    merge = _begin_code_merge(scope, slug, into, stances, note=note, expected=expected)
    while (taker := _continue_code_merge(scope, merge)) is None:
        pass
    return taker


@dataclass(frozen=True)
class _CodeMerge:
    """A merge under way."""

    slug: str
    into: str
    stances: str
    version: int
    """That of the code that goes: while nobody has changed it, nobody else merges it."""


@project_action
def _begin_code_merge(
    scope: Scope, slug: str, into: str, stances: str, *, note: str, expected: ExpectedVersion | None
) -> _CodeMerge:
    scope.require(Permission.EDIT_CODEBOOK)
    reserve_next_revision(scope)  # nobody else changes codes until the code is retired
    old, new = require_code(scope, slug), _require_merge_target(scope, into)
    if old.pk == new.pk:
        raise Invalid("A code cannot be merged into itself.", field="into")
    if visible_codes(scope).filter(parent=old).exists():
        raise Conflict(f"Codes stand below “{old.name}”: move them first.", field="slug")
    stances = _choose_merged_stances(scope, old, new, stances)
    why = note or f"Merged “{old.name}” into “{new.name}”"
    was_retired = old.retired_at is not None
    old = change_code(scope, slug, expected=expected, note=why, retired=True)
    if was_retired:  # a merge that is still under way ends here
        old.version += 1
        old.save(update_fields=["version"])
    return _CodeMerge(slug, new.slug, stances, old.version)


@project_action
def _continue_code_merge(scope: Scope, merge: _CodeMerge) -> Code | None:
    """Move some of the annotations that are left; the taker once none is."""
    scope.require(Permission.EDIT_CODEBOOK)
    lock_codes_and_sources(scope, codes=(merge.slug, merge.into))
    old, new = require_code(scope, merge.slug), require_code(scope, merge.into)
    if old.version != merge.version or new.retired_at is not None:
        changed = new if new.retired_at else old
        raise Conflict(
            f"Somebody has changed “{changed.name}” meanwhile. What was coded is still there, "
            "some of it with each of the two codes: merge them again."
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
        raise Invalid(f"“{code.name}” is retired: take it back into use first.", field="into")
    return code


def _choose_merged_stances(scope: Scope, old: Code, new: Code, stances: str) -> str:
    """What becomes of the stances; empty where they stay. Raises Invalid if that is not said.

    It has to be said where both codes have a claim and not the same, and where a stance was given
    towards anything else than the claim of the code that takes it.
    """
    stances = clean_choice(stances, field="stances", choices=("", *STANCES))
    if old.claim == new.claim:
        return ""  # stances towards the same claim mean the same: there is nothing to choose
    if stances:
        return stances
    taken = Annotation.objects.filter(project_id=scope.project_id, code=old)
    if (old.claim and new.claim) or taken.exclude(stance="").exists():
        raise Invalid(
            f"“{old.name}” and “{new.name}” do not state the same claim. Say what becomes of the "
            "stances: drop removes them, carry takes them over as stances towards the claim of "
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
    """Give everything said in one speaker's voice to another; the first is gone. Returns the other.

    Each annotation gains a version and an event. Raises Invalid for a speaker who cannot take
    them.

    Others save in between: each transaction moves AT_ONCE annotations, and the last one deletes the
    speaker. Whoever reads meanwhile finds each annotation once, in one of the two voices. A merge
    that is interrupted goes on when it is asked for again.
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
    """Move some of the annotations; how many, and the taker once the speaker is gone.

    `before` is how many have been moved already.
    """
    scope.require(Permission.EDIT_CODEBOOK)
    # Whoever codes in that voice at the same moment comes before this or after it.
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
    """Delete a speaker in whose voice nothing is said any more, and record the merge."""
    taker = {"note": new.note, "listed": new.listed}
    before = {"name": old.name, "note": old.note, "listed": old.listed, "into": taker}
    key = old.key
    old.delete()
    if (old.listed and not new.listed) or (old.note and not new.note):
        new.listed, new.note = new.listed or old.listed, new.note or old.note
        new.save()
    # Undoing needs who took the passages, how many, and what the taker was before.
    after = {"name": old.name, "into": new.name, "into_id": str(new.key), "passages": passages}
    record_event(scope, action="merge", kind="speaker", object_id=key, before=before, after=after)


def undo_speaker_merge(scope: Scope, speaker_id: uuid.UUID) -> Speaker:
    """Bring back a speaker who was merged into another, with the passages that went along.

    Passages that are in another voice by now stay as they are. Returns the speaker. Raises
    NotFound if no merge is known, Conflict if it can no longer be undone. Others save in between,
    as in a merge, and what was interrupted goes on when it is asked for again.
    """
    merge = _begin_speaker_undo(scope, speaker_id)
    ids = load_merged_annotation_ids(scope, merge)
    for first in range(0, len(ids), AT_ONCE):
        _restore_speaker_batch(scope, merge, ids[first : first + AT_ONCE])
    return _finish_speaker_undo(scope, merge)


@project_action
def _begin_speaker_undo(scope: Scope, speaker_id: uuid.UUID) -> SpeakerMerge:
    """Bring the speaker back, without passages."""
    scope.require(Permission.EDIT_CODEBOOK)
    merge = require_speaker_merge(scope, speaker_id)
    if not _lock_speakers(scope, merge.into_id):
        raise Conflict(f"“{merge.into}” is no longer there: undo first what became of it.")
    mine = Speaker.objects.filter(project_id=scope.project_id)
    if mine.filter(key=speaker_id).exists():
        if merge.is_undone:
            raise Conflict(f"“{merge.name}” is there again already.")
        return merge  # an undo that was interrupted goes on
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
    # The taker keeps a note and a place on the list that it has not from the merge.
    new.note = merge.note_before if new.note == merge.note else new.note
    new.listed = merge.listed_before if merge.listed else new.listed
    new.save()
    said = {"name": merge.name, "into": merge.into}
    record_event(
        scope, action="unmerge", kind="speaker", object_id=old.key, before=said, after=said
    )
    return old


def _lock_merged_speakers(scope: Scope, merge: SpeakerMerge) -> tuple[Speaker, Speaker]:
    """The speaker who came back and the one who had taken the passages."""
    mine = Speaker.objects.filter(project_id=scope.project_id)
    found = mine.filter(Q(name=merge.name) | Q(key=merge.into_id)).select_for_update()
    speakers = list(found.order_by("pk"))
    if len(speakers) < 2:
        raise Conflict(
            f"Somebody has changed “{merge.name}” or “{merge.into}” meanwhile: look at both."
        )
    old, new = sorted(speakers, key=lambda one: one.key == merge.into_id)
    return old, new


def _lock_speakers(scope: Scope, *keys: uuid.UUID) -> QuerySet[Speaker]:
    """Lock these speakers until the transaction ends, in one order for everybody."""
    found = Speaker.objects.filter(project_id=scope.project_id, key__in=keys)
    list(found.select_for_update().order_by("pk"))
    return found


def _rewrite_annotations(
    scope: Scope, left: QuerySet[Annotation], said: dict[str, str], **columns: Any
) -> int:
    """Change so many of the annotations that are left as one statement holds; returns how many.

    `said` is what their events have anew, `columns` the same as it is stored.
    """
    keys = list(left.select_for_update().order_by(*ORDER).values_list("pk", flat=True)[:AT_ONCE])
    # Read after the lock: a row that waited for it would be joined to the voice of before.
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
    return len(some)
