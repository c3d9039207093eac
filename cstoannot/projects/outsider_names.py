"""Names of outsiders: no two people of a project have similar names, with or without accounts."""

import re
from collections.abc import Iterable

from cstoannot.core.likeness import build_comparison_key

LONGEST = 150
_ENDING = " (archive)"
_ENDINGS = re.compile(r" \(archive(?: \d+)?\)$")


def strip_archive_suffix(name: str) -> str:
    """Return the name without the suffix that made it unique."""
    return _ENDINGS.sub("", name)


def choose_outsider_name(name: str, taken: Iterable[str]) -> str:
    """Return the name, with a suffix if somebody has a similar one."""
    keys = {build_comparison_key(one) for one in taken}
    found, number = name, 1
    while build_comparison_key(found) in keys:
        ending = _ENDING if number == 1 else f" (archive {number})"
        found, number = name[: LONGEST - len(ending)] + ending, number + 1
    return found
