"""Members, invitations and outsiders of projects, and the projects of a user."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone
from knox.crypto import hash_token

from cstoannot.accounts.models import User
from cstoannot.core.errors import NotFound
from cstoannot.history.models import Event
from cstoannot.projects.models import (
    Invitation,
    Membership,
    Outsider,
    Role,
    Visibility,
    select_last_ownerships,
)
from cstoannot.projects.permissions import ROLES, Permission
from cstoannot.projects.scope import Scope


def list_memberships(user: User) -> QuerySet[Membership]:
    """The user's memberships with their projects, by name."""
    return (
        Membership.objects.filter(user=user, project__deleted_at=None)
        .select_related("project")
        .order_by("project__name", "project_id")
    )


def load_deleter_names(scopes: Iterable[Scope]) -> dict[int, str]:
    """Who deleted these projects, by the projects' keys; nobody for accounts that are gone."""
    ids = [scope.project_id for scope in scopes]
    events = Event.objects.filter(project_id__in=ids, kind="project", action="delete")
    return dict(
        events.exclude(actor=None).order_by("id").values_list("project_id", "actor__username")
    )


def list_last_owners(users: Iterable[User]) -> list[Membership]:
    """Memberships of these users without which a project has no owner who can sign in."""
    found = Membership.objects.filter(user__in=list(users)).select_related("user", "project")
    return select_last_ownerships(found.order_by("project__name", "project_id"))


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


def require_member(scope: Scope, username: str) -> Membership:
    known = visible_members(scope)
    member = None if "\x00" in username else known.filter(user__username=username).first()
    if member is None:
        raise NotFound("The project has no such member.")
    return member


# The same for whatever is wrong, so that a link that works no more tells nothing.
NO_USE = (
    "It has expired, was withdrawn or was used before, or its address is not complete. "
    "Ask whoever sent the invitation to you for a new one."
)


@dataclass(frozen=True)
class InvitationOffer:
    """An invitation as it stands for one person: `role` is the one they have already, if any."""

    invitation: Invitation
    role: str | None


def list_invitations(scope: Scope) -> QuerySet[Invitation]:
    """The project's invitations with whoever made and accepted them, latest first; for owners."""
    scope.require(Permission.MANAGE)
    found = Invitation.objects.filter(project_id=scope.project_id)
    return found.select_related("made_by", "accepted_by").order_by("-created_at", "-id")


def require_invitation_offer(user: User | None, secret: str) -> InvitationOffer:
    """What a link offers this person, or anybody for None; raises NotFound.

    Whoever has accepted it is still told that they are a member, so that a click too many does
    not look like a refusal.
    """
    digest = hash_invitation_secret(secret)
    usable = Q(
        accepted_at=None,
        withdrawn_at=None,
        made_by__is_active=True,
        expires_at__gt=timezone.now(),
    )
    found = Invitation.objects.filter(usable | Q(accepted_by=user) if user else usable)
    found = found.filter(digest=digest, project__deleted_at=None)
    invitation = found.select_related("project", "made_by").first() if digest else None
    if invitation is None:
        raise NotFound(NO_USE)
    role = _find_member_role(user, invitation) if user else None
    if invitation.accepted_at and role is None:
        raise NotFound(NO_USE)
    return InvitationOffer(invitation, role)


def hash_invitation_secret(secret: str) -> str | None:
    """The hash by which an invitation is known; None for what cannot be a secret."""
    plausible = secret.isascii() and secret.isalnum() and len(secret) <= 200
    return hash_token(secret) if plausible else None


def _find_member_role(user: User, invitation: Invitation) -> str | None:
    mine = Membership.objects.filter(project_id=invitation.project_id, user=user)
    return mine.values_list("role", flat=True).first()


def select_outsiders(scope: Scope) -> QuerySet[Outsider]:
    """The people who came with the project's archive, by name; for its owners alone."""
    scope.require(Permission.MANAGE)
    found = Outsider.objects.filter(project_id=scope.project_id)
    return found.select_related("user", "tied_to").order_by("name")
