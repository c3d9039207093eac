"""A worker in a thread of the test's own, with an application that the test gives it."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from cstoannot.management.serving.connection import ClientConnection
from cstoannot.management.serving.hub import ConnectionHub
from cstoannot.management.serving.limits import ConnectionLimits

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Served:
    """The address of the worker, and its hub."""

    def __init__(self, hub: ConnectionHub, address: tuple[str, int]) -> None:
        self.hub, self.address = hub, address

    def connect(self, *, receive_buffer: int | None = None) -> socket.socket:
        """A connection that gives up after half a minute."""
        client = socket.socket()
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(30)
        client.connect(self.address)
        return client

    def send(self, data: bytes) -> bytes:
        """What is answered to these bytes until the server closes the connection."""
        with self.connect() as client:
            client.sendall(data)
            return read_all(client)

    def get(self) -> bytes:
        """The answer to a small request."""
        return self.send(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")


def read_all(client: socket.socket) -> bytes:
    """Everything up to the end of the connection."""
    parts = []
    while part := client.recv(65_536):
        parts.append(part)
    return b"".join(parts)


def wait_for(condition: Callable[[], Any], seconds: float = 30) -> None:
    """Wait until it holds; the test fails if it does not."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.01)


@contextmanager
def served(
    application: Application, *, limits: ConnectionLimits | None = None, behind_proxy: bool = False
) -> Iterator[Served]:
    """The application behind a hub, whose clients are checked every twentieth of a second."""
    loop = asyncio.new_event_loop()
    listener = socket.create_server(("127.0.0.1", 0))
    address = listener.getsockname()
    hub = ConnectionHub(
        application,
        loop,
        address=address,
        limits=limits or ConnectionLimits(),
        behind_proxy=behind_proxy,
    )

    async def serve() -> None:
        server = await loop.create_server(
            lambda: ClientConnection(hub, ("127.0.0.1", 1)), sock=listener
        )
        while not stop.is_set():
            hub.check()
            await asyncio.sleep(0.05)
        server.close()
        for each in hub:
            each.transport.abort()
        await asyncio.sleep(0.05)

    stop = threading.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        yield Served(hub, address)
    finally:
        stop.set()
        thread.join()
        hub.close()
        loop.close()
