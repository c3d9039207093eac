"""All connections of a worker, their limits, and the threads they share."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cstoannot.management.serving.gateway import RequestHandler, build_base_environment
from cstoannot.management.serving.limits import (
    THREADS,
    UNSENT_BYTES_PER_ADDRESS,
    ConnectionLimits,
    SlowLane,
)
from cstoannot.management.serving.request import ClientGone

if TYPE_CHECKING:
    from cstoannot.management.serving.connection import ClientConnection

logger = logging.getLogger("cstoannot.serving")


class ConnectionHub:
    """The connections, the threads, and the permits to keep a thread waiting."""

    def __init__(
        self,
        application: Callable[..., Iterable[bytes]],
        loop: asyncio.AbstractEventLoop,
        *,
        address: tuple[str, int],
        limits: ConnectionLimits,
        behind_proxy: bool,
    ) -> None:
        self.application, self.loop, self.limits = application, loop, limits
        self.behind_proxy = behind_proxy
        self.environ = build_base_environment(*address)
        self.lane = SlowLane()
        self.connections: dict[str, set[ClientConnection]] = {}
        self.is_stopping = False
        self.unanswered_requests = 0
        """Requests that are handled by a thread or queued for one."""
        self._lacks_threads = False
        self._waiting: list[ClientConnection] = []
        self._threads = ThreadPoolExecutor(THREADS, "request")

    def __iter__(self) -> "Iterator[ClientConnection]":
        return iter([each for group in self.connections.values() for each in group])

    def __len__(self) -> int:
        return sum(map(len, self.connections.values()))

    def add(self, connection: "ClientConnection") -> None:
        """Add a connection; closes the one that has waited longest if there are too many.

        Refusing the new one instead would let a client that holds all places lock everybody out.
        """
        group = self.connections.setdefault(connection.origin, set())
        group.add(connection)
        # All connections of a proxy come from its address.
        is_full = len(group) > self.limits.connections_per_address and not self.behind_proxy
        if is_full or len(self) > self.limits.connections:
            self.make_room(group if is_full else None)

    def make_room(self, group: "set[ClientConnection] | None" = None) -> None:
        """Close the connection of this group, or of the largest, that has waited longest."""
        group = group or max(self.connections.values(), key=len, default=set())
        waiting = [each for each in group if not each.working]
        if waiting:
            min(waiting, key=lambda each: each.since).reset()

    def remove(self, connection: "ClientConnection") -> None:
        """Forget a connection that is closed."""
        group = self.connections.get(connection.origin, set())
        group.discard(connection)
        if not group:
            self.connections.pop(connection.origin, None)
        if connection in self._waiting:
            self._waiting.remove(connection)

    def submit(self, handler: RequestHandler) -> None:
        """Queue a request for a thread."""
        self.unanswered_requests += 1
        self._submit(handler.run)

    def _submit(self, work: Callable[[], object]) -> None:
        """Queue the work. It stays queued if the operating system cannot start a thread."""
        try:
            self._threads.submit(work)
            self._lacks_threads = False
        except RuntimeError as error:
            logger.error("No thread could be started: %s", error)
            self._lacks_threads = True

    def count_answered(self) -> None:
        """Count a request as answered."""
        self.unanswered_requests -= 1

    def wait_for_lane(self, connection: "ClientConnection") -> None:
        """Start the connection's next request when a permit is given back."""
        if connection not in self._waiting:
            self._waiting.append(connection)

    def leave_lane(self, origin: str) -> None:
        """Give a permit back, and start requests that wait for one. In the event loop only."""
        self.lane.leave(origin)
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            each.start_next()

    @contextmanager
    def slow_thread(self, origin: str) -> Iterator[None]:
        """Hold a permit while a thread waits for its client; ClientGone if none is left."""
        if not self.lane.enter(origin):
            raise ClientGone("too many answers are taken slowly")
        try:
            yield
        finally:
            self.loop.call_soon_threadsafe(self.leave_lane, origin)

    def check(self) -> None:
        """Close connections of clients that are too slow or hold too much memory."""
        if self._lacks_threads:
            self._submit(int)  # no work, but it starts a thread, which handles what is queued
        now = self.loop.time()
        for group in list(self.connections.values()):
            members = list(group)
            for each in members:
                each.check(now)
            if sum(each.unsent for each in members) > UNSENT_BYTES_PER_ADDRESS:
                max(members, key=lambda each: each.unsent).reset()

    def close(self) -> None:
        """End the threads, each after the request that it answers."""
        self._threads.shutdown()
