"""Loads the application once; for each line read, forks a server and prints its exit code.

Runs what `manage.py serve` calls, without the seconds of loading. Used by benchmarks/stop.py.
"""

from __future__ import annotations

import os
import sys

import django


def main() -> None:
    """Print the server's process id, then its exit code, for each line read."""
    django.setup()
    from django.conf import settings

    from cstoannot.management.serving.installation import run_server
    from cstoannot.management.serving.listener import reserve_port

    print("ready", flush=True)
    for _ in sys.stdin:
        pid = os.fork()
        if not pid:
            os.setsid()
            run_server(reserve_port("127.0.0.1", settings.PORT), workers=None)
            os._exit(0)
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
