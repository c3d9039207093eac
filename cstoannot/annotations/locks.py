"""Row locks of a save, in the order of docs/decisions/0012-writers-take-turns.md."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from cstoannot.annotations.models import Annotation
from cstoannot.core.fields import is_possible_id
from cstoannot.projects.scope import Scope

_LOCK_CODES_AND_SOURCES = """
    WITH codes AS (SELECT id FROM cstoannot_code
                   WHERE project_id = %s AND slug = ANY(%s) ORDER BY id FOR SHARE),
         sources AS (SELECT id FROM cstoannot_source
                     WHERE project_id = %s AND id = ANY(%s) ORDER BY id FOR SHARE)
    SELECT (SELECT count(*) FROM codes) + (SELECT count(*) FROM sources)
"""


def lock_codes_and_sources(
    scope: Scope, *, codes: Iterable[str], sources: Iterable[int] = ()
) -> None:
    """Lock these codes and sources until the transaction ends; read them afterwards.

    Concurrent retiring, merging or deleting comes before or after. SQLite needs no lock: only one
    transaction writes at a time.
    """
    if connection.vendor != "postgresql":
        return
    slugs = sorted({slug for slug in codes if "\x00" not in slug})
    ids = sorted({source for source in sources if is_possible_id(source)})
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_CODES_AND_SOURCES, [scope.project_id, slugs, scope.project_id, ids])


def lock_annotations(found: QuerySet[Annotation]) -> None:
    """Lock these annotations until the transaction ends; read them afterwards, in the same order.

    Do not read them in the locking statement: it joins a row that changed meanwhile to its former
    code and voice, so that the row is missing or has no voice. SQLite needs no lock.
    """
    if connection.features.has_select_for_update:
        list(found.select_for_update().values_list("pk", flat=True))


_LOCK_PLACE = """
    SELECT a.source_id, a.state, (SELECT n.source_id FROM cstoannot_annotation n WHERE n.id = %s)
    FROM cstoannot_assignment a
    WHERE a.project_id = %s AND a.annotator_id = %s
        AND a.source_id IN (%s, (SELECT n.source_id FROM cstoannot_annotation n WHERE n.id = %s))
    ORDER BY a.source_id
"""


@dataclass(frozen=True)
class LockedAssignments:
    """One's own assignments that a change needs, locked until the transaction ends.

    `states`: by source, for the draft's source and the stored annotation's. `stored_source`: the
    source of the annotation with this id, whoever made it; never show it.
    """

    states: dict[int, str]
    stored_source: int | None


def lock_draft_assignments(
    scope: Scope, annotation_id: uuid.UUID, source_id: int | None = None
) -> LockedAssignments:
    """Lock the assignments that decide whether this annotation may be written.

    They are locked before the annotation, so that two changes cannot deadlock. SQLite needs no
    lock: only one transaction writes at a time.
    """
    value = annotation_id if connection.features.has_native_uuid_field else annotation_id.hex
    lock = "FOR UPDATE OF a" if connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        cursor.execute(
            _LOCK_PLACE + lock, [value, scope.project_id, scope.user_id, source_id, value]
        )
        found = cursor.fetchall()
    return LockedAssignments(
        states={source: state for source, state, _ in found},
        stored_source=found[0][2] if found else None,
    )
