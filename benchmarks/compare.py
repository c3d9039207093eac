"""What comparing sources costs: the matrix of a project of a million annotations.

    DATABASE_URL=postgres://… python -m benchmarks.fill
    DATABASE_URL=postgres://… python -m benchmarks.compare

Everything is asked in this process, through the whole of Django but no socket. "Cold" is with
nothing kept; "warm" is the median of what follows. CPU is the process's own; the database's shows
in the wall time. The demonstration project is measured on SQLite, in a folder of its own.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import django
from django.core.management import call_command

from benchmarks.fill import LEAD, SLUG
from benchmarks.report import Row, publish

RUNS = 10
MIB = 1024  # kilobytes, of which the system counts


def timed(what: str, work: Callable[[], Any], rows: list[Row], runs: int = 1) -> Any:
    """The median of the runs; the memory at the most so far."""
    walls, cpus, found = [], [], None
    for _ in range(runs):
        wall, cpu = time.perf_counter(), time.process_time()
        found = work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    rows.append(
        {
            "what": what,
            "CPU ms": round(statistics.median(cpus) * 1000, 1),
            "wall ms": round(statistics.median(walls) * 1000, 1),
            "peak MiB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB),
        }
    )
    return found


def forget() -> None:
    from cstoannot.agreement import project_cache as agreement
    from cstoannot.comparison import project_cache as comparison

    agreement.clear_agreement_cache()
    comparison.clear_comparison_cache()


def measure(username: str, slug: str, name: str) -> list[Row]:
    """The page and the API, with nothing kept and then again."""
    from django.test import Client

    from cstoannot.accounts.queries import find_user

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(find_user(username))
    rows: list[Row] = []

    def ask(address: str) -> int:
        answer = client.get(address)
        if answer.status_code != 200:
            raise SystemExit(f"{address}: {answer.status_code}")
        return len(b"".join(answer))

    page, api = f"/projects/{slug}/compare/", f"/api/v1/projects/{slug}/comparison/"
    ask("/account/tokens/")  # what the first request of a process costs is not the matrix's
    forget()
    timed(f"{name}: page, cold", lambda: ask(page), rows)
    timed(f"{name}: page, warm", lambda: ask(page), rows, RUNS)
    timed(
        f"{name}: another question of what is loaded", lambda: ask(f"{page}?voice=everyone"), rows
    )
    timed(
        f"{name}: page, alike ones together, warm", lambda: ask(f"{page}?order=likeness"), rows, 3
    )
    timed(f"{name}: left out, warm", lambda: ask(f"{page}omissions/"), rows, 3)
    timed(f"{name}: API, warm", lambda: ask(api), rows, 3)
    timed(f"{name}: figure, warm", lambda: ask(f"{page}matrix.svg"), rows, 3)
    return rows


def demonstration() -> list[Row]:
    """In a process of its own: settings name one database."""
    with tempfile.TemporaryDirectory() as folder:
        kept = {**os.environ, "CSTOANNOT_DATA": folder, "DATABASE_URL": ""}
        kept.pop("DATABASE_URL")
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.compare", "--demonstration"],
            env=kept,
            capture_output=True,
            text=True,
            check=True,
        )
    lines = [line.split("\t") for line in done.stdout.splitlines() if line.count("\t") == 3]
    return [
        {"what": what, "CPU ms": float(cpu), "wall ms": float(wall), "peak MiB": int(peak)}
        for what, cpu, wall, peak in lines
    ]


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cstoannot.settings")
    django.setup()
    call_command("collectstatic", interactive=False, verbosity=0)  # pages name the served files


def _demonstrate() -> None:
    from django.conf import settings

    from cstoannot.exchange.seeds import SLUG as DEMO
    from cstoannot.exchange.seeds import load_seeds

    call_command("migrate", verbosity=0)
    load_seeds(settings.BASE_DIR)
    for row in measure("lead", DEMO, "demo"):
        print("\t".join(str(value) for value in row.values()))


def main() -> None:
    if "--demonstration" in sys.argv:
        _set_up()
        _demonstrate()
        return
    rows = demonstration()
    if os.environ.get("DATABASE_URL"):
        _set_up()
        rows += measure(LEAD, SLUG, "large")
    publish("compare", rows, failed=[], options={"database": os.environ.get("DATABASE_URL", "")})


if __name__ == "__main__":
    main()
