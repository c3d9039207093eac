"""The listening socket: how it is made, and how it is closed without a lost connection."""

import ctypes
import socket
import struct
import sys
from contextlib import suppress

from django.core.management import CommandError

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
    """The socket to serve on, not yet listening; CommandError where another server has it."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        raise CommandError(f"Cannot listen on {host}, port {port}: {error.strerror}") from error
    return listener


def drop_new_connections(listener: socket.socket) -> None:
    """Have the kernel ignore who asks for a connection from now on; Linux only.

    The kernel completes handshakes by itself. Connections that it completes between the last
    `accept` and `close` would be reset, with the requests that clients have sent on them. Clients
    repeat what is ignored after a second, and find the port closed, or the next server.
    """
    if sys.platform != "linux":
        return
    program = b"".join(struct.pack("HBBI", *each) for each in DROP_NEW_CONNECTIONS)
    instructions = ctypes.create_string_buffer(program, len(program))
    address = ctypes.addressof(instructions)
    with suppress(OSError):  # some sandboxes know no filters
        listener.setsockopt(
            socket.SOL_SOCKET,
            ATTACH_FILTER,
            struct.pack("HP", len(DROP_NEW_CONNECTIONS), address),
        )
