"""The part of a network that is drawn, and its layout; deterministic."""

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from cstoannot.comparison.network import Network, NetworkEdge, NetworkNode
from cstoannot.comparison.network_query import NetworkQuery
from cstoannot.stats.comparison.layouts import compute_signed_layout
from cstoannot.stats.comparison.networks import OneMode, TwoMode
from cstoannot.stats.results import Floats

MOST_NODES, MOST_EDGES = 60, 240  # more would be illegible


@dataclass(frozen=True)
class NetworkDrawing:
    """Nodes with positions (x, y) at most 1 from the centre; `ends`: nodes of each edge.

    `left_nodes` and `left_edges`: how many are not drawn.
    """

    asked: NetworkQuery
    nodes: Sequence[NetworkNode]
    places: Sequence[tuple[float, float]]
    edges: Sequence[NetworkEdge]
    ends: Sequence[tuple[int, int]]
    left_nodes: int
    left_edges: int


# Cached as long as their networks are; a drawing does not refer to its network.
_drawn: WeakKeyDictionary[Network, NetworkDrawing] = WeakKeyDictionary()


def build_network_drawing(network: Network) -> NetworkDrawing:
    """Lay out the strongest edges and their nodes, and other nodes while there is room."""
    if network not in _drawn:
        _drawn[network] = _compute_network_drawing(network)
    return _drawn[network]


def _compute_network_drawing(network: Network) -> NetworkDrawing:
    chosen, edges = _select_strongest_edges(network)
    if len(network.nodes) <= MOST_NODES and not network.asked.two_mode:
        chosen = list(range(len(network.nodes)))
    place = {node: number for number, node in enumerate(sorted(chosen))}
    ends = [(place[edge.first], place[edge.second]) for edge in edges]
    first, second = np.array(ends, np.int64).reshape(-1, 2).T
    places = compute_signed_layout(
        len(place), first, second, *_compute_edge_pulls(network.asked.kind, edges)
    )
    silent = sum(node.total == 0 for node in network.nodes) if network.asked.two_mode else 0
    return NetworkDrawing(
        asked=network.asked,
        nodes=[network.nodes[node] for node in place],
        places=[(x, y) for x, y in places.tolist()],
        edges=edges,
        ends=ends,
        left_nodes=len(network.nodes) - len(place) - silent,
        left_edges=network.edges.passing - len(edges),
    )


def _select_strongest_edges(network: Network) -> tuple[list[int], list[NetworkEdge]]:
    """Return as many of the strongest edges as have at most MOST_NODES nodes."""
    nodes: set[int] = set()
    edges: list[NetworkEdge] = []
    for edge in network.listed(0, MOST_EDGES):
        both = nodes | {edge.first, edge.second}
        if len(both) <= MOST_NODES:
            nodes, edges = both, [*edges, edge]
    return list(nodes), edges


def _compute_edge_pulls(
    kind: OneMode | TwoMode, edges: Sequence[NetworkEdge]
) -> tuple[Floats, Floats]:
    """Return the attraction and the repulsion between the two ends of each edge.

    Congruence and conflict if the network has both; otherwise the weight and its difference from
    the largest one.
    """
    if kind in (OneMode.SUBTRACT, TwoMode.SUBTRACT):
        near = np.array([edge.congruence for edge in edges], float)
        return near, np.array([edge.conflict for edge in edges], float)
    size = np.abs(np.array([edge.weight for edge in edges], float))
    rest = size.max(initial=0.0) - size
    return (rest, size) if kind is OneMode.CONFLICT else (size, rest)
