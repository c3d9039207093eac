"""One client's connection, in the event loop: receives requests, has them answered, sends.

Whatever waits for the client waits here and has an end; a thread gets a request that is complete,
or a large body that has a permit of the slow lane.
"""

import asyncio
import select
import struct
import threading
from collections import deque
from socket import SO_LINGER, SOL_SOCKET
from typing import Any, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from cstoannot.management.serving.gateway import Exchange, File, plain_answer
from cstoannot.management.serving.hub import Hub, origin_of
from cstoannot.management.serving.limits import (
    HEAD_BYTES,
    HEAD_SECONDS,
    IDLE_SECONDS,
    LANE_SECONDS,
    LINGER_BYTES,
    LINGER_SECONDS,
    UNSENT_BYTES,
    Pace,
)
from cstoannot.management.serving.request import ClientGone, Request, RequestRefused

BLOCK, BLOCKS_AT_ONCE = 65_536, 16
RESET = struct.pack("ii", 1, 0)


class Connection(asyncio.Protocol):
    """Requests of one connection are answered one after the other."""

    def __init__(self, hub: Hub, peer: tuple[str, int]) -> None:
        self.hub, self.loop = hub, hub.loop
        self.address, self.origin = peer[0], origin_of(peer[0])
        self.environ: dict[str, Any] = {
            **hub.environ,
            "REMOTE_ADDR": peer[0],
            "REMOTE_PORT": str(peer[1]),
        }
        self.parser = HttpRequestParser(self)
        self.receiving: Request | None = None
        self.ready: deque[Request] = deque()
        self.working: Request | None = None
        self.file: File | None = None
        self._keep = True
        self.refusal = b""
        """The server's own answer, sent when what is worked on is answered."""
        self.takes_no_more = self.is_lingering = self.is_lost = self.is_used = False
        self._has_ended = False
        self._url, self._head_is_complete = b"", False
        self._head_bytes = self._dropped = self._written = 0
        self._is_reading, self._is_held_back = True, False
        self._taken = threading.Event()  # the client has room for more of a streamed answer
        self.since = self.loop.time()
        """When the connection began to wait for what it waits for now."""
        self._pace_in, self._pace_out = Pace(self.since), Pace(self.since)

    # What the transport reports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection in."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=UNSENT_BYTES)
        self.hub.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let everything go; a thread that reads or writes here fails."""
        self.is_lost = True
        if self.working and self.working.stream:
            self.working.stream.break_off()
        self._taken.set()
        self._close_file()
        self.ready.clear()
        self.hub.remove(self)
        del self.parser  # it refers back to the connection

    def data_received(self, data: bytes) -> None:
        """Parse what has come."""
        if self.takes_no_more:
            self._dropped += len(data)
            if self._dropped > LINGER_BYTES:
                self.reset()
            return
        if self.receiving is None and not self.working:
            self.since = self.loop.time()
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade:  # is answered as if no other protocol had been offered
            self.takes_no_more = True
        except HttpParserError as error:
            cause = error.__context__
            self.refuse(cause.status if isinstance(cause, RequestRefused) else 400)
        if self.receiving and not self._head_is_complete:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self.refuse(431)

    def eof_received(self) -> bool:
        """The client sends no more: what it has asked for completely is answered."""
        self.takes_no_more = self._has_ended = True
        if self.receiving and self.working is self.receiving and self.receiving.stream:
            self.receiving.stream.break_off()
        return bool(self.working or self.ready or self.file or self.unsent) and (
            not self.is_lingering
        )

    def pause_writing(self) -> None:
        """The client takes its answer more slowly than it is made."""
        self._is_held_back = True

    def resume_writing(self) -> None:
        """There is room for more of the answer."""
        self._is_held_back = False
        self._taken.set()
        if self.file:
            self._send_file()
        else:
            self.start_next()

    # What the parser reports

    def on_message_begin(self) -> None:
        """A request begins."""
        self.receiving = Request(self.environ.copy(), self.address)
        self._url, self._head_is_complete, self._head_bytes = b"", False, 0

    def on_url(self, url: bytes) -> None:
        """Part of the address."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; what comes after the body counts for nothing."""
        if self.receiving and not self._head_is_complete:
            self.receiving.add_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is complete. A large body is read by a thread from here on."""
        request = self.receiving
        if request is None:
            return
        self._head_is_complete = self.is_used = True
        request.keep_alive = self.parser.should_keep_alive()
        request.end_head(
            self.parser.get_method().decode("ascii"),
            self._url,
            self.parser.get_http_version(),
            self.hub.behind_proxy,
        )
        self._pace_in.restart(self.loop.time(), 0)
        if request.is_large:
            self._make_ready(request)
        elif request.wants_continue and not self.working:
            self._write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, data: bytes) -> None:
        """Part of the body."""
        if self.receiving:
            self.receiving.add_body(data)
            if self.receiving.stream and self.receiving.stream.is_full:
                self._update_reading()

    def on_message_complete(self) -> None:
        """The request is complete."""
        request, self.receiving = self.receiving, None
        if request:
            request.end_body()
            if not request.is_large:
                self._make_ready(request)

    # Requests go to threads

    def _make_ready(self, request: Request) -> None:
        self.ready.append(request)
        self.start_next()
        if self.ready:
            self._update_reading()

    def start_next(self) -> None:
        """Give the next request to a thread, if nothing is in its way."""
        if not self.ready or self.working or self.file or self._is_held_back:
            return
        request = self.ready[0]
        if request.is_large and not request.in_lane:
            if not self.hub.lane.enter(request.address):
                self.hub.wait_for_lane(self)
                return
            request.in_lane = True
        self.working = self.ready.popleft()
        request.open_input(self.loop, self._ask_for_body)
        self._update_reading()
        self.hub.give(Exchange(self.hub.application, request, self))

    def _ask_for_body(self) -> None:
        """A thread waits for more of the body."""
        request = self.working
        if request and not request.is_complete:
            if request.wants_continue and not request.received:
                request.wants_continue = False
                self._write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._update_reading()

    def _update_reading(self) -> None:
        """Receive more, unless enough waits to be worked on."""
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
    def _received(self) -> int:
        return self.receiving.received if self.receiving else 0

    # Answers; the first three are called by threads

    @property
    def is_closing(self) -> bool:
        """Whether no further request is taken from this connection."""
        return self.hub.is_stopping or (self.takes_no_more and not self.ready)

    def send(self, data: bytes) -> None:
        """Send a part of a streamed answer; waits until the client has taken most of it."""
        self._taken.clear()
        if self.is_lost:
            raise ClientGone("the client has closed the connection")
        self.loop.call_soon_threadsafe(self._send_part, data)
        if not self._taken.wait(1.0):
            address = self.working.address if self.working else self.address
            with self.hub.slow_thread(address):
                self._taken.wait()

    def finish(self, data: bytes, *, file: File | None = None, keep: bool = True) -> None:
        """Send the rest of the answer, and take the next request or close the connection."""
        self.loop.call_soon_threadsafe(self._finish, data, file, keep)

    def abort(self) -> None:
        """Close the connection at once: the answer is not complete, and the client sees it."""
        self.loop.call_soon_threadsafe(self._abort)

    def _send_part(self, data: bytes) -> None:
        self._write(data)
        if not self._is_held_back:
            self._taken.set()

    def _abort(self) -> None:
        self._end_work()
        self.reset()

    def reset(self) -> None:
        """Close the connection at once, and so that the client knows that something is missing."""
        if connected := self.transport.get_extra_info("socket"):
            connected.setsockopt(SOL_SOCKET, SO_LINGER, RESET)
        self.transport.abort()
        self.hub.remove(self)  # at once: others may come before the transport says so

    def _end_work(self) -> Request | None:
        request, self.working = self.working, None
        if request and request.in_lane:
            request.in_lane = False
            self.hub.leave_lane(request.address)
        self.hub.end_work()
        return request

    def _finish(self, data: bytes, file: File | None, keep: bool) -> None:
        request = self._end_work()
        if self.is_lost:
            if file:
                file.close()
            return
        if request and request.is_too_slow:
            data, keep = plain_answer(408), False
        if file:
            self.file, self._keep = file, keep
            self._write(data + file.read(BLOCK))
            self._send_file()
        else:
            self._write(data)
            self._end_answer(keep)

    def _send_file(self) -> None:
        """Send the file as long as the client takes it; other connections have their turn."""
        for _ in range(BLOCKS_AT_ONCE):
            if self.file is None or self._is_held_back:
                return
            if data := self.file.read(BLOCK):
                self._write(data)
            else:
                self._close_file()
                self._end_answer(self._keep)
                return
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
            self._update_reading()

    def refuse(self, status: int, *, retry_after: int | None = None) -> None:
        """Answer with a status of the server's own, and take no more from this connection."""
        self.refusal = plain_answer(status, retry_after=retry_after)
        self.takes_no_more, self.receiving = True, None
        if not (self.working or self.file or self.ready):
            self._end_answer(keep=False)

    def _linger(self) -> None:
        """Close once the client has the answer: what it still sends is read and dropped."""
        self.takes_no_more = self.is_lingering = True
        self.receiving = None
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
        """Bytes of answers that the client has not taken."""
        return self.transport.get_write_buffer_size()

    def check(self, now: float) -> None:
        """End what the client takes too long for. Called about once a second."""
        if not self.unsent:
            self._pace_out.restart(now, self._written)
        else:
            self.since = now
            if self._pace_out.is_too_slow(now, self._written - self.unsent):
                self.reset()
        if self.working:
            self._check_large_body(now, self.working)
        elif not (self.unsent or self.file):
            self._check_waiting(now, now - self.since)

    def _check_waiting(self, now: float, waited: float) -> None:
        """Whether the client has had its time, where nothing is on its way to it."""
        if self.is_lingering:
            if waited > LINGER_SECONDS:
                self.transport.close()  # not a reset, which would discard what is on its way
        elif self.ready:
            if waited > LANE_SECONDS:
                self.ready.clear()
                self.refuse(503, retry_after=10)
        elif self.receiving:
            late = not self._head_is_complete and waited > HEAD_SECONDS
            if late or self._pace_in.is_too_slow(now, self._received):
                self.refuse(408)
        else:
            self.close_if_unused(IDLE_SECONDS if self.is_used else HEAD_SECONDS)

    def close_if_unused(self, seconds: float) -> None:
        """Close the connection if the client has asked for nothing in so many seconds.

        Not if it has just sent something: closing would reset the connection, and the client
        would not know whether its request was answered.
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
