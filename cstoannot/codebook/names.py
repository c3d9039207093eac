"""Which codes of one place in the tree have names that a person cannot tell apart."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar

from cstoannot.core.errors import Conflict
from cstoannot.core.likeness import comparison_key, find_alike


class Named(Protocol):
    name: Any
    parent_id: Any
    retired_at: Any


N = TypeVar("N", bound=Named)


def check_sibling_name(name: str, siblings: Iterable[Named]) -> None:
    """Raise Conflict if one of the codes beside which it is to stand is called alike."""
    other = find_alike(name, siblings, lambda code: code.name)
    if other is None:
        return
    advice = "choose a name that people can tell apart"
    if other.retired_at is not None:
        advice = "take it back into use, or choose another name"
    stands = "is retired there" if other.retired_at is not None else "stands there already"
    raise Conflict(f"“{other.name}” {stands}: {advice}.", field="name")


def doubles(codes: Iterable[N]) -> list[list[N]]:
    """Groups of codes in use that stand side by side and are called alike, in the order given."""
    groups: dict[tuple[int | None, str], list[N]] = {}
    for code in codes:
        if code.retired_at is None:
            groups.setdefault((code.parent_id, comparison_key(code.name)), []).append(code)
    return [group for group in groups.values() if len(group) > 1]


def distinct_name(name: str, siblings: Sequence[Named]) -> str:
    """The name, with the first number that tells it from these codes' names; at most 100 long."""
    taken = {comparison_key(code.name) for code in siblings}
    numbered = (f"{name[:90].rstrip()} ({number})" for number in range(2, len(taken) + 3))
    return next(one for one in numbered if comparison_key(one) not in taken)
