"""Does a response's time reveal whether somebody else has saved? Measures it as an attacker would.

    python -m benchmarks.timing [--rounds 40]

Each URL whose response uses a cache is requested with and without a save of another coder just
before it. Half of the times set a threshold, the other half measure how often it guesses right.
Runs in a test database on the server of DATABASE_URL. tests/access/test_timing.py checks that
every URL makes the same queries and calls.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from tests.access.room import Room

BEST_GUESS = 0.6
ADDRESSES = [
    "/projects/alliances/",
    "/projects/alliances/codebook/",
    "/projects/alliances/agreement/",
    "/projects/alliances/disagreements/",
    "/projects/alliances/compare/",
    "/projects/alliances/compare/network/",
    "/projects/alliances/compare/passages/?code=failure&voice=everyone",
    "/projects/alliances/history/",
    "/api/v1/projects/alliances/agreement/",
    "/api/v1/projects/alliances/annotations/",
    "/api/v1/projects/alliances/comparison/",
    "/api/v1/projects/alliances/export/csv/",
]


def measure_guessing(room: Room, address: str, rounds: int) -> float:
    """Return the share of right guesses; a URL that seems to leak is measured again, longer."""
    from tests.access.room import measure, sign_in

    client = sign_in(room.reader)
    found = measure(client, room, address, rounds)
    if found > BEST_GUESS:
        found = statistics.median(measure(client, room, address, 3 * rounds) for _ in range(3))
    return found


def main() -> int:
    """Print a line per reader and URL; return the number of URLs that leak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40, help="answers of each kind")
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases

    setup_test_environment()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        return compare_all(options.rounds)
    finally:
        teardown_databases(databases, verbosity=0)


def compare_all(rounds: int) -> int:
    """Print each result once it is known; return the number of URLs that leak."""
    from cstoannot.agreement.project_cache import clear_agreement_cache
    from cstoannot.comparison.project_cache import clear_comparison_cache as forget_comparison
    from tests.access.room import READERS, make_room
    from tests.access.twins import undone

    told = 0
    for reader, (username, options) in READERS.items():
        clear_agreement_cache()
        forget_comparison()
        with undone():
            room = make_room(username, options)
            for address in ADDRESSES:
                found = measure_guessing(room, address, rounds)
                told += found > BEST_GUESS
                print(f"{found:4.0%} {reader:31} {address}", flush=True)
    return told


if __name__ == "__main__":
    sys.exit(main())
