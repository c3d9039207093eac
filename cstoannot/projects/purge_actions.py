"""Delete projects permanently after their grace period, and interrupted restorations."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import ForeignKey, Model, Q
from django.utils import timezone

from cstoannot.accounts.models import User
from cstoannot.database.transactions import atomic_with_retry
from cstoannot.projects.models import (
    KEPT_AFTER_DELETION,
    LONG_AGO,
    LONGEST_STANDSTILL,
    Invitation,
    Membership,
    Outsider,
    Project,
)
from cstoannot.projects.scope import Scope

AT_ONCE = 500


def purge_deleted_projects() -> list[str]:
    """Delete projects permanently that were deleted over 30 days ago; return their slugs.

    Also interrupted restorations. In small transactions, so that others can save in between;
    calling it again continues after an interruption.
    """
    now = timezone.now()
    deleted = Q(deleted_at__lte=now - KEPT_AFTER_DELETION)
    due = Project.objects.filter(deleted | _build_interrupted_filter(now)).order_by(
        "deleted_at", "pk"
    )
    return [project.slug for project in list(due) if _purge_project(project, now)]


def purge_interrupted_restorations() -> None:
    """Delete restorations without progress for a minute."""
    now = timezone.now()
    for project in list(Project.objects.filter(_build_interrupted_filter(now))):
        _purge_project(project, now)


def discard_restoration(scope: Scope) -> None:
    """Delete what has been restored so far; only for the caller that restores it."""
    _purge_project(scope.project, timezone.now() + LONGEST_STANDSTILL)


def _build_interrupted_filter(now: datetime) -> Q:
    return Q(restoring_at__lte=now - LONGEST_STANDSTILL)


def _purge_project(project: Project, now: datetime) -> bool:
    """Delete the project and all its rows; return whether it still was to be deleted."""
    if not _close_project(project, now):
        return False
    for model in _iterate_project_models():
        _delete_project_rows(model, project)
    outsiders = User.everybody.filter(is_outsider=True, outsider__project=project)
    while keys := list(outsiders.values_list("pk", flat=True)[:AT_ONCE]):
        User.everybody.filter(pk__in=keys).delete()
    project.delete()
    return True


@atomic_with_retry
def _close_project(project: Project, now: datetime) -> bool:
    """Close the project: nobody can open it and no restoration can continue it."""
    same = Project.objects.filter(pk=project.pk)
    if project.restoring_at is not None:
        same = same.filter(_build_interrupted_filter(now))
        if not same.update(restoring_at=LONG_AGO):
            return False
    Membership.objects.filter(project=project).delete()
    Invitation.objects.filter(project=project).delete()
    return True


def _iterate_project_models() -> Iterator[type[Model]]:
    """Yield the models of a project's rows, each before those that it refers to.

    Without outsiders: they are deleted with the user rows that coding refers to.
    """
    left = {relation.related_model for relation in Project._meta.related_objects} - {Outsider}
    while left:
        found = (
            (model, field.related_model) for model in left for field in _list_foreign_keys(model)
        )
        referred_to = {to for model, to in found if to is not model}
        free = left - referred_to
        yield from sorted(free, key=lambda model: model._meta.label)
        left -= free


def _list_foreign_keys(model: type[Model]) -> list["ForeignKey[Any, Any]"]:
    return [field for field in model._meta.fields if isinstance(field, ForeignKey)]


def _delete_project_rows(model: type[Model], project: Project) -> None:
    # In a tree, leaves first.
    trees = [field for field in _list_foreign_keys(model) if field.related_model is model]
    free = {field.related_query_name(): None for field in trees}
    rows = model._default_manager.filter(project=project, **free).order_by()
    while keys := list(rows.values_list("pk", flat=True)[:AT_ONCE]):
        model._default_manager.filter(pk__in=keys).delete()
