"""Counts of visible annotations by code and by source."""

from collections.abc import Mapping, Sequence

from django.core.cache import cache
from django.db.models import Count, QuerySet

from cstoannot.annotations.models import Annotation
from cstoannot.annotations.queries import visible_annotations
from cstoannot.annotations.reader_queries import load_reader_state
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope


def count_by_code(
    scope: Scope, *, source_id: int | None = None, code_id: int | None = None
) -> Mapping[int, int]:
    """Return the number of visible annotations of each code, by the code's primary key.

    The counts of a whole project are cached until its history changes, for readers who may see all
    of the history.
    """
    if code_id is None and source_id is None and scope.can(Permission.SEE_ALL_CODING):
        state = load_reader_state(scope)
        key = f"count_by_code:{scope.project_id}:{state.newest}:{state.recent}"
        kept: dict[int, int] | None = cache.get(key)
        if kept is None:
            kept = _count_annotations_by_code(visible_annotations(scope))
            cache.set(key, kept, timeout=None)
        return kept
    found = visible_annotations(scope)
    if code_id is not None:
        found = found.filter(code_id=code_id)
    if source_id is not None:
        found = found.filter(source_id=source_id)
    return _count_annotations_by_code(found)


def _count_annotations_by_code(found: QuerySet[Annotation]) -> dict[int, int]:
    return dict(found.order_by().values_list("code_id").annotate(n=Count("*")))


def count_by_source(scope: Scope, *, sources: Sequence[int]) -> Mapping[int, int]:
    """Return the number of visible annotations of each of these sources, by primary key."""
    found = visible_annotations(scope).filter(source_id__in=sources)
    counted = found.order_by().values_list("source_id")
    return dict(counted.annotate(n=Count("*")))
