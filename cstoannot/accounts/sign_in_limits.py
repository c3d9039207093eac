"""Limits of attempts to log in by account, device and address, and the cookie of known devices.

The signed cookie names the people who have logged in on a device.
"""

import hashlib
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner


@dataclass(frozen=True)
class SignInAllowance:
    """`attempts` at once, and one more every `seconds`."""

    kind: str
    attempts: int
    seconds: float


# From anywhere: at most 1,440 guesses a day.
ACCOUNT = SignInAllowance("account", attempts=5, seconds=60)
# On a device on which the user has logged in before.
DEVICE = SignInAllowance("device", attempts=10, seconds=10)


def build_address_allowance() -> SignInAllowance:
    """Return the limit by address; high enough for a class that logs in from one address."""
    return SignInAllowance("address", attempts=settings.SIGN_IN_FAILURES, seconds=1)


COOKIE = "device"
LIFE = 180 * 24 * 3600  # seconds
MOST_PEOPLE = 10  # of one browser, for example in a seminar room
_SIGNER = TimestampSigner(salt="cstoannot.accounts.sign_in_limits")


def _read_device_cookie(cookie: str) -> list[str]:
    """Return the device's id, then a hash for each person; empty for an invalid cookie."""
    try:
        return _SIGNER.unsign(cookie, max_age=LIFE).split(".")
    except BadSignature:
        return []


def _hash_username(username: str) -> str:
    return hashlib.blake2b(username.lower().encode(), digest_size=12).hexdigest()


def find_known_device(cookie: str, username: str) -> str | None:
    """Return the device's id if this person has logged in on it."""
    device, *people = _read_device_cookie(cookie) or [""]
    return device if _hash_username(username) in people else None


def add_person_to_cookie(cookie: str, username: str) -> str:
    """Return the device's cookie after this person has logged in on it."""
    device, *people = _read_device_cookie(cookie) or [secrets.token_hex(12)]
    others = [one for one in people if one != _hash_username(username)]
    latest = [*others, _hash_username(username)][-MOST_PEOPLE:]
    return _SIGNER.sign(".".join([device, *latest]))
