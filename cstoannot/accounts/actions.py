from datetime import datetime, timedelta
from typing import Literal

from django.utils import timezone

from cstoannot.accounts.models import Token, User
from cstoannot.accounts.queries import explain_name_refusal, list_working_tokens
from cstoannot.core.errors import Conflict, Forbidden, Invalid, NotFound
from cstoannot.core.fields import clean_line
from cstoannot.database.transactions import atomic_with_retry

USUAL_LIFE_DAYS = 365
LONGEST_LIFE_DAYS = 3650
LONGEST_NAME = 100
MOST_TOKENS = 20  # valid ones of one user


@atomic_with_retry
def create_token(
    user: User,
    *,
    name: str = "",
    days: int | Literal["usual"] | None = "usual",
    read_only: bool = False,
    made_with: Token | None = None,
) -> tuple[Token, str]:
    """Create a token; return it and its secret, which cannot be shown again.

    `days`: its lifetime; None means that it does not expire. By default 365 days, or the lifetime
    left of the token `made_with`. Raises Invalid for a lifetime outside 1 to 3650 days, Forbidden
    for more rights or a longer lifetime than that token's, Conflict if the user has MOST_TOKENS.
    """
    name = clean_line(name, field="name", longest=LONGEST_NAME)
    life = USUAL_LIFE_DAYS if days == "usual" else days
    if life is not None and not 1 <= life <= LONGEST_LIFE_DAYS:
        raise Invalid("A token can be valid for 1 to 3650 days.", field="days")
    expiry = None if life is None else timedelta(days=life)
    if made_with is not None:
        left = _compute_remaining_life(made_with)
        if days == "usual" and expiry and left:
            expiry = min(expiry, left - timedelta(seconds=1))
        _check_derived_token(made_with, expiry, left, read_only=read_only)
    _check_token_count(user)
    token, secret = Token.objects.create(
        user, expiry=expiry, name=name, read_only=read_only, made_with=made_with
    )
    return token, secret


def _check_token_count(user: User) -> None:
    # Lock the user: a concurrent request waits, and counts this token.
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
    if list_working_tokens(user, now=timezone.now()).count() >= MOST_TOKENS:
        raise Conflict(
            f"You have {MOST_TOKENS} active tokens, which is the maximum. Revoke one that you do "
            f"not use."
        )


def _compute_remaining_life(token: Token) -> timedelta | None:
    """Return the token's lifetime left; authentication loads a token without its expiry."""
    end = Token.objects.get(pk=token.pk).expiry
    return end - timezone.now() if end else None


def _check_derived_token(
    made_with: Token, expiry: timedelta | None, left: timedelta | None, *, read_only: bool
) -> None:
    if made_with.read_only and not read_only:
        raise Forbidden("A read-only token cannot create a token that may write.")
    if left and (expiry is None or expiry > left):
        raise Forbidden(
            f"A token cannot create one that expires later than itself: choose an end before "
            f"{timezone.now() + left:%d %b %Y}, or create the token on the page Tokens.",
            field="days",
        )


def revoke_token(user: User, *, key: str) -> None:
    """Revoke one of the user's own tokens, given by its public key, and those made with it."""
    mine = Token.objects.filter(user=user)
    deleted, _ = (0, {}) if "\x00" in key else mine.filter(token_key=key).delete()
    if not deleted:
        raise NotFound("You have no such token.")


def revoke_all_tokens(user: User) -> int:
    """Revoke all of the user's tokens; return how many were valid."""
    count = list_working_tokens(user, now=timezone.now()).count()
    Token.objects.filter(user=user).delete()
    return count


@atomic_with_retry
def record_token_use(token: Token, *, at: datetime, address: str) -> None:
    """Store when and from which address a token was last used, for its user to see."""
    Token.objects.filter(pk=token.pk).update(last_used_at=at, last_address=address[:45])


@atomic_with_retry
def ensure_user(username: str, *, full_name: str = "") -> tuple[User, bool]:
    """Return the user of this name and whether it is new: created without a usable password."""
    user = User.objects.filter(username=username).first()
    if user:
        return user, False
    user = User(username=username, first_name=full_name)
    user.set_unusable_password()
    user.full_clean(exclude=["likeness"])
    _check_username(username)
    user.save()
    return user, True


def _check_username(username: str) -> None:
    if why := explain_name_refusal(username):
        raise Invalid(why, field="username")


def set_password(user: User, password: str) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])
