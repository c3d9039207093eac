"""Access to projects: everything that reads or writes in a project goes through `open_project`.

Actions run through `project_action`: in one transaction, with the current membership.
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
from cstoannot.projects.models import (
    KEPT_AFTER_DELETION,
    Membership,
    Project,
    Results,
    ResultsLink,
    Role,
)
from cstoannot.projects.permissions import READER, RESULTS, Permission, list_permissions

# Runs on every request in a project. Plain SQL, because building a queryset takes sixteen times as
# long as the query (docs/decisions/0003-plain-sql-on-the-way-of-a-save.md).
_FIND_MEMBERSHIP = """
    SELECT m.role, p.id, p.slug, p.name, p.about, p.guidelines, p.visibility, p.open_sources,
           p.counts_after_look, p.results, p.whole_articles, p.decisions_opened,
           p.names_while_deciding, p.decide_apart, p.agreed_bounds, p.version
    FROM cstoannot_membership m JOIN cstoannot_project p ON p.id = m.project_id
    WHERE m.user_id = %s AND p.slug = %s AND p.deleted_at IS NULL
"""
# In the order of the model's fields, as `from_db` requires.
_KNOWN = [
    *("id", "slug", "name", "about", "guidelines", "visibility"),
    *("open_sources", "counts_after_look", "results", "whole_articles", "decisions_opened"),
    *("names_while_deciding", "decide_apart", "agreed_bounds", "version"),
]
_FLAGS = {
    "open_sources",
    "counts_after_look",
    "whole_articles",
    "decisions_opened",
    "names_while_deciding",
    "decide_apart",
}


RESULTS_NOT_OPEN = (
    "Results are not open yet. An owner of the project can open them to viewers in its settings."
)


@dataclass(frozen=True)
class Scope:
    """Who acts, in which project, in which role."""

    user: User
    project: Project
    role: str
    confirmed: bool = False
    """Whether the current action has read the membership again and locked it."""

    @property
    def project_id(self) -> int:
        return self.project.pk

    @property
    def user_id(self) -> int:
        return self.user.pk

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        return list_permissions(
            self.role,
            results=self.project.results != Results.CLOSED,
            articles=self.project.whole_articles,
        )

    def can(self, permission: Permission) -> bool:
        return permission in self.permissions

    @property
    def results_closed(self) -> bool:
        """Whether they see only what is decided, because results are not open yet."""
        return not self.can(Permission.ANNOTATE) and not self.can(Permission.SEE_RESULTS)

    def require(self, permission: Permission) -> None:
        """Raise Forbidden unless the role has this permission."""
        if not self.can(permission):
            raise Forbidden(
                f"With the role {self.role} you may not {permission.value}. "
                "Ask an owner of the project."
            )


def open_project(
    user: "User | AnonymousUser | LinkReader", slug: str, permission: Permission = Permission.VIEW
) -> Scope:
    """Return the user's scope in a project.

    Raises NotFound unless the user is a member, as if the project did not exist, and Forbidden for
    a member without the permission.
    """
    missing = NotFound("There is no such project, or you are not a member of it.")
    if isinstance(user, LinkReader):
        return _require_link_scope(user, slug, permission)
    if not isinstance(user, User) or not user.is_active or "\x00" in slug:
        raise missing
    with connection.cursor() as cursor:
        cursor.execute(_FIND_MEMBERSHIP, [user.pk, slug])
        row = cursor.fetchone()
    if row is None:
        raise missing
    role, *known = row
    # SQLite has no booleans.
    values = [bool(one) if name in _FLAGS else one for name, one in zip(_KNOWN, known, strict=True)]
    project = Project.from_db(connection.alias, _KNOWN, values)
    scope = Scope(user=user, project=project, role=role)
    scope.require(permission)
    return scope


class LinkReader:
    """Whoever reads a project's results by a link, in the place of a request's user."""

    is_authenticated = False
    is_active = False

    def __init__(self, link: ResultsLink) -> None:
        # No user has this key; none is stored.
        nobody = User(pk=0, username="")
        self.link = link
        self.scope = Scope(user=nobody, project=link.project, role=READER)


def _require_link_scope(reader: LinkReader, slug: str, permission: Permission) -> Scope:
    """Return the scope of a reader by link, who reads one project alone."""
    if reader.scope.project.slug != slug:
        raise NotFound("There is no such project, or you are not a member of it.")
    reader.scope.require(permission)
    return reader.scope


def widen_to_coding(scope: Scope) -> Scope:
    """Return a scope that sees all coding, to compute results from it.

    For those who see results without names: whoever uses it answers for leaving out names, and
    whatever else tells one coder from another. Raises Forbidden for others.
    """
    if scope.can(Permission.SEE_ALL_CODING):
        return scope
    if not scope.can(Permission.SEE_RESULTS):
        raise Forbidden(RESULTS_NOT_OPEN)
    return replace(scope, role=RESULTS)


def open_projects(user: User) -> list[Scope]:
    """Return the scopes of all projects of this user, by name."""
    memberships = Membership.objects.filter(user=user, project__deleted_at=None)
    memberships = memberships.select_related("project").order_by("project__name", "project_id")
    return [Scope(user=user, project=one.project, role=one.role) for one in memberships]


def list_restorable_memberships(user: User) -> QuerySet[Membership]:
    """Return the user's memberships in deleted projects that they can restore as owner."""
    since = timezone.now() - KEPT_AFTER_DELETION
    found = Membership.objects.filter(
        user=user, role=Role.OWNER, project__deleted_at__gt=since, project__restoring_at=None
    )
    return found.select_related("project").order_by("project__name", "project_id")


def open_deleted_projects(user: User) -> list[Scope]:
    """Return the scopes of deleted projects that this user can restore, by name."""
    found = list_restorable_memberships(user)
    return [Scope(user=user, project=one.project, role=one.role) for one in found]


def open_deleted_project(user: User, slug: str) -> Scope:
    """Return the owner's scope in a deleted project; raise NotFound for everybody else.

    A project that is restored already opens as by `open_project`, so that a repeated request is
    harmless.
    """
    found = (scope for scope in open_deleted_projects(user) if scope.project.slug == slug)
    return next(found, None) or open_project(user, slug, Permission.MANAGE)


def open_as_owner(slug: str) -> Scope:
    """Return the scope of one of the project's owners, for a command; raise NotFound.

    The account may be inactive, as after a restoration, because operators have full access to the
    database; an owner who can log in is preferred.
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
    """Return the scope of the owner of a new project."""
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
    """Run `function` in a transaction, with the scope's membership read again.

    The member may have been removed or given another role since the request opened its scope. The
    membership stays locked until the end, so a removal comes before the action or after it. The
    function may run several times (see `atomic_with_retry`).
    """

    @functools.wraps(function)
    def run(scope: Scope, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return function(confirm_membership(scope), *args, **kwargs)

    return atomic_with_retry(run)


def confirm_membership(scope: Scope) -> Scope:
    """Return the scope with the current role, locked; raise NotFound for a former member.

    Call it inside a transaction. A scope that an outer action has confirmed stays as it is.
    """
    if scope.confirmed:
        return scope
    # SQLite needs no lock: only one transaction writes at a time.
    lock = " FOR SHARE OF m" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(_FIND_ROLE + lock, [scope.user_id, scope.project_id])
        row = cursor.fetchone()
    if row is None:
        raise NotFound("There is no such project, or you are not a member of it.")
    return replace(scope, role=row[0], confirmed=True)
