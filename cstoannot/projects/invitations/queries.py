from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone
from knox.crypto import hash_token

from cstoannot.accounts.models import User
from cstoannot.core.errors import NotFound
from cstoannot.projects.models import Invitation, Membership
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope

# The same for whatever is wrong, so that a link that works no more tells nothing.
NO_USE = (
    "It has expired, was withdrawn or was used before, or its address is not complete. "
    "Ask whoever sent the invitation to you for a new one."
)


@dataclass(frozen=True)
class Offer:
    """An invitation as it stands for one person: `role` is the one they have already, if any."""

    invitation: Invitation
    role: str | None


def invitations_of(scope: Scope) -> QuerySet[Invitation]:
    """The project's invitations with whoever made and accepted them, latest first; for owners."""
    scope.require(Permission.MANAGE)
    found = Invitation.objects.filter(project_id=scope.project_id)
    return found.select_related("made_by", "accepted_by").order_by("-created_at", "-id")


def find_invitation(user: User | None, secret: str) -> Offer:
    """What a link offers this person, or anybody for None; raises NotFound.

    Whoever has accepted it is still told that they are a member, so that a click too many does
    not look like a refusal.
    """
    digest = digest_of(secret)
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
    role = _role_of(user, invitation) if user else None
    if invitation.accepted_at and role is None:
        raise NotFound(NO_USE)
    return Offer(invitation, role)


def digest_of(secret: str) -> str | None:
    """The hash by which an invitation is known; None for what cannot be a secret."""
    plausible = secret.isascii() and secret.isalnum() and len(secret) <= 200
    return hash_token(secret) if plausible else None


def _role_of(user: User, invitation: Invitation) -> str | None:
    mine = Membership.objects.filter(project_id=invitation.project_id, user=user)
    return mine.values_list("role", flat=True).first()
