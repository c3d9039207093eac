"""A network as rows of tables."""

from collections.abc import Iterator, Sequence

from cstoannot.comparison.network import Network
from cstoannot.exchange.formats.networks import counted_in, edges_of
from cstoannot.web.results.tables import Field

NODE_HEAD = ("key", "name", "kind", "passages", "supports", "opposes", "mixed")


def edge_rows(network: Network) -> Iterator[Sequence[Field]]:
    nodes = network.nodes
    for edge in edges_of(network):
        first, second = nodes[edge.first], nodes[edge.second]
        yield (
            first.key,
            second.key,
            first.name,
            second.name,
            edge.weight,
            edge.congruence,
            edge.conflict,
            edge.shared,
            "yes" if edge.carried else "no",
        )


def node_rows(network: Network) -> Iterator[Sequence[Field]]:
    for node in network.nodes:
        yield (node.key, node.name, node.kind, node.total, node.supports, node.opposes, node.mixed)


def edge_head(network: Network) -> Sequence[str]:
    """The columns of `edge_rows`."""
    ends = ("first", "second", "first_name", "second_name", "weight")
    return (*ends, *counted_in(network), "shared_claims", "carried_by_one_passage")
