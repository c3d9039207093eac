"""Shared code of the comparison formats: their options, the comparison query of an export
request, and networks as graphs for GraphML and GEXF.
"""

from collections.abc import Callable, Iterator

from cstoannot.annotations.queries import AnnotationFilter
from cstoannot.comparison import network as networks
from cstoannot.comparison.comparison_query import (
    ACTORS,
    AUTHOR,
    CONSENSUS_OR_MAJORITY,
    EVERYONE,
    ComparisonQuery,
    check_comparison_query,
    format_voice,
)
from cstoannot.comparison.network import Network, NetworkEdge
from cstoannot.comparison.network_query import NetworkQuery
from cstoannot.core.errors import Invalid
from cstoannot.core.plurals import count_of
from cstoannot.exchange.formats.base import ExportRequest, FormatOption
from cstoannot.exchange.formats.graphs import (
    AttributedGraph,
    GraphAttribute,
    GraphEdge,
    GraphNode,
    Value,
    encode_xml_token,
)
from cstoannot.stats.comparison.networks import TwoMode

WHOSE = FormatOption(
    "whose",
    "Whose stance",
    {
        AUTHOR: "the authors' own: what they quote is not theirs",
        EVERYONE: "everyone's who speaks in a source",
    },
)
BY = FormatOption("by", "Compared are", {by: several for by, several in ACTORS.items()})
_KNOWN = ("sources", "codes", "descendants", "annotators", "layer", "voices", "stale")


def build_exported_comparison_query(asked: ExportRequest) -> ComparisonQuery:
    """Build the comparison query; raise Invalid for filters that a comparison does not have.

    A speaker in the filter is the voice; without one, all voices count if speakers are the actors.
    """
    filters, by = asked.filters, asked.options[BY.key]
    _check_comparison_filters(filters)
    voices: tuple[str, ...] = (EVERYONE if by == "speaker" else asked.options[WHOSE.key],)
    if filters.voices:
        voices = tuple(sorted(format_voice(name) if name else AUTHOR for name in filters.voices))
    return check_comparison_query(
        ComparisonQuery(
            layer=filters.layer or CONSENSUS_OR_MAJORITY,
            annotators=tuple(sorted(set(filters.annotators))),
            voices=voices,
            sources=tuple(sorted(set(filters.sources))),
            codes=tuple(sorted(set(filters.codes))),
            descendants=filters.descendants,
            by=by,
            meaning=filters.meaning,
        )
    )


def _check_comparison_filters(filters: AnnotationFilter) -> None:
    others = AnnotationFilter(
        **{name: value for name, value in vars(filters).items() if name not in _KNOWN}
    )
    if not others.everything or filters.stale:
        raise Invalid(
            "Positions are computed from all annotations: filter only by sources, codes, coders, "
            "a layer, voices and current meaning, and leave the other filters out."
        )


AT_ONCE = 5_000
NETWORK = FormatOption(
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
    "other normalisations, repeats, levels and thresholds: Compare, Network writes the file with "
    "them; here a claim counts once for each source, and average activity divides the weights",
)
_NODE = (
    GraphAttribute("kind", "string"),
    GraphAttribute("key", "string"),
    GraphAttribute("passages", "int"),
    GraphAttribute("supports", "int"),
    GraphAttribute("opposes", "int"),
    GraphAttribute("mixed", "int"),
)


def build_network_stream(
    writer: Callable[[AttributedGraph], Iterator[bytes]],
) -> Callable[[ExportRequest], Iterator[bytes]]:
    """Return a `stream` function that writes the requested network with `writer`."""

    def stream(asked: ExportRequest) -> Iterator[bytes]:
        found = load_exported_network(asked)
        by, kind = found.asked.question.by, asked.options[NETWORK.key]
        title = f"{asked.scope.project.slug}: {kind}, by {by}"
        yield from writer(build_network_graph(found, title, NETWORK.choices[kind]))

    return stream


def load_exported_network(asked: ExportRequest) -> Network:
    """Load the requested network; raise Invalid or Forbidden, as the Compare page does."""
    wanted = NetworkQuery(
        build_exported_comparison_query(asked), network=asked.options[NETWORK.key]
    )
    return networks.build_network(asked.scope, wanted)


