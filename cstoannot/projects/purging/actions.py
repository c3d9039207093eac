from collections.abc import Iterator
from typing import Any

from django.db.models import ForeignKey, Model
from django.utils import timezone

from cstoannot.database.retry import atomic_with_retry
from cstoannot.projects.models import KEPT_AFTER_DELETION, Invitation, Membership, Project

AT_ONCE = 500


def purge_deleted_projects() -> list[str]:
    """Remove for good what was deleted more than 30 days ago; the slugs of what is gone.

    In small transactions, so that others save in between. One that is interrupted goes on when
    this is called again.
    """
    until = timezone.now() - KEPT_AFTER_DELETION
    due = Project.objects.filter(deleted_at__lte=until).order_by("deleted_at", "pk")
    projects = list(due)
    for project in projects:
        _close(project)
        for model in _in_order():
            _empty(model, project)
        project.delete()
    return [project.slug for project in projects]


@atomic_with_retry
def _close(project: Project) -> None:
    """From here on nobody is left who could open it."""
    Membership.objects.filter(project=project).delete()
    Invitation.objects.filter(project=project).delete()


def _in_order() -> Iterator[type[Model]]:
    """Every kind of row that belongs to a project, before the kinds that it refers to."""
    left = {relation.related_model for relation in Project._meta.related_objects}
    while left:
        found = ((model, field.related_model) for model in left for field in _references(model))
        referred_to = {to for model, to in found if to is not model}
        free = left - referred_to
        yield from sorted(free, key=lambda model: model._meta.label)
        left -= free


def _references(model: type[Model]) -> list["ForeignKey[Any, Any]"]:
    return [field for field in model._meta.fields if isinstance(field, ForeignKey)]


def _empty(model: type[Model], project: Project) -> None:
    # Of a tree, those first that nothing is below.
    trees = [field for field in _references(model) if field.related_model is model]
    free = {field.related_query_name(): None for field in trees}
    rows = model._default_manager.filter(project=project, **free).order_by()
    while keys := list(rows.values_list("pk", flat=True)[:AT_ONCE]):
        model._default_manager.filter(pk__in=keys).delete()
