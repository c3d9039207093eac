"""Puts the results of `coverage` into a page.

    python -m benchmarks.coverage_table RESULTS docs/intervals.md

RESULTS are the lines that `coverage` wrote. The table replaces what stands between the page's two
comments `coverage`. The same results give the same bytes.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cstoannot.stats.coefficients.registry import MEASURES

BEGIN, END = "<!-- coverage -->", "<!-- /coverage -->"
ENOUGH = 0.25  # of the samples must have an interval, or the cell stays empty
PROMISED = 90.0

Cells = dict[int, list[tuple[float, float]]]


def collect_cells(lines: list[str]) -> dict[tuple[str, float, float], Cells]:
    """Group coverage and width, of settings that differ in coders and lengths only."""
    rows: dict[tuple[str, float, float], Cells] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        one: dict[str, Any] = json.loads(line)
        if one["intervals"] < ENOUGH * one["replications"]:
            continue
        row = rows[one["measure"], one["prevalence"], one["alpha"]]
        row[one["sources"]].append((100.0 * one["held"] / one["intervals"], one["width"]))
    return rows


def iterate_table(lines: list[str]) -> Iterator[str]:
    """Yield the lines of the table in Markdown."""
    rows = collect_cells(lines)
    sources = sorted({size for row in rows.values() for size in row})
    yield f"| measure | prevalence | α | {' | '.join(f'{size} sources' for size in sources)} |"
    yield f"|---|---|---|{'---|' * len(sources)}"
    for (measure, prevalence, alpha), row in sorted(rows.items(), key=_sort_row):
        cells = " | ".join(_format_cell(row.get(size, [])) for size in sources)
        yield f"| {MEASURES[measure].title} | {100 * prevalence:g} % | {alpha:.2f} | {cells} |"


def _sort_row(row: tuple[tuple[str, float, float], Cells]) -> tuple[int, float, float]:
    measure, prevalence, alpha = row[0]
    return list(MEASURES).index(measure), prevalence, alpha


def _format_cell(settings: list[tuple[float, float]]) -> str:
    """Format coverage on average and in the worst setting, and the usual width."""
    if not settings:
        return "–"
    coverage = [covered for covered, _ in settings]
    width = sorted(width for _, width in settings)[len(settings) // 2]
    mean = sum(coverage) / len(coverage)
    words = f"{mean:.0f} ({min(coverage):.0f}), {width:.2f}"
    return f"**{words}**" if mean < PROMISED else words


def main() -> None:
    results, page = Path(sys.argv[1]), Path(sys.argv[2])
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    table = "\n".join(iterate_table(results.read_text(encoding="utf-8").splitlines()))
    page.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
