"""Save and delete one's own annotations, one at a time, and edit the list of speakers."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from cstoannot.annotations.locks import (
    LockedAssignments,
    lock_annotations,
    lock_codes_and_sources,
    lock_draft_assignments,
)
from cstoannot.annotations.models import Annotation, Speaker
from cstoannot.annotations.queries import (
    AssignmentRef,
    CodeRef,
    find_draft_context,
    require_annotation_row,
    require_speaker,
)
from cstoannot.annotations.save_rules import (
    build_creation_event,
    build_new_annotation,
    build_source_error,
    build_unknown_code_error,
    check_code_in_use,
)
from cstoannot.annotations.serialization import (
    LONGEST_NOTE,
    LONGEST_VOICE,
    Draft,
    build_annotation_row,
    build_content_key,
    build_event_target,
    build_history_snapshot,
    build_stored_annotation_row,
    check_quote,
    clean_draft,
    is_own_annotation,
)
from cstoannot.annotations.speaker_queries import load_speakers_by_name
from cstoannot.assignments.actions import begin_assignment
from cstoannot.assignments.models import AssignmentState, check_assignment_open
from cstoannot.core.errors import (
    Conflict,
    Forbidden,
    NotFound,
    PreconditionRequired,
    Stale,
)
from cstoannot.core.fields import ExpectedVersion, clean_line, clean_text, is_possible_id
from cstoannot.core.likeness import likeness_of
from cstoannot.history.actions import record_event, record_events
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, project_action
from cstoannot.sources.queries import visible_sources
from cstoannot.text.spans import check_span


@dataclass(frozen=True)
class ResolvedDraft:
    """A draft with the objects that its names refer to, all inside the scope."""

    given: AssignmentRef
    code: CodeRef
    revision: int
    quote: str
    speaker: Speaker | None = None
    """None for the author and for a new speaker."""


def _resolve_draft(scope: Scope, draft: Draft) -> ResolvedDraft:
    """Look up every name of the draft inside the scope.

    Call it inside the transaction, so that source, code and codebook cannot change before it ends.
    Raises DomainError for what does not fit.
    """
    scope.require(Permission.ANNOTATE)
    check_span(draft.start, draft.end, 2**31 - 1)
    lock_codes_and_sources(scope, codes=[draft.code], sources=[draft.source])
    place = find_draft_context(scope, draft.source, draft.code, draft.start, draft.end)
    if place is None or place.assignment is None:
        possible = [draft.source] if is_possible_id(draft.source) else []
        raise build_source_error(readable=visible_sources(scope).filter(pk__in=possible).exists())
    check_span(draft.start, draft.end, place.length)
    check_quote(draft, place.quote)
    if place.code is None:
        raise build_unknown_code_error(draft.code)
    return ResolvedDraft(place.assignment, place.code, place.revision, place.quote)


def _resolve_draft_speaker(
    scope: Scope, draft: Draft, resolved: ResolvedDraft
) -> tuple[Draft, ResolvedDraft]:
    """Return the draft with the speaker, spelled as the project spells the name."""
    if not draft.voice:
        return draft, resolved
    speaker = load_speakers_by_name(scope, [draft.voice]).get(draft.voice)
    name = speaker.name if speaker else draft.voice
    return replace(draft, voice=name), replace(resolved, speaker=speaker)


def _ensure_speaker(scope: Scope, name: str, known: Speaker | None) -> Speaker | None:
    """Return the speaker, created if new; None for the author."""
    if known or not name:
        return known
    return Speaker.objects.create(project_id=scope.project_id, name=name)


def save_annotation(
    scope: Scope, annotation_id: uuid.UUID, draft: Draft, *, expected: ExpectedVersion | None = None
) -> tuple[dict[str, Any], bool]:
    """Create or change one's own annotation; return its row and whether it is new.

    Sending the same id with the same content again changes nothing. A change names the version that
    it is based on: raises PreconditionRequired without one, Stale if it is no longer current.
    Raises Invalid, Forbidden, Conflict or NotFound for what does not fit the project.
    """
    for _ in range(2):
        try:
            return _save_draft(scope, annotation_id, draft, expected)
        except IntegrityError:
            # A concurrent request saved the same annotation or new speaker: read it and try again.
            continue
    raise Conflict(
        "The project changed while this was being saved. Load the page again and repeat it."
    )


@project_action
def _save_draft(
    scope: Scope,
    annotation_id: uuid.UUID,
    draft: Draft,
    expected: ExpectedVersion | None,
) -> tuple[dict[str, Any], bool]:
    resolved = _resolve_draft(scope, draft)
    draft, resolved = _resolve_draft_speaker(scope, clean_draft(draft), resolved)
    place = lock_draft_assignments(scope, annotation_id, draft.source)
    states = place.states
    existing = (
        None if place.stored_source is None else _lock_annotation(scope, annotation_id, place)
    )
    if existing is not None:
        return _change_annotation(
            scope, existing, draft, resolved, expected=expected, states=states
        ), False
    if expected is not None:
        raise _build_deleted_error()
    return _create_annotation(scope, annotation_id, draft, resolved, states.get(draft.source)), True


def _build_deleted_error() -> Stale:
    return Stale("This annotation was deleted in the meantime.", current=None)


def _lock_annotation(
    scope: Scope, annotation_id: uuid.UUID, place: LockedAssignments
) -> Annotation | None:
    """Lock and return the annotation; its assignment in `place` is locked already."""
    found = Annotation.objects.filter(pk=annotation_id)
    lock_annotations(found)
    annotation = found.select_related("code", "voice").first()
    moved = annotation and place.states and annotation.source_id != place.stored_source
    if annotation and moved and is_own_annotation(scope, annotation):
        raise Conflict("This annotation was moved to another source in the meantime.")
    return annotation


def _check_assignment_not_done(state: str | None) -> None:
    """Raise if the assignment is done; without an assignment, deleting is allowed."""
    if state is not None:
        check_assignment_open(state)


def _create_annotation(
    scope: Scope, annotation_id: uuid.UUID, draft: Draft, resolved: ResolvedDraft, state: str | None
) -> dict[str, Any]:
    check_assignment_open(state)
    check_code_in_use(resolved.code)
    annotation = build_new_annotation(
        scope,
        annotation_id,
        draft,
        code=resolved.code,
        revision=resolved.revision,
        quote=resolved.quote,
        speaker=_ensure_speaker(scope, draft.voice, resolved.speaker),
    )
    annotation.save(force_insert=True)
    record_events([build_creation_event(scope, annotation, draft)])
    if state == AssignmentState.TODO:
        begin_assignment(scope, resolved.given.pk)
    return build_annotation_row(scope, annotation, draft.code, draft.voice)


def _apply_draft(
    scope: Scope, annotation: Annotation, draft: Draft, resolved: ResolvedDraft
) -> None:
    """Write the draft into the row, with the codebook's newest revision."""
    annotation.source_id = draft.source
    annotation.code_id = resolved.code.pk
    annotation.start, annotation.end, annotation.quote = draft.start, draft.end, resolved.quote
    annotation.stance, annotation.note = draft.stance, draft.note
    annotation.voice = _ensure_speaker(scope, draft.voice, resolved.speaker)
    annotation.revision = resolved.revision


