"""A client's connection in the event loop: receives requests and sends their responses.

All waiting for the client happens here and is limited in time. A thread gets a complete request,
or one with a large body that has a permit of the slow lane.
"""

import asyncio
import logging
import select
import struct
import threading
from collections import deque
from socket import SO_LINGER, SOL_SOCKET
from typing import cast

from cstoannot.management.serving.gateway import RequestHandler, ResponseFile, build_plain_response
from cstoannot.management.serving.hub import ConnectionHub
from cstoannot.management.serving.limits import (
    HEAD_SECONDS,
    IDLE_SECONDS,
    LANE_SECONDS,
    LINGER_BYTES,
    LINGER_SECONDS,
    PIPELINED_REQUESTS,
    UNSENT_BYTES,
    Pace,
)
from cstoannot.management.serving.request import (
    ClientGone,
    Request,
    RequestParser,
    RequestRefused,
    derive_client_origin,
)

logger = logging.getLogger("cstoannot.serving")
BLOCK, BLOCKS_AT_ONCE = 65_536, 16
RESET = struct.pack("ii", 1, 0)


class ClientConnection(asyncio.Protocol):
    """Handles the requests of one connection in order."""

    def __init__(self, hub: ConnectionHub, peer: tuple[str, int]) -> None:
        self.hub, self.loop = hub, hub.loop
        self.origin = derive_client_origin(peer[0])
        environ = {**hub.environ, "REMOTE_ADDR": peer[0], "REMOTE_PORT": str(peer[1])}
        self.parser = RequestParser(self, environ, peer[0], behind_proxy=hub.behind_proxy)
        self.ready: deque[Request] = deque()
        self.working: Request | None = None
        self.file: ResponseFile | None = None
        self._keep = True
        self.refusal = b""
        """An error response of the server itself, sent after the responses to earlier requests."""
        self.takes_no_more = self.is_lingering = self.is_lost = self.is_used = False
        self._has_ended = False
        self._dropped = self._written = 0
        self._is_reading, self._is_held_back = True, False
        self._taken = threading.Event()  # the write buffer has room for more
        self.since = self.loop.time()
        """When the current wait for the client began."""
        self._pace_in, self._pace_out = Pace(self.since), Pace(self.since)

    # What the transport reports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Register the connection."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=UNSENT_BYTES)
        self.hub.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Free all resources. A thread that reads from or writes to the client fails."""
        self.is_lost = True
        if self.working and self.working.stream:
            self.working.stream.break_off()
        self._taken.set()
        self._close_file()
        self.ready.clear()
        self.hub.remove(self)
        self.parser.close()

    def data_received(self, data: bytes) -> None:
        """Parse received data, or drop it if no more is accepted."""
        if self.takes_no_more:
            self._dropped += len(data)
            if self._dropped > LINGER_BYTES:
                self.reset()
            return
        if self.receiving is None and not self.working:
            self.since = self.loop.time()
        try:
            if not self.parser.feed(data):
                self.takes_no_more = True
        except RequestRefused as refused:
            self.refuse(refused.status)

    def eof_received(self) -> bool:
        """The client sends no more; its complete requests are still handled."""
        self.takes_no_more = self._has_ended = True
        if self.receiving and self.working is self.receiving and self.receiving.stream:
            self.receiving.stream.break_off()
        return bool(self.working or self.ready or self.file or self.unsent) and (
            not self.is_lingering
        )

    def pause_writing(self) -> None:
        """The client reads its response more slowly than it is produced."""
        self._is_held_back = True

    def resume_writing(self) -> None:
        """The write buffer has room again."""
        self._is_held_back = False
        self._taken.set()
        if self.file:
            self._send_file()
        else:
            self.start_next()

    # What the parser reports

    def receive_head(self, request: Request) -> None:
        """Start a thread that reads a large body; request a small body from the client."""
        self.is_used = True
        self._pace_in.restart(self.loop.time(), 0)
        if request.is_large:
            self._queue(request)
        else:
            self._invite_body()

    def receive_body(self, request: Request) -> None:
        """Stop receiving when enough of a large body is buffered."""
        if request.stream and request.stream.is_full:
            self._update_reading()

    def receive_request(self, request: Request) -> None:
        """Queue a small request; a large one is being handled already."""
        if not request.is_large:
            self._queue(request)

    # Requests go to threads

    def _queue(self, request: Request) -> None:
        if len(self.ready) >= PIPELINED_REQUESTS:
            raise RequestRefused(429)
        self.ready.append(request)
        self.start_next()
        if self.ready:
            self._update_reading()

    def start_next(self) -> None:
        """Give the next request to a thread, unless an earlier response is not sent yet."""
        if not self.ready or self.working or self.file or self._is_held_back:
            return
        request = self.ready[0]
        if request.is_large and not request.in_lane:
            if not self.hub.lane.enter(request.origin):
                self.hub.wait_for_lane(self)
                return
            request.in_lane = True
        self.working = self.ready.popleft()
        request.open_input(self.loop, self._ask_for_body)
        self._update_reading()
        self.hub.submit(RequestHandler(self.hub.application, request, self))

    def _ask_for_body(self) -> None:
        """A thread waits for more of the body."""
        request = self.working
        if request and not request.is_complete:
            self._send_continue(request)
            self._update_reading()

    def _invite_body(self) -> None:
        """Send `100 Continue` for a small body, after all earlier responses."""
        request = self.receiving
        is_free = not (self.working or self.file or self.ready)
        if request and is_free and self.parser.is_head_complete and not request.is_large:
            self._send_continue(request)

    def _send_continue(self, request: Request) -> None:
        if request.wants_continue and not request.received:
            self._write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.wants_continue = False

    def _update_reading(self) -> None:
        """Receive more, unless a request is queued or the body buffer is full."""
        stream = self.working.stream if self.working else None
        is_full = stream is not None and stream.is_full
        wants = self.is_lingering or not (self.ready or is_full)
        if wants == self._is_reading or self.is_lost:
            return
        self._is_reading = wants
        if wants:
            self._pace_in.restart(self.loop.time(), self._received)
            self.transport.resume_reading()
        else:
            self.transport.pause_reading()

    @property
    def receiving(self) -> Request | None:
        """The request that is being received."""
        return self.parser.request

    @property
    def _received(self) -> int:
        return self.receiving.received if self.receiving else 0

    # Responses; threads call the first four

    @property
    def is_closing(self) -> bool:
        """Whether the response being made is the last of this connection."""
        return self.hub.is_stopping or (self.takes_no_more and not self.ready)

    def send(self, data: bytes) -> None:
        """Send a part of a streamed response; blocks until the client has read most of it."""
        self._taken.clear()
        if self.is_lost:
            raise ClientGone("the client has closed the connection")
        self.loop.call_soon_threadsafe(self._send_part, data)
        if not self._taken.wait(1.0):
            origin = self.working.origin if self.working else self.origin
            with self.hub.slow_thread(origin):
                self._taken.wait()

    def finish(self, data: bytes, *, file: ResponseFile | None = None, keep: bool = True) -> None:
        """Send the rest of the response, then handle the next request or close the connection."""
        self.loop.call_soon_threadsafe(self._finish, data, file, keep)

    def abort(self) -> None:
        """Reset the connection: the response cannot be completed."""
        self.loop.call_soon_threadsafe(self._abort)

    def _send_part(self, data: bytes) -> None:
        self._write(data)
        if not self._is_held_back:
            self._taken.set()

    def _abort(self) -> None:
        self._end_work()
        self.reset()

    def reset(self) -> None:
        """Reset the connection, so that the client sees that the response is incomplete."""
        if connected := self.transport.get_extra_info("socket"):
            connected.setsockopt(SOL_SOCKET, SO_LINGER, RESET)
        self.transport.abort()
        self.hub.remove(self)  # at once: the transport reports it later

    def _end_work(self) -> Request | None:
        request, self.working = self.working, None
        if request and request.in_lane:
            request.in_lane = False
            self.hub.leave_lane(request.origin)
        self.hub.count_answered()
        return request

    def _finish(self, data: bytes, file: ResponseFile | None, keep: bool) -> None:
        request = self._end_work()
        if self.is_lost:
            if file:
                file.close()
            return
        if request and request.is_too_slow:
            data, keep = build_plain_response(408), False
        self._write(data)
        if file:
            self.file, self._keep = file, keep
            self._send_file()
        else:
            self._end_answer(keep)

    def _send_file(self) -> None:
        """Send blocks of the file while the client reads them, a few per iteration of the loop."""
        for _ in range(BLOCKS_AT_ONCE):
            if self.file is None or self._is_held_back:
                return
            try:
                data = self.file.read(BLOCK)
            except OSError as error:
                logger.error("A file could not be read while it was sent: %s", error)
                self._close_file()
                self.reset()
                return
            if not data:
                self._close_file()
                self._end_answer(self._keep)
                return
            self._write(data)
        self.loop.call_soon(self._send_file)

    def _close_file(self) -> None:
        if self.file:
            self.file.close()
            self.file = None

    def _write(self, data: bytes) -> None:
        if not self.is_lost:
            self._written += len(data)
            self.transport.write(data)

    def _end_answer(self, keep: bool) -> None:
        self.since = self.loop.time()
        if self.refusal and not self.ready:
            self._write(self.refusal)
            keep = False
        if not keep or (self.takes_no_more and not self.ready):
            self._linger()
        else:
            self.start_next()
            self._invite_body()
            self._update_reading()

    def refuse(self, status: int, *, retry_after: int | None = None) -> None:
        """Send an error response of the server itself, and accept no further request."""
        self.refusal = build_plain_response(status, retry_after=retry_after)
        self.takes_no_more, self.parser.request = True, None
        if not (self.working or self.file or self.ready):
            self._end_answer(keep=False)

    def _linger(self) -> None:
        """Close once the client has the response. What it still sends is read and dropped."""
        self.takes_no_more = self.is_lingering = True
        self.parser.request = None
        self.ready.clear()
        self.since = self.loop.time()
        if self._has_ended:
            self.transport.close()
        elif not self.transport.is_closing():
            self.transport.write_eof()
            self._update_reading()

    # Clients that are too slow

    @property
    def unsent(self) -> int:
        """Bytes of responses that wait in the write buffer."""
        return self.transport.get_write_buffer_size()

    def check(self, now: float) -> None:
        """Close the connection if the client is too slow. Called about once a second."""
        if not self.unsent:
            self._pace_out.restart(now, self._written)
        else:
            self.since = now
            if self._pace_out.is_too_slow(now, self._written - self.unsent):
                self.reset()
        if self.working:
            self._check_large_body(now, self.working)
        elif self.unsent or self.file:
            self._pace_in.restart(now, self._received)  # the next request waits for this response
        else:
            self._check_waiting(now, now - self.since)

    def _check_waiting(self, now: float, waited: float) -> None:
        """Close the connection or refuse the request if its time is over and nothing is unsent."""
        if self.is_lingering:
            if waited > LINGER_SECONDS:
                self.transport.close()  # not a reset, which would discard data in transit
        elif self.ready:
            if waited > LANE_SECONDS:
                self.ready.clear()
                self.refuse(503, retry_after=10)
        elif self.receiving:
            late = not self.parser.is_head_complete and waited > HEAD_SECONDS
            if late or self._pace_in.is_too_slow(now, self._received):
                self.refuse(408)
        else:
            self.close_if_unused(IDLE_SECONDS if self.is_used else HEAD_SECONDS)

    def close_if_unused(self, seconds: float) -> None:
        """Close the connection if the client has requested nothing for so many seconds.

        Not if the client has just sent something: closing would reset the connection, and the
        client would not know whether its request was handled.
        """
        is_idle = (
            not (self.receiving or self.ready or self.working or self.file or self.unsent)
            and not self.is_lingering
        )
        if is_idle and self.loop.time() - self.since > seconds and not self._has_unread_data():
            self.transport.close()

    def _has_unread_data(self) -> bool:
        poll = select.poll()
        poll.register(self.transport.get_extra_info("socket"), select.POLLIN)
        return bool(poll.poll(0))

    def _check_large_body(self, now: float, request: Request) -> None:
        if request.is_complete or not request.stream or not self._is_reading:
            self._pace_in.restart(now, request.received)
        elif self._pace_in.is_too_slow(now, request.received):
            request.is_too_slow = True
            request.stream.break_off()
