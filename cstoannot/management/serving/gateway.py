"""Runs the WSGI application for one request, in a thread."""

import io
import logging
import os
import sys
import time
from collections.abc import Callable, Iterable
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from itertools import chain
from types import TracebackType
from typing import Any, Protocol

from cstoannot.management.serving.request import ClientGone, Request

Headers = list[tuple[str, str]]
logger = logging.getLogger("cstoannot.serving")
REASONS = {status.value: status.phrase for status in HTTPStatus}


class ResponseChannel(Protocol):
    """What a thread may do with the connection that its request came by."""

    @property
    def is_closing(self) -> bool:
        """Whether the response being made is the last of this connection."""

    def send(self, data: bytes) -> None:
        """Send a part of the response; blocks until the client has read most of it."""

    def finish(self, data: bytes, *, file: "ResponseFile | None" = None, keep: bool = True) -> None:
        """Send the rest of the response, then handle the next request or close the connection."""

    def abort(self) -> None:
        """Reset the connection: the response cannot be completed."""


class ResponseFile:
    """A file that the event loop sends, so that a slow client holds no thread."""

    def __init__(self, file: Any) -> None:
        self.offset = file.tell()
        self.descriptor = os.dup(file.fileno())

    def read(self, size: int) -> bytes:
        """Return the next bytes; empty at the end."""
        data = os.pread(self.descriptor, size, self.offset)
        self.offset += len(data)
        return data

    def close(self) -> None:
        """Close the descriptor."""
        os.close(self.descriptor)


class FileWrapper:
    """`wsgi.file_wrapper`: a response whose body is a file."""

    def __init__(self, file: Any, block_size: int = 65_536) -> None:
        self.file, self.block_size = file, block_size

    def __iter__(self) -> "FileWrapper":
        return self

    def __next__(self) -> bytes:
        if data := self.file.read(self.block_size):
            return bytes(data)
        raise StopIteration

    def close(self) -> None:
        """Close the file."""
        if hasattr(self.file, "close"):
            self.file.close()

    def duplicate(self) -> ResponseFile | None:
        """Duplicate the file for the event loop; None if it has no file descriptor."""
        try:
            return ResponseFile(self.file)
        except (AttributeError, OSError, io.UnsupportedOperation):
            return None


def build_base_environment(host: str, port: int) -> dict[str, Any]:
    """The part of the WSGI environment that all requests of a process share."""
    return {
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SCRIPT_NAME": "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileWrapper,
    }


def build_plain_response(status: int, *, retry_after: int | None = None) -> bytes:
    """A response of the server itself; the connection is closed after it."""
    reason = REASONS[status]
    extra = f"Retry-After: {retry_after}\r\n" if retry_after else ""
    return (
        f"HTTP/1.1 {status} {reason}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(reason) + 1}\r\nDate: {_format_date_header(int(time.time()))}\r\n"
        f"{extra}Connection: close\r\n\r\n{reason}\n"
    ).encode("ascii")


@lru_cache(2)
def _format_date_header(second: int) -> str:
    """Return the header `Date`, built once a second."""
    return formatdate(second, usegmt=True)


class RequestHandler:
    """Runs the application for one request. `run` is called once, in a thread."""

    def __init__(
        self,
        application: Callable[..., Iterable[bytes]],
        request: Request,
        channel: ResponseChannel,
    ) -> None:
        self._application, self._request, self._channel = application, request, channel
        self._status, self._headers = "", Headers()
        self._early: list[bytes] = []
        self._begun = False

    def run(self) -> None:
        """Call the application and send its response."""
        try:
            self._answer()
        except ClientGone:
            self._give_up(408)
        except BaseException:  # ends this request, not the thread
            logger.exception("No answer to %s", self._request.environ.get("PATH_INFO"))
            self._give_up(500)

    def _give_up(self, status: int) -> None:
        """Send an error response, or reset the connection if the response has begun."""
        if self._begun:
            self._channel.abort()
        else:
            self._channel.finish(build_plain_response(status), keep=False)

    def _start_response(
        self,
        status: str,
        headers: Headers,
        error: tuple[type[BaseException], BaseException, TracebackType] | None = None,
    ) -> Callable[[bytes], None]:
        if error and self._begun:
            raise error[1].with_traceback(error[2])
        self._status, self._headers = status, headers
        return self._early.append

    def _answer(self) -> None:
        result = self._application(self._request.environ, self._start_response)
        close: Callable[[], None] = getattr(result, "close", lambda: None)
        file = None
        try:
            try:
                if isinstance(result, FileWrapper) and not self._has_no_body():
                    file = result.duplicate()
                last = self._prepare(result, file)
            finally:
                close()  # before the response ends: frees the thread's database connection
        except BaseException:
            if file:
                file.close()
            raise
        self._channel.finish(last, file=file, keep=self._keeps)

    def _prepare(self, result: Iterable[bytes], file: ResponseFile | None) -> bytes:
        """Send streamed parts; returns what is left to send, before the file if there is one."""
        if file or self._has_no_body():
            return self._head()
        if getattr(result, "streaming", True):
            return self._stream(chain(self._early, result))
        body = b"".join(chain(self._early, result))
        return self._head(length=len(body)) + body

    def _has_no_body(self) -> bool:
        is_head = self._request.environ["REQUEST_METHOD"] == "HEAD"
        return is_head or self._status.startswith(("1", "204", "304"))

    def _head(
        self, *, length: int | None = None, chunked: bool = False, ends: bool = True
    ) -> bytes:
        """Return status line and headers. `length` replaces the application's `Content-Length`.

        `ends`: whether the client can find the end of the response before the connection closes.
        """
        lines = [f"HTTP/1.1 {self._status}", f"Date: {_format_date_header(int(time.time()))}"]
        keeps = ends and self._request.keep_alive and self._request.is_complete
        for name, value in self._headers:
            lowered = name.lower()
            if lowered == "connection":
                keeps = keeps and value.lower() != "close"
            elif lowered != "content-length" or length is None:
                lines.append(f"{name}: {value}")
        if length is not None:
            lines.append(f"Content-Length: {length}")
        if chunked:
            lines.append("Transfer-Encoding: chunked")
        self._keeps = keeps and not self._channel.is_closing
        if not self._keeps:
            lines.append("Connection: close")
        elif self._request.is_old:
            lines.append("Connection: keep-alive")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _stream(self, parts: Iterable[bytes]) -> bytes:
        """Send the parts as they are produced; returns what ends the response."""
        chunked = not self._request.is_old and not any(
            name.lower() == "content-length" for name, _ in self._headers
        )
        unsent = self._head(chunked=chunked, ends=chunked)
        for part in parts:
            if part:
                framed = b"%x\r\n%b\r\n" % (len(part), part) if chunked else part
                self._begun = True
                self._channel.send(unsent + framed)
                unsent = b""
        return unsent + (b"0\r\n\r\n" if chunked else b"")
