import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from cstoannot.annotations.locks import LockedPlace, lock_codes_and_sources, lock_place, lock_rows
from cstoannot.annotations.models import Annotation, Layer, Speaker
from cstoannot.annotations.queries import Entry, Given, find_place, get_row, get_speaker
from cstoannot.annotations.speakers.queries import find_voices
from cstoannot.annotations.statements import (
    LONGEST_NOTE,
    LONGEST_VOICE,
    Draft,
    about,
    check_quote,
    cleaned,
    is_own,
    kept,
    said,
    shown,
    shown_as_stored,
)
from cstoannot.assignments.actions import begin_assignment
from cstoannot.assignments.models import State
from cstoannot.assignments.states import check_open
from cstoannot.core.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionRequired,
    Stale,
)
from cstoannot.core.fields import clean_line, clean_text
from cstoannot.core.likeness import likeness_of
from cstoannot.core.versions import Expected
from cstoannot.history.actions import record
from cstoannot.projects.action import action
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import get_source
from cstoannot.text.spans import check_span


@dataclass(frozen=True)
class Resolved:
    """A draft whose every name has been looked up inside the scope."""

    given: Given
    code: Entry
    revision: int
    quote: str
    speaker: Speaker | None = None
    """In whose voice; None for the author, and for somebody whom nobody has named yet."""


def _resolve(scope: Scope, draft: Draft) -> Resolved:
    """Look up every name of the draft inside the scope; raise for what does not fit.

    Inside the transaction, so that source, code and codebook stay as they are until its end.
    """
    scope.require(Permission.ANNOTATE)
    check_span(draft.start, draft.end, 2**31 - 1)
    lock_codes_and_sources(scope, codes=[draft.code], sources=[draft.source])
    place = find_place(scope, draft.source, draft.code, draft.start, draft.end)
    if place is None or place.assignment is None:
        try:
            get_source(scope, draft.source)
        except NotFound as error:
            raise Invalid(error.message, field="source") from None
        raise Forbidden("This source is not assigned to you, so you cannot annotate it.")
    check_span(draft.start, draft.end, place.length)
    check_quote(draft, place.quote)
    if place.code is None:
        raise Invalid(f"The codebook has no code “{draft.code[:80]}”.", field="code")
    return Resolved(place.assignment, place.code, place.revision, place.quote)


def _in_known_voice(scope: Scope, draft: Draft, resolved: Resolved) -> tuple[Draft, Resolved]:
    """The same with the speaker who is meant, under the name that the project has for them."""
    if not draft.voice:
        return draft, resolved
    speaker = find_voices(scope, [draft.voice]).get(draft.voice)
    name = speaker.name if speaker else draft.voice
    return replace(draft, voice=name), replace(resolved, speaker=speaker)


def _voice(scope: Scope, name: str, known: Speaker | None) -> Speaker | None:
    """The speaker, made if nobody has named them yet; None for the author."""
    if known or not name:
        return known
    return Speaker.objects.create(project_id=scope.project_id, name=name)


def save_annotation(
    scope: Scope, annotation_id: uuid.UUID, draft: Draft, *, expected: Expected | None = None
) -> tuple[dict[str, Any], bool]:
    """Make or change one's own annotation. Returns it, flat, and whether it is new.

    The same id with the same content is the same annotation, however often it arrives. A change
    names the version it started from: raises PreconditionRequired if it names none, Stale if
    that one is no longer current. Raises Invalid, Forbidden, Conflict or NotFound for what does
    not fit the project.
    """
    for _ in range(2):
        try:
            return _save(scope, annotation_id, draft, expected)
        except IntegrityError:
            # The same annotation, or the same new speaker, arrived twice: it is there by now.
            continue
    raise Conflict(
        "The project changed while this was being saved. Load the page again and repeat it."
    )


@action
def _save(
    scope: Scope,
    annotation_id: uuid.UUID,
    draft: Draft,
    expected: Expected | None,
) -> tuple[dict[str, Any], bool]:
    resolved = _resolve(scope, draft)
    draft, resolved = _in_known_voice(scope, cleaned(draft), resolved)
    place = lock_place(scope, annotation_id, draft.source)
    states = place.states
    existing = None if place.stored_source is None else _locked(scope, annotation_id, place)
    if existing is not None:
        return _change(scope, existing, draft, resolved, expected=expected, states=states), False
    if expected is not None:
        raise _gone()
    return _create(scope, annotation_id, draft, resolved, states.get(draft.source)), True


def _gone() -> Stale:
    return Stale("This annotation has been deleted in the meantime.", current=None)


def _locked(scope: Scope, annotation_id: uuid.UUID, place: LockedPlace) -> Annotation | None:
    """The annotation, locked after its assignment in `place`."""
    found = Annotation.objects.filter(pk=annotation_id)
    lock_rows(found)
    annotation = found.select_related("code", "voice").first()
    moved = annotation and place.states and annotation.source_id != place.stored_source
    if annotation and moved and is_own(scope, annotation):
        raise Conflict("This annotation was moved to another source in the meantime.")
    return annotation


def _refuse_done(state: str | None) -> None:
    """Coding may be taken back where the source is no longer assigned, not where it is done."""
    if state is not None:
        check_open(state)


def _refuse_retired(resolved: Resolved) -> None:
    if resolved.code.retired:
        raise Conflict("This code is retired: choose another one.", field="code")


