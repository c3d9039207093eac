"""Places the labels of network nodes so that they cover as little as possible."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

import numpy as np
from numpy.typing import NDArray

WIDTH, WIDE, HEIGHT = 6.9, 13.0, 15.0  # of a character, of a wide one, and of a line
GAP = 4.0
ASCENT = 11.0
STEPS = 24  # sample points along an edge
OUTSIDE = 20.0  # cost of a square unit outside the figure; over something else it is 1
CROSSED = 8.0  # cost of a sample point of an edge under a label

Line = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class LayoutBox:
    left: float
    top: float
    right: float
    bottom: float

    def shared(self, other: "LayoutBox") -> float:
        """Return the area of the overlap."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across * down if across > 0 and down > 0 else 0.0

    @property
    def area(self) -> float:
        return (self.right - self.left) * (self.bottom - self.top)


@dataclass(frozen=True)
class PlacedLabel:
    """A label's position. `x`, `y`: baseline of its first line; `anchor`: start, middle, end."""

    x: float
    y: float
    anchor: str
    lines: Sequence[str]


def place_labels(
    nodes: Sequence[LayoutBox],
    names: Sequence[Sequence[str]],
    edges: Sequence[Line],
    *,
    within: LayoutBox,
) -> list[PlacedLabel]:
    """Return for each node the label position with the lowest cost.

    The cost counts overlap with nodes, edges and earlier labels, and area outside `within`.
    """
    taken, points = list(nodes), _sample_edge_points(edges)
    found = []
    for node, lines in zip(nodes, names, strict=True):
        box, label = min(
            _iterate_label_candidates(node, lines),
            key=lambda pair: (
                _compute_label_cost(pair[0], node, taken, within)
                + _compute_crossing_cost(pair[0], points)
            ),
        )
        taken.append(box)
        found.append(label)
    return found


def _compute_label_cost(
    box: LayoutBox, node: LayoutBox, taken: Sequence[LayoutBox], within: LayoutBox
) -> float:
    outside = box.area - box.shared(within)
    covered = sum(box.shared(one) for one in taken if one is not node)
    return round(OUTSIDE * outside + covered, 3)


def _sample_edge_points(edges: Sequence[Line]) -> NDArray[np.float64]:
    """Return points along the edges, shape (P, 2)."""
    ends = np.array(edges, float).reshape(-1, 2, 2)
    share = np.linspace(0.0, 1.0, STEPS)[:, None, None]
    found: NDArray[np.float64] = (ends[:, 0] * (1 - share) + ends[:, 1] * share).reshape(-1, 2)
    return found


def _compute_crossing_cost(box: LayoutBox, points: NDArray[np.float64]) -> float:
    x, y = points.T
    under = (x > box.left) & (x < box.right) & (y > box.top) & (y < box.bottom)
    return CROSSED * int(np.count_nonzero(under))


def _iterate_label_candidates(
    node: LayoutBox, lines: Sequence[str]
) -> Iterator[tuple[LayoutBox, PlacedLabel]]:
    """Yield positions below, above, right and left of the node; of equals, the first wins."""
    width = max((_compute_line_width(line) for line in lines), default=0.0)
    height = HEIGHT * len(lines)
    middle, centre = (node.left + node.right) / 2, (node.top + node.bottom) / 2
    for top in (node.bottom + GAP / 2, node.top - GAP / 2 - height):
        box = LayoutBox(middle - width / 2, top, middle + width / 2, top + height)
        yield box, PlacedLabel(middle, top + ASCENT, "middle", lines)
    top = centre - height / 2
    right, left = node.right + GAP, node.left - GAP
    yield (
        LayoutBox(right, top, right + width, top + height),
        PlacedLabel(right, top + ASCENT, "start", lines),
    )
    yield (
        LayoutBox(left - width, top, left, top + height),
        PlacedLabel(left, top + ASCENT, "end", lines),
    )


def _compute_line_width(line: str) -> float:
    return sum(WIDE if east_asian_width(one) in "WF" else WIDTH for one in line)
