"""All connections of a worker: how many there may be, and what they share."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from cstoannot.management.serving.gateway import Exchange, base_environment
from cstoannot.management.serving.limits import (
    THREADS,
    UNSENT_BYTES_PER_ADDRESS,
    Limits,
    SlowLane,
)
from cstoannot.management.serving.request import ClientGone

if TYPE_CHECKING:
    from cstoannot.management.serving.connection import Connection


def origin_of(address: str) -> str:
    """Who counts as one client: an address, or a network of 64 bits with IPv6."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and not parsed.ipv4_mapped:
        return parsed.exploded[:19]
    return address


class Hub:
    """The connections, the threads, and the permits to keep a thread waiting."""

    def __init__(
        self,
        application: Callable[..., Iterable[bytes]],
        loop: asyncio.AbstractEventLoop,
        *,
        own: tuple[str, int],
        limits: Limits,
        behind_proxy: bool,
    ) -> None:
        self.application, self.loop, self.limits = application, loop, limits
        self.behind_proxy = behind_proxy
        self.environ = base_environment(*own)
        self.lane = SlowLane()
        self.connections: dict[str, set[Connection]] = {}
        self.is_stopping = False
        self.at_work = 0
        """Requests that a thread has or will have."""
        self._waiting: list[Connection] = []
        self._threads = ThreadPoolExecutor(THREADS, "request")

    def __iter__(self) -> "Iterator[Connection]":
        return iter([each for group in self.connections.values() for each in group])

    def __len__(self) -> int:
        return sum(map(len, self.connections.values()))

    def add(self, connection: "Connection") -> None:
        """Take a new one in; the one that has waited longest for its client makes room for it.

        Refusing the new one instead would let whoever holds all places keep everybody out.
        """
        group = self.connections.setdefault(connection.origin, set())
        group.add(connection)
        # All that a proxy brings come from its address.
        is_full = len(group) > self.limits.connections_per_address and not self.behind_proxy
        if is_full or len(self) > self.limits.connections:
            self.make_room(group if is_full else None)

    def make_room(self, group: "set[Connection] | None" = None) -> None:
        """Close one of this group, or of the largest: the one that has waited longest."""
        group = group or max(self.connections.values(), key=len, default=set())
        waiting = [each for each in group if not each.working]
        if waiting:
            min(waiting, key=lambda each: each.since).reset()

    def remove(self, connection: "Connection") -> None:
        """Forget a connection that is closed."""
        group = self.connections.get(connection.origin, set())
        group.discard(connection)
        if not group:
            self.connections.pop(connection.origin, None)
        if connection in self._waiting:
            self._waiting.remove(connection)

    def give(self, exchange: Exchange) -> None:
        """Have a request answered in a thread."""
        self.at_work += 1
        self._threads.submit(exchange.run)

    def end_work(self) -> None:
        """A thread is done with its request."""
        self.at_work -= 1

    def wait_for_lane(self, connection: "Connection") -> None:
        """Start the connection's next request when a permit for it may be free."""
        if connection not in self._waiting:
            self._waiting.append(connection)

    def leave_lane(self, origin: str) -> None:
        """Give a permit back; those who wait may have it. In the loop only."""
        self.lane.leave(origin)
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            each.start_next()

    @contextmanager
    def slow_thread(self, address: str) -> Iterator[None]:
        """While a thread waits for its client to take an answer; raises if too many do."""
        if not self.lane.enter(address):
            raise ClientGone("too many answers are taken slowly")
        try:
            yield
        finally:
            self.loop.call_soon_threadsafe(self.leave_lane, address)

    def check(self) -> None:
        """End what clients take too long for, and what an address holds too much of."""
        now = self.loop.time()
        for group in list(self.connections.values()):
            members = list(group)
            for each in members:
                each.check(now)
            if sum(each.unsent for each in members) > UNSENT_BYTES_PER_ADDRESS:
                max(members, key=lambda each: each.unsent).reset()

    def close(self) -> None:
        """End the threads, each after its request."""
        self._threads.shutdown()
