"""Response times (p95) of lists and pages on the load "large", server only.

    DATABASE_URL=postgres://… python -m benchmarks.fill
    DATABASE_URL=postgres://… python -m benchmarks.lists

Each URL is requested `RUNS` times in this process, as the owner and as an annotator, through all
of Django but no socket: without network time.
"""

from __future__ import annotations

import os
import statistics
import time

import django
from django.core.management import call_command

from benchmarks.fill import LEAD, SLUG
from benchmarks.report import Row, publish

RUNS = 100
ANNOTATOR = "annotator-01"
API = f"/api/v1/projects/{SLUG}"
ADDRESSES = [
    "/",
    f"/projects/{SLUG}/",
    f"/projects/{SLUG}/?page=50",
    f"/projects/{SLUG}/codebook/",
    f"/projects/{SLUG}/history/",
    f"{API}/sources/",
    f"{API}/sources/?page_size=1000",
    f"{API}/annotations/",
    f"{API}/annotations/?code=code-001",
    f"{API}/annotations/?stance=opposes&ordering=-updated_at",
    f"{API}/annotations/?stale=true",
    f"{API}/assignments/",
    f"{API}/codes/",
    f"{API}/speakers/",
    f"{API}/events/",
]


def measure(username: str) -> list[Row]:
    from django.test import Client

    from cstoannot.accounts.queries import find_user

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(find_user(username))
    rows: list[Row] = []
    for address in ADDRESSES:
        status = client.get(address).status_code
        times = []
        for _ in range(RUNS):
            began = time.perf_counter()
            client.get(address)
            times.append((time.perf_counter() - began) * 1000)
        row = {"address": address, "as": username, "status": status}
        quantiles = statistics.quantiles(times, n=20)
        rows.append({**row, "ms p50": statistics.median(times), "ms p95": quantiles[-1]})
    return rows


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cstoannot.settings")
    django.setup()
    call_command("collectstatic", interactive=False, verbosity=0)  # pages name the served files
    rows = [*measure(LEAD), *measure(ANNOTATOR)]
    publish(
        "lists", rows, failed=[], options={"database": os.environ.get("DATABASE_URL", "sqlite")}
    )


if __name__ == "__main__":
    main()
