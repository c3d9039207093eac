"""Django's SQLite backend; write transactions of one process take turns in order of arrival.

SQLite's own lock is not fair: a connection that waits for it sleeps and tries again, so one of many
writers can wait for seconds. Here each write transaction first waits for its turn in this process.
SQLite's lock still applies between processes.
"""

from collections import deque
from pathlib import Path
from threading import Lock
from typing import Any

from django.db.backends.sqlite3 import base

from cstoannot.database.outages import LockTimeout


class FairLock:
    """A lock in order of arrival; `threading.Lock` guarantees no order."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._waiting: deque[Lock] = deque()
        self._taken = False

    def take(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds for the turn; return whether it came."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            mine = Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=timeout):
            return True
        with self._guard:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return False
        return True  # received after the timeout, before the removal

    def give_back(self) -> None:
        """Pass the turn to the thread that has waited longest."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


_turns: dict[str, FairLock] = {}


class DatabaseWrapper(base.DatabaseWrapper):
    """Holds its turn from BEGIN to the end of the transaction, or until it is closed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._has_turn = False

    @property
    def _queue(self) -> FairLock:
        # Read late, because tests change the name after the connection is made.
        name = str(Path(self.settings_dict["NAME"]).absolute())
        return _turns.setdefault(name, FairLock())

    def _start_transaction_under_autocommit(self) -> None:
        patience = self.settings_dict["OPTIONS"].get("timeout", 5.0)
        if not self._queue.take(patience):
            raise LockTimeout("database is locked: other writers took too long")
        self._has_turn = True
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc] # not in the stubs
        except BaseException:
            self._end_turn()
            raise

    def _end_turn(self) -> None:
        if self._has_turn:
            self._has_turn = False
            self._queue.give_back()

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc] # if it fails, Django rolls back
        self._end_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc] # not in the stubs
        finally:
            self._end_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc] # not in the stubs
        finally:
            self._end_turn()
