"""Networks of those compared, as graphs to be written: what GraphML and GEXF share."""

from collections.abc import Callable, Iterator

from cstoannot.comparison import network as networks
from cstoannot.comparison.network import Edge, Network
from cstoannot.exchange.formats.graphs import Attribute, Graph, Node, Value, token
from cstoannot.exchange.formats.graphs import Edge as GraphEdge
from cstoannot.exchange.formats.kinds import Asked, Option
from cstoannot.exchange.questions import BY, WHOSE, question_of
from cstoannot.stats.networks import TwoMode

AT_ONCE = 5_000
NETWORK = Option(
    "network",
    "Network",
    {
        "subtract": "congruence less conflict, among those compared",
        "congruence": "congruence: the same side",
        "conflict": "conflict: opposite sides",
        "co_mention": "co-mention: the same claims, on whatever side",
        "two_mode_subtract": "those compared and claims: supports less opposes",
        "two_mode_count": "those compared and claims: passages",
        "two_mode_combine": "those compared and claims: supports, opposes or both",
    },
)
OPTIONS = (NETWORK, BY, WHOSE)
CARRIES = (
    "nodes with their names and passages by stance, edges with weights and what they consist of",
    "identifiers that are the same in every file of the project",
)
LOSES = (
    "the passages behind nodes and edges",
    "silence: who takes no side with others has no edge",
    "normalisation, repeats, levels and thresholds: Compare, Network writes the file with them",
)
_NODE = (
    Attribute("kind", "string"),
    Attribute("key", "string"),
    Attribute("passages", "int"),
    Attribute("supports", "int"),
    Attribute("opposes", "int"),
    Attribute("mixed", "int"),
)


def stream_of(writer: Callable[[Graph], Iterator[bytes]]) -> Callable[[Asked], Iterator[bytes]]:
    """The network that is asked for, in the writer's format."""

    def stream(asked: Asked) -> Iterator[bytes]:
        found = network_of(asked)
        by, kind = found.asked.question.by, asked.options[NETWORK.key]
        title = f"{asked.scope.project.slug}: {kind}, by {by}"
        yield from writer(graph_of(found, title, NETWORK.choices[kind]))

    return stream


def network_of(asked: Asked) -> Network:
    """Raises Invalid and Forbidden, as Compare does."""
    wanted = networks.Asked(question_of(asked), network=asked.options[NETWORK.key])
    return networks.network(asked.scope, wanted)


def count_edges(asked: Asked) -> int:
    return len(network_of(asked).edges)


def warn(asked: Asked) -> tuple[str, ...]:
    """What of these passages has no part in the network."""
    found = network_of(asked)
    left = {
        "without stance": found.said.without_stance,
        "of mixed stance": found.said.mixed,
        f"in sources without a {found.asked.question.by}": found.said.nobodys,
    }
    lines = [f"{number:,} passages {what}" for what, number in left.items() if number]
    if found.cut:
        lines.append(f"the weakest {found.cut:,} edges; {len(found.edges):,} are held")
    return tuple(lines)


def file_name(asked: Asked) -> str:
    return f"network-{asked.options[NETWORK.key]}-by-{asked.options[BY.key]}"


def graph_of(network: Network, title: str, description: str) -> Graph:
    """Edges between actor and claim carry the passages that support and oppose."""
    names = counted_in(network)
    counts = tuple(Attribute(name, "double") for name in names)
    more = (Attribute("shared_claims", "int"), Attribute("carried_by_one_passage", "boolean"))
    return Graph(
        title=title,
        description=description,
        node_attributes=_NODE,
        edge_attributes=(*counts, *more),
        nodes=_nodes(network),
        edges=(_edge(network, edge, names) for edge in edges_of(network)),
    )


def counted_in(network: Network) -> tuple[str, str]:
    """What an edge's two numbers are called."""
    two_mode = isinstance(network.asked.kind, TwoMode)
    return ("supports", "opposes") if two_mode else ("congruence", "conflict")


def edges_of(network: Network) -> Iterator[Edge]:
    """All that are held, in flat memory."""
    for start in range(0, len(network.edges), AT_ONCE):
        yield from network.listed(start, start + AT_ONCE)


def _id(network: Network, place: int) -> str:
    """Apart for actors and claims, and the same in every file of the project."""
    node = network.nodes[place]
    kind = node.kind if node.kind == "claim" else network.asked.question.by
    return token(f"{kind}:{node.key}")


def _nodes(network: Network) -> Iterator[Node]:
    for place, node in enumerate(network.nodes):
        values: dict[str, Value] = {
            "kind": node.kind,
            "key": node.key,
            "passages": node.total,
            "supports": node.supports,
            "opposes": node.opposes,
            "mixed": node.mixed,
        }
        yield Node(_id(network, place), node.name, values)


def _edge(network: Network, edge: Edge, names: tuple[str, str]) -> GraphEdge:
    values = {
        names[0]: edge.congruence,
        names[1]: edge.conflict,
        "shared_claims": edge.shared,
        "carried_by_one_passage": edge.carried,
    }
    return GraphEdge(_id(network, edge.first), _id(network, edge.second), edge.weight, values)
