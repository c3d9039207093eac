"""How much one may ask: each user for themselves, whoever has not signed in by address.

Counted in the cache, so for each process of the server where the cache is the process's own; the
limits keep a program that has gone astray from taking the whole server, and nobody else.
"""

import time
from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from cstoannot.accounts.adapter import network_of

WINDOW = 60  # seconds


@dataclass(frozen=True)
class Use:
    """What somebody has used of what they may in this window."""

    policy: str
    limit: int
    asked: int
    left_seconds: int
    """until the next window begins"""

    @property
    def is_too_much(self) -> bool:
        return self.asked > self.limit

    @property
    def headers(self) -> dict[str, str]:
        """The RateLimit fields of the IETF's draft (draft-ietf-httpapi-ratelimit-headers)."""
        left = max(0, self.limit - self.asked)
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.limit};w={WINDOW}',
            "RateLimit": f'"{self.policy}";r={left};t={self.left_seconds}',
        }


def count_user(user_id: int) -> Use:
    return _count("user", str(user_id), settings.RATE_USER)


def count_address(request: HttpRequest) -> Use:
    return _count("address", network_of(get_adapter(request), request), settings.RATE_ADDRESS)


def _count(policy: str, who: str, limit: int) -> Use:
    number, passed = divmod(int(time.time()), WINDOW)
    key = f"rate:{policy}:{who}:{number}"
    try:
        asked = cache.incr(key)
    except ValueError:
        # Nobody has asked yet, or somebody is putting the first one there at this moment.
        asked = 1 if cache.add(key, 1, timeout=2 * WINDOW) else cache.incr(key)
    return Use(policy, limit, asked, WINDOW - passed)
