"""Restore a project from an archive: from its first row until its members can see it."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from cstoannot.accounts.models import User
from cstoannot.core.errors import Conflict
from cstoannot.database.transactions import atomic_with_retry
from cstoannot.history.actions import record_event
from cstoannot.projects.actions import check_project_slug
from cstoannot.projects.models import LONG_AGO, Membership, Outsider, Project, Role
from cstoannot.projects.scope import Scope, open_new_project

AT_ONCE = 500


@dataclass(frozen=True)
class ArchivedPerson:
    """A person in an archive, with their membership, if any.

    `account`: who they are here, if known; otherwise they become an outsider named `shown`.
    """

    name: str
    role: str | None
    since: datetime | None
    account: User | None = None
    shown: str = ""


@atomic_with_retry
def begin_restoration(user: User, *, slug: str, created_at: datetime, **known: Any) -> Scope:
    """Store a hidden project; `known`: its settings and version. Return its owner's scope.

    The slug is assigned when the project is complete, so that an interrupted restoration does not
    block it. Raises Invalid or Conflict for the slug.
    """
    check_project_slug(slug)
    now = timezone.now()
    hidden = f"restoring-{uuid.uuid4().hex}"
    project = Project.objects.create(slug=hidden, deleted_at=now, restoring_at=now, **known)
    Project.objects.filter(pk=project.pk).update(created_at=created_at)
    Membership.objects.create(project=project, user=user, role=Role.OWNER)
    return open_new_project(user, project)


@atomic_with_retry
def add_archived_people(scope: Scope, people: Iterable[ArchivedPerson]) -> dict[str, int]:
    """Make people with accounts members, the others outsiders; return their keys by name.

    Includes former members; `finish_restoration` removes them.
    """
    renew_restoration(scope)
    keys, outsiders = {}, list[ArchivedPerson]()
    for one in people:
        if one.account is None:
            outsiders.append(one)
            continue
        keys[one.name] = one.account.pk
        member, _ = Membership.objects.get_or_create(
            project_id=scope.project_id,
            user=one.account,
            defaults={"role": one.role or Role.VIEWER},
        )
        if one.since is not None:
            Membership.objects.filter(pk=member.pk).update(created_at=one.since)
    return keys | _store_outsiders(scope, outsiders)


def _store_outsiders(scope: Scope, people: Sequence[ArchivedPerson]) -> dict[str, int]:
    users = [User(username=one.shown, is_outsider=True, is_active=False) for one in people]
    for user in users:
        user.set_unusable_password()
    stored = User.everybody.bulk_create(users, batch_size=AT_ONCE)
    Outsider.objects.bulk_create(
        [
            Outsider(
                project_id=scope.project_id,
                user=user,
                name=one.shown,
                role=one.role,
                since=one.since,
            )
            for user, one in zip(stored, people, strict=True)
        ],
        batch_size=AT_ONCE,
    )
    return {one.name: user.pk for user, one in zip(stored, people, strict=True)}


def renew_restoration(scope: Scope) -> None:
    """Renew `restoring_at`; call it inside the transaction of each batch.

    Raises Conflict if the restoration counted as interrupted and was deleted.
    """
    alive = Project.objects.filter(pk=scope.project_id, restoring_at__gt=LONG_AGO)
    if not alive.update(restoring_at=timezone.now()):
        raise Conflict("Restoring took too long and was cancelled. Try again.")


@atomic_with_retry
def finish_restoration(
    scope: Scope, *, slug: str, left: Sequence[int], told: Mapping[str, Any]
) -> Scope:
    """Show the project to its members under its slug; remove former members, `left`.

    `told`: the content of the event. Raises Conflict if the slug has been taken meanwhile.
    """
    renew_restoration(scope)
    check_project_slug(slug)
    left_over = Membership.objects.filter(project_id=scope.project_id, user_id__in=left)
    left_over.exclude(role=Role.OWNER).delete()
    try:
        with transaction.atomic():
            Project.objects.filter(pk=scope.project_id).update(
                slug=slug, deleted_at=None, restoring_at=None
            )
    except IntegrityError as error:
        raise Conflict("Another project has just taken this slug. Try again.", field="slug") from (
            error
        )
    project = Project.objects.get(pk=scope.project_id)
    done = open_new_project(scope.user, project)
    record_event(done, **told, object_id=slug)
    return done
