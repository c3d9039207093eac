"""A project always has an owner who can sign in, whatever becomes of accounts."""

import pytest
from django.db import connection
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext

from cstoannot.accounts.models import User
from cstoannot.core.errors import Conflict
from cstoannot.projects.actions import add_member, change_role, delete_project, remove_member
from cstoannot.projects.models import Membership
from tests.builders import make_project, make_user
from tests.web.pages import text_of


@pytest.fixture
def owner(db):
    """Erin, who owns a project alone and has coded nothing."""
    erin = make_user("erin")
    return make_project(erin, "Alone")


@pytest.fixture
def root(db, client_for):
    return client_for(make_user("root", is_staff=True, is_superuser=True))


def test_last_owners_account_is_not_deleted(owner):
    with pytest.raises(ProtectedError, match="protected"):
        owner.user.delete()
    with pytest.raises(ProtectedError):
        User.objects.filter(pk=owner.user_id).delete()
    assert Membership.objects.filter(project=owner.project).exists()
    make_user("fred")
    add_member(owner, username="fred", role="owner")
    with pytest.raises(ProtectedError):
        User.objects.filter(username__in=["erin", "fred"]).delete()
    owner.user.delete()
    assert list(Membership.objects.values_list("user__username", "role")) == [("fred", "owner")]


def test_owner_who_cannot_sign_in_is_no_successor(owner):
    make_user("fred")
    add_member(owner, username="fred", role="owner")
    User.objects.filter(username="fred").update(is_active=False)
    with pytest.raises(ProtectedError):
        owner.user.delete()
    for act in (
        lambda: remove_member(owner, username="erin"),
        lambda: change_role(owner, username="erin", role="viewer"),
    ):
        with pytest.raises(Conflict, match="needs an owner"):
            act()
    remove_member(owner, username="fred")


def test_others_and_owners_of_deleted_projects_can_go(owner):
    make_user("vic")
    add_member(owner, username="vic", role="viewer")
    User.objects.get(username="vic").delete()
    delete_project(owner)
    owner.project.events.all()._raw_delete("default")
    owner.user.delete()


def test_admin_says_who_has_to_be_made_owner_first(owner, root):
    path = f"/admin/cstoannot/user/{owner.user_id}/delete/"
    assert "“Alone” (alone) has no other owner than erin" in text_of(root.get(path))
    assert root.post(path, {"post": "yes"}).status_code == 200
    picked = {"action": "delete_selected", "_selected_action": [owner.user_id], "post": "yes"}
    assert "“Alone” (alone)" in text_of(root.post("/admin/cstoannot/user/", picked))
    assert User.objects.filter(username="erin").exists()


def test_admin_does_not_close_the_last_owners_account(owner, root):
    path = f"/admin/cstoannot/user/{owner.user_id}/change/"
    typed = {"username": "erin", "date_joined_0": "2026-01-01", "date_joined_1": "10:00"}
    assert "make another member an owner first" in text_of(root.post(path, typed))
    assert User.objects.get(username="erin").is_active
    assert root.post(path, {**typed, "is_active": "on", "first_name": "E"}).status_code == 302
    make_user("fred")
    add_member(owner, username="fred", role="owner")
    assert root.post(path, typed).status_code == 302
    assert not User.objects.get(username="erin").is_active


def test_who_owns_many_projects_alone_is_refused_in_as_many_queries(db):
    counts = []
    for number in (1, 3):
        gina = make_user(f"gina-{number}")
        for name in range(number):
            make_project(gina, f"P {number} {name}")
        with CaptureQueriesContext(connection) as queries, pytest.raises(ProtectedError):
            gina.delete()
        counts.append(len(queries))
    assert counts[0] == counts[1]
