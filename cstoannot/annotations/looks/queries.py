"""Which passages are no longer blind: saved after their coder had seen the coding of others.

It is derived from the history, as `stale` is from the codebook: whoever finished a source that was
open by the visibility `done` has an event of kind LOOK on it from when it closed, and what they
save there afterwards has an event of a later id. What others do to a passage, such as merging two
speakers, is no saving by its coder and makes nothing of it.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping

from django.db.models import BooleanField, F, QuerySet
from django.db.models.expressions import RawSQL

from cstoannot.assignments.queries import LOOK
from cstoannot.history.models import Event
from cstoannot.projects.models import Outsider
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope

Pair = tuple[int, int]
"""A source and somebody who coded it."""
AT_ONCE = 400  # sources in one statement; SQLite allows 999 variables at its least
SAVED = ("create", "change")


def ids_after_look(scope: Scope, pairs: Collection[Pair]) -> set[uuid.UUID]:
    """What was saved by these people on these sources after they had seen others' coding there.

    With ids of annotations that have been deleted since. `pairs` are those of which the reader may
    know: nothing else is asked for.
    """
    return _ids_after_look(scope, set(pairs).__contains__)


def ids_after_look_on(scope: Scope, sources: Iterable[int]) -> set[uuid.UUID]:
    """The same of all who coded these sources, as far as the reader is told of looks.

    Those who see all coding are; an annotator is told of their own.
    """
    wanted, every = set(sources), scope.can(Permission.SEE_ALL_CODING)
    return _ids_after_look(
        scope, lambda pair: pair[0] in wanted and (every or pair[1] == scope.user_id)
    )


def _ids_after_look(scope: Scope, asked: Callable[[Pair], bool]) -> set[uuid.UUID]:
    events = list(_events_of_look(scope).values_list("source_id", "about_id", "id"))
    if not events:
        return set()
    tied = _ties(scope)
    looks: dict[Pair, uuid.UUID] = {}
    for source, about, id in events:
        pair = source, tied.get(about, about)
        if asked(pair):
            looks[pair] = min(id, looks.get(pair, id))  # the first one counts
    return _saved_since(scope, looks, tied) if looks else set()


def _ties(scope: Scope) -> Mapping[int, int]:
    """Who is one person: events tell of outsiders as they were before they were tied to members."""
    tied = Outsider.objects.filter(project_id=scope.project_id, tied_to__isnull=False).order_by()
    return dict(tied.values_list("user_id", "tied_to_id"))


def _events_of_look(scope: Scope) -> QuerySet[Event]:
    """The project's looks. SQLite takes the index of them only where their kind is spelt out."""
    spelt = RawSQL(f"\"{Event._meta.db_table}\".kind = '{LOOK}'", (), output_field=BooleanField())
    return Event.objects.filter(spelt, project_id=scope.project_id, about__isnull=False).order_by()


def _saved_since(
    scope: Scope, looks: Mapping[Pair, uuid.UUID], tied: Mapping[int, int]
) -> set[uuid.UUID]:
    sources = sorted({source for source, _ in looks})
    saved = Event.objects.filter(
        project_id=scope.project_id,
        kind="annotation",
        action__in=SAVED,
        actor_id=F("about_id"),
        id__gt=min(looks.values()),
    ).order_by()
    found = set()
    for first in range(0, len(sources), AT_ONCE):
        some = saved.filter(source_id__in=sources[first : first + AT_ONCE])
        for source, about, id, object in some.values_list("source_id", "about_id", "id", "object"):
            look = looks.get((source, tied.get(about, about)))
            if look is not None and id > look:
                found.add(uuid.UUID(object))
    return found
