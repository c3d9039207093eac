"""CPU of `manage.py serve` from start to first response.

    python -m benchmarks.start [--runs 5] [--python PATH] [--database postgres://…]

The first start creates the database, collects the static files and compiles the modules. Each
later start is measured by requesting the login page until it responds. `CPU s` is the user and
system time of all its processes until then, `rested` the same three seconds later, to show work
that was only deferred. `--python` names the interpreter of another environment, such as one with
`requirements.txt` alone. The database in `--database` must be empty before the first start.
"""

from __future__ import annotations

import argparse
import http.client
import os
import shutil
import statistics
import sys
import time

from benchmarks.cstoannot_server import ROOT
from benchmarks.measure import HOST, Server, cpu, free_port
from benchmarks.report import FOLDER, Row, publish

REST = 3  # seconds


def start_once(python: str, database: str) -> tuple[float, float, float]:
    """Return CPU seconds until the first response, the same after a rest, and wall seconds."""
    folder, port = FOLDER / "start", free_port()
    variables = {"CSTOANNOT_DATA": str(folder.resolve() / "data"), "PORT": str(port)}
    if database:
        variables["DATABASE_URL"] = database
    began = time.monotonic()
    server = Server.start(
        [python, "manage.py", "serve"],
        port=port,
        env=os.environ | variables,
        cwd=ROOT,
        log=folder / "server.log",
    )
    try:
        connection = http.client.HTTPConnection(HOST, port, timeout=60)
        connection.request("GET", "/account/login/")
        if (status := connection.getresponse().status) != 200:
            raise RuntimeError(f"the sign-in page answered {status}")
        answered, wall = cpu(server.pid), time.monotonic() - began
        time.sleep(REST)
        return answered, cpu(server.pid), wall
    finally:
        server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--database", default="", help="DATABASE_URL; else SQLite")
    options = parser.parse_args()
    shutil.rmtree(FOLDER / "start", ignore_errors=True)
    (FOLDER / "start").mkdir(parents=True)
    first = start_once(options.python, options.database)
    again = [start_once(options.python, options.database) for _ in range(options.runs)]
    columns = list(zip(*again, strict=True))
    names = ("CPU s", "rested", "wall s")
    medians = [statistics.median(column) for column in columns]
    slowest = [max(column) for column in columns]
    rows: list[Row] = [
        {"start": what} | {name: f"{value:.2f}" for name, value in zip(names, values, strict=True)}
        for what, values in (("first", first), ("again, median", medians), ("again, most", slowest))
    ]
    publish("start", rows, failed=[], options=vars(options))


if __name__ == "__main__":
    main()
