"""Parses the bytes of one connection into requests, and holds requests with their bodies."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from functools import lru_cache
from io import BytesIO
from ipaddress import IPv6Address, ip_address
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes

from httptools import (
    HttpParserCallbackError,
    HttpParserError,
    HttpParserUpgrade,
    HttpRequestParser,
    parse_url,
)

from cstoannot.management.serving.limits import BUFFERED_BODY, HEAD_BYTES


class RequestRefused(Exception):
    """The server responds with this status itself; the application is not called."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class ClientGone(OSError):
    """The client has closed the connection, or was too slow."""


@lru_cache(1_024)
def _convert_header_name(name: bytes) -> str:
    """The WSGI variable of a header; empty for a header that is ignored."""
    text = name.decode("latin-1").upper()
    if "_" in text:  # `X_Forwarded_For` would become the same variable as `X-Forwarded-For`
        return ""
    variable = text.replace("-", "_")
    return variable if variable in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{variable}"


def derive_client_origin(address: str) -> str:
    """What counts as one client: an IPv4 address, or an IPv6 network of 64 bits."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and not parsed.ipv4_mapped:
        return parsed.exploded[:19]
    return address


class Request:
    """One request: its WSGI environment, and the part of its body that has been received."""

    __slots__ = (
        "body",
        "environ",
        "in_lane",
        "is_complete",
        "is_old",
        "is_too_slow",
        "keep_alive",
        "length",
        "origin",
        "received",
        "stream",
        "wants_continue",
    )

    def __init__(self, environ: dict[str, Any], address: str) -> None:
        self.environ, self.origin = environ, derive_client_origin(address)
        self.body = bytearray()
        self.stream: StreamedBody | None = None
        self.received = 0
        self.length: int | None = None
        """The announced length; None for a chunked body."""
        self.is_complete = self.in_lane = self.wants_continue = False
        self.is_old = self.keep_alive = self.is_too_slow = False

    def add_header(self, name: bytes, value: bytes) -> None:
        """Put a header into the environment, joined with an earlier one of the same name."""
        variable, text = _convert_header_name(name), value.decode("latin-1")
        if not variable:
            return
        earlier = self.environ.get(variable)
        if earlier is not None:
            text = f"{earlier}{'; ' if variable == 'HTTP_COOKIE' else ','}{text}"
        self.environ[variable] = text

    def end_head(self, method: str, url: bytes, version: str, behind_proxy: bool) -> None:
        """Complete the environment after the last header."""
        environ = self.environ
        environ["REQUEST_METHOD"] = method
        environ["SERVER_PROTOCOL"] = f"HTTP/{version}"
        self.is_old = version != "1.1"
        if not url.startswith(b"/"):
            url = _parse_url_path(url)
        path, _, query = url.partition(b"?")
        environ["PATH_INFO"] = unquote_to_bytes(path).decode("latin-1")
        environ["QUERY_STRING"] = query.decode("latin-1")
        if "HTTP_TRANSFER_ENCODING" not in environ:
            self.length = int(environ.get("CONTENT_LENGTH") or 0)
        expects = environ.get("HTTP_EXPECT", "").lower() == "100-continue"
        self.wants_continue = expects and self.length != 0 and not self.is_old
        if behind_proxy and "HTTP_X_FORWARDED_FOR" in environ:
            self.origin = derive_client_origin(
                environ["HTTP_X_FORWARDED_FOR"].rpartition(",")[2].strip()
            )

    def add_body(self, data: bytes) -> None:
        """Buffer a part of the body, or pass it to the thread that reads it."""
        self.received += len(data)
        # Set before the thread gets the last byte: its response depends on it.
        self.is_complete = self.received == self.length
        if self.stream:
            self.stream.feed(data)
            return
        self.body += data
        if self.length is None and len(self.body) > BUFFERED_BODY:
            raise RequestRefused(411)  # the application has to know a large body's length

    def end_body(self) -> None:
        """Complete the body; sets the length of a chunked one."""
        self.is_complete = True
        if self.stream:
            self.stream.end()
        if self.length is None:
            del self.environ["HTTP_TRANSFER_ENCODING"]
            self.environ["CONTENT_LENGTH"] = str(len(self.body))

    @property
    def is_large(self) -> bool:
        """Whether a thread has to read the body while it arrives."""
        return self.length is not None and self.length > BUFFERED_BODY

    def open_input(self, loop: asyncio.AbstractEventLoop, ask: Callable[[], None]) -> None:
        """Set `wsgi.input`; `ask` is called in the loop when more of the body is wanted."""
        if self.is_complete:
            self.environ["wsgi.input"] = BytesIO(self.body)
        else:
            self.stream = StreamedBody(self.body, loop, ask)
            self.environ["wsgi.input"] = self.stream
        self.body = bytearray()


def _parse_url_path(url: bytes) -> bytes:
    """The path and query of an absolute address (`GET http://host/path`)."""
    try:
        parts = parse_url(url)
    except Exception as error:
        raise RequestRefused(400) from error
    if not parts.schema:
        raise RequestRefused(400)
    path: bytes = parts.path or b"/"
    return path + (b"?" + parts.query if parts.query else b"")


class StreamedBody:
    """A body that a thread reads while the event loop receives it.

    At most about BUFFERED_BODY bytes wait here: the loop stops receiving until they are read.
    """

    def __init__(
        self, begun: bytearray, loop: asyncio.AbstractEventLoop, ask: Callable[[], None]
    ) -> None:
        self._buffer, self._loop, self._ask = begun, loop, ask
        self._changed = threading.Condition()
        self._ended = self._broken = False

    @property
    def is_full(self) -> bool:
        """Whether the buffer is full."""
        return len(self._buffer) >= BUFFERED_BODY

    def feed(self, data: bytes) -> None:
        """Add received data."""
        with self._changed:
            self._buffer += data
            self._changed.notify_all()

    def end(self) -> None:
        """Complete the body."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def break_off(self) -> None:
        """The rest of the body will not arrive: reading fails from now on."""
        with self._changed:
            self._broken = True
            self._changed.notify_all()

    def read(self, size: int | None = -1) -> bytes:
        """Read like a file: `size` bytes or up to the end."""
        if size is None or size < 0:
            return b"".join(iter(lambda: self._take(BUFFERED_BODY), b""))
        pieces, missing = [], size
        while missing and (piece := self._take(missing)):
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)

    def readline(self, size: int | None = -1) -> bytes:
        """Read like a file: through the next line feed, or at most `size` bytes."""
        line = bytearray()
        while size is None or size < 0 or len(line) < size:
            piece = self._take(1)
            line += piece
            if piece in {b"", b"\n"}:
                break
        return bytes(line)

    def readlines(self, hint: int | None = -1) -> list[bytes]:
        """Return the remaining lines."""
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _take(self, most: int) -> bytes:
        """Wait for data; returns 1 to `most` bytes, or nothing at the end."""
        with self._changed:
            if not self._buffer and not self._ended and not self._broken:
                self._loop.call_soon_threadsafe(self._ask)
                self._changed.wait_for(lambda: self._buffer or self._ended or self._broken)
            if self._broken:
                raise ClientGone("the client did not send the whole body")
            taken = bytes(self._buffer[:most])
            del self._buffer[:most]
        return taken


