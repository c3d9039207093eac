"""A network as a graph to be written, and as rows of tables."""

from collections.abc import Iterator, Sequence

from cstoannot.comparison.network import Edge, Network
from cstoannot.exchange.formats import graphs
from cstoannot.stats.networks import TwoMode
from cstoannot.web.results.tables import Field

AT_ONCE = 5_000
NODE_HEAD = ("key", "name", "kind", "passages", "supports", "opposes", "mixed")
_NODE = (
    graphs.Attribute("kind", "string"),
    graphs.Attribute("key", "string"),
    graphs.Attribute("passages", "int"),
    graphs.Attribute("supports", "int"),
    graphs.Attribute("opposes", "int"),
    graphs.Attribute("mixed", "int"),
)


def graph_of(network: Network, title: str, description: str) -> graphs.Graph:
    """Edges between actor and claim carry the passages that support and oppose."""
    names = _counted(network)
    counts = tuple(graphs.Attribute(name, "double") for name in names)
    more = (
        graphs.Attribute("shared_claims", "int"),
        graphs.Attribute("carried_by_one_passage", "boolean"),
    )
    return graphs.Graph(
        title=title,
        description=description,
        node_attributes=_NODE,
        edge_attributes=(*counts, *more),
        nodes=_nodes(network),
        edges=(_edge(network, edge, names) for edge in _edges(network)),
    )


def edge_rows(network: Network) -> Iterator[Sequence[Field]]:
    nodes = network.nodes
    for edge in _edges(network):
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
    return (*ends, *_counted(network), "shared_claims", "carried_by_one_passage")


def _counted(network: Network) -> tuple[str, str]:
    two_mode = isinstance(network.asked.kind, TwoMode)
    return ("supports", "opposes") if two_mode else ("congruence", "conflict")


def _edges(network: Network) -> Iterator[Edge]:
    for start in range(0, len(network.edges), AT_ONCE):
        yield from network.listed(start, start + AT_ONCE)


def _id(network: Network, place: int) -> str:
    """Apart for actors and claims, and the same in every file of the project."""
    node = network.nodes[place]
    kind = node.kind if node.kind == "claim" else network.asked.question.by
    return f"{kind}:{node.key}"


def _nodes(network: Network) -> Iterator[graphs.Node]:
    for place, node in enumerate(network.nodes):
        values: dict[str, graphs.Value] = {
            "kind": node.kind,
            "key": node.key,
            "passages": node.total,
            "supports": node.supports,
            "opposes": node.opposes,
            "mixed": node.mixed,
        }
        yield graphs.Node(_id(network, place), node.name, values)


def _edge(network: Network, edge: Edge, names: tuple[str, str]) -> graphs.Edge:
    values = {
        names[0]: edge.congruence,
        names[1]: edge.conflict,
        "shared_claims": edge.shared,
        "carried_by_one_passage": edge.carried,
    }
    return graphs.Edge(_id(network, edge.first), _id(network, edge.second), edge.weight, values)