def _change_annotation(
    scope: Scope,
    annotation: Annotation,
    draft: Draft,
    resolved: ResolvedDraft,
    *,
    expected: ExpectedVersion | None,
    states: Mapping[int, str],
) -> dict[str, Any]:
    """Change the stored annotation; `states` are those of the locked assignments."""
    try:
        current = _require_own_annotation(scope, annotation)
    except NotFound:
        if expected is None:
            raise
        raise _build_deleted_error() from None  # as if the hidden annotation did not exist
    if build_content_key(current) == build_content_key(vars(draft)):
        return current
    check_assignment_open(states.get(draft.source))
    _check_assignment_not_done(states.get(annotation.source_id))
    _check_version_to_change(annotation, current, expected)
    if draft.code != current["code"]:
        check_code_in_use(resolved.code)
    before = build_history_snapshot(annotation, current["code"], current["voice"])
    _apply_draft(scope, annotation, draft, resolved)
    annotation.version += 1
    annotation.updated_at = timezone.now()
    annotation.save()
    after = build_history_snapshot(annotation, draft.code, draft.voice)
    record_event(
        scope, action="change", **build_event_target(annotation), before=before, after=after
    )
    return build_annotation_row(scope, annotation, draft.code, draft.voice)


def _check_version_to_change(
    annotation: Annotation, current: dict[str, Any], expected: ExpectedVersion | None
) -> None:
    if expected is None:
        raise PreconditionRequired(
            "This annotation exists with other content. To change it, send its version as "
            "If-Match.",
            current=current,
        )
    if not expected.fits(annotation.version):
        raise Stale(
            f"This annotation is at version {annotation.version}: it was changed in the meantime.",
            current=current,
        )