FRAMING_BYTES = 8
"""Of a chunked body, how many bytes of framing are accepted for each byte of content."""
logger = logging.getLogger("cstoannot.serving")


class RequestReceiver(Protocol):
    """What a parser reports to. Each method may raise RequestRefused."""

    def receive_head(self, request: Request) -> None:
        """The headers are complete."""

    def receive_body(self, request: Request) -> None:
        """Part of the body has been added."""

    def receive_request(self, request: Request) -> None:
        """The request is complete."""


class RequestParser:
    """Parses the requests of one connection. The methods `on_…` are called by httptools."""

    def __init__(
        self,
        receiver: RequestReceiver,
        environ: dict[str, Any],
        address: str,
        *,
        behind_proxy: bool,
    ) -> None:
        self._receiver, self._environ, self._address = receiver, environ, address
        self._behind_proxy = behind_proxy
        self._parser = HttpRequestParser(self)
        self.request: Request | None = None
        """The request that is being received."""
        self.is_head_complete = False
        self._url = b""
        self._field_bytes = self._overhead_bytes = 0

    def close(self) -> None:
        """Drop the references to the connection and its parser, which would form a cycle."""
        self.request = None
        del self._receiver, self._parser

    def feed(self, data: bytes) -> bool:
        """Parse data; returns false if the client changes to another protocol, which nobody reads.

        Raises RequestRefused if the server does not accept the data.
        """
        request = self.request
        received = request.received if request else 0
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            return False
        except HttpParserError as error:
            raise RequestRefused(self._status_of(error)) from error
        if request and self.request is request:  # all of the data is part of this request
            self._overhead_bytes += len(data) - (request.received - received)
            if self._overhead_bytes > HEAD_BYTES + FRAMING_BYTES * request.received:
                raise RequestRefused(431)
        return True

    def _status_of(self, error: HttpParserError) -> int:
        cause = error.__context__
        if isinstance(cause, RequestRefused):
            return cause.status
        if isinstance(error, HttpParserCallbackError):
            logger.error("A request could not be received", exc_info=cause)
            return 500
        logger.info("Malformed request from %s: %s", self._address, error)
        return 400

    def on_message_begin(self) -> None:
        """A request begins."""
        self.request = Request(self._environ.copy(), self._address)
        self._url, self.is_head_complete = b"", False
        self._field_bytes = self._overhead_bytes = 0

    def on_url(self, url: bytes) -> None:
        """Part of the URL."""
        self._url += url
        self._count_fields(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer, which is ignored."""
        self._count_fields(len(name) + len(value))
        if self.request and not self.is_head_complete:
            self.request.add_header(name, value)

    def _count_fields(self, count: int) -> None:
        self._field_bytes += count
        if self._field_bytes > HEAD_BYTES:
            raise RequestRefused(431)

    def on_headers_complete(self) -> None:
        """The head is complete."""
        request = self.request
        if request:
            self.is_head_complete = True
            request.keep_alive = self._parser.should_keep_alive()
            request.end_head(
                self._parser.get_method().decode("ascii"),
                self._url,
                self._parser.get_http_version(),
                self._behind_proxy,
            )
            self._receiver.receive_head(request)

    def on_body(self, data: bytes) -> None:
        """Part of the body."""
        if self.request:
            self.request.add_body(data)
            self._receiver.receive_body(self.request)

    def on_message_complete(self) -> None:
        """The request is complete."""
        request, self.request = self.request, None
        if request:
            request.end_body()
            self._receiver.receive_request(request)
