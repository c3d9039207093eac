"""An annotation as plain values: as it is sent (a draft), as readers get it (a row), and as the
history stores it. No queries.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cstoannot.annotations.models import Annotation, Stance
from cstoannot.core.errors import Invalid
from cstoannot.core.fields import clean_choice, clean_line, clean_text
from cstoannot.projects.scope import Scope

LONGEST_NOTE = 10_000
LONGEST_VOICE = 200
_SAID = ("source", "code", "start", "end", "stance", "voice", "note")


@dataclass(frozen=True)
class Draft:
    """What an annotator says of a passage; `start` and `end` in code points, half-open.

    `quote` is what the annotator read there; where it is given, it must be what stands there.
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
    """The draft as it will be stored; raises Invalid."""
    return replace(
        draft,
        stance=clean_choice(draft.stance, field="stance", choices=Stance.values),
        voice=clean_line(draft.voice, field="voice", longest=LONGEST_VOICE),
        note=clean_text(draft.note, field="note", longest=LONGEST_NOTE),
    )


def check_quote(draft: Draft, stands: str) -> None:
    """Raise Invalid if the annotator read something else than what stands there."""
    if draft.quote is not None and draft.quote != stands:
        raise Invalid(
            f"From {draft.start} to {draft.end} the text reads “{stands[:300]}”. "
            "Offsets are code points, half-open: text[start:end] must equal the quote.",
            field="quote",
            code="quote_mismatch",
        )


def build_content_key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What makes two versions of an annotation the same statement."""
    return tuple(row[name] for name in _SAID)


def build_history_snapshot(annotation: Annotation, code: str, voice: str) -> dict[str, Any]:
    """An annotation as the history keeps it."""
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
    """One's own annotation as `queries.require_annotation_row` gives it, without a query."""
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
    """The same for a row with its code and voice beside it."""
    voice = annotation.voice.name if annotation.voice else ""
    stale = annotation.revision < annotation.code.meaning_revision
    return build_annotation_row(scope, annotation, annotation.code.slug, voice, stale=stale)


def is_own_annotation(scope: Scope, annotation: Annotation) -> bool:
    return annotation.annotator_id == scope.user_id and annotation.project_id == scope.project_id


def build_event_target(annotation: Annotation) -> dict[str, Any]:
    """What an event says of the annotation that it is about."""
    return {
        "kind": "annotation",
        "object_id": annotation.pk,
        "about_id": annotation.annotator_id,
        "source_id": annotation.source_id,
    }


Named = tuple[uuid.UUID, Draft]
"""A draft and the id that its annotation has or is to have."""