def _require_own_annotation(scope: Scope, annotation: Annotation) -> dict[str, Any]:
    """Return the annotation's row; raise NotFound if hidden, Forbidden if not one's own."""
    if is_own_annotation(scope, annotation):
        return build_stored_annotation_row(scope, annotation)
    require_annotation_row(scope, annotation.pk)
    raise Forbidden("This annotation belongs to somebody else: only its coder can change it.")


@project_action
def delete_annotation(
    scope: Scope, annotation_id: uuid.UUID, *, expected: ExpectedVersion | None = None
) -> None:
    """Delete one's own annotation; its content stays in the history.

    Raises NotFound, Forbidden, and Stale if the version named is no longer current.
    """
    place = lock_draft_assignments(scope, annotation_id)
    annotation = _lock_annotation(scope, annotation_id, place)
    if annotation is None:
        raise NotFound("There is no such annotation, or you may not see it.")
    require_annotation_row(scope, annotation_id)  # raises NotFound, also if the source is deleted
    current = _require_own_annotation(scope, annotation)
    scope.require(Permission.ANNOTATE)
    _check_assignment_not_done(place.states.get(annotation.source_id))
    if expected is not None and not expected.fits(annotation.version):
        raise Stale("This annotation was changed in the meantime.", current=current)
    before = build_history_snapshot(annotation, current["code"], current["voice"])
    record_event(scope, action="delete", **build_event_target(annotation), before=before)
    annotation.delete()


@project_action
def add_listed_speaker(scope: Scope, *, name: str, note: str = "") -> tuple[Speaker, bool]:
    """Add a speaker to the list; return it and whether it is new."""
    scope.require(Permission.EDIT_CODEBOOK)
    name = clean_line(name, field="name", longest=LONGEST_VOICE, required=True)
    note = clean_text(note, field="note", longest=LONGEST_NOTE)
    known = load_speakers_by_name(scope, [name]).get(name)
    speaker = known or Speaker(project_id=scope.project_id, name=name)
    if speaker.listed:
        raise Conflict(f"“{speaker.name}” is already on the list.", field="name")
    speaker.listed, speaker.note = True, note or speaker.note
    speaker.save()
    record_event(
        scope,
        action="create",
        kind="speaker",
        object_id=speaker.key,
        after={"name": speaker.name, "note": speaker.note},
    )
    return speaker, known is None


@project_action
def change_speaker(scope: Scope, speaker_id: uuid.UUID, **changes: str) -> Speaker:
    """Rename a speaker or change the note; annotations refer to the speaker, so all follow."""
    scope.require(Permission.EDIT_CODEBOOK)
    speaker = require_speaker(scope, speaker_id)
    before = {"name": speaker.name, "note": speaker.note}
    if "name" in changes:
        speaker.name = clean_line(
            changes["name"], field="name", longest=LONGEST_VOICE, required=True
        )
        _check_speaker_name_free(scope, speaker)
    if "note" in changes:
        speaker.note = clean_text(changes["note"], field="note", longest=LONGEST_NOTE)
    after = {"name": speaker.name, "note": speaker.note}
    if after != before:
        speaker.save()
        record_event(
            scope,
            action="change",
            kind="speaker",
            object_id=speaker.key,
            before=before,
            after=after,
        )
    return speaker


def _check_speaker_name_free(scope: Scope, speaker: Speaker) -> None:
    """Raise Conflict if another speaker already has the new name."""
    others = Speaker.objects.filter(project_id=scope.project_id).exclude(pk=speaker.pk)
    other = others.filter(likeness=likeness_of(speaker.name)).first()
    if other is not None:
        raise Conflict(
            f"There is already a speaker “{other.name}”: merge the two, or choose a name that is "
            f"easier to tell apart.",
            field="name",
        )
