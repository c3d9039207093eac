"""Reads all rows of a project for its archive: value tuples, a few at a time."""

from collections.abc import Iterable, Iterator
from enum import Enum
from itertools import chain
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet

from cstoannot.accounts.models import User
from cstoannot.annotations.models import Annotation, CodeProposal, Speaker
from cstoannot.assignments.models import Assignment
from cstoannot.assignments.practice_queries import build_practice_filter
from cstoannot.codebook.models import Code, CodebookRevision
from cstoannot.exchange.archive.layout import BOUNDS, RESTORED, SOURCE_FACTS
from cstoannot.exchange.archive.team_queries import TEAM_MODELS, iterate_team_people
from cstoannot.history.models import Event
from cstoannot.projects.models import Membership, Outsider, Project
from cstoannot.projects.outsider_names import choose_outsider_name
from cstoannot.projects.scope import Scope
from cstoannot.sources.models import Source

AT_ONCE = 2_000
TEXTS_AT_ONCE = 20
Values = Iterator[tuple[Any, ...]]


def load_archived_project(scope: Scope) -> Project:
    return Project.objects.get(pk=scope.project_id)


def load_archived_usernames(scope: Scope) -> dict[int, str]:
    """Map keys of all people in the project's rows to names; tied outsiders have the member's."""
    mine = {"project_id": scope.project_id}
    columns = (
        Membership.objects.filter(**mine).values_list("user_id"),
        _filter_outsiders_with_roles(scope).values_list("user_id"),
        Annotation.objects.filter(**mine).order_by().values_list("annotator_id"),
        Assignment.objects.filter(**mine).order_by().values_list("annotator_id"),
        CodebookRevision.objects.filter(**mine).order_by().values_list("by_id"),
        CodeProposal.objects.filter(**mine).order_by().values_list("proposed_by_id"),
        CodeProposal.objects.filter(**mine).order_by().values_list("decided_by_id"),
        _filter_archived_events(scope).order_by().values_list("actor_id"),
        _filter_archived_events(scope).order_by().values_list("about_id"),
    )
    tied = load_outsider_links(scope)
    named = chain(
        (key for column in columns for (key,) in column.distinct()), iterate_team_people(scope)
    )
    keys = {key for key in named if key is not None}
    keys |= {tied[key] for key in keys & tied.keys()}
    people = User.everybody.filter(pk__in=keys).order_by("is_outsider", "pk")
    names, taken = dict[int, str](), set[str]()
    for key, username in people.values_list("pk", "username"):
        # An account may have received the name of an outsider since the restore.
        names[key] = choose_outsider_name(username, taken) if username in taken else username
        taken.add(names[key])
    return names | {key: names[tied[key]] for key in keys & tied.keys()}


def load_outsider_links(scope: Scope) -> dict[int, int]:
    """Map outsiders' keys to the members to whom they are tied: both are one person."""
    tied = Outsider.objects.filter(project_id=scope.project_id, tied_to__isnull=False).order_by()
    return dict(tied.values_list("user_id", "tied_to_id"))


def load_archived_memberships(scope: Scope) -> dict[int, tuple[Any, ...]]:
    """Map users' keys to role and start of membership; outsiders have those of the archive."""
    members = Membership.objects.filter(project_id=scope.project_id).order_by()
    outsiders = _filter_outsiders_with_roles(scope)
    return {
        user: (role, at)
        for user, role, at in (
            *outsiders.values_list("user_id", "role", "since"),
            *members.values_list("user_id", "role", "created_at"),
        )
    }


def _filter_outsiders_with_roles(scope: Scope) -> QuerySet[Outsider]:
    found = Outsider.objects.filter(project_id=scope.project_id, role__isnull=False)
    return found.filter(tied_to=None).order_by()


def load_archived_source_keys(scope: Scope) -> list[int]:
    """Return the keys of all sources, removed ones too, in order of their archive numbers."""
    found = Source.objects.filter(project_id=scope.project_id).order_by("position", "id")
    return list(found.values_list("pk", flat=True))


def iterate_archived_sources(scope: Scope) -> Values:
    found = Source.objects.filter(project_id=scope.project_id).order_by("position", "id")
    columns = ("position", "round__name", "version", "created_at", "deleted_at")
    more = ("sha256", "text", *SOURCE_FACTS, *BOUNDS)
    return found.values_list("pk", *columns, *more).iterator(TEXTS_AT_ONCE)


