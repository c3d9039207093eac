"""Whoever has an account is told apart from everybody else by their user name."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from cstoannot.accounts.actions import ensure_user
from cstoannot.accounts.models import APART, User
from cstoannot.accounts.queries import list_similar_usernames
from cstoannot.core.errors import Invalid
from tests.annotations.test_concurrency import at_once
from tests.builders import make_user
from tests.web.pages import text_of

ALIKE = ["Alice", "ALICE", "\u0430lice", "al\u0456ce"]


@pytest.fixture
def root(db, client_for):
    return client_for(make_user("root", is_staff=True, is_superuser=True))


@pytest.mark.parametrize("name", ALIKE)
def test_name_that_looks_like_another_is_refused(db, name):
    make_user("alice")
    bob = make_user("bob")
    with pytest.raises(Invalid, match="“alice” has an account here"):
        ensure_user(name)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username=name)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=bob.pk).update(likeness="alice")
    assert sorted(User.objects.values_list("username", flat=True)) == ["alice", "bob"]


def test_database_refuses_a_user_without_likeness(db):
    make_user("alice")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.update(likeness=None)


def test_names_that_differ_are_taken(db):
    for name in ("alice", "alicia", "al1ce", "alice2", "алиса"):
        ensure_user(name)
    assert User.objects.count() == 5


def test_outsider_from_an_archive_may_be_called_like_somebody(db):
    make_user("alice")
    for name in ("Alice", "alice"):
        User.everybody.create(username=name, is_outsider=True, is_active=False)
    with pytest.raises(Invalid):
        ensure_user("ALICE")


@pytest.mark.django_db(transaction=True)
def test_two_spellings_at_once_are_one_account(transactional_db):
    def make(name):
        try:
            return ensure_user(name)
        except IntegrityError as error:
            return error

    at_once(*(lambda name=name: make(name) for name in ("alice", "Alice", "ALICE", "aLice")))
    assert User.objects.count() == 1


def test_admin_refuses_a_likeness_in_words(root):
    alice, bob = make_user("alice"), make_user("bob")
    typed = {
        "password1": "Quite another 1",
        "password2": "Quite another 1",
        "usable_password": "true",
    }
    refused = root.post("/admin/cstoannot/user/add/", {"username": "\u0430lice", **typed})
    assert "looks like it" in text_of(refused)
    assert root.post("/admin/cstoannot/user/add/", {"username": "eve", **typed}).status_code == 302
    page = root.get(f"/admin/cstoannot/user/{bob.pk}/change/")
    form = page.context["adminform"].form
    stored = {k: "" if v is None else v for k, v in form.initial.items() if k != "last_login"}
    stored |= {"date_joined_0": "2026-01-01", "date_joined_1": "10:00", "is_active": "on"}
    for name in ("groups", "user_permissions", "is_staff", "is_superuser"):
        stored.pop(name, None)
    path = f"/admin/cstoannot/user/{bob.pk}/change/"
    assert "looks like it" in text_of(root.post(path, {**stored, "username": "Alice"}))
    assert root.post(path, {**stored, "username": "Bob"}).status_code == 302
    bob.refresh_from_db()
    assert (bob.username, bob.likeness, alice.likeness) == ("Bob", "bob", "alice")


def test_doubles_from_before_are_kept_and_listed(db, capsys):
    make_user("alice")
    double = User(username="Alice", likeness=f"alice{APART}7")
    double.save()
    double.first_name = "Alice"
    double.save()
    assert list_similar_usernames() == [("Alice", "alice")]
    call_command("list_similar_names")
    assert "Alice looks like alice" in capsys.readouterr().out
    double.username = "alison"
    double.save()
    assert list_similar_usernames() == []


@pytest.mark.parametrize("name", ALIKE)
def test_command_makes_no_superuser_who_looks_like_somebody(db, name):
    make_user("alice")
    with pytest.raises(CommandError, match="“alice” has an account here"):
        call_command("createsuperuser", username=name, email="a@example.org", interactive=False)
    assert User.objects.count() == 1
    call_command("createsuperuser", username="root", email="a@example.org", interactive=False)
    assert User.objects.get(username="root").is_superuser
