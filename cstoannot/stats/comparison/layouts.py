"""Where the nodes of a signed graph stand: near who agrees, far who contradicts.

The place of the nodes has the least stress (Kamada and Kawai 1989; Gansner, Koren and North 2005):
every two nodes should be as far apart as their relation says, from `NEAREST` for pure congruence
to `FURTHEST` for pure conflict, `APART` where there is none, which counts little.

Nothing is drawn by chance. The nodes start on places that are fixed, each step is rounded, so
that the last bits in which machines differ do not add up, and of the ends the first with the least
stress is taken. It is turned so that its longest extent lies across, the first node to the left
and the second above.
"""

import math

import numpy as np

from cstoannot.stats.results import Floats, Ints

NEAREST, APART, FURTHEST = 0.45, 1.5, 2.0
LOOSE = 0.25  # weight of a distance that no relation asks for
STEPS = 200
STARTS = 6
DECIMALS = 6
SHOWN = 4  # decimals of the answer
RECURRENCE = (0.7548776662466927, 0.5698402909980532)


def compute_signed_layout(
    size: int, first: Ints, second: Ints, congruence: Floats, conflict: Floats
) -> Floats:
    """(N, 2) places of nodes with these relations (E,); centred, the furthest at distance 1.

    ``congruence`` and ``conflict`` are at least 0: their ratio says how near, their size nothing.
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
    """(N, N) the distance that each two nodes should have, and how much that counts."""
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
    """Evenly over a square, without any symmetry that the steps could not leave.

    The additive recurrence of the plastic number (Roberts 2018); each number goes on where the one
    before it ended.
    """
    place = np.arange(1.0, size + 1.0) + number * size
    scattered: Floats = place[:, None] * np.array(RECURRENCE) % 1.0
    return np.round(scattered, DECIMALS)


def _minimise_stress(places: Floats, wanted: Floats, weight: Floats) -> Floats:
    """Each node to the mean of where the others want it, all at once, so often (majorization)."""
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
    # Adding 0 turns -0.0, which is written otherwise, into 0.0.
    return np.round(turned / furthest, SHOWN) + 0.0 if furthest > 0 else np.zeros_like(turned)
