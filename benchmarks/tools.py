"""Selects the tools: cstoannot first, then the requested peers."""

from __future__ import annotations

import argparse
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.cstoannot_server import Cstoannot
from benchmarks.peers import PEERS
from benchmarks.report import FOLDER, Row, publish
from benchmarks.tool import Program, Tool


def arguments(description: str | None) -> argparse.ArgumentParser:
    """Return a parser of the options that all scripts share."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--peers", default=",".join(PEERS), help="comma-separated; '' for none")
    parser.add_argument("--without-cstoannot", action="store_true", help="measure the peers only")
    parser.add_argument("--database", default="", help="cstoannot's DATABASE_URL; else SQLite")
    parser.add_argument("--characters", type=int, default=8000, help="length of the text")
    return parser


def chosen(options: argparse.Namespace) -> list[Tool]:
    """Return the tools to measure, not yet installed."""
    names = [name for name in options.peers.split(",") if name]
    if unknown := set(names) - set(PEERS):
        raise SystemExit(f"unknown peers: {', '.join(sorted(unknown))}; there are {[*PEERS]}")
    tools: list[Tool] = [] if options.without_cstoannot else [Cstoannot(options.database)]
    return tools + [PEERS[name]() for name in names]


@contextmanager
def running(tool: Program) -> Iterator[None]:
    """Install and start the tool and wait until it is idle; stop it afterwards."""
    tool.install(FOLDER / tool.name)
    tool.start()
    try:
        tool.settle()
        yield
    finally:
        tool.stop()


def run(name: str, options: argparse.Namespace, measure: Callable[[Tool], list[Row]]) -> int:
    """Measure the tools one after the other and publish; return the number that failed.

    A failing tool does not stop the others.
    """
    rows: list[Row] = []
    failed: list[str] = []
    for tool in chosen(options):
        try:
            with running(tool):
                rows.extend(measure(tool))
        except Exception:
            traceback.print_exc()
            failed.append(tool.name)
    publish(name, rows, failed=failed, options=vars(options))
    return len(failed)
