"""Create rounds, change them, and choose their sources."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from cstoannot.assignments.actions import AT_ONCE
from cstoannot.assignments.models import Round
from cstoannot.assignments.round_queries import require_round, visible_rounds
from cstoannot.codebook.queries import load_current_revision
from cstoannot.core.errors import Conflict, Invalid
from cstoannot.core.fields import clean_line, clean_text
from cstoannot.history.actions import record_event
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, project_action
from cstoannot.sources.models import Source
from cstoannot.sources.queries import visible_sources

LONGEST_NAME, LONGEST_NOTE = 100, 5_000


@project_action
def create_round(
    scope: Scope,
    *,
    name: str,
    note: str = "",
    revision: int | None = None,
    sources: Sequence[int] = (),
) -> Round:
    """Create a round of these sources, under the current revision of the codebook or this one."""
    scope.require(Permission.EDIT_SOURCES)
    current = load_current_revision(scope)
    last = visible_rounds(scope).aggregate(last=Max("position"))["last"]
    made = Round(
        project_id=scope.project_id,
        name=clean_line(name, field="name", longest=LONGEST_NAME, required=True),
        note=clean_text(note, field="note", longest=LONGEST_NOTE),
        revision=current if revision is None else _check_revision(revision, current),
        position=0 if last is None else last + 1,
        created_at=timezone.now(),
    )
    _save_round(made, new=True)
    record_event(
        scope, action="create", kind="round", object_id=made.pk, after=_describe_round(made)
    )
    return _fill_round(scope, made, add=sources, add_field="sources")


@project_action
def change_round(
    scope: Scope,
    round_id: uuid.UUID,
    *,
    add: Sequence[int] = (),
    remove: Sequence[int] = (),
    **changes: Any,
) -> Round:
    """Change a round's `name`, `note` or `revision`, and its sources."""
    scope.require(Permission.EDIT_SOURCES)
    found = require_round(scope, round_id)
    before = _describe_round(found)
    if "name" in changes:
        found.name = clean_line(changes["name"], field="name", longest=LONGEST_NAME, required=True)
    if "note" in changes:
        found.note = clean_text(changes["note"], field="note", longest=LONGEST_NOTE)
    if "revision" in changes:
        found.revision = _check_revision(changes["revision"], load_current_revision(scope))
    after = _describe_round(found)
    if after != before:
        _save_round(found, new=False)
        record_event(
            scope, action="change", kind="round", object_id=found.pk, before=before, after=after
        )
    return _fill_round(scope, found, add=add, remove=remove)


@project_action
def delete_round(scope: Scope, round_id: uuid.UUID) -> None:
    """Delete a round; its sources stay, in no round."""
    scope.require(Permission.EDIT_SOURCES)
    found = require_round(scope, round_id)
    before = _describe_round(found)
    pk = found.pk
    found.delete()
    record_event(scope, action="delete", kind="round", object_id=pk, before=before)


def _fill_round(
    scope: Scope,
    found: Round,
    *,
    add: Sequence[int] = (),
    remove: Sequence[int] = (),
    add_field: str = "add",
) -> Round:
    """Put sources into a round, out of any other, and take some out of it; raise Invalid."""
    if not add and not remove:
        return found
    where = dict(visible_sources(scope).values_list("pk", "round_id"))
    for field, asked in ((add_field, add), ("remove", remove)):
        if not set(asked) <= set(where):
            raise Invalid("One of these sources is not in the project.", field=field)
    out = sorted(pk for pk in set(remove) if where[pk] == found.pk)
    into = sorted(pk for pk in set(add) - set(remove) if where[pk] != found.pk)
    _set_round(scope, out, None)
    _set_round(scope, into, found)
    if out or into:
        record_event(
            scope,
            action="change",
            kind="round",
            object_id=found.pk,
            before={"sources": out},
            after={"sources": into},
        )
    return found


def _check_revision(revision: int, current: int) -> int:
    if not 0 <= revision <= current:
        raise Invalid(f"The codebook has revisions from 0 to {current}.", field="revision")
    return revision


def _save_round(found: Round, *, new: bool) -> None:
    try:
        with transaction.atomic():
            found.save(force_insert=new)
    except IntegrityError:
        raise Conflict("There is a round with this name already.", field="name") from None


def _set_round(scope: Scope, sources: Sequence[int], found: Round | None) -> None:
    for first in range(0, len(sources), AT_ONCE):
        Source.objects.filter(
            project_id=scope.project_id, pk__in=sources[first : first + AT_ONCE]
        ).update(round=found)


def _describe_round(found: Round) -> dict[str, Any]:
    return {"name": found.name, "note": found.note, "revision": found.revision}
