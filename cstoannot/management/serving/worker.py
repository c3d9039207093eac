"""A worker process: accepts connections until it is told to stop, and ends what has begun."""

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
from cstoannot.management.serving.listener import drop_new_connections

SUPERVISOR_SECONDS = 2.0
"""After a signal: how long the worker waits to learn whether the whole server is told to stop."""
HANDSHAKE_SECONDS = 0.1
"""When the server stops: how long handshakes that have begun may take."""
END_SECONDS = 7.0
"""After that: how long requests that have begun may take."""
RECENT_SECONDS = 2.0
"""A connection that was used as recently is not closed when the server stops: its client may be
sending the next request, which is answered as the last."""
logger = logging.getLogger("cstoannot.serving")


class Worker:
    """Serves one listening socket until a signal, or until its supervisor is gone."""

    def __init__(
        self,
        application: Callable[..., Iterable[bytes]],
        listener: socket.socket,
        alive: int,
        *,
        limits: Limits,
        behind_proxy: bool,
    ) -> None:
        self.loop = asyncio.new_event_loop()
        self.hub = Hub(
            application,
            self.loop,
            own=listener.getsockname()[:2],
            limits=limits,
            behind_proxy=behind_proxy,
        )
        self._listener, self._alive = listener, alive
        self._told_to_stop = asyncio.Event()
        self._server_stops = asyncio.Event()
        self._tasks: set[asyncio.Task[object]] = set()

    def run(self) -> None:
        """Serve, and return when everything has ended."""
        self.loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            self.loop.add_signal_handler(number, self._told_to_stop.set)
        # The supervisor holds the other end, and nobody writes: it is readable when that is gone.
        self.loop.add_reader(self._alive, self._stop_with_server)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        self._listener.setblocking(False)
        self.loop.add_reader(self._listener, self._accept)
        while not self._told_to_stop.is_set():
            await self._rest(1.0)
            self.hub.check()
        await self._stop()

    def _stop_with_server(self) -> None:
        self.loop.remove_reader(self._alive)
        self._server_stops.set()
        self._told_to_stop.set()

    async def _rest(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._told_to_stop.wait(), seconds)
        except TimeoutError:
            return

    def _accept(self) -> bool:
        """Take one connection; other workers may take the next. False if there is none."""
        try:
            client, peer = self._listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return False
        except OSError as error:  # no more files may be open
            logger.warning("No connection could be taken: %s", error)
            self.hub.make_room()
            return False
        client.setblocking(False)
        task = self.loop.create_task(
            self.loop.connect_accepted_socket(lambda: Connection(self.hub, peer), client)
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _stop(self) -> None:
        """Answer what has been asked, each answer the last of its connection."""
        self.hub.is_stopping = True
        with suppress(TimeoutError):  # this worker alone is told to stop
            await asyncio.wait_for(self._server_stops.wait(), SUPERVISOR_SECONDS)
        await self._stop_accepting()
        await self._finish_connections()
        if self.hub.at_work:
            logger.warning("%d requests were not answered in time", self.hub.at_work)

    async def _stop_accepting(self) -> None:
        """Leave new connections to other workers; take all that there are if the server stops."""
        if self._server_stops.is_set():
            drop_new_connections(self._listener)
            await asyncio.sleep(HANDSHAKE_SECONDS)
        self.loop.remove_reader(self._listener)
        while self._server_stops.is_set() and self._accept():
            continue
        self._listener.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _finish_connections(self) -> None:
        """Wait until clients have their answers; close connections without recent requests."""
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
