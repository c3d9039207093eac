"""A PostgreSQL of the test's own, to stop and start."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.durability.server import free_port

SUPERUSER = "postgres"


def find_programs() -> Path | None:
    """Where initdb and pg_ctl are; None if this machine has no PostgreSQL server."""
    named = shutil.which("initdb")
    folders = [Path(named).parent] if named else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


class Cluster:
    """An empty cluster on a port of its own; started by `start`, gone after `remove`.

    Its folder stands beside those of pytest, which closes its own to all other users, also while
    tests run: PostgreSQL refuses to run as root, and its user has to get in.
    """

    def __init__(self, programs: Path) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="cstoannot-cluster-"))
        self.folder, self.programs, self.port = self.home / "data", programs, free_port()
        self.user = SUPERUSER if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(self.home, self.user)
        self._run("initdb", "-A", "trust", "-U", SUPERUSER, "--no-sync")

    @property
    def url(self) -> str:
        return f"postgres://{SUPERUSER}@127.0.0.1:{self.port}/{SUPERUSER}"

    def start(self) -> None:
        options = f"-p {self.port} -k '' -h 127.0.0.1"
        self._run("pg_ctl", "-w", "-o", options, "-l", str(self.folder / "log"), "start")

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-w", "-m", mode, "stop")

    def is_running(self) -> bool:
        return (self.folder / "postmaster.pid").exists()

    def remove(self) -> None:
        """Stop it if it runs, and remove all that it has stored."""
        if self.is_running():
            self.stop("immediate")
        shutil.rmtree(self.home)

    def _run(self, program: str, *words: str) -> None:
        command = [str(self.programs / program), "-D", str(self.folder), *words]
        done = subprocess.run(
            command,
            user=self.user,
            cwd="/",
            stdout=subprocess.DEVNULL,  # the server keeps what it inherits open
            stderr=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, (command, self._end_of_log())

    def _end_of_log(self) -> str:
        log = self.folder / "log"
        return log.read_text()[-1000:] if log.exists() else ""
