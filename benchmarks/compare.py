"""Time and memory of comparing sources: the matrix of a project of 1,000,000 annotations.

    DATABASE_URL=postgres://… python -m benchmarks.fill
    DATABASE_URL=postgres://… python -m benchmarks.compare

Requests run in this process, through all of Django but no socket. "Cold" is with an empty cache;
"warm" is the median of the following requests. CPU is that of this process; the database's shows
only in the wall time. The demonstration project is measured on SQLite, in its own folder.
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
MIB = 1024  # kilobytes, the unit of ru_maxrss


def timed(what: str, work: Callable[[], Any], rows: list[Row], runs: int = 1) -> Any:
    """Return what `work` returns; add a row with the median time and the peak memory so far."""
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
    """Measure the page and the API, with an empty cache and then again."""
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
    ask("/account/tokens/")  # the cost of a process's first request is not measured
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
    """Measure in a separate process, because settings have one database."""
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
