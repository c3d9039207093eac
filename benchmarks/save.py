"""Save annotations one by one over HTTP, as each tool's own page would.

    python -m benchmarks.save [--peers taguette,doccano] [--clients 1,8,32] [--saves 300]

Each number of clients uses a new text. Afterwards the number of annotations in the tool is
checked: each save must be stored exactly once.
"""

from __future__ import annotations

import sys
import time

from benchmarks.large import document
from benchmarks.measure import Client, load, quantile
from benchmarks.report import Row
from benchmarks.tool import Document, Span, Tool
from benchmarks.tools import arguments, run

WARMING = 60
"""Saves before measuring, so that every worker is warmed up."""


def measure(tool: Tool, text: str, spans: list[Span], clients: int) -> Row:
    """Measure `len(spans)` saves by `clients` concurrent clients; return one row."""
    target = tool.make_document(text)
    people = [tool.client() for _ in range(clients)]

    def into(where: Document, client: Client, job: int) -> None:
        tool.save(client, where, *spans[job % len(spans)])

    spare = tool.make_document(text)
    load(people, lambda client, job: into(spare, client, job), max(WARMING, 4 * clients))
    tool.settle()
    used, began = tool.cpu(), time.perf_counter()
    times = load(people, lambda client, job: into(target, client, job), len(spans))
    took, used = time.perf_counter() - began, tool.cpu() - used
    for client in people:
        client.close()
    return {
        "tool": tool.name,
        "clients": clients,
        "saves": len(spans),
        "held": tool.count(target),
        "server CPU ms per save": 1000 * used / len(spans),
        "saves per s": len(spans) / took,
        "ms p50": 1000 * quantile(times, 0.5),
        "ms p95": 1000 * quantile(times, 0.95),
        "ms p99": 1000 * quantile(times, 0.99),
        "ms max": 1000 * max(times),
        "server MiB": tool.memory(),
    }


def main() -> int:
    """Read the options, measure, publish; return the number of tools that failed."""
    parser = arguments(__doc__)
    parser.add_argument("--clients", default="1,8", help="comma-separated numbers of clients")
    parser.add_argument("--saves", type=int, default=300, help="saves in each row")
    options = parser.parse_args()
    text, spans = document(options.characters, options.saves)
    numbers = [int(number) for number in options.clients.split(",")]
    return run(
        "save", options, lambda tool: [measure(tool, text, spans, number) for number in numbers]
    )


if __name__ == "__main__":
    sys.exit(main())
