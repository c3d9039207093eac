"""Tokens end with what they hang on, and tell their user where they are used."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from cstoannot.accounts.actions import (
    MOST_TOKENS,
    create_token,
    revoke_all_tokens,
    revoke_token,
    set_password,
)
from cstoannot.accounts.models import Token, User
from cstoannot.accounts.queries import find_token, list_working_tokens
from cstoannot.core.errors import Conflict
from tests.annotations.test_concurrency import at_once
from tests.builders import PASSWORD, make_user
from tests.web.pages import text_of

NEW = "Quite another 1"


def _opens(secret: str) -> bool:
    return find_token(secret, now=timezone.now()) is not None


def _with(secret: str, **options: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {secret}"}, **options)


def test_tokens_end_when_the_password_changes(db):
    alice, bob = make_user("alice"), make_user("bob")
    secrets = [create_token(alice)[1], create_token(alice)[1]]
    other = create_token(bob)[1]
    set_password(alice, "another long sentence")
    assert [*map(_opens, secrets), _opens(other)] == [False, False, True]


def test_tokens_end_when_the_password_is_changed_on_the_page(db, client_for):
    alice = make_user("alice")
    _, secret = create_token(alice)
    client = client_for(alice)
    assert "revokes all your API tokens" in text_of(client.get("/account/password/"))
    typed = {
        "oldpassword": PASSWORD,
        "password1": "Quite another 1",
        "password2": "Quite another 1",
    }
    client.post("/account/password/", {**typed, "oldpassword": "wrong"})
    assert _opens(secret)
    assert client.post("/account/password/", typed).status_code == 302
    assert not _opens(secret)


def test_tokens_end_when_the_admin_changes_the_password(db, client_for):
    alice = make_user("alice")
    _, secret = create_token(alice)
    root = client_for(make_user("root", is_staff=True, is_superuser=True))
    typed = {
        "password1": "Quite another 1",
        "password2": "Quite another 1",
        "usable_password": "true",
    }
    answer = root.post(f"/admin/cstoannot/user/{alice.pk}/password/", typed)
    assert answer.status_code == 302
    assert not _opens(secret)


def test_tokens_outlive_a_renewed_hash_and_other_changes(db):
    alice = make_user("alice")
    _, secret = create_token(alice)
    User.objects.filter(pk=alice.pk).update(password=make_password(PASSWORD, salt="older"))
    assert User.objects.get(pk=alice.pk).check_password(PASSWORD)
    alice.first_name = "Alice"
    alice.save()
    assert _opens(secret)


def test_tokens_end_with_the_one_that_made_them(db):
    alice = make_user("alice")
    first, _ = create_token(alice)
    second, _ = create_token(alice, made_with=first)
    _, third = create_token(alice, made_with=second)
    _, other = create_token(alice)
    assert _opens(third)
    revoke_token(alice, key=first.token_key)
    assert (_opens(third), _opens(other)) == (False, True)
    assert Token.objects.count() == 1


def test_all_tokens_are_revoked_at_once_and_nobody_elses(db, client_for):
    alice, bob = make_user("alice"), make_user("bob")
    create_token(alice)
    _, secret = create_token(alice)
    _, other = create_token(bob)
    page = client_for(alice)
    assert "You have 2." in text_of(page.get("/account/tokens/revoke/"))
    assert _opens(secret)
    told = text_of(page.post("/account/tokens/revoke/", follow=True))
    assert "2 tokens were revoked: programs that use them have lost access." in told
    assert (_opens(secret), _opens(other)) == (False, True)
    _, again = create_token(alice)
    assert _with(again).delete("/api/v1/me/tokens/").status_code == 204
    assert not _opens(again)
    assert revoke_all_tokens(alice) == 0
    create_token(alice)
    told = text_of(page.post("/account/tokens/revoke/", follow=True))
    assert "1 token was revoked: programs that use it have lost access." in told


def test_nobody_has_more_tokens_than_twenty(db, client_for):
    alice, bob = make_user("alice"), make_user("bob")
    tokens = [create_token(alice)[0] for _ in range(MOST_TOKENS)]
    with pytest.raises(Conflict, match="You have 20 active tokens"):
        create_token(alice)
    answer = client_for(alice).post("/api/v1/me/tokens/", {}, content_type="application/json")
    assert (answer.status_code, Token.objects.count()) == (409, MOST_TOKENS)
    refused = text_of(client_for(alice).post("/account/tokens/", {"days": 3, "read_only": "yes"}))
    assert "Revoke one that you do not use" in refused
    create_token(bob)
    Token.objects.filter(pk=tokens[0].pk).update(expiry=timezone.now() - timedelta(days=1))
    create_token(alice)


@pytest.mark.django_db(transaction=True)
def test_tokens_made_at_once_are_no_more_than_twenty(transactional_db):
    alice = make_user("alice")
    for _ in range(MOST_TOKENS - 2):
        create_token(alice)
    answers = at_once(*[lambda: create_token(alice)] * 6)
    assert sum(isinstance(answer, Conflict) for answer in answers) == 4
    assert Token.objects.count() == MOST_TOKENS


def test_token_tells_when_and_from_where_it_was_used(db, client_for):
    alice = make_user("alice")
    first, secret = create_token(alice, name="nightly")
    page = client_for(alice)
    assert "not used yet" in text_of(page.get("/account/tokens/"))
    before = timezone.now()
    made = _with(secret, REMOTE_ADDR="198.51.100.7").post(
        "/api/v1/me/tokens/", {}, content_type="application/json"
    )
    assert made.json()["made_with"] == first.token_key
    rows = {row["key"]: row for row in page.get("/api/v1/me/tokens/").json()["results"]}
    shown = rows[first.token_key]
    assert (shown["last_address"], shown["made_with"]) == ("198.51.100.7", None)
    assert list_working_tokens(alice, now=before).get(pk=first.pk).last_used_at >= before
    told = text_of(page.get("/account/tokens/"))
    assert "from 198.51.100.7" in told
    assert "created with the token nightly" in told


def test_use_is_noted_once_a_minute(db, django_assert_num_queries):
    _, secret = create_token(make_user("alice"))
    client = _with(secret)
    client.get("/api/v1/me/")
    with django_assert_num_queries(2):
        client.get("/api/v1/me/")
    Token.objects.update(last_used_at=None)
    client.get("/api/v1/me/")
    assert Token.objects.get().last_used_at is None
    cache.clear()
    client.get("/api/v1/me/")
    assert Token.objects.get().last_used_at is not None


def test_command_makes_no_more_than_others(db):
    make_user("alice")
    for _ in range(MOST_TOKENS):
        call_command("create_token", "alice")
    with pytest.raises(Exception, match="You have 20 active tokens"):
        call_command("create_token", "alice")
