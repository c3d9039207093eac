"""Prints result tables and writes them as JSON."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path("var/benchmarks")

Row = Mapping[str, str | float | int]


def _cell(value: str | float) -> str:
    return f"{value:,.1f}" if isinstance(value, float) else str(value)


def table(rows: Sequence[Row]) -> str:
    """Format a table; columns are the keys of the first row, numbers are right-aligned."""
    names = list(rows[0])
    lines = [names, *([_cell(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(names))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def publish(
    name: str, rows: Sequence[Row], *, failed: Sequence[str], options: Mapping[str, object]
) -> None:
    """Print the table; write it to var/benchmarks/NAME.json with time and machine."""
    if rows:
        print(table(rows))
    if failed:
        print(f"failed, so not in the table: {', '.join(failed)}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    content = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        # A database URL contains a password.
        "options": {**options, "database": str(options.get("database", "")).split(":")[0]},
        "rows": list(rows),
        "failed": list(failed),
    }
    (FOLDER / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n")
