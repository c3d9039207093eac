"""Layout of a signed graph: nodes that agree are near, nodes that contradict each other far apart.

The layout has the least stress (Kamada and Kawai 1989; Gansner, Koren and North 2005): the distance
of two nodes should be what their relation asks for, from `NEAREST` for pure congruence to
`FURTHEST` for pure conflict, and `APART`, with little weight, without a relation.

The result is deterministic. Nodes start at fixed positions. Each step is rounded, so that
differences between machines in the last bits do not accumulate. Of several runs the first with the
least stress is chosen. The layout is turned so that its longest extent is horizontal, with the
first node on the left and the second in the upper half.
"""

import math

import numpy as np

from cstoannot.stats.results import Floats, Ints

NEAREST, APART, FURTHEST = 0.45, 1.5, 2.0
LOOSE = 0.25  # weight of a distance without a relation
STEPS = 200
STARTS = 6
DECIMALS = 6
SHOWN = 4  # decimals of the result
RECURRENCE = (0.7548776662466927, 0.5698402909980532)


def compute_signed_layout(
    size: int, first: Ints, second: Ints, congruence: Floats, conflict: Floats
) -> Floats:
    """Compute (N, 2) positions of nodes with these relations (E,), in the unit circle.

    ``congruence`` and ``conflict`` are at least 0; only their ratio matters.
    """
    if size < 2:
        return np.zeros((size, 2))
    wanted, weight = _compute_target_distances(size, first, second, congruence, conflict)
    best, least = np.zeros((size, 2)), math.inf
    for number in range(STARTS):
        places = _minimise_stress(_scatter_nodes(size, number), wanted, weight)
        stress = _compute_stress(places, wanted, weight)
        if stress < least:
            best, least = places, stress
    return _align_to_axes(best)


def _compute_target_distances(
    size: int, first: Ints, second: Ints, congruence: Floats, conflict: Floats
) -> tuple[Floats, Floats]:
    """(N, N) the wanted distance of each two nodes, and its weight."""
    wanted, weight = np.full((size, size), APART), np.full((size, size), LOOSE)
    total = congruence + conflict
    some = total > 0
    share = np.divide(conflict, total, out=np.full(len(total), 0.5), where=some)
    distance = NEAREST + (FURTHEST - NEAREST) * share
    for one, other in ((first, second), (second, first)):
        wanted[one, other] = distance
        weight[one, other] = 1.0
    np.fill_diagonal(wanted, 0.0)
    np.fill_diagonal(weight, 0.0)
    return wanted, weight


def _scatter_nodes(size: int, number: int) -> Floats:
    """Spread nodes evenly over a square, without symmetries that the iteration could not leave.

    Uses the additive recurrence of the plastic number (Roberts 2018); each ``number`` continues the
    sequence where the one before it ended.
    """
    place = np.arange(1.0, size + 1.0) + number * size
    scattered: Floats = place[:, None] * np.array(RECURRENCE) % 1.0
    return np.round(scattered, DECIMALS)


def _minimise_stress(places: Floats, wanted: Floats, weight: Floats) -> Floats:
    """Move all nodes repeatedly to the mean of where the others want them (majorization)."""
    total = weight.sum(axis=1)[:, None]
    for _ in range(STEPS):
        apart = places[:, None, :] - places[None, :, :]
        distance = np.sqrt((apart**2).sum(axis=2))
        pull = np.divide(wanted, distance, out=np.zeros_like(wanted), where=distance > 1e-9)
        asked = places[None, :, :] + apart * pull[:, :, None]
        moved = (weight[:, :, None] * asked).sum(axis=1) / total
        places = np.round((places + moved) / 2, DECIMALS)
    return places


def _compute_stress(places: Floats, wanted: Floats, weight: Floats) -> float:
    apart = places[:, None, :] - places[None, :, :]
    distance = np.sqrt((apart**2).sum(axis=2))
    return round(float((weight * (distance - wanted) ** 2).sum()), DECIMALS)


def _align_to_axes(places: Floats) -> Floats:
    places = places - places.mean(axis=0)
    x, y = places.T
    angle = 0.5 * math.atan2(2 * float((x * y).sum()), float((x * x).sum() - (y * y).sum()))
    turned = np.stack(
        [x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)],
        axis=1,
    )
    turned *= np.where(np.round(turned[[0, 1], [0, 1]], SHOWN) > 0, -1.0, 1.0)
    furthest = float(np.sqrt((turned**2).sum(axis=1)).max())
    # Adding 0 turns -0.0, which is printed differently, into 0.0.
    return np.round(turned / furthest, SHOWN) + 0.0 if furthest > 0 else np.zeros_like(turned)
