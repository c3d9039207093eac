"""The real server in processes of its own, killed without warning and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path

from django.conf import settings

FOLDER = Path(settings.BASE_DIR)
PATIENCE = 600  # seconds; a first start takes about 11 of CPU, longer on a loaded machine


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _parent_of(process: Path) -> int:
    # The name, in brackets, may hold spaces and brackets itself.
    return int((process / "stat").read_text().rpartition(")")[2].split()[1])


def family_of(pid: int) -> list[int]:
    """The process, then its children and theirs."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[int(entry.name)] = _parent_of(entry)
    found = [pid]
    for member in found:
        found += [child for child, parent in parents.items() if parent == member]
    return found


class Server:
    """`manage.py serve` on a folder of its own, and on the database that is named, if any."""

    def __init__(self, folder: Path, database_url: str = "") -> None:
        self.folder, self.port = folder, free_port()
        kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.environment = {
            **kept,
            "DJANGO_SETTINGS_MODULE": "cstoannot.settings",
            "CSTOANNOT_DATA": str(folder),
            "PORT": str(self.port),
            **({"DATABASE_URL": database_url} if database_url else {}),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def manage(self, *words: str) -> str:
        """What a command prints; raises if it fails."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=FOLDER,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=FOLDER,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        begun = time.monotonic()
        while not self._answers():
            assert self.process.poll() is None, (self.folder / "server.log").read_text()
            assert time.monotonic() - begun < PATIENCE, "the server does not answer"
            time.sleep(0.1)

    def _answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/api/v1/me/")
            return connection.getresponse().status == 401
        except OSError:
            return False
        finally:
            connection.close()

    def kill(self) -> int:
        """End all its processes at once, as a power cut would; returns how many there were."""
        if self.process is None:
            return 0
        family = family_of(self.process.pid)
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(PATIENCE)
        self.process = None
        return len(family)
