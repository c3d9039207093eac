"""The codebook as a tree; plain Python, for objects with `id`, `parent_id` and `position`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar


class ParentedCode(Protocol):
    pk: Any
    parent_id: Any


N = TypeVar("N", bound=ParentedCode)


@dataclass(frozen=True)
class TreeNode(Generic[N]):
    """A code, its depth (0 at the top), and whether it has children."""

    code: N
    depth: int
    has_children: bool


def build_code_tree(codes: Sequence[N]) -> list[TreeNode[N]]:
    """Return every code once, parents before children, siblings in the order given.

    A code whose parent is not given becomes a root.
    """
    known = {code.pk for code in codes}
    below: dict[int | None, list[N]] = {}
    for code in codes:
        parent = code.parent_id if code.parent_id in known else None
        below.setdefault(parent, []).append(code)
    places: list[TreeNode[N]] = []
    waiting = [(code, 0) for code in reversed(below.get(None, []))]
    while waiting:
        code, depth = waiting.pop()
        children = below.get(code.pk, [])
        places.append(TreeNode(code, depth, bool(children)))
        waiting.extend((child, depth + 1) for child in reversed(children))
    return places


def collect_descendants(parents: Mapping[int, int | None], root: int) -> set[int]:
    """Return the ids of `root` and its descendants; `parents`: each id's parent."""
    below: dict[int | None, list[int]] = {}
    for child, parent in parents.items():
        below.setdefault(parent, []).append(child)
    found, waiting = set(), [root]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting.extend(below.get(current, []))
    return found


def would_cycle(parents: Mapping[int, int | None], *, child: int, parent: int | None) -> bool:
    """Return whether moving `child` below `parent` would create a cycle."""
    return parent is not None and parent in collect_descendants(parents, child)


def compute_code_depth(parents: Mapping[int, int | None], code: int | None) -> int:
    """Return the number of ancestors of a code, itself included; 0 for None."""
    depth = 0
    while code is not None:
        depth, code = depth + 1, parents.get(code)
    return depth


def compute_code_height(parents: Mapping[int, int | None], root: int) -> int:
    """Return the number of levels from this code down, its own included."""
    deepest = max(compute_code_depth(parents, code) for code in collect_descendants(parents, root))
    return deepest - compute_code_depth(parents, root) + 1
