"""The network query: its parameters, their values and their validation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from urllib.parse import urlencode

from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.core.errors import Invalid
from cstoannot.stats.comparison.networks import (
    THREE_LEVELS,
    TWO_LEVELS,
    Normalisation,
    OneMode,
    TwoMode,
    TwoModeShare,
)
from cstoannot.stats.comparison.repeats import RepeatWindow

# Keys are the values of the parameter `network`.
NETWORKS: Mapping[str, OneMode | TwoMode] = {
    "subtract": OneMode.SUBTRACT,
    "congruence": OneMode.CONGRUENCE,
    "conflict": OneMode.CONFLICT,
    "co_mention": OneMode.CO_MENTION,
    "two_mode_subtract": TwoMode.SUBTRACT,
    "two_mode_count": TwoMode.COUNT,
    "two_mode_combine": TwoMode.COMBINE,
}
NORMALISATIONS: Mapping[str, Sequence[str]] = {
    "one_mode": tuple(str(one) for one in Normalisation),
    "two_mode": tuple(str(one) for one in TwoModeShare),
}
ALL_NORMALISATIONS = tuple(dict.fromkeys(one for some in NORMALISATIONS.values() for one in some))
REPEATS = tuple(str(rule) for rule in RepeatWindow)
SCALES = {2: TWO_LEVELS, 3: THREE_LEVELS}


@dataclass(frozen=True)
class NetworkQuery:
    """Parameters of a network.

    By default a claim counts once for each source and stance, and weights between actors are
    divided by their average activity, so that long sources do not weigh more. `normalisation`:
    empty for the network's default; `threshold`: least absolute weight; `ignore_stance`: of
    repeats.
    """

    question: ComparisonQuery = field(default_factory=ComparisonQuery)
    network: str = "subtract"
    normalisation: str = ""
    levels: int = 2
    repeats: str = "source"
    ignore_stance: bool = False
    threshold: float = 0.0

    @property
    def kind(self) -> OneMode | TwoMode:
        return NETWORKS[self.network]

    @property
    def two_mode(self) -> bool:
        return isinstance(self.kind, TwoMode)

    @property
    def _defaults(self) -> Mapping[str, str]:
        return {"normalisation": get_default_normalisation(self.network)}

    def address(self, **more: str | int | Sequence[str | int]) -> str:
        """Return the query string without defaults, followed by `more`."""
        given = {
            name: _format_network_parameter(getattr(self, name))
            for name in PARAMETERS
            if getattr(self, name) not in (getattr(_DEFAULT, name), self._defaults.get(name))
        }
        parts = (self.question.address(), urlencode(given), ComparisonQuery().address(**more))
        return "&".join(part for part in parts if part)


_DEFAULT = NetworkQuery()
PARAMETERS = ("network", "normalisation", "levels", "repeats", "ignore_stance", "threshold")


def _format_network_parameter(value: str | float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def get_default_normalisation(network: str) -> str:
    """Return what weights are divided by unless the query says otherwise."""
    one_mode = isinstance(NETWORKS.get(network), OneMode)
    return str(Normalisation.AVERAGE_ACTIVITY if one_mode else TwoModeShare.NONE)


def check_network_query(asked: NetworkQuery) -> NetworkQuery:
    """Return the query with its normalisation, if it is valid; raise Invalid."""
    if asked.network not in NETWORKS:
        raise Invalid(f"network is one of: {', '.join(NETWORKS)}.", field="network")
    by = asked.normalisation or get_default_normalisation(asked.network)
    asked = replace(asked, normalisation=by)
    known = NORMALISATIONS["two_mode" if asked.two_mode else "one_mode"]
    if asked.normalisation not in known:
        kind = "between actors and claims" if asked.two_mode else "between actors"
        raise Invalid(
            f"normalisation of a network {kind} must be one of: {', '.join(known)}.",
            field="normalisation",
        )
    if asked.kind is TwoMode.COMBINE and asked.normalisation != TwoModeShare.NONE:
        raise Invalid(
            "two_mode_combine cannot be normalised: leave normalisation out.", field="normalisation"
        )
    if asked.levels not in SCALES:
        raise Invalid("levels must be 2, or 3 with mixed in the middle.", field="levels")
    if asked.repeats not in REPEATS:
        raise Invalid(f"repeats is one of: {', '.join(REPEATS)}.", field="repeats")
    if not (isfinite(asked.threshold) and 0 <= asked.threshold <= 1e12):
        raise Invalid("The minimum weight (threshold) must be 0 or more.", field="threshold")
    return asked
