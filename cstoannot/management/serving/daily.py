"""Removes deleted projects for good once a day while the server runs."""

import logging
import random
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.db import DatabaseError, connections

from cstoannot.projects.purging.actions import purge_deleted_projects

DAY = 24 * 60 * 60.0
SPREAD = 60 * 60.0
"""Each worker waits up to this much longer, so that they do not purge at the same time."""
logger = logging.getLogger("cstoannot.serving")


class DailyPurge:
    """A WSGI application that purges after an answer, in a thread, at most once a day.

    Purging works in small transactions, so that others save in between; what is interrupted goes
    on the next time.
    """

    def __init__(
        self,
        application: Callable[..., Iterable[bytes]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._application, self._clock = application, clock
        self._turn = threading.Lock()
        self._due: float | None = None  # set in the worker, after the fork
        self.thread: threading.Thread | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = self._application(environ, start_response)
        now = self._clock()
        if self._due is None or now >= self._due:
            self._begin(now)
        return answer

    def _begin(self, now: float) -> None:
        with self._turn:
            is_first, is_due = self._due is None, self._due is not None and now >= self._due
            if is_first or is_due:
                self._due = now + DAY + random.uniform(0, SPREAD)
        if is_due:
            thread = threading.Thread(target=_purge, name="purge", daemon=True)
            try:
                thread.start()
                self.thread = thread
            except RuntimeError as error:  # the answer is made already
                logger.warning("Deleted projects are not yet removed for good: %s", error)


def _purge() -> None:
    try:
        purge_deleted_projects()
    except DatabaseError as error:
        logger.warning("Deleted projects are not yet removed for good: %s", error)
    finally:
        connections.close_all()
