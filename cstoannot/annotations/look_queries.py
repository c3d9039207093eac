"""Find passages that were saved after their annotator had seen the annotations of others.

Derived from the history, as `stale` is from the codebook. Visibility `done` opens a source to those
who finished it; when it closes again, each of them gets a LOOK event, and what they save on it
afterwards has an event with a later id. Changes by others, such as merging two speakers, do not
count.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, BooleanField, F, OuterRef, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from cstoannot.history.models import LOOK, Event
from cstoannot.projects.models import Outsider
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope

Pair = tuple[int, int]
"""The keys of a source and of a user who coded it."""
AT_ONCE = 400  # sources in one statement; SQLite may be limited to 999 variables
SAVED = ("create", "change")


# The user whom an event concerns now: events about an outsider keep the outsider's key after the
# outsider is tied to a member.
_TIED_TO = Outsider.objects.filter(user_id=OuterRef("about_id")).order_by().values("tied_to_id")
_WHO = Coalesce(Subquery(_TIED_TO), F("about_id"), output_field=BigIntegerField())


def load_ids_after_look(scope: Scope, pairs: Collection[Pair]) -> set[uuid.UUID]:
    """Return ids of annotations saved after their annotator had seen others' annotations.

    Includes ids of annotations deleted since. `pairs` are those that the reader may know of; only
    these are queried.
    """
    asked = set(pairs)
    people = {person for _, person in asked}
    looks = _load_first_looks(_select_looks(scope, {source for source, _ in asked}), people)
    return _load_ids_saved_since(scope, {pair: id for pair, id in looks.items() if pair in asked})


def load_ids_after_look_on_sources(scope: Scope, sources: Iterable[int]) -> set[uuid.UUID]:
    """Return the same for all who coded these sources, as far as the reader may know.

    Readers who see all annotations know of all looks, annotators only of their own.
    """
    asked = set(sources)
    people = None if scope.can(Permission.SEE_ALL_CODING) else {scope.user_id}
    looks = _load_first_looks(_select_looks(scope, asked), people)
    return _load_ids_saved_since(
        scope, {pair: id for pair, id in looks.items() if pair[0] in asked}
    )


def mark_after_look(scope: Scope, rows: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """Add to each row whether it was saved after a look; return the rows.

    None where the reader may not know: annotators know it of their own rows only, viewers of none.
    The work for an annotator does not depend on what others have seen.
    """
    every = scope.can(Permission.SEE_ALL_CODING)
    marked = {
        str(id) for id in load_ids_after_look_on_sources(scope, {row["source"] for row in rows})
    }
    for row in rows:
        told = every or row["annotator"] == scope.user.username
        row["after_look"] = str(row["id"]) in marked if told else None
    return rows


# Runs on every save (docs/decisions/0003-plain-sql-on-the-way-of-a-save.md).
_HAS_LOOKED = f"""
    SELECT EXISTS (
        SELECT 1 FROM cstoannot_event e
        WHERE e.kind = '{LOOK}' AND e.project_id = %s AND e.source_id = %s
            AND (e.about_id = %s OR e.about_id IN (
                SELECT o.user_id FROM cstoannot_outsider o WHERE o.tied_to_id = %s)))
"""


def mark_saved_row(scope: Scope, row: dict[str, Any]) -> dict[str, Any]:
    """Mark one row that the reader has just saved, as `mark_after_look` does; return it."""
    with connection.cursor() as cursor:
        known = [scope.project_id, row["source"], scope.user_id, scope.user_id]
        cursor.execute(_HAS_LOOKED, known)
        (has_looked,) = cursor.fetchone()
    if has_looked:
        mark_after_look(scope, [row])
    else:
        row["after_look"] = False
    return row


def _select_looks(scope: Scope, sources: Collection[int]) -> QuerySet[Event]:
    """Select the project's looks from the first to the last of these sources, by key.

    The kind is a literal: otherwise SQLite does not use the partial index of looks.
    """
    spelt = RawSQL(f"\"{Event._meta.db_table}\".kind = '{LOOK}'", (), output_field=BooleanField())
    looks = Event.objects.filter(spelt, project_id=scope.project_id, about__isnull=False)
    if not sources:
        return looks.none()
    return looks.filter(source_id__gte=min(sources), source_id__lte=max(sources)).order_by()


def _load_first_looks(
    looks: QuerySet[Event], people: Collection[int] | None
) -> dict[Pair, uuid.UUID]:
    """Return the first look of each of these people, or of everybody, at each source.

    One query that loads no looks of others: response times do not show whether there are any.
    """
    looks = looks.annotate(who=_WHO)
    if people is not None and len(people) <= AT_ONCE:
        looks = looks.filter(who__in=people)
    found: dict[Pair, uuid.UUID] = {}
    for source, who, id in looks.values_list("source_id", "who", "id"):
        found[source, who] = min(id, found.get((source, who), id))
    return found


def _load_ids_saved_since(scope: Scope, looks: Mapping[Pair, uuid.UUID]) -> set[uuid.UUID]:
    sources = sorted({source for source, _ in looks})
    if not sources:
        return set()
    saved = Event.objects.filter(
        project_id=scope.project_id,
        kind="annotation",
        action__in=SAVED,
        actor_id=F("about_id"),
        id__gt=min(looks.values()),
    ).order_by()
    found = set()
    for first in range(0, len(sources), AT_ONCE):
        some = saved.filter(source_id__in=sources[first : first + AT_ONCE]).annotate(who=_WHO)
        for source, who, id, object in some.values_list("source_id", "who", "id", "object"):
            look = looks.get((source, who))
            if look is not None and id > look:
                found.add(uuid.UUID(object))
    return found
