"""The listening socket, and how it is closed."""

import socket
import sys

import pytest

from cstoannot.management.serving.listener import drop_new_connections


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
