"""Which devices somebody has signed in on: a signed cookie tells, which nobody else can make."""

import hashlib
import secrets

from django.core.signing import BadSignature, TimestampSigner

COOKIE = "device"
LIFE = 180 * 24 * 3600  # seconds
MOST_PEOPLE = 10  # of one browser, such as in a seminar room
_SIGNER = TimestampSigner(salt="cstoannot.accounts.attempts.devices")


def _people(cookie: str) -> list[str]:
    """The device's own name, then a hash for each person; empty for a cookie that is not ours."""
    try:
        return _SIGNER.unsign(cookie, max_age=LIFE).split(".")
    except BadSignature:
        return []


def _hash(username: str) -> str:
    return hashlib.blake2b(username.lower().encode(), digest_size=12).hexdigest()


def known_device(cookie: str, username: str) -> str | None:
    """The device's name, if this person has signed in on it."""
    device, *people = _people(cookie) or [""]
    return device if _hash(username) in people else None


def add_person(cookie: str, username: str) -> str:
    """The device's cookie after this person has signed in on it."""
    device, *people = _people(cookie) or [secrets.token_hex(12)]
    others = [one for one in people if one != _hash(username)]
    latest = [*others, _hash(username)][-MOST_PEOPLE:]
    return _SIGNER.sign(".".join([device, *latest]))
