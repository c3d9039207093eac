"""The listening socket, and how it is closed."""

import asyncio
import errno
import socket
import sys

import pytest
from django.core.management import CommandError

from cstoannot.management.serving import listener as module
from cstoannot.management.serving.listener import (
    Acceptor,
    drop_new_connections,
    reserve_port,
    start_listening,
)
from tests.durability.server import free_port


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's filter is of Linux")
def test_connections_from_before_are_accepted_and_new_ones_are_ignored():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
        with socket.create_connection(address) as earlier:
            drop_new_connections(listener)
            with pytest.raises(TimeoutError):
                socket.create_connection(address, timeout=0.2)
            accepted, _ = listener.accept()
            with accepted:
                earlier.sendall(b"a")
                assert accepted.recv(1) == b"a"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)


def test_port_that_another_server_takes_in_the_meantime_is_named():
    port = free_port()
    with reserve_port("127.0.0.1", port) as first, reserve_port("127.0.0.1", port) as second:
        start_listening(first)
        with pytest.raises(CommandError, match=f"port {port}: Address already in use"):
            start_listening(second)
        with pytest.raises(CommandError, match=f"port {port}: Address already in use"):
            reserve_port("127.0.0.1", port)


class ExhaustedListener(socket.socket):
    """The operating system opens no further file for the first connections."""

    failures = 0
    attempts = 0

    def accept(self) -> tuple[socket.socket, tuple[str, int]]:
        self.attempts += 1
        if self.failures:
            self.failures -= 1
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


def test_listener_rests_while_no_file_can_be_opened(monkeypatch):
    monkeypatch.setattr(module, "PAUSE_SECONDS", 600.0)
    listener = ExhaustedListener()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    listener.failures = 1
    accepted: list[tuple[str, int]] = []
    rooms: list[bool] = []

    def make_protocol(peer: tuple[str, int]) -> asyncio.Protocol:
        accepted.append(peer)
        return asyncio.Protocol()

    async def accept_until_told() -> None:
        acceptor = Acceptor(
            asyncio.get_running_loop(), listener, make_protocol, lambda: rooms.append(True)
        )
        acceptor.start()
        with socket.create_connection(listener.getsockname()):
            while not listener.attempts:
                await asyncio.sleep(0.001)
            for _ in range(100):
                await asyncio.sleep(0)
            assert (listener.attempts, len(rooms), accepted) == (1, 1, [])
            acceptor.start()  # as the timer does
            while not accepted:
                await asyncio.sleep(0.001)
            await acceptor.stop(accept_all=False)

    asyncio.run(asyncio.wait_for(accept_until_told(), 20))
