"""An invitation makes one member, however many accept it at the same moment."""

import pytest

from cstoannot.core.errors import Conflict, NotFound
from cstoannot.history.models import Event
from cstoannot.projects.actions import add_member
from cstoannot.projects.invitation_actions import accept_invitation, withdraw_invitation
from cstoannot.projects.models import Invitation, Membership
from cstoannot.projects.scope import Scope
from tests.annotations.test_concurrency import at_once
from tests.builders import World, build_world, invite, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()


def _came_in() -> int:
    return Event.objects.filter(action="accept", kind="invitation").count()


def test_four_people_at_once_make_one_member(world):
    _, secret = invite(world.lead)
    people = [make_user(f"person{number}") for number in range(4)]
    before = Membership.objects.count()
    answers = at_once(
        *(lambda user=user: accept_invitation(user, secret=secret) for user in people)
    )
    (scope,) = (answer for answer in answers if isinstance(answer, Scope))
    assert [type(a) for a in answers if a is not scope] == [NotFound] * 3
    assert Membership.objects.count() == before + 1
    assert Invitation.objects.get().accepted_by == scope.user
    assert _came_in() == 1


def test_one_person_twice_at_once_is_one_member(world):
    _, secret = invite(world.lead)
    answers = at_once(*[lambda: accept_invitation(world.dan, secret=secret)] * 4)
    kinds = sorted(type(answer).__name__ for answer in answers)
    assert kinds == ["Conflict", "Conflict", "Conflict", "Scope"]
    assert _came_in() == 1


def test_one_person_with_two_invitations_uses_one(world):
    secrets = [invite(world.lead, role)[1] for role in ("viewer", "adjudicator")]
    answers = at_once(
        *(lambda secret=secret: accept_invitation(world.dan, secret=secret) for secret in secrets)
    )
    assert {type(answer) for answer in answers} == {Scope, Conflict}
    assert Invitation.objects.filter(accepted_at=None).count() == 1
    assert world.scope(world.dan).role == Invitation.objects.get(accepted_by=world.dan).role


def test_added_and_accepted_at_once_is_one_membership(world):
    _, secret = invite(world.lead, "viewer")
    answers = at_once(
        lambda: accept_invitation(world.dan, secret=secret),
        lambda: add_member(world.lead, username="dan", role="annotator"),
    )
    assert sum(isinstance(answer, Conflict) for answer in answers) == 1
    assert Membership.objects.filter(user=world.dan).count() == 1


def test_withdrawn_and_accepted_at_once_is_either(world):
    invitation, secret = invite(world.lead)
    accepted, withdrawn = at_once(
        lambda: accept_invitation(world.dan, secret=secret),
        lambda: withdraw_invitation(world.lead, invitation.pk),
    )
    if isinstance(accepted, Scope):
        assert isinstance(withdrawn, Conflict)
    else:
        assert (type(accepted), withdrawn) == (NotFound, None)
    assert _came_in() == Membership.objects.filter(user=world.dan).count()
