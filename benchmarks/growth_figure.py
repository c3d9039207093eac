"""Draws the results of `growth` as SVG.

    python -m benchmarks.growth_figure [--before FILE] docs/images/growth.svg

Reads var/benchmarks/growth.json; `--before` is the growth.json of an earlier version, whose curves
are dashed. The same numbers give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.report import FOLDER

PANELS = {"open": "Annotate page", "beside: open": "Two texts side by side"}
COLOURS = {100: "#4e79a7", 500: "#b07aa1", 1000: "#c8453f"}
WIDTH, HEIGHT, LEFT, TOP, GAP = 300, 260, 64, 64, 40
MOST_CODES = 500
LEAST, MOST = 0.1, 100.0  # seconds; the axis is logarithmic

Rows = Sequence[Mapping[str, Any]]


def _x(panel: int, codes: float) -> float:
    return LEFT + panel * (WIDTH + GAP) + WIDTH * codes / MOST_CODES


def _y(seconds: float) -> float:
    share = math.log(max(seconds, LEAST) / LEAST) / math.log(MOST / LEAST)
    return TOP + HEIGHT * (1 - share)


def _text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{words}</text>'


def _axes(panel: int, title: str) -> Iterator[str]:
    left, right = _x(panel, 0), _x(panel, MOST_CODES)
    yield _text(left, TOP - 14, title, 'font-weight="600"')
    for seconds in (0.1, 1, 10, 100):
        y = _y(seconds)
        yield f'<path d="M{left:.1f} {y:.1f}H{right:.1f}" stroke="#ddd"/>'
        if not panel:
            yield _text(left - 8, y + 4, f"{seconds:g} s", 'text-anchor="end"')
    for codes in (17, 100, 200, 500):
        yield _text(_x(panel, codes), TOP + HEIGHT + 18, str(codes), 'text-anchor="middle"')
    yield _text((left + right) / 2, TOP + HEIGHT + 38, "codes", 'text-anchor="middle"')


def _curves(panel: int, name: str, rows: Rows, dash: str) -> Iterator[str]:
    for paragraphs, colour in COLOURS.items():
        points = [
            (_x(panel, row["codes"]), _y(row[name] / 1000))
            for row in rows
            if row["paragraphs"] == paragraphs
        ]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield (
            f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2" {dash}/>'
            if points
            else ""
        )
        yield from (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>' for x, y in points
        )


def growth_figure(after: Rows, before: Rows = ()) -> str:
    """Render the renderer CPU by number of codes, with a curve per number of paragraphs."""
    width, height = LEFT + 2 * WIDTH + GAP + 24, TOP + HEIGHT + 84
    body = [f'<rect width="{width}" height="{height}" fill="#fff"/>']
    body.append(_text(16, 24, "Renderer CPU to open a text with 2,000 passages", 'font-size="15"'))
    for panel, (name, title) in enumerate(PANELS.items()):
        body += _axes(panel, title)
        body += _curves(panel, name, before, 'stroke-dasharray="5 4"')
        body += _curves(panel, name, after, "")
    for place, (paragraphs, colour) in enumerate(COLOURS.items()):
        x, y = LEFT + place * 150, height - 14
        body.append(f'<path d="M{x} {y - 4}h22" stroke="{colour}" stroke-width="3"/>')
        body.append(_text(x + 28, y, f"{paragraphs:,} paragraphs"))
    if before:
        body.append(_text(LEFT + 480, height - 14, "dashed: before"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="#333">{"".join(body)}</svg>\n'
    )


def main() -> None:
    """Read, draw, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", type=Path, help="an earlier growth.json")
    parser.add_argument("figure", type=Path)
    options = parser.parse_args()
    after = json.loads((FOLDER / "growth.json").read_text())["rows"]
    before = json.loads(options.before.read_text())["rows"] if options.before else ()
    options.figure.write_text(growth_figure(after, before))


if __name__ == "__main__":
    main()
