"""The server's processes: a supervisor forks workers, replaces those that end and stops them
all; a worker accepts connections until it is told to stop, and completes open requests.
"""

import asyncio
import gc
import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from cstoannot.management.serving.connection import ClientConnection
from cstoannot.management.serving.hub import ConnectionHub
from cstoannot.management.serving.limits import ConnectionLimits
from cstoannot.management.serving.listener import Acceptor, drop_new_connections

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
        limits: ConnectionLimits,
        behind_proxy: bool,
    ) -> None:
        self.loop = asyncio.new_event_loop()
        self.hub = ConnectionHub(
            application,
            self.loop,
            address=listener.getsockname()[:2],
            limits=limits,
            behind_proxy=behind_proxy,
        )
        self._acceptor = Acceptor(
            self.loop, listener, lambda peer: ClientConnection(self.hub, peer), self.hub.make_room
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


STOP = {signal.SIGTERM, signal.SIGINT}
STOP_SECONDS = 8.0
"""Workers that have not ended after this time are killed."""
STEADY_SECONDS = 10.0
"""A worker that ran this long is replaced without delay."""
LONGEST_DELAY = 10.0


@dataclass
class WorkerSlot:
    """One worker process: its process id while it runs, otherwise when it is restarted."""

    pid: int = 0
    started: float = 0.0
    restart_at: float = 0.0
    failures: int = 0

    def schedule_restart(self, now: float) -> float:
        """Schedule the restart of a worker that has ended; returns the delay in seconds."""
        steady = now - self.started >= STEADY_SECONDS
        self.failures = 0 if steady else self.failures + 1
        delay = 0.0 if self.failures < 2 else min(LONGEST_DELAY, 0.1 * 2**self.failures)
        self.pid, self.restart_at = 0, now + delay
        return delay


class Supervisor:
    """Keeps `workers` processes alive until SIGTERM or SIGINT.

    The signals are blocked and received one by one with `sigtimedwait`, so none of them is missed
    or interrupts anything.
    """

    def __init__(
        self,
        application: Callable[..., Iterable[bytes]],
        listener: socket.socket,
        *,
        workers: int,
        limits: ConnectionLimits,
        behind_proxy: bool,
    ) -> None:
        self._application, self._listener = application, listener
        self._limits, self._behind_proxy = limits, behind_proxy
        self._slots = [WorkerSlot() for _ in range(workers)]
        self._worker_end, self._supervisor_end = os.pipe()

    def run(self) -> None:
        """Serve until a signal, and return when all workers have ended."""
        signal.pthread_sigmask(signal.SIG_BLOCK, {*STOP, signal.SIGCHLD})
        # If the parent process ignored SIGCHLD, the end of a worker would go unnoticed.
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        gc.collect()
        gc.freeze()  # keeps loaded objects in memory pages that all workers share
        self._start_scheduled()
        while not self._is_told_to_stop():
            self._reap()
            self._start_scheduled()
        self._stop()

    def _is_told_to_stop(self) -> bool:
        """Wait for a signal or the next restart; true if the signal tells the server to stop."""
        restart_at = min((slot.restart_at for slot in self._slots if not slot.pid), default=None)
        wait = 60.0 if restart_at is None else max(0.0, restart_at - time.monotonic())
        received = signal.sigtimedwait({*STOP, signal.SIGCHLD}, wait)
        return received is not None and received.si_signo in STOP

    def _start_scheduled(self) -> None:
        for slot in self._slots:
            if not slot.pid and slot.restart_at <= time.monotonic():
                self._start(slot)

    def _start(self, slot: WorkerSlot) -> None:
        slot.started = time.monotonic()
        try:
            pid = os.fork()
        except OSError as error:
            logger.error("No worker could be started: %s", error)
            slot.schedule_restart(slot.started)
            return
        if pid:
            slot.pid = pid
            return
        os.close(self._supervisor_end)
        run_worker(
            lambda: Worker(
                self._application,
                self._listener,
                self._worker_end,
                limits=self._limits,
                behind_proxy=self._behind_proxy,
            )
        )

    def _reap(self) -> None:
        """Schedule the restart of workers that have ended."""
        for slot in self._slots:
            if slot.pid and (code := _find_exit_code(slot.pid)) is not None:
                pid, delay = slot.pid, slot.schedule_restart(time.monotonic())
                logger.error(
                    "Worker %d has ended (%s); the next one starts %s",
                    pid,
                    f"signal {-code}" if code < 0 else f"code {code}",
                    f"in {delay:.1f} s" if delay else "at once",
                )

    def _stop(self) -> None:
        """Stop accepting connections, tell the workers to stop, and kill those that do not."""
        end = time.monotonic() + STOP_SECONDS
        drop_new_connections(self._listener)
        self._listener.close()
        os.close(self._supervisor_end)  # tells the workers
        pids = [slot.pid for slot in self._slots if slot.pid]
        while pids and (left := end - time.monotonic()) > 0:
            pids = [pid for pid in pids if _find_exit_code(pid) is None]
            if pids:
                signal.sigtimedwait({signal.SIGCHLD}, min(left, 1.0))
        for pid in pids:
            logger.error("Worker %d did not end in time and is killed", pid)
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _find_exit_code(pid: int) -> int | None:
    """The exit code of a child process; None while it runs."""
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None
