from collections.abc import Iterable

from django.db.models import Q, QuerySet

from cstoannot.accounts.models import User
from cstoannot.core.errors import NotFound
from cstoannot.history.models import Event
from cstoannot.projects.models import Membership, Role, Visibility, last_ownerships
from cstoannot.projects.permissions import Permission
from cstoannot.projects.roles import ROLES
from cstoannot.projects.scope import Scope


def projects_of(user: User) -> QuerySet[Membership]:
    """The user's memberships with their projects, by name."""
    return (
        Membership.objects.filter(user=user, project__deleted_at=None)
        .select_related("project")
        .order_by("project__name", "project_id")
    )


def deleted_by(scopes: Iterable[Scope]) -> dict[int, str]:
    """Who deleted these projects, by the projects' keys; nobody for accounts that are gone."""
    ids = [scope.project_id for scope in scopes]
    events = Event.objects.filter(project_id__in=ids, kind="project", action="delete")
    return dict(
        events.exclude(actor=None).order_by("id").values_list("project_id", "actor__username")
    )


def find_last_owners(users: Iterable[User]) -> list[Membership]:
    """Memberships of these users without which a project has no owner who can sign in."""
    found = Membership.objects.filter(user__in=list(users)).select_related("user", "project")
    return last_ownerships(found.order_by("project__name", "project_id"))


def is_blind(scope: Scope) -> bool:
    """Whether this member is told nothing of what the other annotators do."""
    return not scope.can(Permission.SEE_ALL_CODING) and scope.project.visibility != Visibility.ALL


def visible_members(scope: Scope) -> QuerySet[Membership]:
    """The members whom this member may know of.

    A blind annotator is told of those who lead, not of the other annotators; a viewer, who sees
    no individual coding, neither.
    """
    members = Membership.objects.filter(project_id=scope.project_id).select_related("user")
    if is_blind(scope):
        members = members.filter(
            Q(user_id=scope.user_id) | Q(role__in=[Role.OWNER, Role.ADJUDICATOR])
        )
    return members.order_by("user__username")


def coding_members(scope: Scope) -> QuerySet[Membership]:
    """The visible members to whom sources can be given."""
    coding = [role for role, allowed in ROLES.items() if Permission.ANNOTATE in allowed]
    return visible_members(scope).filter(role__in=coding)


def get_member(scope: Scope, username: str) -> Membership:
    known = visible_members(scope)
    member = None if "\x00" in username else known.filter(user__username=username).first()
    if member is None:
        raise NotFound("The project has no such member.")
    return member
