"""The door: members come in as what they are, everybody else finds nothing."""

import pytest
from django.contrib.auth.models import AnonymousUser

from cstoannot.core.errors import Forbidden, NotFound
from cstoannot.projects.models import Role
from cstoannot.projects.permissions import READER, ROLES, Permission, list_permissions
from cstoannot.projects.scope import open_project

# Rights by role, in the order of the roles: owner, adjudicator, annotator, viewer.
MAY = {
    Permission.VIEW: "yes yes yes yes",
    Permission.MANAGE: "yes no no no",
    Permission.EDIT_SOURCES: "yes yes no no",
    Permission.EDIT_CODEBOOK: "yes yes no no",
    Permission.ANNOTATE: "yes yes yes no",
    Permission.SEE_ALL_SOURCES: "yes yes no yes",
    Permission.SEE_ALL_CODING: "yes yes no no",
    Permission.SEE_AGREEMENT: "yes yes yes no",
    Permission.DECIDE: "yes yes no no",
    Permission.SEE_RESULTS: "yes yes no no",
    Permission.READ_ARTICLES: "yes yes yes yes",
}


def test_roles_may_what_the_design_says():
    said = {
        permission: " ".join("yes" if permission in ROLES[role] else "no" for role in Role.values)
        for permission in Permission
    }
    assert said == MAY
    assert set(ROLES) == set(Role.values)


@pytest.mark.parametrize(("results", "articles"), [(False, False), (True, False), (True, True)])
def test_results_are_open_to_viewers_and_readers_by_link_only_when_opened(results, articles):
    asked = {"results": results, "articles": articles}
    for role in Role.values:
        more = {Permission.SEE_RESULTS} if results and role == "viewer" else set()
        assert list_permissions(role, **asked) == ROLES[role] | more
    may = {Permission.VIEW, Permission.SEE_ALL_SOURCES}
    may |= {Permission.SEE_RESULTS} if results else set()
    may |= {Permission.READ_ARTICLES} if articles else set()
    assert list_permissions(READER, **asked) == may


@pytest.mark.parametrize(
    ("name", "role"),
    [("alice", "owner"), ("ada", "adjudicator"), ("bob", "annotator"), ("vera", "viewer")],
)
def test_door_opens_to_members_as_what_they_are(world, name, role, django_assert_num_queries):
    with django_assert_num_queries(1):
        scope = open_project(getattr(world, name), world.slug)
    assert (scope.role, scope.project, scope.user.username) == (role, world.lead.project, name)
    assert scope.project.open_sources is False


@pytest.mark.parametrize("name", ["charlie", "dan"])
@pytest.mark.parametrize("slug", ["alliances", "nowhere", "", "alliances\x00", "ALLIANCES", "%"])
def test_door_is_not_there_for_strangers(world, name, slug):
    with pytest.raises(NotFound) as refusal:
        open_project(getattr(world, name), slug)
    assert refusal.value.message == "There is no such project, or you are not a member of it."


def test_door_is_not_there_for_nobody_and_for_those_shut_out(world):
    world.bob.is_active = False
    for user in (AnonymousUser(), world.bob):
        with pytest.raises(NotFound):
            open_project(user, world.slug)


def test_door_asks_for_the_permission(world):
    assert open_project(world.alice, world.slug, Permission.MANAGE).role == "owner"
    with pytest.raises(Forbidden, match="With the role annotator you may not change"):
        open_project(world.bob, world.slug, Permission.MANAGE)
    with pytest.raises(NotFound):
        open_project(world.dan, world.slug, Permission.MANAGE)


def test_superuser_is_a_stranger_like_any_other(world):
    world.dan.is_superuser = world.dan.is_staff = True
    world.dan.save()
    with pytest.raises(NotFound):
        open_project(world.dan, world.slug)
