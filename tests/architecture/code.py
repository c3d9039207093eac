"""The source as the architecture's tests read it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "cstoannot"
Function = ast.FunctionDef | ast.AsyncFunctionDef

# Who may import whom: only from rows below one's own.
ROWS = {
    "core": 0,
    "text": 1,
    "stats": 1,
    "database": 1,
    "accounts": 2,
    "history": 3,
    "projects": 4,
    "sources": 5,
    "codebook": 5,
    "assignments": 6,
    "annotations": 7,
    "decisions": 8,
    "threads": 9,
    "agreement": 10,
    "comparison": 11,
    "exchange": 12,
    "api": 13,
    "web": 13,
    "http": 14,
}
TOP = 15  # settings, urls, models, apps, commands: what ties the rest together


@dataclass(frozen=True)
class Module:
    path: Path
    tree: ast.Module
    lines: int

    @property
    def name(self) -> str:
        """Such as `cstoannot/sources/actions.py`."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def package(self) -> str:
        """The domain, surface or pure package it belongs to; empty for the app's own modules."""
        parts = self.path.relative_to(APP).parts
        return parts[0] if len(parts) > 1 else ""

    def holds(self, *kinds: str) -> bool:
        """Whether its name ends in one of these: `queries.py`, `look_queries.py`."""
        return self.path.stem.split("_")[-1] in kinds

    @property
    def row(self) -> int:
        return ROWS.get(self.package, TOP)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.tree))

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and full name of everything imported, wherever the import stands."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from (
                    (node.lineno, f"{node.module or ''}.{alias.name}") for alias in node.names
                )

    def functions(self) -> Iterator[Function]:
        return (node for node in self.nodes if isinstance(node, Function))

    def public_functions(self) -> Iterator[Function]:
        """Those at the top of the module whose names do not begin with an underscore."""
        for node in self.tree.body:
            if isinstance(node, Function) and not node.name.startswith("_"):
                yield node


@cache
def modules() -> tuple[Module, ...]:
    found = []
    for path in sorted(APP.rglob("*.py")):
        if "migrations" not in path.parts:
            text = path.read_text(encoding="utf-8")
            found.append(Module(path, ast.parse(text), len(text.splitlines())))
    return tuple(found)


def files(folder: str, suffix: str) -> list[Path]:
    """Our own files below a folder of the app, in order; nothing of `vendor`."""
    found = (APP / folder).rglob(f"*{suffix}")
    return sorted(path for path in found if "vendor" not in path.parts)


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