def _create(
    scope: Scope, annotation_id: uuid.UUID, draft: Draft, resolved: Resolved, state: str | None
) -> dict[str, Any]:
    check_open(state)
    _refuse_retired(resolved)
    now = timezone.now()
    annotation = Annotation(
        id=annotation_id,
        project_id=scope.project_id,
        annotator_id=scope.user_id,
        layer=Layer.INDIVIDUAL,
        created_at=now,
        updated_at=now,
    )
    _write(scope, annotation, draft, resolved)
    annotation.save(force_insert=True)
    record(
        scope, action="create", **about(annotation), after=kept(annotation, draft.code, draft.voice)
    )
    if state == State.TODO:
        begin_assignment(scope, resolved.given.pk)
    return shown(scope, annotation, draft.code, draft.voice)


def _write(scope: Scope, annotation: Annotation, draft: Draft, resolved: Resolved) -> None:
    """Put what the draft says into the row, under the codebook's newest revision."""
    annotation.source_id = draft.source
    annotation.code_id = resolved.code.pk
    annotation.start, annotation.end, annotation.quote = draft.start, draft.end, resolved.quote
    annotation.stance, annotation.note = draft.stance, draft.note
    annotation.voice = _voice(scope, draft.voice, resolved.speaker)
    annotation.revision = resolved.revision


def _change(
    scope: Scope,
    annotation: Annotation,
    draft: Draft,
    resolved: Resolved,
    *,
    expected: Expected | None,
    states: Mapping[int, str],
) -> dict[str, Any]:
    """Change what is stored; `states` are those of the assignments, which are locked."""
    try:
        current = _own(scope, annotation)
    except NotFound:
        if expected is None:
            raise
        raise _gone() from None  # as if the one that may not be seen were not there
    if said(current) == said(vars(draft)):
        return current
    check_open(states.get(draft.source))
    _refuse_done(states.get(annotation.source_id))
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
    if draft.code != current["code"]:
        _refuse_retired(resolved)
    before = kept(annotation, current["code"], current["voice"])
    _write(scope, annotation, draft, resolved)
    annotation.version += 1
    annotation.updated_at = timezone.now()
    annotation.save()
    after = kept(annotation, draft.code, draft.voice)
    record(scope, action="change", **about(annotation), before=before, after=after)
    return shown(scope, annotation, draft.code, draft.voice)


def _own(scope: Scope, annotation: Annotation) -> dict[str, Any]:
    """The annotation as it stands; raises NotFound if it may not be seen, Forbidden if not own."""
    if is_own(scope, annotation):
        return shown_as_stored(scope, annotation)
    get_row(scope, annotation.pk)
    raise Forbidden("This annotation is somebody else's: only its annotator changes it.")


@action
def delete_annotation(
    scope: Scope, annotation_id: uuid.UUID, *, expected: Expected | None = None
) -> None:
    """Take back one's own annotation; the history keeps what it said.

    Raises NotFound, Forbidden, and Stale if a version is named and no longer current.
    """
    place = lock_place(scope, annotation_id)
    annotation = _locked(scope, annotation_id, place)
    if annotation is None:
        raise NotFound("There is no such annotation, or it is not yours to see.")
    get_row(scope, annotation_id)  # raises NotFound, also where the source has been removed
    current = _own(scope, annotation)
    scope.require(Permission.ANNOTATE)
    _refuse_done(place.states.get(annotation.source_id))
    if expected is not None and not expected.fits(annotation.version):
        raise Stale("This annotation was changed in the meantime.", current=current)
    before = kept(annotation, current["code"], current["voice"])
    record(scope, action="delete", **about(annotation), before=before)
    annotation.delete()


@action
def list_speaker(scope: Scope, *, name: str, note: str = "") -> tuple[Speaker, bool]:
    """Put a speaker on the list that everybody chooses from."""
    scope.require(Permission.EDIT_CODEBOOK)
    name = clean_line(name, field="name", longest=LONGEST_VOICE, required=True)
    note = clean_text(note, field="note", longest=LONGEST_NOTE)
    known = find_voices(scope, [name]).get(name)
    speaker = known or Speaker(project_id=scope.project_id, name=name)
    if speaker.listed:
        raise Conflict(f"“{speaker.name}” is on the list already.", field="name")
    speaker.listed, speaker.note = True, note or speaker.note
    speaker.save()
    record(
        scope,
        action="create",
        kind="speaker",
        object_id=speaker.key,
        after={"name": speaker.name, "note": speaker.note},
    )
    return speaker, known is None


@action
def change_speaker(scope: Scope, speaker_id: uuid.UUID, **changes: str) -> Speaker:
    """Rename a speaker or change the note; every annotation in that voice follows."""
    scope.require(Permission.EDIT_CODEBOOK)
    speaker = get_speaker(scope, speaker_id)
    before = {"name": speaker.name, "note": speaker.note}
    if "name" in changes:
        speaker.name = clean_line(
            changes["name"], field="name", longest=LONGEST_VOICE, required=True
        )
        _check_free(scope, speaker)
    if "note" in changes:
        speaker.note = clean_text(changes["note"], field="note", longest=LONGEST_NOTE)
    after = {"name": speaker.name, "note": speaker.note}
    if after != before:
        speaker.save()
        record(
            scope,
            action="change",
            kind="speaker",
            object_id=speaker.key,
            before=before,
            after=after,
        )
    return speaker


def _check_free(scope: Scope, speaker: Speaker) -> None:
    """Raise Conflict if another speaker is called like this one is going to be."""
    others = Speaker.objects.filter(project_id=scope.project_id).exclude(pk=speaker.pk)
    other = others.filter(likeness=likeness_of(speaker.name)).first()
    if other is not None:
        raise Conflict(
            f"There is a speaker “{other.name}” already: merge the two, or choose a name that "
            "people can tell apart.",
            field="name",
        )
