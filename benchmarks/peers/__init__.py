"""The tools that annotators use today, each behind the interface of `benchmarks.tool.Tool`."""

from __future__ import annotations

from benchmarks.peers.doccano import Doccano
from benchmarks.peers.taguette import Taguette
from benchmarks.tool import Tool

PEERS: dict[str, type[Tool]] = {"taguette": Taguette, "doccano": Doccano}

__all__ = ["PEERS"]
