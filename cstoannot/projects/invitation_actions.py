"""Invitations by link, and renaming outsiders whose names resemble a new member's."""

import uuid
from datetime import timedelta

from django.utils import timezone
from knox.crypto import create_token_string, hash_token

from cstoannot.accounts.models import User
from cstoannot.core.errors import Conflict, Invalid, NotFound
from cstoannot.core.fields import clean_choice, clean_line
from cstoannot.core.likeness import build_comparison_key
from cstoannot.database.transactions import atomic_with_retry
from cstoannot.history.actions import build_event, record_event, record_events
from cstoannot.history.models import Event
from cstoannot.projects.models import INVITED_ROLES, Invitation, Membership, Outsider
from cstoannot.projects.outsider_names import choose_outsider_name
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import hash_invitation_secret, require_invitation_offer
from cstoannot.projects.scope import Scope, open_project, project_action


def rename_similar_outsiders(scope: Scope, user: User) -> None:
    """Rename outsiders whose names resemble a new member's; call it when adding the member."""
    key = build_comparison_key(user.username)
    outsiders = list(Outsider.objects.filter(project_id=scope.project_id))
    alike = [one for one in outsiders if build_comparison_key(one.name) == key]
    if not alike:
        return
    members = Membership.objects.filter(project_id=scope.project_id)
    taken = {one.name for one in outsiders} | {user.username}
    taken |= set(members.values_list("user__username", flat=True))
    for one in alike:
        one.name = choose_outsider_name(one.name, taken)
        taken.add(one.name)
        User.everybody.filter(pk=one.user_id).update(username=one.name)
    Outsider.objects.bulk_update(alike, ["name"])


USUAL_LIFE_DAYS = 14
LONGEST_LIFE_DAYS = 90
LONGEST_NOTE = 100


@project_action
def create_invitation(
    scope: Scope, *, role: str, note: str = "", days: int = USUAL_LIFE_DAYS
) -> tuple[Invitation, str]:
    """Create an invitation for one person; return it and its secret, which is not stored.

    `note` says for whom; it is not in the history, which cannot be deleted.
    """
    scope.require(Permission.MANAGE)
    role = clean_choice(role, field="role", choices=INVITED_ROLES)
    note = clean_line(note, field="note", longest=LONGEST_NOTE)
    if not 1 <= days <= LONGEST_LIFE_DAYS:
        raise Invalid(
            f"An invitation can be valid for 1 to {LONGEST_LIFE_DAYS} days.", field="days"
        )
    now, secret = timezone.now(), create_token_string()
    invitation = Invitation.objects.create(
        project_id=scope.project_id,
        role=role,
        note=note,
        digest=hash_token(secret),
        made_by=scope.user,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    record_event(
        scope,
        action="create",
        kind="invitation",
        object_id=invitation.pk,
        after={"role": role, "days": days},
    )
    return invitation, secret


@project_action
def withdraw_invitation(scope: Scope, invitation_id: uuid.UUID) -> None:
    """Withdraw an invitation; again without effect. Raise Conflict if it was accepted."""
    scope.require(Permission.MANAGE)
    mine = Invitation.objects.select_for_update().filter(project_id=scope.project_id)
    invitation = mine.filter(pk=invitation_id).first()
    if invitation is None:
        raise NotFound("This invitation does not exist.")
    if invitation.accepted_at:
        raise Conflict("This invitation was already accepted. Remove the member instead.")
    if not invitation.withdrawn_at:
        record_events(_mark_invitations_withdrawn(scope, [invitation]))


@project_action
def withdraw_user_invitations(scope: Scope, *, user_id: int) -> None:
    """Withdraw the open invitations made by a former owner.

    Otherwise they could return by a link of their own.
    """
    scope.require(Permission.MANAGE)
    theirs = Invitation.objects.select_for_update().filter(
        project_id=scope.project_id, made_by=user_id, accepted_at=None, withdrawn_at=None
    )
    record_events(_mark_invitations_withdrawn(scope, list(theirs.order_by("created_at", "pk"))))


def _mark_invitations_withdrawn(scope: Scope, invitations: list[Invitation]) -> list[Event]:
    ids = [invitation.pk for invitation in invitations]
    Invitation.objects.filter(pk__in=ids).update(withdrawn_at=timezone.now())
    return [
        build_event(
            scope,
            action="delete",
            kind="invitation",
            object_id=invitation.pk,
            before={"role": invitation.role},
        )
        for invitation in invitations
    ]


@atomic_with_retry
def accept_invitation(user: User, *, secret: str) -> Scope:
    """Become a member by an invitation; return the new member's scope.

    Raises NotFound if it cannot be used, and Conflict, without a change, for a member.
    """
    # Lock it: a concurrent request waits, and finds it used.
    list(Invitation.objects.select_for_update().filter(digest=hash_invitation_secret(secret)))
    invitation = require_invitation_offer(user, secret).invitation
    member, created = Membership.objects.get_or_create(
        project_id=invitation.project_id, user=user, defaults={"role": invitation.role}
    )
    if not created:
        raise Conflict(
            f"You are already a member with the role {member.role}. Nothing has changed."
        )
    Invitation.objects.filter(pk=invitation.pk).update(accepted_by=user, accepted_at=timezone.now())
    scope = open_project(user, invitation.project.slug)
    rename_similar_outsiders(scope, user)
    after = {"role": member.role}
    told = {"after": after, "about_id": user.pk}
    record_event(scope, action="accept", kind="invitation", object_id=invitation.pk, **told)
    record_event(scope, action="create", kind="member", object_id=user.username, **told)
    return scope
