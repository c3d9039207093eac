"""Count attempts to log in before the password is checked; uncount them if it is correct."""

import hashlib
import time
from math import ceil

from django.db import connection

from cstoannot.accounts.models import SignInAttempts
from cstoannot.accounts.sign_in_limits import SignInAllowance
from cstoannot.database.transactions import atomic_with_retry

FORGOTTEN = 600  # seconds after which every level is back at zero

_COUNT = """
    INSERT INTO cstoannot_signinattempts AS kept (key, level, at) VALUES (%(key)s, 1, %(now)s)
    ON CONFLICT (key) DO UPDATE SET at = %(now)s, level = 1 + CASE
        WHEN kept.level > (%(now)s - kept.at) / %(seconds)s
        THEN kept.level - (%(now)s - kept.at) / %(seconds)s ELSE 0 END
    WHERE kept.level - (%(now)s - kept.at) / %(seconds)s <= %(attempts)s - 1
    RETURNING level
"""


@atomic_with_retry
def count_attempt(allowance: SignInAllowance, who: str) -> int:
    """Count an attempt and return 0; or return the seconds to wait if there were too many."""
    now, key = time.time(), _hash_bucket_key(allowance, who)
    _delete_expired_levels(now)
    facts: dict[str, str | float] = {
        "key": key,
        "now": now,
        "seconds": allowance.seconds,
        "attempts": allowance.attempts,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, facts)
        if cursor.fetchone():
            return 0
    found = SignInAttempts.objects.get(pk=key)
    level = found.level - (now - found.at) / allowance.seconds
    wait = (level - allowance.attempts + 1) * allowance.seconds
    return max(1, ceil(round(wait, 3)))


@atomic_with_retry
def uncount_attempt(allowance: SignInAllowance, who: str) -> None:
    """Uncount an attempt whose password was correct."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cstoannot_signinattempts SET level = CASE WHEN level > 1 THEN level - 1 "
            "ELSE 0 END WHERE key = %s",
            [_hash_bucket_key(allowance, who)],
        )


def _hash_bucket_key(allowance: SignInAllowance, who: str) -> str:
    return hashlib.blake2b(f"{allowance.kind}:{who}".encode(), digest_size=32).hexdigest()


def _delete_expired_levels(now: float) -> None:
    SignInAttempts.objects.filter(at__lt=now - FORGOTTEN).delete()
