"""A large text is received whole before it gets its turn to be held in memory."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from threading import Lock
from typing import IO, Any

from cstoannot.database.outages import Outage, Unavailable

PATIENCE = 10.0  # seconds
CHUNK = 256 * 1024  # bytes received at once
BUSY = Outage("busy", "Others are sending large texts.", 10)

slot = Lock()
"""Whoever holds it has a large text in memory."""


class ReceivedBody:
    """Takes the place of a request's stream; the first read receives the body into a file.

    Only then it waits for the slot, which it holds until it is closed: a client that sends slowly
    keeps nobody waiting. Raises Unavailable if the slot does not come in time.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._file: IO[bytes] | None = None
        self._at_the_end = ExitStack()

    def read(self, size: int = -1) -> bytes:
        """As of a file."""
        return self._received().read(size)

    def readline(self, size: int = -1) -> bytes:
        """As of a file."""
        return self._received().readline(size)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def close(self) -> None:
        """Let the slot and the file go."""
        self._at_the_end.close()

    def _received(self) -> IO[bytes]:
        if self._file is None:
            with ExitStack() as stack:
                file = stack.enter_context(tempfile.TemporaryFile())
                while chunk := self._stream.read(CHUNK):
                    _write(file, chunk)
                file.seek(0)
                if not slot.acquire(timeout=PATIENCE):
                    raise Unavailable(BUSY)
                stack.callback(slot.release)
                self._at_the_end = stack.pop_all()
            self._file = file
        return self._file


def _write(file: IO[bytes], chunk: bytes) -> None:
    try:
        file.write(chunk)
    except OSError as error:
        # Django takes each OSError of a stream for a client that is gone.
        raise RuntimeError("the body cannot be kept") from error
