"""What saving one annotation and saving many check alike, and the row and event that both write."""

import uuid

from django.utils import timezone

from cstoannot.annotations.models import Annotation, Layer, Speaker
from cstoannot.annotations.queries import CodeRef
from cstoannot.annotations.serialization import (
    Draft,
    build_event_target,
    build_history_snapshot,
)
from cstoannot.core.errors import Conflict, DomainError, Forbidden, Invalid
from cstoannot.history.actions import build_event
from cstoannot.history.models import Event
from cstoannot.projects.scope import Scope


def build_source_error(*, readable: bool) -> DomainError:
    """Return why a draft's source cannot be annotated: it is unassigned, or unknown."""
    if readable:
        return Forbidden("This source is not assigned to you, so you cannot annotate it.")
    return Invalid("The project has no such source, or it is not assigned to you.", field="source")


def build_unknown_code_error(slug: str) -> Invalid:
    """Return the error for a draft whose code the codebook does not have."""
    return Invalid(f"The codebook has no code “{slug[:80]}”.", field="code")


def check_code_in_use(code: CodeRef) -> None:
    """Raise Conflict if the code is retired: it takes no new annotations."""
    if code.retired:
        raise Conflict("This code is retired: choose another one.", field="code")


def build_new_annotation(
    scope: Scope,
    annotation_id: uuid.UUID,
    draft: Draft,
    *,
    code: CodeRef,
    revision: int,
    quote: str,
    speaker: Speaker | None,
) -> Annotation:
    """Return the row of a checked draft, not yet saved."""
    now = timezone.now()
    return Annotation(
        id=annotation_id,
        project_id=scope.project_id,
        source_id=draft.source,
        code_id=code.pk,
        annotator_id=scope.user_id,
        layer=Layer.INDIVIDUAL,
        start=draft.start,
        end=draft.end,
        quote=quote,
        stance=draft.stance,
        voice=speaker,
        note=draft.note,
        revision=revision,
        created_at=now,
        updated_at=now,
    )


def build_creation_event(scope: Scope, annotation: Annotation, draft: Draft) -> Event:
    """Return the history entry of a new annotation, not yet saved."""
    after = build_history_snapshot(annotation, draft.code, draft.voice)
    return build_event(scope, action="create", after=after, **build_event_target(annotation))
