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
    """Return the user's memberships with their projects, by name."""
    return (
        Membership.objects.filter(user=user, project__deleted_at=None)
        .select_related("project")
        .order_by("project__name", "project_id")
    )


def load_deleter_names(scopes: Iterable[Scope]) -> dict[int, str]:
    """Return who deleted these projects, by project key; without deleted accounts."""
    ids = [scope.project_id for scope in scopes]
    events = Event.objects.filter(project_id__in=ids, kind="project", action="delete")
    return dict(
        events.exclude(actor=None).order_by("id").values_list("project_id", "actor__username")
    )


def list_last_owners(users: Iterable[User]) -> list[Membership]:
    """Return these users' memberships without which a project has no owner who can log in."""
    found = Membership.objects.filter(user__in=list(users)).select_related("user", "project")
    return select_last_ownerships(found.order_by("project__name", "project_id"))


def is_blind(scope: Scope) -> bool:
    """Return whether this member may not know what other annotators do."""
    return not scope.can(Permission.SEE_ALL_CODING) and scope.project.visibility != Visibility.ALL


def visible_members(scope: Scope) -> QuerySet[Membership]:
    """Return the members whom this member may know of.

    Blind annotators and viewers, who see no individual coding, know owners and adjudicators but not
    other annotators.
    """
    members = Membership.objects.filter(project_id=scope.project_id).select_related("user")
    if is_blind(scope):
        members = members.filter(
            Q(user_id=scope.user_id) | Q(role__in=[Role.OWNER, Role.ADJUDICATOR])
        )
    return members.order_by("user__username")


def coding_members(scope: Scope) -> QuerySet[Membership]:
    """Return the visible members to whom sources can be assigned."""
    coding = [role for role, allowed in ROLES.items() if Permission.ANNOTATE in allowed]
    return visible_members(scope).filter(role__in=coding)


def require_member(scope: Scope, username: str) -> Membership:
    known = visible_members(scope)
    member = None if "\x00" in username else known.filter(user__username=username).first()
    if member is None:
        raise NotFound("The project has no such member.")
    return member


# One message for all reasons, so that an invalid link discloses nothing.
NO_USE = (
    "It has expired, was withdrawn or was already used, or the link is incomplete. Ask the "
    "sender for a new invitation."
)


@dataclass(frozen=True)
class InvitationOffer:
    """An invitation as shown to one person; `role`: the one that they already have, if any."""

    invitation: Invitation
    role: str | None


def list_invitations(scope: Scope) -> QuerySet[Invitation]:
    """Return the project's invitations with their users, latest first; for owners."""
    scope.require(Permission.MANAGE)
    found = Invitation.objects.filter(project_id=scope.project_id)
    return found.select_related("made_by", "accepted_by").order_by("-created_at", "-id")


def require_invitation_offer(user: User | None, secret: str) -> InvitationOffer:
    """Return what a link offers this person, or anybody for None; raise NotFound.

    A person who has accepted it still gets an offer that says that they are a member.
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
    """Return the hash that identifies an invitation; None for an impossible secret."""
    plausible = secret.isascii() and secret.isalnum() and len(secret) <= 200
    return hash_token(secret) if plausible else None


def _find_member_role(user: User, invitation: Invitation) -> str | None:
    mine = Membership.objects.filter(project_id=invitation.project_id, user=user)
    return mine.values_list("role", flat=True).first()


def select_outsiders(scope: Scope) -> QuerySet[Outsider]:
    """Return the project's outsiders, by name; only for owners."""
    scope.require(Permission.MANAGE)
    found = Outsider.objects.filter(project_id=scope.project_id)
    return found.select_related("user", "tied_to").order_by("name")
