"""Projects, their settings and their members."""

import pytest

from cstoannot.core.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from cstoannot.core.fields import expect_version
from cstoannot.projects.actions import (
    add_member,
    change_project,
    change_role,
    create_project,
    delete_project,
    remove_member,
)
from cstoannot.projects.models import Membership, Project, Role
from cstoannot.projects.queries import list_memberships, require_member, visible_members
from cstoannot.projects.scope import open_project
from tests.builders import make_project, make_user


def _roles(world) -> dict[str, str]:
    members = Membership.objects.filter(project=world.lead.project)
    return dict(members.values_list("user__username", "role"))


def test_project_belongs_to_whoever_makes_it(db):
    scope = make_project(make_user("alice"), "Статьи 4 & 5")
    assert (scope.role, scope.project.visibility, scope.project.open_sources) == (
        "owner",
        "own",
        False,
    )
    assert open_project(scope.user, scope.project.slug) == scope


@pytest.mark.parametrize(
    ("name", "slugs"),
    [
        ("Two words", ["two-words", "two-words-2", "two-words-3"]),
        ("Արցախ", ["artsakh", "artsakh-2", "artsakh-3"]),
        ("New", ["new-2", "new-3", "new-4"]),
        ("x" * 200, ["x" * 50, "x" * 50 + "-2", "x" * 50 + "-3"]),
    ],
)
def test_project_gets_a_free_slug_from_its_name(db, name, slugs):
    alice = make_user("alice")
    made = [create_project(alice, name=name).project.slug for _ in range(3)]
    assert made == slugs or (name == "New" and len(set(made)) == 3 and "new" not in made)


@pytest.mark.parametrize("slug", ["new", "Two", "two words", "a/b", "x" * 61, "-", "é"])
def test_project_with_a_slug_that_is_none_is_refused(db, slug):
    with pytest.raises(Invalid) as refusal:
        create_project(make_user("alice"), name="A", slug=slug)
    assert refusal.value.field == "slug"


def test_project_with_the_slug_of_another_is_refused(world):
    with pytest.raises(Conflict) as refusal:
        create_project(world.dan, name="A", slug=world.slug)
    assert refusal.value.field == "slug"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"visibility": "none"}, "visibility"),
        ({"guidelines": "\x00"}, "guidelines"),
    ],
)
def test_project_with_settings_that_mean_nothing_is_refused(world, changes, field):
    for act in (
        lambda: change_project(world.lead, **changes),
        lambda: create_project(world.dan, **{"name": "B", **changes}),
    ):
        with pytest.raises(Invalid) as refusal:
            act()
        assert refusal.value.field == field


def test_settings_changed_from_an_old_version_are_refused(world):
    assert change_project(world.lead, name="Unions", expected=expect_version(1)).version == 2
    with pytest.raises(Stale) as refusal:
        change_project(world.lead, name="Pacts", expected=expect_version(1))
    assert refusal.value.current.name == "Unions"


def test_deleted_project_is_gone_for_everybody_and_its_data_stay(world):
    delete_project(world.lead)
    for user in (world.alice, world.bob, world.vera):
        assert list(list_memberships(user)) == []
        with pytest.raises(NotFound):
            world.scope(user)
    assert Project.objects.get(slug=world.slug).annotations.count() == 5


@pytest.mark.parametrize("name", ["ada", "bob", "vera"])
def test_settings_and_members_are_the_owners(world, name):
    scope = world.scope(getattr(world, name))
    before = _roles(world)
    for act in (
        lambda: change_project(scope, name="Mine"),
        lambda: delete_project(scope),
        lambda: add_member(scope, username="dan", role="owner"),
        lambda: change_role(scope, username=name, role="owner"),
        lambda: remove_member(scope, username="alice"),
    ):
        with pytest.raises(Forbidden):
            act()
    assert _roles(world) == before


def test_member_is_added_changed_and_removed(world):
    add_member(world.lead, username="dan", role=Role.VIEWER)
    assert world.scope(world.dan).role == "viewer"
    change_role(world.lead, username="dan", role=Role.ADJUDICATOR)
    assert world.scope(world.dan).role == "adjudicator"
    remove_member(world.lead, username="dan")
    with pytest.raises(NotFound):
        world.scope(world.dan)


@pytest.mark.parametrize(
    ("username", "role", "kind", "field"),
    [
        ("bob", "viewer", Conflict, "username"),
        ("nobody", "viewer", Invalid, "username"),
        ("", "viewer", Invalid, "username"),
        ("d\x00n", "viewer", Invalid, "username"),
        ("dan", "boss", Invalid, "role"),
    ],
)
def test_member_that_cannot_be_added_is_refused(world, username, role, kind, field):
    before = _roles(world)
    with pytest.raises(kind) as refusal:
        add_member(world.lead, username=username, role=role)
    assert (refusal.value.field, _roles(world)) == (field, before)


def test_member_who_may_not_sign_in_is_refused(world):
    make_user("gone", is_active=False)
    with pytest.raises(Invalid):
        add_member(world.lead, username="gone", role="viewer")


def test_last_owner_stays(world):
    for act in (
        lambda: change_role(world.lead, username="alice", role="viewer"),
        lambda: remove_member(world.lead, username="alice"),
    ):
        with pytest.raises(Conflict):
            act()
    change_role(world.lead, username="ada", role="owner")
    change_role(world.lead, username="alice", role="viewer")
    assert (_roles(world)["ada"], _roles(world)["alice"]) == ("owner", "viewer")


def test_member_of_another_project_is_out_of_reach(world):
    for act in (
        lambda: require_member(world.lead, "charlie"),
        lambda: change_role(world.lead, username="charlie", role="viewer"),
        lambda: remove_member(world.lead, username="charlie"),
    ):
        with pytest.raises(NotFound):
            act()
    assert open_project(world.charlie, world.elsewhere.project.slug).role == "owner"


def test_members_are_shown_by_who_asks(world):
    def shown(user) -> list[str]:
        return [member.user.username for member in visible_members(world.scope(user))]

    assert shown(world.alice) == ["ada", "alice", "beth", "bob", "vera"]
    assert shown(world.bob) == ["ada", "alice", "bob"]
    assert shown(world.vera) == ["ada", "alice", "vera"]
