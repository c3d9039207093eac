"""Times deciding on the load "large": the queue of a source, the first place, adopting.

    DATABASE_URL=postgres://… python -m benchmarks.fill
    DATABASE_URL=postgres://… python -m benchmarks.decide

Adopts all agreed places, about 80,000, and leaves them decided: fill anew for another run.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import django

from benchmarks.fill import SLUG
from benchmarks.report import Row, publish

if TYPE_CHECKING:
    from cstoannot.projects.scope import Scope

RUNS = 50
COLUMNS: Row = dict.fromkeys(
    ("what", "ms p50", "ms p95", "s", "s for 10,000", "CPU s for 10,000"), ""
)


def measure_calls(what: str, act: Callable[[int], object], runs: int = RUNS) -> Row:
    times = []
    for run in range(runs):
        began = time.perf_counter()
        act(run)
        times.append((time.perf_counter() - began) * 1000)
    quantiles = statistics.quantiles(times, n=20)
    return {**COLUMNS, "what": what, "ms p50": statistics.median(times), "ms p95": quantiles[-1]}


def measure_adopting(scope: Scope) -> Row:
    from cstoannot.decisions.actions import adopt_agreed_places

    began, worked = time.perf_counter(), time.process_time()
    places = adopt_agreed_places(scope).places
    seconds, cpu = time.perf_counter() - began, time.process_time() - worked
    each = 10_000 / max(places, 1)
    return {
        **COLUMNS,
        "what": f"adopt {places:,} places",
        "s": seconds,
        "s for 10,000": seconds * each,
        "CPU s for 10,000": cpu * each,
    }


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cstoannot.settings")
    django.setup()
    from cstoannot.decisions.queries import find_first_undecided, list_decidable_places
    from cstoannot.projects.scope import open_as_owner
    from cstoannot.sources.queries import visible_sources

    scope = open_as_owner(SLUG)
    ids = list(visible_sources(scope).values_list("pk", flat=True))
    rows = [
        measure_calls("queue of a source", lambda run: list_decidable_places(scope, ids[run])),
        measure_calls("first undecided place", lambda run: find_first_undecided(scope)),
        measure_adopting(scope),
    ]
    publish("decide", rows, failed=[], options={"runs": RUNS})


if __name__ == "__main__":
    main()
