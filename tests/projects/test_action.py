"""An action sees its actor's membership as it stands when the action runs."""

import pytest
from django.db import connection

from cstoannot.codebook.actions import change_code, create_code, delete_code
from cstoannot.core.errors import DomainError, Forbidden, NotFound
from cstoannot.projects.actions import add_member, change_role, delete_project, remove_member
from cstoannot.projects.invitation_actions import create_invitation
from cstoannot.projects.models import Invitation, Membership
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import project_action
from tests.annotations.test_concurrency import at_once
from tests.builders import build_world

ROUNDS = 6


@pytest.fixture
def both(transactional_db):
    """A world with a second owner, dan."""
    world = build_world()
    add_member(world.lead, username="dan", role="owner")
    return world


def test_role_is_read_again_in_the_transaction(world):
    seen = []

    @project_action
    def act(scope):
        seen.append((scope.role, connection.in_atomic_block))

    bob = world.scope(world.bob)
    Membership.objects.filter(user=world.bob).update(role="viewer")
    act(bob)
    assert seen == [("viewer", True)]


def test_former_member_does_nothing_more(world):
    bob = world.scope(world.bob)
    remove_member(world.lead, username="bob")
    with pytest.raises(NotFound):
        project_action(lambda scope: None)(bob)


def test_former_editor_changes_no_code(world):
    ada = world.scope(world.ada)
    remove_member(world.lead, username="ada")
    for act in (
        lambda: create_code(ada, name="Other"),
        lambda: change_code(ada, "failure", name="Other"),
        lambda: delete_code(ada, "failure"),
    ):
        with pytest.raises(NotFound):
            act()


def test_deleted_project_is_not_acted_in(world):
    delete_project(world.lead)
    with pytest.raises(NotFound):
        change_role(world.lead, username="bob", role="viewer")


def test_inner_actions_ask_once(world, django_assert_max_num_queries):
    inner = project_action(lambda scope: scope.can(Permission.MANAGE))
    outer = project_action(lambda scope: [inner(scope) for _ in range(5)])
    with django_assert_max_num_queries(20) as captured:
        assert outer(world.lead) == [True] * 5
    asked = [query for query in captured if "cstoannot_membership" in query["sql"]]
    assert len(asked) == 1


def _make_owner(world, user):
    """The user's scope, as an owner."""
    Membership.objects.update_or_create(
        project_id=world.lead.project_id, user=user, defaults={"role": "owner"}
    )
    return world.scope(user)


def _end_and_act(world, dan, end):
    """Dan's right ends while he uses it in every way; then he tries again."""
    ends = {
        "removed": lambda: remove_member(world.lead, username="dan"),
        "demoted": lambda: change_role(world.lead, username="dan", role="viewer"),
    }
    acts = [
        lambda: change_role(dan, username="dan", role="owner"),
        lambda: add_member(dan, username="dan", role="owner"),
        lambda: create_invitation(dan, role="adjudicator"),
    ]
    at_once(ends[end], *acts, *acts)
    for act in acts:
        with pytest.raises((Forbidden, NotFound)):
            act()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("end", "left"), [("removed", []), ("demoted", ["viewer"])])
def test_owner_cannot_act_against_the_end_of_their_right(both, end, left):
    for _ in range(ROUNDS):
        _end_and_act(both, _make_owner(both, both.dan), end)
        mine = Membership.objects.filter(user=both.dan, project_id=both.lead.project_id)
        assert list(mine.values_list("role", flat=True)) == left
        assert not Invitation.objects.filter(made_by=both.dan, withdrawn_at=None).exists()


def _remove_each_other(alice, dan):
    return at_once(
        lambda: remove_member(alice, username="dan"), lambda: remove_member(dan, username="alice")
    )


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_remove_each_other_leave_one(both):
    for _ in range(ROUNDS):
        answers = _remove_each_other(_make_owner(both, both.alice), _make_owner(both, both.dan))
        assert sum(isinstance(answer, DomainError) for answer in answers) == 1
        owners = Membership.objects.filter(project_id=both.lead.project_id, role="owner")
        assert owners.count() == 1
