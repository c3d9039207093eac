"""An annotation as plain values: a draft, a row, and a snapshot for the history. No queries."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from cstoannot.annotations.models import Annotation, Stance
from cstoannot.codebook.meaning import is_stale
from cstoannot.core.errors import Invalid
from cstoannot.core.fields import clean_choice, clean_line, clean_text
from cstoannot.projects.scope import Scope

LONGEST_NOTE = 10_000
LONGEST_VOICE = 200
_SAID = ("source", "code", "start", "end", "stance", "voice", "note")


@dataclass(frozen=True)
class Draft:
    """An annotation as sent; `start` and `end` in code points, half-open.

    `quote`, if given, must be the source's text at the passage.
    """

    source: int
    code: str
    start: int
    end: int
    stance: str = ""
    voice: str = ""
    note: str = ""
    quote: str | None = None


def clean_draft(draft: Draft) -> Draft:
    """Return the draft as it will be stored; raise Invalid."""
    return replace(
        draft,
        stance=clean_choice(draft.stance, field="stance", choices=Stance.values),
        voice=clean_line(draft.voice, field="voice", longest=LONGEST_VOICE),
        note=clean_text(draft.note, field="note", longest=LONGEST_NOTE),
    )


class QuotedDraft(Protocol):
    """A passage as sent, with the text that its sender expects there."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def quote(self) -> str | None: ...


def check_quote(draft: QuotedDraft, stands: str) -> None:
    """Raise Invalid if the draft's quote differs from `stands`, the text at the passage."""
    if draft.quote is not None and draft.quote != stands:
        raise Invalid(
            f"From {draft.start} to {draft.end} the text reads “{stands[:300]}”. "
            "Offsets are code points, half-open: text[start:end] must equal the quote.",
            field="quote",
            code="quote_mismatch",
        )


def build_content_key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the values that two versions with the same content have in common."""
    return tuple(row[name] for name in _SAID)


def build_history_snapshot(annotation: Annotation, code: str, voice: str) -> dict[str, Any]:
    """Return an annotation as the history stores it."""
    return {
        "source": annotation.source_id,
        "code": code,
        "start": annotation.start,
        "end": annotation.end,
        "stance": annotation.stance,
        "voice": voice,
        "note": annotation.note,
        "layer": annotation.layer,
        "version": annotation.version,
        "revision": annotation.revision,
    }


def build_annotation_row(
    scope: Scope, annotation: Annotation, code: str, voice: str, *, stale: bool = False
) -> dict[str, Any]:
    """Return one's own annotation as `queries.require_annotation_row` does, without a query."""
    return {
        "id": annotation.pk,
        "source": annotation.source_id,
        "code": code,
        "start": annotation.start,
        "end": annotation.end,
        "quote": annotation.quote,
        "stance": annotation.stance,
        "voice": voice,
        "note": annotation.note,
        "annotator": scope.user.username,
        "layer": annotation.layer,
        "version": annotation.version,
        "revision": annotation.revision,
        "stale": stale,
        "created_at": annotation.created_at,
        "updated_at": annotation.updated_at,
    }


def build_stored_annotation_row(scope: Scope, annotation: Annotation) -> dict[str, Any]:
    """Return the same for an annotation loaded with its code and voice."""
    voice = annotation.voice.name if annotation.voice else ""
    stale = is_stale(annotation.revision, annotation.code.meaning_revision)
    return build_annotation_row(scope, annotation, annotation.code.slug, voice, stale=stale)


def is_own_annotation(scope: Scope, annotation: Annotation) -> bool:
    return annotation.annotator_id == scope.user_id and annotation.project_id == scope.project_id


def build_event_target(annotation: Annotation) -> dict[str, Any]:
    """Return the event fields that refer to the annotation."""
    return {
        "kind": "annotation",
        "object_id": annotation.pk,
        "about_id": annotation.annotator_id,
        "source_id": annotation.source_id,
    }


Named = tuple[uuid.UUID, Draft]
"""A draft and its annotation's id, existing or new."""
