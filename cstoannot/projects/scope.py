"""The door: whoever reads or writes in a project comes through `open_project`.

Actions run through `project_action`: in one transaction, with the membership of that moment.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Concatenate, ParamSpec, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from cstoannot.accounts.models import User
from cstoannot.core.errors import Forbidden, NotFound
from cstoannot.database.transactions import atomic_with_retry
from cstoannot.projects.models import KEPT_AFTER_DELETION, Membership, Project, Role
from cstoannot.projects.permissions import ROLES, Permission

# Every request in a project begins with this, and putting a queryset together takes sixteen
# times as long as asking (docs/decisions/0003-plain-sql-on-the-way-of-a-save.md).
_FIND_MEMBERSHIP = """
    SELECT m.role, p.id, p.slug, p.name, p.about, p.guidelines, p.visibility, p.open_sources,
           p.counts_after_look, p.version
    FROM cstoannot_membership m JOIN cstoannot_project p ON p.id = m.project_id
    WHERE m.user_id = %s AND p.slug = %s AND p.deleted_at IS NULL
"""
# In the order of the model's fields, which `from_db` goes by.
_KNOWN = [
    *("id", "slug", "name", "about", "guidelines", "visibility"),
    *("open_sources", "counts_after_look", "version"),
]


@dataclass(frozen=True)
class Scope:
    """Who acts, in which project, as what."""

    user: User
    project: Project
    role: str
    confirmed: bool = False
    """Whether the membership was read again, and locked, by the action under way."""

    @property
    def project_id(self) -> int:
        return self.project.pk

    @property
    def user_id(self) -> int:
        return self.user.pk

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        return ROLES[self.role]

    def can(self, permission: Permission) -> bool:
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Raise Forbidden unless the role includes this."""
        if not self.can(permission):
            raise Forbidden(
                f"As {self.role} of this project you may not {permission.value}. "
                "Ask an owner of the project."
            )


def open_project(
    user: User | AnonymousUser, slug: str, permission: Permission = Permission.VIEW
) -> Scope:
    """Open a project for somebody, or raise.

    Raises NotFound for whoever is not a member, as if the project did not exist, and Forbidden
    for a member without the permission.
    """
    missing = NotFound("There is no such project, or you are not a member of it.")
    if not isinstance(user, User) or not user.is_active or "\x00" in slug:
        raise missing
    with connection.cursor() as cursor:
        cursor.execute(_FIND_MEMBERSHIP, [user.pk, slug])
        row = cursor.fetchone()
    if row is None:
        raise missing
    role, *known, open_sources, counts_after_look, version = row
    flags = bool(open_sources), bool(counts_after_look)  # SQLite has no booleans
    project = Project.from_db(connection.alias, _KNOWN, [*known, *flags, version])
    scope = Scope(user=user, project=project, role=role)
    scope.require(permission)
    return scope


def open_projects(user: User) -> list[Scope]:
    """Everything this user is a member of, by name."""
    memberships = Membership.objects.filter(user=user, project__deleted_at=None)
    memberships = memberships.select_related("project").order_by("project__name", "project_id")
    return [Scope(user=user, project=one.project, role=one.role) for one in memberships]


def list_restorable_memberships(user: User) -> QuerySet[Membership]:
    """The user's memberships in deleted projects that they can bring back, as their owner."""
    since = timezone.now() - KEPT_AFTER_DELETION
    found = Membership.objects.filter(
        user=user, role=Role.OWNER, project__deleted_at__gt=since, project__restoring_at=None
    )
    return found.select_related("project").order_by("project__name", "project_id")


def open_deleted_projects(user: User) -> list[Scope]:
    """The deleted projects that this user can bring back, by name."""
    found = list_restorable_memberships(user)
    return [Scope(user=user, project=one.project, role=one.role) for one in found]


def open_deleted_project(user: User, slug: str) -> Scope:
    """Open a deleted project for its owner; for everybody else there is none.

    One that is back already is opened as `open_project` does, so that asking twice is harmless.
    """
    found = (scope for scope in open_deleted_projects(user) if scope.project.slug == slug)
    return next(found, None) or open_project(user, slug, Permission.MANAGE)


def open_as_owner(slug: str) -> Scope:
    """Open a project for a command, in the name of one of its owners; raises NotFound.

    Whoever runs commands holds the database, so the account may be closed, as those are that came
    with a restored project; an owner who can sign in is preferred.
    """
    membership = (
        Membership.objects.filter(project__slug=slug, role=Role.OWNER, project__deleted_at=None)
        .select_related("user", "project")
        .order_by("-user__is_active", "created_at", "pk")
        .first()
    )
    if membership is None:
        raise NotFound(f"There is no project {slug}.")
    return Scope(user=membership.user, project=membership.project, role=membership.role)


def open_new_project(user: User, project: Project) -> Scope:
    """The scope of the owner who has just made the project."""
    return Scope(user=user, project=project, role=Role.OWNER)


P = ParamSpec("P")
R = TypeVar("R")

_FIND_ROLE = """
    SELECT m.role FROM cstoannot_membership m JOIN cstoannot_project p ON p.id = m.project_id
    WHERE m.user_id = %s AND m.project_id = %s AND p.deleted_at IS NULL
"""


def project_action(
    function: Callable[Concatenate[Scope, P], R],
) -> Callable[Concatenate[Scope, P], R]:
    """Run `function` in a transaction, with the scope as the membership stands in it.

    The request opened its scope before: since then the member may have been removed or given
    another role. The membership stays locked until the end, so a removal comes before the action
    or after it. The function may run several times (see `atomic_with_retry`).
    """

    @functools.wraps(function)
    def run(scope: Scope, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return function(confirm_membership(scope), *args, **kwargs)

    return atomic_with_retry(run)


def confirm_membership(scope: Scope) -> Scope:
    """The scope with the role of this moment, locked; raises NotFound for a former member.

    Call it inside a transaction. A scope that an outer action has confirmed stays as it is.
    """
    if scope.confirmed:
        return scope
    # On SQLite the transaction has the whole database to itself.
    lock = " FOR SHARE OF m" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(_FIND_ROLE + lock, [scope.user_id, scope.project_id])
        row = cursor.fetchone()
    if row is None:
        raise NotFound("There is no such project, or you are not a member of it.")
    return replace(scope, role=row[0], confirmed=True)
