"""Users, and the tokens of their programs."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from cstoannot.accounts.actions import create_token, ensure_user, revoke_token
from cstoannot.accounts.models import Token
from cstoannot.accounts.queries import find_token, find_user, list_working_tokens
from cstoannot.core.errors import Forbidden, Invalid, NotFound
from tests.builders import make_user


def test_user_is_made_once(db):
    first, new = ensure_user("alice", full_name="Alice A.")
    assert (new, first.display_name, first.has_usable_password()) == (True, "Alice A.", False)
    assert ensure_user("alice") == (first, False)
    assert make_user("bob").display_name == "bob"


@pytest.mark.parametrize("username", ["", "a b", "x" * 151, "a/b"])
def test_user_with_a_name_that_is_none_is_refused(db, username):
    with pytest.raises(ValidationError):
        ensure_user(username)


def test_user_who_may_not_sign_in_is_not_found(db):
    make_user("alice", is_active=False)
    assert (find_user("alice"), find_user("nobody")) == (None, None)


def test_token_opens_until_it_ends(db):
    alice, now = make_user("alice"), timezone.now()
    token, secret = create_token(alice, name="script", days=1)
    assert find_token(secret, now=now) == token
    assert find_token(secret, now=now + timedelta(days=2)) is None
    assert find_token(secret[:-1] + "0", now=now) in {None, token}
    assert find_token("", now=now) is None


def test_token_is_kept_as_a_hash(db):
    token, secret = create_token(make_user("alice"))
    stored = Token.objects.values().get(pk=token.pk)
    assert secret not in "".join(map(str, stored.values()))
    assert len(stored["digest"]) >= 64


def test_token_of_a_user_who_may_not_sign_in_opens_nothing(db):
    alice = make_user("alice")
    _, secret = create_token(alice)
    alice.is_active = False
    alice.save()
    assert find_token(secret, now=timezone.now()) is None


def test_tokens_are_listed_and_revoked_by_their_user_only(db):
    alice, bob, now = make_user("alice"), make_user("bob"), timezone.now()
    (mine, secret), (theirs, _) = create_token(alice), create_token(bob)
    assert list(list_working_tokens(alice, now=now)) == [mine]
    for key in (theirs.token_key, "nothing", "a\x00"):
        with pytest.raises(NotFound):
            revoke_token(alice, key=key)
    revoke_token(alice, key=mine.token_key)
    assert find_token(secret, now=now) is None
    assert list(list_working_tokens(bob, now=now)) == [theirs]


@pytest.mark.parametrize("days", [0, -1, 3651])
def test_token_with_a_life_that_is_none_is_refused(db, days):
    with pytest.raises(Invalid) as refusal:
        create_token(make_user("alice"), days=days)
    assert refusal.value.field == "days"


def test_token_makes_none_that_may_more_or_lives_longer(db):
    alice = make_user("alice")
    reading, _ = create_token(alice, read_only=True)
    short, _ = create_token(alice, days=2)
    for made_with, wanted in (
        (reading, {"read_only": False, "days": 1}),
        (short, {"days": 3}),
        (short, {"days": None}),
    ):
        with pytest.raises(Forbidden):
            create_token(alice, made_with=made_with, **wanted)
    create_token(alice, made_with=reading, read_only=True, days=1)
    create_token(alice, made_with=short, days=1)
