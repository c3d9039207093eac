"""Invitations: who may make them, who becomes a member by them, and when they are of no use."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from knox.crypto import hash_token

from cstoannot.accounts.models import User
from cstoannot.core.errors import Conflict, Forbidden, Invalid, NotFound
from cstoannot.projects.actions import (
    add_member,
    change_role,
    delete_project,
    remove_member,
)
from cstoannot.projects.invitation_actions import (
    accept_invitation,
    create_invitation,
    withdraw_invitation,
    withdraw_user_invitations,
)
from cstoannot.projects.models import Invitation, Membership
from cstoannot.projects.queries import NO_USE, list_invitations, require_invitation_offer
from tests.builders import invite, make_user


def _roles(world) -> dict[str, str]:
    members = Membership.objects.filter(project=world.lead.project)
    return dict(members.values_list("user__username", "role"))


def _states(world) -> list[str]:
    return [one.state(timezone.now()) for one in list_invitations(world.scope(world.alice))]


def _expire(invitation: Invitation) -> None:
    past = timezone.now() - timedelta(days=20)
    Invitation.objects.filter(pk=invitation.pk).update(
        created_at=past, expires_at=past + timedelta(days=14)
    )


@pytest.mark.parametrize("role", ["adjudicator", "annotator", "viewer"])
def test_whoever_accepts_is_a_member_with_the_role(world, role):
    invitation, secret = invite(world.lead, role, note="Somebody in Yerevan")
    scope = accept_invitation(world.dan, secret=secret)
    assert (scope.role, scope.project.slug) == (role, world.slug)
    assert world.scope(world.dan).role == role
    invitation.refresh_from_db()
    assert (invitation.accepted_by, invitation.state(timezone.now())) == (world.dan, "accepted")


def test_secret_is_kept_as_a_hash(world):
    invitation, secret = invite(world.lead)
    assert len(secret) >= 43
    assert invitation.digest == hash_token(secret)
    assert secret not in repr(list(Invitation.objects.values_list()))


@pytest.mark.parametrize("days", [1, 14, 90])
def test_invitation_ends_after_its_days(world, days):
    invitation, _ = invite(world.lead, days=days)
    assert invitation.expires_at - invitation.created_at == timedelta(days=days)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"role": "owner"}, "role"),
        ({"role": "boss"}, "role"),
        ({"days": 0}, "days"),
        ({"days": 91}, "days"),
        ({"days": 2**62}, "days"),
        ({"note": "x" * 101}, "note"),
        ({"note": "a\x00b"}, "note"),
        ({"note": "a\nb"}, "note"),
    ],
)
def test_invitation_that_cannot_be_is_refused(world, wrong, field):
    with pytest.raises(Invalid) as refusal:
        create_invitation(world.lead, **{"role": "viewer", **wrong})
    assert refusal.value.field == field
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("name", ["ada", "bob", "vera"])
def test_invitations_are_the_owners(world, name):
    scope = world.scope(getattr(world, name))
    invitation, _ = invite(world.lead)
    for act in (
        lambda: list_invitations(scope),
        lambda: create_invitation(scope, role="viewer"),
        lambda: withdraw_invitation(scope, invitation.pk),
        lambda: withdraw_user_invitations(scope, user_id=world.alice.pk),
    ):
        with pytest.raises(Forbidden):
            act()
    assert _states(world) == ["open"]


def _accepted_by_another(world, invitation, secret):
    accept_invitation(make_user("erin"), secret=secret)


USELESS = {
    "expired": lambda world, one, secret: _expire(one),
    "withdrawn": lambda world, one, secret: withdraw_invitation(world.lead, one.pk),
    "accepted": _accepted_by_another,
    "of a project that was deleted": lambda world, one, secret: delete_project(world.lead),
    "of somebody without an account": lambda world, one, secret: Invitation.objects.update(
        made_by=None
    ),
    "of somebody who can sign in no more": lambda world, one, secret: User.objects.filter(
        pk=world.alice.pk
    ).update(is_active=False),
    "unknown": lambda world, one, secret: Invitation.objects.all().delete(),
}


@pytest.mark.parametrize("why", USELESS)
def test_invitation_of_no_use_lets_nobody_in_and_says_the_same(world, why):
    invitation, secret = invite(world.lead)
    USELESS[why](world, invitation, secret)
    before = Membership.objects.count()
    for act in (
        lambda: require_invitation_offer(None, secret),
        lambda: require_invitation_offer(world.dan, secret),
        lambda: accept_invitation(world.dan, secret=secret),
    ):
        with pytest.raises(NotFound) as refusal:
            act()
        assert refusal.value.message == NO_USE
    assert Membership.objects.count() == before


@pytest.mark.parametrize(
    "secret", ["", "x", "\x00", "é" * 32, "a" * 201, "a" * 100_000, "../..", "%", "\ud800", " "]
)
def test_what_is_no_secret_is_an_unknown_one(world, secret):
    invite(world.lead)
    for act in (
        lambda: require_invitation_offer(world.dan, secret),
        lambda: accept_invitation(world.dan, secret=secret),
    ):
        with pytest.raises(NotFound) as refusal:
            act()
        assert refusal.value.message == NO_USE


def test_hash_of_a_secret_lets_nobody_in(world):
    invitation, secret = invite(world.lead)
    for guess in (invitation.digest, str(invitation.pk), secret[:-1], secret.upper()):
        with pytest.raises(NotFound):
            accept_invitation(world.dan, secret=guess)


@pytest.mark.parametrize("name", ["alice", "ada", "bob", "vera"])
def test_member_keeps_their_role_and_the_invitation_stays_open(world, name):
    _, secret = invite(world.lead, "adjudicator")
    user, before = getattr(world, name), _roles(world)
    assert require_invitation_offer(user, secret).role == before[name]
    with pytest.raises(Conflict, match=before[name]):
        accept_invitation(user, secret=secret)
    assert _roles(world) == before
    assert _states(world) == ["open"]
    assert accept_invitation(world.dan, secret=secret).role == "adjudicator"


def test_whoever_accepts_twice_is_told_that_they_are_in(world):
    _, secret = invite(world.lead)
    accept_invitation(world.dan, secret=secret)
    assert require_invitation_offer(world.dan, secret).role == "annotator"
    with pytest.raises(Conflict):
        accept_invitation(world.dan, secret=secret)
    change_role(world.lead, username="dan", role="viewer")
    with pytest.raises(Conflict):
        accept_invitation(world.dan, secret=secret)
    assert _roles(world)["dan"] == "viewer"


def test_whoever_was_removed_does_not_come_back_by_the_same_link(world):
    _, secret = invite(world.lead)
    accept_invitation(world.dan, secret=secret)
    remove_member(world.lead, username="dan")
    for act in (
        lambda: require_invitation_offer(world.dan, secret),
        lambda: accept_invitation(world.dan, secret=secret),
    ):
        with pytest.raises(NotFound):
            act()
    assert "dan" not in _roles(world)


@pytest.mark.parametrize(
    "end",
    [
        lambda world: remove_member(world.lead, username="dan"),
        lambda world: change_role(world.lead, username="dan", role="adjudicator"),
    ],
)
def test_links_of_whoever_is_no_owner_any_more_let_nobody_in(world, end):
    """An owner could otherwise keep one back, and be in again after being put out."""
    add_member(world.lead, username="dan", role="owner")
    invite(world.lead)
    _, kept_back = invite(world.scope(world.dan))
    end(world)
    assert _states(world) == ["withdrawn", "open"]
    with pytest.raises(NotFound):
        accept_invitation(make_user("erin"), secret=kept_back)


def test_change_among_others_withdraws_nothing(world):
    invite(world.lead)
    change_role(world.lead, username="bob", role="viewer")
    remove_member(world.lead, username="ada")
    assert _states(world) == ["open"]


def test_withdrawn_twice_stays_as_it_was(world):
    invitation, _ = invite(world.lead)
    withdraw_invitation(world.lead, invitation.pk)
    first = Invitation.objects.get().withdrawn_at
    withdraw_invitation(world.lead, invitation.pk)
    assert Invitation.objects.get().withdrawn_at == first


def test_accepted_one_is_not_withdrawn(world):
    invitation, secret = invite(world.lead)
    accept_invitation(world.dan, secret=secret)
    with pytest.raises(Conflict):
        withdraw_invitation(world.lead, invitation.pk)
    assert _states(world) == ["accepted"]


def test_invitation_of_another_project_is_out_of_reach(world):
    invitation, secret = invite(world.elsewhere)
    for name in (invitation.pk, uuid.uuid4()):
        with pytest.raises(NotFound):
            withdraw_invitation(world.lead, name)
    assert list(list_invitations(world.lead)) == []
    assert accept_invitation(world.dan, secret=secret).project.slug == "elsewhere"


def test_invitations_are_listed_latest_first_each_in_its_state(world):
    expired, _ = invite(world.lead)
    accepted, secret = invite(world.lead)
    withdrawn, _ = invite(world.lead)
    still_open, _ = invite(world.lead)
    _expire(expired)
    accept_invitation(world.dan, secret=secret)
    withdraw_invitation(world.lead, withdrawn.pk)
    assert list(list_invitations(world.lead)) == [still_open, withdrawn, accepted, expired]
    assert _states(world) == ["open", "withdrawn", "accepted", "expired"]


def test_invitation_is_of_use_until_the_very_moment(world):
    invitation, secret = invite(world.lead)
    end = invitation.expires_at
    assert invitation.state(end - timedelta(microseconds=1)) == "open"
    assert invitation.state(end) == "expired"
    now = timezone.now()
    Invitation.objects.update(created_at=now - timedelta(days=1), expires_at=now)
    with pytest.raises(NotFound):
        require_invitation_offer(world.dan, secret)


@pytest.mark.parametrize(
    "broken",
    [
        {"role": "owner"},
        {"role": "boss"},
        {"expires_at": "2000-01-01T00:00Z"},
        {"accepted_at": "2026-01-01T00:00Z", "withdrawn_at": "2026-01-02T00:00Z"},
        {"accepted_by": True},
    ],
    ids=str,
)
def test_database_refuses_an_invitation_that_cannot_be(world, broken):
    invite(world.lead)
    if "accepted_by" in broken:
        broken = {"accepted_by": world.dan}
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.update(**broken)


def test_no_two_invitations_have_one_secret(world):
    invitation, _ = invite(world.lead)
    invite(world.lead)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.update(digest=invitation.digest)
