"""Names of outsiders: within a project no two people have similar names, with or without
accounts.
"""

import re
from collections.abc import Iterable

from cstoannot.core.likeness import build_comparison_key

LONGEST = 150
_ENDING = " (archive)"
_ENDINGS = re.compile(r" \(archive(?: \d+)?\)$")


def strip_archive_suffix(name: str) -> str:
    """The name without an ending that sets it apart."""
    return _ENDINGS.sub("", name)


def choose_outsider_name(name: str, taken: Iterable[str]) -> str:
    """The name as it is, if nobody is called alike; otherwise with an ending that sets it apart."""
    keys = {build_comparison_key(one) for one in taken}
    found, number = name, 1
    while build_comparison_key(found) in keys:
        ending = _ENDING if number == 1 else f" (archive {number})"
        found, number = name[: LONGEST - len(ending)] + ending, number + 1
    return found
