"""Connections to PostgreSQL that the threads of a process share.

`psycopg_pool` connects in threads of its own: while the server is down, whoever asks waits until
the timeout, and after a long outage up to minutes more until the pool tries again. Here whoever
needs a connection makes it, so a failure is known at once, and so is the server's return.
"""

import select
import time
from collections import deque
from collections.abc import Callable
from threading import BoundedSemaphore, Lock
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

Connection = psycopg.Connection[Any]

LONGEST_IDLE = 600  # seconds
PAUSE = 1.0  # seconds after a failed attempt to connect in which there is no further one


class Pool:
    """At most `max_size` connections; the one given back last goes out first."""

    def __init__(
        self, connect: Callable[[], Connection], *, max_size: int = 16, timeout: float = 10
    ) -> None:
        self._open_connection = connect
        self._timeout = timeout
        self._places = BoundedSemaphore(max_size)
        self._idle: deque[tuple[Connection, float]] = deque()
        self._guard = Lock()
        self._attempt = Lock()  # held by the one who tries to connect after a failure
        self._failure: psycopg.OperationalError | None = None
        self._failed_at = 0.0

    def take(self) -> Connection:
        """A connection that works; raises `psycopg.OperationalError` if there is none to be had."""
        if not self._places.acquire(timeout=self._timeout):
            raise psycopg.OperationalError("all connections to the database are in use")
        try:
            return self._take_idle() or self._connect()
        except BaseException:
            self._places.release()
            raise

    def give_back(self, connection: Connection) -> None:
        """Take a connection back; one that is broken or in a transaction is closed."""
        try:
            if connection.info.transaction_status == TransactionStatus.IDLE:
                with self._guard:
                    self._idle.append((connection, time.monotonic()))
            else:
                connection.close()
        finally:
            self._places.release()

    def close(self) -> None:
        """Close the idle connections; those in use are closed when they come back broken."""
        while self._idle:
            self._idle.pop()[0].close()

    def _take_idle(self) -> Connection | None:
        self._close_old()
        while True:
            with self._guard:
                if not self._idle:
                    return None
                connection, _ = self._idle.pop()
            if is_alive(connection):
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
        """A new connection. After a failure one thread tries at a time, and not at once again."""
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


def is_alive(connection: Connection) -> bool:
    """Whether the server has not ended an idle connection, without asking it where possible.

    A server that stops says so before it closes the connection. So if nothing has arrived, it
    lives: a look at the socket costs microseconds, a question as much as the shortest query.
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
