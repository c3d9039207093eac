"""Measures CPU and memory of process trees, HTTP load, and a browser.

CPU time is the user and system time in seconds of a process and everything it started; it stays
comparable on a machine that does other work at the same time. Memory is in MiB. Servers listen on
127.0.0.1 only and are ended by their process id.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, ViewportSize, sync_playwright

HOST = "127.0.0.1"
TICK = os.sysconf("SC_CLK_TCK")
CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
VIEWPORT: ViewportSize = {"width": 1280, "height": 900}


# Processes


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the third on; empty if the process is gone."""
    try:
        # The second field is the command in brackets and may hold spaces.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def tree(root: int) -> list[int]:
    """Return the ids of the process and all its living descendants."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found.extend(parents.get(pid, ()))
    return found


def cpu_of(pid: int) -> float:
    """Return CPU seconds of a process and of its children that ended and were waited for."""
    fields = _stat(pid)
    return sum(map(int, fields[11:15])) / TICK if fields else 0.0


def cpu(root: int) -> float:
    """Return CPU seconds of a process tree."""
    return sum(map(cpu_of, tree(root)))


def memory(root: int) -> float:
    """Return the proportional set size of a process tree in MiB: shared pages count once."""
    total = 0
    for pid in tree(root):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def free_port() -> int:
    """Return an unused port of the loopback interface."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A server that this process started, in its own session; ended by its process id."""

    def __init__(self, process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
        self.process = process
        self._log = log

    @classmethod
    def start(
        cls, command: Sequence[str], *, port: int, env: Mapping[str, str], cwd: Path, log: Path
    ) -> Server:
        """Start `command` and wait up to 120 s until `port` is listened on."""
        output = log.open("wb")
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=os.environ | dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        server = cls(process, output)
        try:
            server._wait(port, seconds=120)
        except BaseException:
            server.stop()
            raise
        return server

    def _wait(self, port: int, *, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended: see {self._log.name}")
            with socket.socket() as probe:
                if probe.connect_ex((HOST, port)) == 0:
                    return
            time.sleep(0.1)
        raise TimeoutError(f"nothing listens on port {port}: see {self._log.name}")

    @property
    def pid(self) -> int:
        return self.process.pid

    def stop(self) -> None:
        """Ask the process to end; after 10 s kill it and its remaining children."""
        pids = tree(self.pid)
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pid in pids[1:]:
            try:
                # A recycled id belongs to another session: leave that process alone.
                if os.getsid(pid) == self.pid:
                    os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._log.close()


# HTTP


class Reply:
    """Status, headers and body of a response."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.location = response.getheader("Location", "")
        self.body = response.read()

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


class Client:
    """An HTTP client like one browser: a persistent connection and its cookies."""

    def __init__(self, port: int, *, headers: Mapping[str, str] | None = None) -> None:
        self.port = port
        self.headers = dict(headers or {})
        self.cookies: dict[str, str] = {}
        self._connection = http.client.HTTPConnection(HOST, port, timeout=120)

    def send(
        self,
        method: str,
        path: str,
        *,
        data: Any = None,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        expect: Sequence[int] = (200, 201, 204),
    ) -> Reply:
        """Send JSON (`data`), a form or bytes; raise if the status is not expected."""
        sent = self.headers | dict(headers or {})
        if data is not None:
            body, sent["Content-Type"] = json.dumps(data).encode(), "application/json"
        elif form is not None:
            body = urlencode(form).encode()
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        reply = self._exchange(method, path, body, sent)
        if reply.status not in expect:
            raise RuntimeError(f"{method} {path}: {reply.status} {reply.body[:300]!r}")
        return reply

    def _exchange(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Reply:
        self._connection.request(method, path, body, dict(headers))
        response = self._connection.getresponse()
        for line in response.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return Reply(response)

    def close(self) -> None:
        self._connection.close()


def load(clients: Sequence[Client], work: Callable[[Client, int], None], total: int) -> list[float]:
    """Divide jobs 0…total-1 among the clients, each one job at a time.

    Returns the wall time of each job in seconds, unordered. Raises the first error.
    """
    jobs: Iterator[int] = iter(range(total))
    lock = threading.Lock()
    times: list[float] = []
    errors: list[BaseException] = []

    def run(client: Client) -> None:
        while not errors:
            with lock:
                job = next(jobs, None)
            if job is None:
                return
            began = time.perf_counter()
            try:
                work(client, job)
            except BaseException as error:
                errors.append(error)
                return
            times.append(time.perf_counter() - began)

    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return times


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


# Browser


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Chromium, headless and without background traffic."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(CHROMIUM_ARGUMENTS)
        )
        try:
            yield browser
        finally:
            browser.close()


class BrowserCPU:
    """CPU seconds that the browser of this process has used since the last call of `begin`."""

    def __init__(self) -> None:
        self._before: dict[int, float] = {}

    @staticmethod
    def _now() -> dict[int, tuple[bool, float]]:
        """Return by process id whether it is a renderer, and its CPU seconds."""
        found: dict[int, tuple[bool, float]] = {}
        for pid in tree(os.getpid()):
            try:
                command = Path(f"/proc/{pid}/cmdline").read_bytes()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if b"chrom" in command.split(b"\0")[0]:
                found[pid] = (b"--type=renderer" in command, cpu_of(pid))
        return found

    def begin(self) -> None:
        """Start counting from here."""
        self._before = {pid: used for pid, (_, used) in self._now().items()}

    def used(self) -> tuple[float, float]:
        """Return CPU seconds of the renderers and of the whole browser."""
        renderer = whole = 0.0
        for pid, (is_renderer, used) in self._now().items():
            spent = used - self._before.get(pid, 0.0)
            whole += spent
            renderer += spent if is_renderer else 0.0
        return renderer, whole
