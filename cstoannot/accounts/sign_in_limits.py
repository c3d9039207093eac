"""How many attempts to sign in an account, a device and an address have, and which devices are
known. A signed cookie holds the people who have signed in on a device.
"""

import hashlib
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner


@dataclass(frozen=True)
class SignInAllowance:
    """So many attempts at once, and one more each time that `seconds` have passed."""

    kind: str
    attempts: int
    seconds: float


# Guesses from anywhere: 1,440 a day at most, against passwords that are not common ones.
ACCOUNT = SignInAllowance("account", attempts=5, seconds=60)
# The account's own people, on a device on which they have signed in before.
DEVICE = SignInAllowance("device", attempts=10, seconds=10)


def build_address_allowance() -> SignInAllowance:
    """A whole class signs in from one address, and mistypes."""
    return SignInAllowance("address", attempts=settings.SIGN_IN_FAILURES, seconds=1)


COOKIE = "device"
LIFE = 180 * 24 * 3600  # seconds
MOST_PEOPLE = 10  # of one browser, such as in a seminar room
_SIGNER = TimestampSigner(salt="cstoannot.accounts.sign_in_limits")


def _read_device_cookie(cookie: str) -> list[str]:
    """The device's own name, then a hash for each person; empty for a cookie that is not ours."""
    try:
        return _SIGNER.unsign(cookie, max_age=LIFE).split(".")
    except BadSignature:
        return []


def _hash_username(username: str) -> str:
    return hashlib.blake2b(username.lower().encode(), digest_size=12).hexdigest()


def find_known_device(cookie: str, username: str) -> str | None:
    """The device's name, if this person has signed in on it."""
    device, *people = _read_device_cookie(cookie) or [""]
    return device if _hash_username(username) in people else None


def add_person_to_cookie(cookie: str, username: str) -> str:
    """The device's cookie after this person has signed in on it."""
    device, *people = _read_device_cookie(cookie) or [secrets.token_hex(12)]
    others = [one for one in people if one != _hash_username(username)]
    latest = [*others, _hash_username(username)][-MOST_PEOPLE:]
    return _SIGNER.sign(".".join([device, *latest]))
