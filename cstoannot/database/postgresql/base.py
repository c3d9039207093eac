"""Django's PostgreSQL backend with a connection pool that notices at once when the server is gone.

`psycopg_pool` connects in its own threads: after an outage callers wait for its next attempt. Here
the thread that needs a connection opens it, so it notices at once that the server is gone or back.
"""

import select
import time
from collections import deque
from collections.abc import Callable
from threading import BoundedSemaphore, Lock
from typing import Any

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.postgresql import base
from psycopg import IsolationLevel
from psycopg.pq import TransactionStatus

Connection = psycopg.Connection[Any]

LONGEST_IDLE = 600  # seconds
PAUSE = 1.0  # seconds without a further attempt after a failed one


class ConnectionPool:
    """At most `max_size` connections; the last one returned is the first one reused."""

    def __init__(
        self, connect: Callable[[], Connection], *, max_size: int = 16, timeout: float = 10
    ) -> None:
        self._open_connection = connect
        self._timeout = timeout
        self._places = BoundedSemaphore(max_size)
        self._idle: deque[tuple[Connection, float]] = deque()
        self._guard = Lock()
        self._attempt = Lock()  # held by the thread that tries to connect after a failure
        self._failure: psycopg.OperationalError | None = None
        self._failed_at = 0.0

    def take(self) -> Connection:
        """Return a working connection; raises `psycopg.OperationalError` if none is available."""
        if not self._places.acquire(timeout=self._timeout):
            raise psycopg.OperationalError("all connections to the database are in use")
        try:
            return self._take_idle() or self._connect()
        except BaseException:
            self._places.release()
            raise

    def give_back(self, connection: Connection) -> None:
        """Take a connection back; close it if it is broken or in a transaction."""
        try:
            if connection.info.transaction_status == TransactionStatus.IDLE:
                with self._guard:
                    self._idle.append((connection, time.monotonic()))
            else:
                connection.close()
        finally:
            self._places.release()

    def close(self) -> None:
        """Close the idle connections; those in use are closed when they are returned."""
        while self._idle:
            self._idle.pop()[0].close()

    def _take_idle(self) -> Connection | None:
        self._close_old()
        while True:
            with self._guard:
                if not self._idle:
                    return None
                connection, _ = self._idle.pop()
            if is_connection_alive(connection):
                return connection
            connection.close()

    def _close_old(self) -> None:
        before = time.monotonic() - LONGEST_IDLE
        while True:
            with self._guard:
                if not self._idle or self._idle[0][1] > before:
                    return
                connection, _ = self._idle.popleft()
            connection.close()

    def _connect(self) -> Connection:
        """Open a connection. After a failure one thread tries at a time, after a pause."""
        failure = self._failure
        if failure is None:
            return self._try_to_connect()
        if time.monotonic() - self._failed_at < PAUSE or not self._attempt.acquire(blocking=False):
            raise psycopg.OperationalError(*failure.args)
        try:
            return self._try_to_connect()
        finally:
            self._attempt.release()

    def _try_to_connect(self) -> Connection:
        try:
            connection = self._open_connection()
        except psycopg.OperationalError as error:
            self._failure, self._failed_at = error.with_traceback(None), time.monotonic()
            raise
        self._failure = None
        return connection


def is_connection_alive(connection: Connection) -> bool:
    """Whether the server has not ended an idle connection, without a query if possible.

    A server that stops says so before it closes the connection. If nothing has arrived, the
    connection works: checking the socket takes microseconds, a query as long as the shortest one.
    """
    if connection.closed:
        return False
    arrived = select.poll()
    arrived.register(connection.fileno(), select.POLLIN)
    if not arrived.poll(0):
        return True
    try:
        connection.execute("")
    except psycopg.Error:
        return False
    return True


_pools: dict[str, ConnectionPool] = {}


class DatabaseWrapper(base.DatabaseWrapper):
    """`OPTIONS["pool"]`: the arguments of `ConnectionPool`; there is no pool without it."""

    @property
    def pool(self) -> ConnectionPool | None:
        options = self.settings_dict["OPTIONS"].get("pool")
        if not options or self.alias != DEFAULT_DB_ALIAS:
            return None
        if self.alias not in _pools:
            _pools.setdefault(self.alias, ConnectionPool(self._connect_for_pool, **options))
        return _pools[self.alias]

    def _connect_for_pool(self) -> Connection:
        # Set up once: with the time zone, and in autocommit mode.
        connection = self.Database.connect(**{**self.get_connection_params(), "autocommit": True})
        self._configure_connection(connection)
        return connection

    def _configure_connection(self, connection: Connection) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{settings.WRITER_PATIENCE}s'")
        super()._configure_connection(connection)  # type: ignore[misc] # not in the stubs
        return True  # to be committed

    def close_pool(self) -> None:
        if pool := self.pool:
            pool.close()
            _pools.pop(self.alias, None)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        if self.pool is None:
            return super().get_new_connection(conn_params)
        self.isolation_level = IsolationLevel.READ_COMMITTED
        return self.pool.take()

    def _close(self) -> None:
        if self.connection is None or self.pool is None:
            return super()._close()  # type: ignore[misc] # not in the stubs
        connection, self.connection = self.connection, None
        with self.wrap_database_errors:
            self.pool.give_back(connection)
        return None
