"""The door: whoever reads or writes in a project comes through `open_project`."""

from dataclasses import dataclass
from functools import cached_property

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from cstoannot.accounts.models import User
from cstoannot.core.errors import Forbidden, NotFound
from cstoannot.projects.models import KEPT_AFTER_DELETION, Membership, Project, Role
from cstoannot.projects.permissions import Permission
from cstoannot.projects.roles import ROLES

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


def deleted_memberships(user: User) -> QuerySet[Membership]:
    """The user's memberships in deleted projects that they can bring back, as their owner."""
    since = timezone.now() - KEPT_AFTER_DELETION
    found = Membership.objects.filter(
        user=user, role=Role.OWNER, project__deleted_at__gt=since, project__restoring_at=None
    )
    return found.select_related("project").order_by("project__name", "project_id")


def open_deleted_projects(user: User) -> list[Scope]:
    """The deleted projects that this user can bring back, by name."""
    found = deleted_memberships(user)
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


def scope_of_new_project(user: User, project: Project) -> Scope:
    """The scope of the owner who has just made the project."""
    return Scope(user=user, project=project, role=Role.OWNER)
