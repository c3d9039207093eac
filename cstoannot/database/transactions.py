"""Repeats transactions after a conflict; returns pooled connections while waiting for a client."""

import functools
import logging
import random
import time
from collections import Counter
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction


def release_pooled_connection() -> None:
    """Return this thread's connection to its pool, if there is one; the next query takes another.

    A slow client then occupies a thread, of which there are many, and no connection, of which there
    are few. Inside a transaction the connection stays.
    """
    if connection.settings_dict["OPTIONS"].get("pool") and not connection.in_atomic_block:
        connection.close()


logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS = 6
PAUSE = 0.02  # maximal seconds before the second attempt; doubled for each further one
# PostgreSQL's error codes serialization_failure and deadlock_detected.
_REPEATABLE = {"40001": "serialization failure", "40P01": "deadlock"}

repeated: Counter[str] = Counter()
"""How often this process has repeated a transaction, by reason."""


def atomic_with_retry(function: Callable[P, R]) -> Callable[P, R]:
    """Run `function` in a transaction; repeat it a few times after a deadlock.

    The function may run several times, so it must change nothing but the database. Inside another
    transaction it runs once: only the outermost transaction can be repeated.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        outermost = not connection.in_atomic_block
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except OperationalError as error:
                reason = _REPEATABLE.get(getattr(error.__cause__, "sqlstate", None) or "")
                if reason is None or not outermost or attempt == ATTEMPTS:
                    raise
                repeated[reason] += 1
                logger.warning(
                    "%s: %s, attempt %d of %d failed (%d in this process so far)",
                    *(function.__qualname__, reason, attempt, ATTEMPTS, repeated[reason]),
                )
            time.sleep(random.uniform(0, PAUSE * 2 ** (attempt - 1)))
        raise AssertionError("unreachable")

    return run
