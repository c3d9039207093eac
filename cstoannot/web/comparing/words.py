"""What the states of a cell mean, in words; those of the consensus are about decisions."""

from collections.abc import Mapping

from cstoannot.annotations.models import Layer
from cstoannot.comparison.reports import Comparison

_FOUND = {
    "supports": "supports the claim",
    "opposes": "opposes the claim",
    "mixed": "neither side prevails by a third",
    "mentioned": "without a stance",
}
_INDIVIDUAL = {
    "silent": "read to the end, nothing on this claim found",
    "pending": "not yet read to the end",
    "unassigned": "given to nobody whose coding is compared",
}
_CONSENSUS = {
    "silent": "decided on, and nothing on this claim in the consensus",
    "pending": "not yet decided on",
    "unassigned": "nothing to decide on that you may know of",
}


def silences(found: Comparison) -> Mapping[str, str]:
    """Why nothing is said, by the state that stands for it."""
    return _CONSENSUS if found.layer == Layer.CONSENSUS else _INDIVIDUAL


def legend(found: Comparison) -> Mapping[str, str]:
    """Every state's meaning; where it is named by no sign alone, with its name."""
    named = {**_FOUND, **silences(found)}
    plain = ("supports", "opposes")
    return {
        state: words if state in plain else f"{state}: {words}" for state, words in named.items()
    }
