"""The supervisor: forks workers, starts another whenever one ends, and stops them all."""

import gc
import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cstoannot.management.serving.limits import Limits
from cstoannot.management.serving.listener import drop_new_connections
from cstoannot.management.serving.worker import Worker, run_worker

STOP = {signal.SIGTERM, signal.SIGINT}
STOP_SECONDS = 8.0
"""After this, workers that have not ended are killed."""
STEADY_SECONDS = 10.0
"""A worker that lived as long has not failed at once; the next one starts without delay."""
LONGEST_DELAY = 10.0
logger = logging.getLogger("cstoannot.serving")


@dataclass
class Place:
    """A worker's place: who has it, or when it is taken again."""

    pid: int = 0
    started: float = 0.0
    due: float = 0.0
    failures: int = 0

    def lose(self, now: float) -> float:
        """The worker has ended; returns the seconds until the next one starts."""
        steady = now - self.started >= STEADY_SECONDS
        self.failures = 0 if steady else self.failures + 1
        delay = 0.0 if self.failures < 2 else min(LONGEST_DELAY, 0.1 * 2**self.failures)
        self.pid, self.due = 0, now + delay
        return delay


class Supervisor:
    """Keeps `workers` processes alive until SIGTERM or SIGINT.

    All signals of interest are blocked and taken one by one with `sigtimedwait`, so none of them
    can be missed or come in between.
    """

    def __init__(
        self,
        application: Callable[..., Iterable[bytes]],
        listener: socket.socket,
        *,
        workers: int,
        limits: Limits,
        behind_proxy: bool,
    ) -> None:
        self._application, self._listener = application, listener
        self._limits, self._behind_proxy = limits, behind_proxy
        self._places = [Place() for _ in range(workers)]
        self._alive, self._held = os.pipe()

    def run(self) -> None:
        """Serve until a signal, and return when all workers have ended."""
        signal.pthread_sigmask(signal.SIG_BLOCK, {*STOP, signal.SIGCHLD})
        gc.collect()
        gc.freeze()  # what is loaded stays in pages that all workers share
        self._start_due()
        while not self._is_told_to_stop():
            self._reap()
            self._start_due()
        self._stop()

    def _is_told_to_stop(self) -> bool:
        """Wait until a signal arrives or a worker is due."""
        due = min((place.due for place in self._places if not place.pid), default=None)
        wait = 60.0 if due is None else max(0.0, due - time.monotonic())
        received = signal.sigtimedwait({*STOP, signal.SIGCHLD}, wait)
        return received is not None and received.si_signo in STOP

    def _start_due(self) -> None:
        for place in self._places:
            if not place.pid and place.due <= time.monotonic():
                self._start(place)

    def _start(self, place: Place) -> None:
        place.started = time.monotonic()
        try:
            pid = os.fork()
        except OSError as error:
            logger.error("No worker could be started: %s", error)
            place.lose(place.started)
            return
        if pid:
            place.pid = pid
            return
        os.close(self._held)
        run_worker(
            lambda: Worker(
                self._application,
                self._listener,
                self._alive,
                limits=self._limits,
                behind_proxy=self._behind_proxy,
            )
        )

    def _reap(self) -> None:
        """Free the places of workers that have ended."""
        for place in self._places:
            if place.pid and (code := _exit_code(place.pid)) is not None:
                pid, delay = place.pid, place.lose(time.monotonic())
                logger.error(
                    "Worker %d has ended (%s); the next one starts %s",
                    pid,
                    f"signal {-code}" if code < 0 else f"code {code}",
                    f"in {delay:.1f} s" if delay else "at once",
                )

    def _stop(self) -> None:
        """Have the workers end, which accept first what has connected before now."""
        end = time.monotonic() + STOP_SECONDS
        drop_new_connections(self._listener)
        self._listener.close()
        os.close(self._held)  # the workers notice
        pids = [place.pid for place in self._places if place.pid]
        while pids and (left := end - time.monotonic()) > 0:
            pids = [pid for pid in pids if _exit_code(pid) is None]
            if pids:
                signal.sigtimedwait({signal.SIGCHLD}, min(left, 1.0))
        for pid in pids:
            logger.error("Worker %d did not end in time and is killed", pid)
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _exit_code(pid: int) -> int | None:
    """How a child has ended; none while it runs."""
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None