def load_archived_codes(scope: Scope) -> QuerySet[Code]:
    found = Code.objects.filter(project_id=scope.project_id).select_related("parent")
    return found.order_by("position", "id")


def iterate_archived_revisions(scope: Scope) -> Values:
    found = CodebookRevision.objects.filter(project_id=scope.project_id).order_by("number")
    return found.values_list("number", "at", "by_id", "note", "changes").iterator(TEXTS_AT_ONCE)


def iterate_archived_speakers(scope: Scope) -> Values:
    found = Speaker.objects.filter(project_id=scope.project_id).order_by()
    return found.values_list("key", "name", "note", "listed", "created_at").iterator(AT_ONCE)


def iterate_archived_proposals(scope: Scope) -> Values:
    """Yield proposed codes, oldest first, with the slugs of the codes that they name."""
    found = CodeProposal.objects.filter(project_id=scope.project_id).order_by("created_at", "id")
    columns = ("id", "proposed_by_id", "decided_by_id", "source_id", "parent__slug", "code__slug")
    more = ("name", "claim", "start", "end", "quote", "state", "reason")
    return found.values_list(*columns, *more, "created_at", "decided_at").iterator(AT_ONCE)


def iterate_archived_assignments(scope: Scope) -> Values:
    found = Assignment.objects.filter(project_id=scope.project_id)
    found = found.order_by("source__position", "source_id", "id")
    columns = ("id", "source_id", "annotator_id", "state", "created_at", "done_at")
    more = ("finished_under", "plan_id", "rank", "deadline", "practice")
    return found.values_list(*columns, *more).iterator(AT_ONCE)


def iterate_archived_annotations(scope: Scope) -> Values:
    """Yield annotations by source, start and id, with the code's slug and the speaker's name."""
    found = Annotation.objects.filter(project_id=scope.project_id)
    found = found.order_by("source__position", "source_id", "start", "id")
    columns = ("id", "source_id", "code__slug", "annotator_id", "layer", "start", "end", "quote")
    more = ("stance", "voice__name", "note", "version", "revision", "created_at", "updated_at")
    return found.values_list(*columns, *more).iterator(AT_ONCE)


def count_uncounted_annotations(scope: Scope) -> int:
    """Count annotations that are archived although no other export has them.

    They are in removed sources, or practice.
    """
    removed = Source.objects.filter(project_id=scope.project_id, deleted_at__isnull=False)
    lost = Annotation.objects.filter(source_id__in=removed.order_by().values("pk"))
    practice = Annotation.objects.filter(build_practice_filter(scope), project_id=scope.project_id)
    return lost.count() + practice.exclude(source__deleted_at__isnull=False).order_by().count()


def iterate_archived_events(scope: Scope) -> Values:
    columns = ("id", "actor_id", "action", "kind", "object", "about_id", "source_id")
    found = _filter_archived_events(scope).order_by("id")
    return found.values_list(*columns, "before", "after", "at").iterator(AT_ONCE)


def _filter_archived_events(scope: Scope) -> QuerySet[Event]:
    found = Event.objects.filter(project_id=scope.project_id)
    return found.exclude(**RESTORED)


class IdHolder(Enum):
    """Where an id of an archive is in use already."""

    NOTHING = "nothing"
    PROJECT = "a project"
    UNFINISHED = "a project that is being restored"


def load_id_holder(kind: str, ids: Iterable[UUID]) -> IdHolder:
    """Return where one of these ids is in use already, in any project."""
    models: dict[str, tuple[type[Model], str]] = {
        "annotations": (Annotation, "project"),
        "assignments": (Assignment, "project"),
        "events": (Event, "project"),
        "proposals": (CodeProposal, "project"),
        "speakers": (Speaker, "project"),
        **TEAM_MODELS,
    }
    model, project = models[kind]
    field = "key__in" if model is Speaker else "pk__in"
    found = model._default_manager.filter(**{field: list(ids)}).order_by()
    held = found.values_list(f"{project}__restoring_at", flat=True).first()
    if held is not None:
        return IdHolder.UNFINISHED
    return IdHolder.PROJECT if found.exists() else IdHolder.NOTHING
