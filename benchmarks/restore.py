"""Measures restoring an archive and saves at the same time.

    CSTOANNOT_DATA=… python -m benchmarks.restore ARCHIVE OWNER

On SQLite. Each save is a transaction of one row, begun as cstoannot begins its own, in another
process than the restore. Prints seconds, peak memory and the longest wait of a save.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path


def _highest_memory(pid: int) -> int:
    """Return the peak memory in MiB; 0 once the process has ended."""
    try:
        words = Path(f"/proc/{pid}/status").read_text().split()
        return int(words[words.index("VmHWM:") + 1]) // 1024
    except (OSError, ValueError):
        return 0


def main(archive: str, owner: str) -> None:
    database = Path(os.environ["CSTOANNOT_DATA"]) / "cstoannot.sqlite3"
    began = time.monotonic()
    restoring = subprocess.Popen(
        [
            *(sys.executable, "manage.py", "restore_project", archive),
            *("--owner", owner, "--slug", f"restored-{os.getpid()}"),
        ]
    )
    saves = sqlite3.connect(database, timeout=300, isolation_level=None)
    waited, memory = [], 0
    while restoring.poll() is None:
        memory = max(memory, _highest_memory(restoring.pid))
        asked = time.monotonic()
        saves.execute("BEGIN IMMEDIATE")
        saves.execute("UPDATE cstoannot_project SET version = version WHERE id = 1")
        saves.execute("COMMIT")
        waited.append(time.monotonic() - asked)
        time.sleep(0.02)
    spent = time.monotonic() - began
    waited.sort()
    print(
        f"{spent:.0f} s, {memory} MiB, {len(waited)} saves: "
        f"p99 {waited[int(len(waited) * 0.99)]:.3f} s, longest {waited[-1]:.3f} s"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
