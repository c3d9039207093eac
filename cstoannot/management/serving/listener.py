"""The listening socket: bound, accepted from, and closed without resetting a connection."""

import asyncio
import ctypes
import logging
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress

from django.core.management import CommandError

BACKLOG = 1_024
HANDSHAKE_SECONDS = 0.1
"""How long handshakes that have begun may take when the server stops."""
PAUSE_SECONDS = 0.2
"""How long to accept nothing after the operating system could open no further file."""
logger = logging.getLogger("cstoannot.serving")
ATTACH_FILTER = 26  # SO_ATTACH_FILTER of Linux, which Python does not name
# A classic BPF program of the kernel, one tuple for each instruction: code, two jumps, operand.
# A packet starts with its TCP header, whose byte 13 holds the flags.
DROP_NEW_CONNECTIONS = (
    (0x30, 0, 0, 13),  # load byte 13
    (0x54, 0, 0, 0x12),  # keep SYN and ACK
    (0x15, 0, 1, 0x02),  # SYN alone asks for a connection
    (0x06, 0, 0, 0),  # drop it
    (0x06, 0, 0, 0xFFFFFFFF),  # let everything else pass
)


def reserve_port(host: str, port: int) -> socket.socket:
    """Return the socket to serve on, not yet listening; CommandError if another server uses it."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise _build_port_error(host, port, error) from error
    return listener


def start_listening(listener: socket.socket) -> None:
    """Start accepting connections; CommandError if another server has started in the meantime."""
    try:
        listener.listen(BACKLOG)
    except OSError as error:
        host, port = listener.getsockname()[:2]
        raise _build_port_error(host, port, error) from error


def _build_port_error(host: str, port: int, error: OSError) -> CommandError:
    return CommandError(f"Cannot listen on {host}, port {port}: {error.strerror}")


class Acceptor:
    """Accepts connections in an event loop, each with a protocol of its own."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        listener: socket.socket,
        make_protocol: Callable[[tuple[str, int]], asyncio.Protocol],
        make_room: Callable[[], None],
    ) -> None:
        self._loop, self._listener = loop, listener
        self._make_protocol, self._make_room = make_protocol, make_room
        self._pause: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[object]] = set()

    def start(self) -> None:
        """Accept a connection whenever a client has connected."""
        self._pause = None
        self._listener.setblocking(False)
        self._loop.add_reader(self._listener, self._accept)

    async def stop(self, *, accept_all: bool) -> None:
        """Stop accepting; with `accept_all`, first accept all who have connected."""
        if accept_all:
            drop_new_connections(self._listener)
            await asyncio.sleep(HANDSHAKE_SECONDS)
        self._loop.remove_reader(self._listener)
        while accept_all and self._accept():
            continue
        if self._pause:
            self._pause.cancel()
        self._listener.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self) -> bool:
        """Accept one connection; other workers may accept the next. False if there is none."""
        try:
            client, peer = self._listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return False
        except OSError as error:
            self._suspend(error)
            return False
        client.setblocking(False)
        task = self._loop.create_task(
            self._loop.connect_accepted_socket(lambda: self._make_protocol(peer), client)
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    def _suspend(self, error: OSError) -> None:
        """Try again after a pause: until then the socket would be readable all the time."""
        logger.warning("No connection could be accepted: %s", error)
        self._make_room()
        self._loop.remove_reader(self._listener)
        self._pause = self._loop.call_later(PAUSE_SECONDS, self.start)


def drop_new_connections(listener: socket.socket) -> None:
    """Make the kernel ignore new connection requests; Linux only.

    The kernel completes handshakes by itself. Connections that it completes between the last
    `accept` and `close` would be reset, with the requests that clients have sent on them. Clients
    retry ignored requests after a second, and find the port closed, or the next server.
    """
    if sys.platform != "linux":
        return
    program = b"".join(struct.pack("HBBI", *each) for each in DROP_NEW_CONNECTIONS)
    instructions = ctypes.create_string_buffer(program, len(program))
    address = ctypes.addressof(instructions)
    with suppress(OSError):  # some sandboxes do not support filters
        listener.setsockopt(
            socket.SOL_SOCKET,
            ATTACH_FILTER,
            struct.pack("HP", len(DROP_NEW_CONNECTIONS), address),
        )
