"""A worker process: accepts connections until it is told to stop, and ends what has begun."""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterable

from cstoannot.management.serving.connection import Connection
from cstoannot.management.serving.hub import Hub
from cstoannot.management.serving.limits import Limits

LAST_CALL_SECONDS = 0.3
"""After the signal: kept connections may send one more request, which is answered as the last."""
END_SECONDS = 7.5
"""After that: how long requests that have begun may take."""
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
        self._tasks: set[asyncio.Task[object]] = set()

    def run(self) -> None:
        """Serve, and return when everything has ended."""
        self.loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            self.loop.add_signal_handler(number, self._told_to_stop.set)
        # The supervisor holds the other end, and nobody writes: it is readable when that is gone.
        self.loop.add_reader(self._alive, self._told_to_stop.set)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        self._listener.setblocking(False)
        self.loop.add_reader(self._listener, self._accept)
        while not self._told_to_stop.is_set():
            await self._rest(1.0)
            self.hub.check()
        self.loop.remove_reader(self._alive)
        await self._stop()

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
        await asyncio.sleep(LAST_CALL_SECONDS)
        self.loop.remove_reader(self._listener)
        while self._accept():
            continue
        self._listener.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        end = self.loop.time() + END_SECONDS
        await asyncio.sleep(0.05)  # what those have sent that were taken just now
        while self.loop.time() < end and len(self.hub):
            for each in self.hub:
                if each.is_idle and not each.is_lingering:
                    each.transport.close()
            self.hub.check()
            await asyncio.sleep(0.02)
        if self.hub.at_work:
            logger.warning("%d requests were not answered in time", self.hub.at_work)


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
