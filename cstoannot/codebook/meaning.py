"""Which codings count: all, or only those made under the current meaning of their code."""

from typing import overload

import numpy as np
from numpy.typing import NDArray

from cstoannot.core.errors import Invalid

ANY, CURRENT = "any", "current"
MEANINGS = (ANY, CURRENT)
"""Values of the parameter `meaning` of agreement, comparison and exports."""


@overload
def is_stale(revision: int, meaning_revision: int) -> bool: ...
@overload
def is_stale(
    revision: NDArray[np.integer], meaning_revision: NDArray[np.integer]
) -> NDArray[np.bool_]: ...
def is_stale(revision, meaning_revision):  # type: ignore[no-untyped-def]
    """Return whether an annotation is older than the last change of its code's meaning.

    `revision`: the codebook revision under which the annotation was made; `meaning_revision`: the
    one in which the code's meaning last changed. Numbers, or arrays of them.
    """
    return revision < meaning_revision


def check_meaning(meaning: str) -> None:
    """Raise Invalid for a value that `meaning` does not have."""
    if meaning not in MEANINGS:
        raise Invalid(f"meaning is one of: {', '.join(MEANINGS)}.", field="meaning")


def choose_stale_filter(stale: bool | None, meaning: str) -> bool | None:
    """Return the filter of outdated annotations for `stale` and `meaning`; raise Invalid.

    The current meaning only is the same as no outdated annotations.
    """
    check_meaning(meaning)
    if meaning != CURRENT:
        return stale
    if stale:
        raise Invalid("No outdated annotation has the current meaning.", field="meaning")
    return False
