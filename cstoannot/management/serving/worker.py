"""A worker process: accepts connections until it is told to stop, and completes open requests."""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress

from cstoannot.management.serving.connection import Connection
from cstoannot.management.serving.hub import Hub
from cstoannot.management.serving.limits import Limits
from cstoannot.management.serving.listener import Acceptor

SUPERVISOR_SECONDS = 2.0
"""After a signal: how long the worker waits to learn whether the whole server is told to stop."""
END_SECONDS = 7.0
"""After that: how long requests that have begun may take."""
RECENT_SECONDS = 2.0
"""When the server stops, connections used within this time stay open: their clients may be sending
the next request, which is then the last."""
logger = logging.getLogger("cstoannot.serving")


class Worker:
    """Serves a listening socket until a signal, or until its supervisor stops or is gone."""

    def __init__(
        self,
        application: Callable[..., Iterable[bytes]],
        listener: socket.socket,
        supervisor_pipe: int,
        *,
        limits: Limits,
        behind_proxy: bool,
    ) -> None:
        self.loop = asyncio.new_event_loop()
        self.hub = Hub(
            application,
            self.loop,
            address=listener.getsockname()[:2],
            limits=limits,
            behind_proxy=behind_proxy,
        )
        self._acceptor = Acceptor(
            self.loop, listener, lambda peer: Connection(self.hub, peer), self.hub.make_room
        )
        self._supervisor_pipe = supervisor_pipe
        self._told_to_stop = asyncio.Event()
        self._server_stops = asyncio.Event()

    def run(self) -> None:
        """Serve, and return when everything has ended."""
        self.loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            self.loop.add_signal_handler(number, self._told_to_stop.set)
        # Nobody writes to this pipe: it becomes readable when the supervisor closes its end.
        self.loop.add_reader(self._supervisor_pipe, self._stop_with_server)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        self._acceptor.start()
        while not self._told_to_stop.is_set():
            await self._wait_for_stop(1.0)
            self.hub.check()
        await self._stop()

    def _stop_with_server(self) -> None:
        self.loop.remove_reader(self._supervisor_pipe)
        self._server_stops.set()
        self._told_to_stop.set()

    async def _wait_for_stop(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._told_to_stop.wait(), seconds)
        except TimeoutError:
            return

    async def _stop(self) -> None:
        """Handle the requests that have been sent, each as the last of its connection."""
        self.hub.is_stopping = True
        with suppress(TimeoutError):  # only this worker is to stop
            await asyncio.wait_for(self._server_stops.wait(), SUPERVISOR_SECONDS)
        await self._acceptor.stop(accept_all=self._server_stops.is_set())
        await self._finish_connections()
        if self.hub.unanswered_requests:
            logger.warning("%d requests were not answered in time", self.hub.unanswered_requests)

    async def _finish_connections(self) -> None:
        """Wait until clients have their responses; close connections without recent requests."""
        end = self.loop.time() + END_SECONDS
        while self.loop.time() < end and len(self.hub):
            self.hub.check()
            for each in self.hub:
                each.close_if_unused(RECENT_SECONDS)
            await asyncio.sleep(0.02)


def run_worker(worker: Callable[[], Worker]) -> None:
    """Run a worker in this process, which has just been forked, and end the process."""
    code = 1
    try:
        worker().run()
        code = 0
    except BaseException:
        logger.exception("A worker has failed")
    finally:
        os._exit(code)  # threads that still run are not waited for
