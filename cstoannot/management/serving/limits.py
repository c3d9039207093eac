"""Limits of what one client may use of the server, and for how long."""

import threading
from collections import Counter
from dataclasses import dataclass, field

THREADS = 32
HEAD_SECONDS = 10.0
"""From the first byte of a request, or from connecting, until its headers are complete."""
IDLE_SECONDS = 65.0
"""A keep-alive connection without a request; longer than proxies' limits, so that they close first.
"""
HEAD_BYTES = 65_536
BUFFERED_BODY = 65_536
"""A body up to this size is received completely before its request gets a thread."""
PIPELINED_REQUESTS = 16
"""Requests that may be queued on one connection while an earlier one is handled."""
UNSENT_BYTES = 262_144
"""How much of a streamed response is produced ahead of the client's reading."""
UNSENT_BYTES_PER_ADDRESS = 64_000_000
WINDOW_SECONDS = 20.0
BYTES_PER_SECOND = 1_000
"""The slowest rate of a client that the server waits for, averaged over each window."""
LANE_SECONDS = 20.0
"""How long a large body waits for a thread before the server responds 503."""
LINGER_SECONDS = 3.0
LINGER_BYTES = 67_108_864
"""How much of an unread request body is dropped after the response. Closing earlier would reset
the connection, and the response might be lost."""


@dataclass(frozen=True)
class ConnectionLimits:
    """How many connections a process accepts, in total and from one address."""

    connections: int = 2_000
    connections_per_address: int = 250


class Pace:
    """Measures once per window whether a client sends or receives fast enough."""

    __slots__ = ("moved", "since")

    def __init__(self, now: float, moved: int = 0) -> None:
        self.restart(now, moved)

    def restart(self, now: float, moved: int) -> None:
        """Begin a new window, with `moved` bytes moved so far."""
        self.since, self.moved = now, moved

    def is_too_slow(self, now: float, moved: int) -> bool:
        """Whether the window is over and fewer bytes were moved in it than required."""
        if now - self.since < WINDOW_SECONDS:
            return False
        if moved - self.moved < BYTES_PER_SECOND * WINDOW_SECONDS:
            return True
        self.restart(now, moved)
        return False


@dataclass
class SlowLane:
    """Permits for threads that wait for clients: for large bodies and streamed responses.

    Half of the threads never wait for a client. Safe to use from any thread.
    """

    total: int = THREADS // 2
    per_origin: int = THREADS // 4
    held: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self, origin: str) -> bool:
        """Take a permit; returns false if none is left, or none for this origin."""
        with self._lock:
            if self.held.total() >= self.total or self.held[origin] >= self.per_origin:
                return False
            self.held[origin] += 1
            return True

    def leave(self, origin: str) -> None:
        """Give a permit back."""
        with self._lock:
            self.held[origin] -= 1
            if not self.held[origin]:
                del self.held[origin]
