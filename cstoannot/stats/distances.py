"""How far two values are apart: squared differences δ² for Krippendorff's α (FORMULAE, 1)."""

from collections.abc import Callable, Hashable, Sequence

import numpy as np

from cstoannot.stats.results import Floats

Distance = Callable[[Sequence[Hashable], Floats], Floats]
"""From the levels (V,), in order, and how many pairable values each has (..., V): δ², (V, V) or,
where it depends on these numbers, (..., V, V)."""


def nominal(levels: Sequence[Hashable], counts: Floats) -> Floats:
    """1 for different values, 0 for equal ones."""
    return 1.0 - np.eye(len(levels))


def ordinal(levels: Sequence[Hashable], counts: Floats) -> Floats:
    """(Σ of n_g from c to k − (n_c + n_k)/2)²: how many values lie between two ranks.

    The numbers are those of the pairable values, so they change in every replicate.
    """
    # Up to the middle of each rank: the distance of two middles is what the formula says.
    middle = np.cumsum(counts, axis=-1) - counts / 2
    return (middle[..., :, None] - middle[..., None, :]) ** 2


def interval(levels: Sequence[Hashable], counts: Floats) -> Floats:
    """(c − k)². ValueError for levels that are no numbers."""
    values = _numbers(levels)
    return (values[:, None] - values[None, :]) ** 2


def ratio(levels: Sequence[Hashable], counts: Floats) -> Floats:
    """((c − k)/(c + k))², 0 for equal values. ValueError for levels that are no numbers."""
    values = _numbers(levels)
    apart = values[:, None] - values[None, :]
    total = values[:, None] + values[None, :]
    if np.any((total == 0) & (apart != 0)):
        raise ValueError("a ratio scale has no negative values")
    return np.divide(apart, total, out=np.zeros_like(apart), where=apart != 0) ** 2


def _numbers(levels: Sequence[Hashable]) -> Floats:
    try:
        return np.array([float(level) for level in levels])  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ValueError("this metric needs numbers") from None


DISTANCES: dict[str, Distance] = {
    "nominal": nominal,
    "ordinal": ordinal,
    "interval": interval,
    "ratio": ratio,
}
