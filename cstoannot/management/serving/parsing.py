"""Turns the bytes of one connection into requests, and limits what comes beside their bodies."""

import logging
from typing import Any, Protocol

from httptools import (
    HttpParserCallbackError,
    HttpParserError,
    HttpParserUpgrade,
    HttpRequestParser,
)

from cstoannot.management.serving.limits import HEAD_BYTES
from cstoannot.management.serving.request import Request, RequestRefused

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
        """Parse data; false if the client goes on in another protocol, which nobody reads.

        RequestRefused if the server does not accept what has come.
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
