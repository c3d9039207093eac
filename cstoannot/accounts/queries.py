from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet
from knox.crypto import hash_token

from cstoannot.accounts.models import APART, Token, User
from cstoannot.core.errors import NotFound


def list_working_tokens(user: User, *, now: datetime) -> QuerySet[Token]:
    """Return the user's valid tokens, newest first."""
    found = Token.objects.filter(Q(expiry__isnull=True) | Q(expiry__gt=now), user=user)
    return found.select_related("made_with")


def require_own_token(user: User, *, key: str, now: datetime) -> Token:
    """Return one of the user's valid tokens by its public key; raise NotFound."""
    found = (
        None if "\x00" in key else list_working_tokens(user, now=now).filter(token_key=key).first()
    )
    if found is None:
        raise NotFound("You have no such token.")
    return found


# Runs on every request with a token. Plain SQL, because building a queryset takes sixteen times as
# long as the query (docs/decisions/0003-plain-sql-on-the-way-of-a-save.md).
_FIND_TOKEN = """
    SELECT t.token_key, t.read_only, u.id, u.username, u.first_name, u.last_name
    FROM cstoannot_token t JOIN cstoannot_user u ON u.id = t.user_id
    WHERE t.digest = %s AND (t.expiry IS NULL OR t.expiry > %s) AND u.is_active
"""
_KNOWN_OF_USER = ("id", "username", "first_name", "last_name", "is_active")


def find_token(secret: str, *, now: datetime) -> Token | None:
    """Return the valid token with this secret and its user, in one query.

    Other fields are deferred.
    """
    digest = hash_token(secret)
    with connection.cursor() as cursor:
        cursor.execute(_FIND_TOKEN, [digest, connection.ops.adapt_datetimefield_value(now)])
        row = cursor.fetchone()
    if row is None:
        return None
    key, read_only, *person = row
    known = dict(zip(_KNOWN_OF_USER, [*person, True], strict=True))
    fields = [field.attname for field in User._meta.concrete_fields if field.attname in known]
    user = User.from_db(connection.alias, fields, [known[name] for name in fields])
    return Token(digest=digest, token_key=key, read_only=bool(read_only), user=user)


def load_usernames(ids: Iterable[int]) -> dict[int, str]:
    """Return the names of these users and outsiders, by primary key."""
    return dict(User.everybody.filter(pk__in=ids).values_list("pk", "username"))


def may_restore_archives(user: User, restoring: str) -> bool:
    """Return whether the user may restore archives on the page, by the setting `restoring`."""
    return restoring == "everybody" or (restoring == "staff" and user.is_staff)


def explain_name_refusal(username: str, *, but: User | None = None) -> str:
    """Return why nobody except `but` can have this name; empty if it is free."""
    return User.objects.explain_name_refusal(username, but=but)


def list_similar_usernames() -> list[tuple[str, str]]:
    """Return pairs of similar account names, which older versions allowed."""
    found = []
    for later in User.objects.filter(likeness__contains=APART).order_by("pk"):
        first = User.objects.filter(likeness=later.likeness.partition(APART)[0]).first()
        found.append((later.username, first.username if first else ""))
    return found


def find_user(username: str) -> User | None:
    return User.objects.filter(username=username, is_active=True).first()


def load_users_by_name(usernames: Iterable[str]) -> dict[str, User]:
    """Return those users of these names who have an account here, active or not."""
    found: dict[str, User] = {}
    names = list(usernames)
    for first in range(0, len(names), 500):
        some = User.objects.filter(username__in=names[first : first + 500])
        found |= {user.username: user for user in some}
    return found
