"""Read codes from pasted text: an indented list, or lines of cells; plain Python.

Each line is a code. Tabs, spaces or empty cells before its name give its depth. Cells are separated
by tabs or semicolons: whichever occurs after the first visible characters of the lines (tabs if
both do). The first line may name the columns. Spreadsheets quote a cell that contains a separator,
a line break or a quotation mark.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cstoannot.core.likeness import build_comparison_key

COLUMNS = ("name", "claim", "definition", "include", "exclude", "example", "shortcut", "colour")
_ALSO_CALLED = {
    "code": "name",
    "includes": "include",
    "excludes": "exclude",
    "examples": "example",
    "key": "shortcut",
    "color": "colour",
}
_LINE_BREAK = re.compile(r"\r\n?")
_UNREADABLE = (
    "The indentation does not match any line above: use the same tabs or spaces for each level."
)
_SKIPS = "This line is more than one level deeper than the line above it."


@dataclass(frozen=True)
class OutlineCode:
    """A code read from a line; `line` counts from 1, `depth` from 0; no empty cells."""

    line: int
    depth: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class OutlineProblem:
    line: int
    message: str


@dataclass(frozen=True)
class Outline:
    """The codes of a text in its order, parents before children."""

    codes: Sequence[OutlineCode] = ()
    problems: Sequence[OutlineProblem] = ()

    def parents(self) -> list[int | None]:
        """Return the index of each code's parent; None at the top."""
        above: list[int] = []
        found: list[int | None] = []
        for index, code in enumerate(self.codes):
            del above[code.depth :]
            found.append(above[-1] if above else None)
            above.append(index)
        return found


@dataclass
class _IndentStack:
    """The indentations of the open levels."""

    open: list[str] = field(default_factory=list)

    def enter(self, indent: str) -> tuple[int, str]:
        """Return the depth of a line with this indentation, and an error or ""."""
        if not self.open:
            self.open = [indent]
            return 0, ""
        deeper = indent.removeprefix(self.open[-1])
        if indent.startswith(self.open[-1]) and deeper:
            self.open.append(indent)
            skips = len(deeper) > 1 and not deeper.strip("\t")
            return len(self.open) - 1, _SKIPS if skips else ""
        while len(self.open) > 1 and not indent.startswith(self.open[-1]):
            self.open.pop()
        return len(self.open) - 1, "" if indent == self.open[-1] else _UNREADABLE


def read_outline(text: str) -> Outline:
    """Return the codes in a text, and its errors; accept any text."""
    text = _LINE_BREAK.sub("\n", text).removeprefix("\ufeff")
    separator = _find_separator(text)
    codes: list[OutlineCode] = []
    problems: list[OutlineProblem] = []
    columns: Sequence[str] | None = None
    indents = _IndentStack()
    for line, indent, cells in _iterate_outline_lines(text, separator):
        if columns is None:
            named = _read_outline_header(cells) if separator else None
            columns = named or COLUMNS
            if named:
                if named[0] != "name":
                    problems.append(OutlineProblem(line, "The first column must be the name."))
                continue
        depth, wrong = indents.enter(indent)
        if not wrong and any(cells[len(columns) :]):
            wrong = f"This line has more than {len(columns)} columns: {', '.join(columns)}."
        if wrong:
            problems.append(OutlineProblem(line, wrong))
        given = {name: cell for name, cell in zip(columns, cells, strict=False) if cell}
        codes.append(OutlineCode(line, depth, given))
    return Outline(codes, problems)


def _find_separator(text: str) -> str:
    """Return the separator of cells in this text; empty if there is none."""
    lines = [line.strip() for line in text.split("\n")]
    if any("\t" in line for line in lines):
        return "\t"
    # Leading separators are only empty cells.
    return ";" if any(";" in line for line in lines) else ""


def _iterate_outline_lines(text: str, separator: str) -> Iterator[tuple[int, str, list[str]]]:
    """Yield number, indentation and cells of every line that is not empty."""
    cell = _build_cell_pattern(separator)
    line, at = 1, 0
    while at < len(text):
        begun, number = at, line
        at = _find_indent_end(text, at, separator)
        indent = _normalise_indent(text[begun:at], separator)
        cells = []
        while True:
            found = cell.match(text, at)
            assert found is not None  # the pattern's second alternative matches anything
            quoted, plain = found.groups()
            cells.append((plain or "").strip() if quoted is None else quoted.replace('""', '"'))
            at = found.end()
            if not separator or not text.startswith(separator, at):
                break
            at += 1
        line += text.count("\n", begun, at) + 1
        at += 1  # the line break
        if any(cells):
            yield number, indent, cells


def _build_cell_pattern(separator: str) -> re.Pattern[str]:
    """Match a cell, quoted or not; quotation marks count only where there are columns."""
    if not separator:
        return re.compile(r"(?!)()|([^\n]*)")
    return re.compile(rf'"((?:[^"]|"")*+)"(?= *(?:{separator}|\n|\Z)) *|([^{separator}\n]*)')


def _find_indent_end(text: str, at: int, separator: str) -> int:
    while at < len(text) and text[at] != "\n" and (text[at].isspace() or text[at] == separator):
        at += 1
    return at


def _normalise_indent(indent: str, separator: str) -> str:
    """Return an indentation in tabs and spaces: empty cells as tabs, other spaces as spaces."""
    if separator == ";" and ";" in indent:
        return "\t" * indent.count(";")
    return "".join("\t" if sign == "\t" else " " for sign in indent)


def _read_outline_header(cells: Sequence[str]) -> list[str] | None:
    """Return the columns that a first line names; None if the line is a code."""
    keys = [build_comparison_key(cell) for cell in cells]
    while keys and not keys[-1]:
        keys.pop()
    named = [_ALSO_CALLED.get(key, key) for key in keys]
    is_header = len(named) > 1 and set(named) <= {*COLUMNS} and "name" in named
    return named if is_header and len(set(named)) == len(named) else None
