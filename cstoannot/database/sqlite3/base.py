"""Django's SQLite backend; the write transactions of one process take turns in their order.

SQLite's own lock is not fair: a connection that waits for it sleeps and tries again, and whoever
tries at the right moment gets it, so one of many writers can wait for seconds. Here each write
transaction first waits for its turn in this process. SQLite's lock still stands between processes.
"""

from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base

from cstoannot.database.outages import LockTimeout
from cstoannot.database.turns import Turns

_turns: dict[str, Turns] = {}


class DatabaseWrapper(base.DatabaseWrapper):
    """Holds its turn from BEGIN to the end of the transaction, or until it is closed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._has_turn = False

    @property
    def _queue(self) -> Turns:
        # The name is read late: tests change it after the connection is made.
        name = str(Path(self.settings_dict["NAME"]).absolute())
        return _turns.setdefault(name, Turns())

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