def count_network_edges(asked: ExportRequest) -> int:
    return len(load_exported_network(asked).edges)


def build_network_warning(zero: str, negative: str) -> Callable[[ExportRequest], tuple[str, ...]]:
    """Return a `warn` function for a format; `zero`, `negative`: what becomes of such weights."""

    def warn(asked: ExportRequest) -> tuple[str, ...]:
        found = load_exported_network(asked)
        weight = found.edges.weight
        counts = (
            *_list_left_passages(found),
            *_list_left_actors(found),
            (int((weight == 0).sum()), "contested edge", f"of weight 0: {zero}"),
            (int((weight < 0).sum()), "edge", f"of negative weight: {negative}"),
            (found.cut, "weaker edge", f"beyond the {len(found.edges):,} that the file holds"),
        )
        return tuple(
            f"{count_of(number, what)} {words}" for number, what, words in counts if number
        )

    return warn


def _list_left_passages(found: Network) -> tuple[tuple[int, str, str], ...]:
    by, said = found.asked.question.by, found.said
    return (
        (said.without_stance, "passage", "without a stance: no edge counts it"),
        (said.mixed, "passage", "of mixed stance: on neither of the two levels"),
        (len(said.repeats), "repeat", f"of what the same {by} has said: counted once"),
    )


def _list_left_actors(found: Network) -> tuple[tuple[int, str, str], ...]:
    by, said = found.asked.question.by, found.said
    return (
        (said.silent, by, "without a passage that counts: no node"),
        (said.pending, by, "without one, not yet read to the end: pending, no node"),
        (said.partly_read, by, "not yet read to the end for every claim: edges may be missing"),
        (len(said.unnamed), "source", f"without a {by}: together one node"),
    )


def format_network_file_name(asked: ExportRequest) -> str:
    return f"network-{asked.options[NETWORK.key]}-by-{asked.options[BY.key]}"


def build_network_graph(network: Network, title: str, description: str) -> AttributedGraph:
    """Build the graph; edges between actor and claim count supporting and opposing passages."""
    names = list_edge_count_names(network)
    counts = tuple(GraphAttribute(name, "double") for name in names)
    more = (
        GraphAttribute("shared_claims", "int"),
        GraphAttribute("contested", "boolean"),
        GraphAttribute("carried_by_one_passage", "boolean"),
    )
    return AttributedGraph(
        title=title,
        description=description,
        node_attributes=_NODE,
        edge_attributes=(*counts, *more),
        nodes=_iterate_network_nodes(network),
        edges=(
            _build_network_edge(network, edge, names) for edge in iterate_network_edges(network)
        ),
    )


def list_edge_count_names(network: Network) -> tuple[str, str]:
    """Return the names of an edge's two counts."""
    two_mode = isinstance(network.asked.kind, TwoMode)
    return ("supports", "opposes") if two_mode else ("congruence", "conflict")


def iterate_network_edges(network: Network) -> Iterator[NetworkEdge]:
    """Yield the edges that `network` holds, in constant memory."""
    for start in range(0, len(network.edges), AT_ONCE):
        yield from network.listed(start, start + AT_ONCE)


def _build_network_node_id(network: Network, place: int) -> str:
    """Return an id, distinct for actors and claims, the same in every file of the project."""
    node = network.nodes[place]
    kind = node.kind if node.kind == "claim" else network.asked.question.by
    return encode_xml_token(f"{kind}:{node.key}")


def _iterate_network_nodes(network: Network) -> Iterator[GraphNode]:
    for place, node in enumerate(network.nodes):
        values: dict[str, Value] = {
            "kind": node.kind,
            "key": node.key,
            "passages": node.total,
            "supports": node.supports,
            "opposes": node.opposes,
            "mixed": node.mixed,
        }
        yield GraphNode(_build_network_node_id(network, place), node.name, values)


def _build_network_edge(network: Network, edge: NetworkEdge, names: tuple[str, str]) -> GraphEdge:
    values = {
        names[0]: edge.congruence,
        names[1]: edge.conflict,
        "shared_claims": edge.shared,
        "contested": edge.weight == 0,
        "carried_by_one_passage": edge.carried,
    }
    return GraphEdge(
        _build_network_node_id(network, edge.first),
        _build_network_node_id(network, edge.second),
        edge.weight,
        values,
    )
