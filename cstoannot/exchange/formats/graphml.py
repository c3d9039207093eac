"""GraphML (Brandes et al. 2002): igraph, networkx, Gephi, visone, yEd and R read it."""

from collections.abc import Iterator, Mapping, Sequence

from cstoannot.exchange.formats.base import ExportFormat
from cstoannot.exchange.formats.comparisons import (
    CARRIES,
    LOSES,
    OPTIONS,
    build_network_stream,
    build_network_warning,
    count_network_edges,
    format_network_file_name,
)
from cstoannot.exchange.formats.graphs import (
    AttributedGraph,
    GraphAttribute,
    GraphEdge,
    GraphNode,
    Value,
    escape_xml_text,
    format_graph_value,
    iterate_graph_chunks,
)

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns '
    'http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">\n'
)
_LABEL, _WEIGHT = GraphAttribute("label", "string"), GraphAttribute("weight", "double")


def render_graphml(graph: AttributedGraph) -> Iterator[bytes]:
    """Yield the file in chunks. Ids and keys need no escaping; `weight` keeps its sign."""
    node_keys = _build_graphml_keys("n", [_LABEL, *graph.node_attributes])
    edge_keys = _build_graphml_keys("e", [_WEIGHT, *graph.edge_attributes])
    yield "".join(
        (
            _HEAD,
            *_render_graphml_attributes("node", "n", [_LABEL, *graph.node_attributes]),
            *_render_graphml_attributes("edge", "e", [_WEIGHT, *graph.edge_attributes]),
            '<graph edgedefault="undirected">\n',
            f"<desc>{escape_xml_text(graph.title)}. {escape_xml_text(graph.description)}</desc>\n",
        )
    ).encode()
    yield from iterate_graph_chunks(graph.nodes, lambda node: _render_graphml_node(node, node_keys))
    yield from iterate_graph_chunks(graph.edges, lambda edge: _render_graphml_edge(edge, edge_keys))
    yield b"</graph>\n</graphml>\n"


def _build_graphml_keys(prefix: str, attributes: Sequence[GraphAttribute]) -> dict[str, str]:
    return {one.key: f"{prefix}{number}" for number, one in enumerate(attributes)}


def _render_graphml_attributes(
    owner: str, prefix: str, attributes: Sequence[GraphAttribute]
) -> Iterator[str]:
    for number, one in enumerate(attributes):
        yield (
            f'<key id="{prefix}{number}" for="{owner}" attr.name="{escape_xml_text(one.key)}" '
            f'attr.type="{one.kind}"/>\n'
        )


def _render_graphml_node(node: GraphNode, keys: Mapping[str, str]) -> str:
    data = _render_graphml_values({"label": node.label, **node.values}, keys)
    return f'<node id="{escape_xml_text(node.id)}">{data}</node>\n'


def _render_graphml_edge(edge: GraphEdge, keys: Mapping[str, str]) -> str:
    data = _render_graphml_values({"weight": edge.weight, **edge.values}, keys)
    source, target = escape_xml_text(edge.source), escape_xml_text(edge.target)
    return f'<edge source="{source}" target="{target}">{data}</edge>\n'


def _render_graphml_values(values: Mapping[str, Value], keys: Mapping[str, str]) -> str:
    return "".join(
        f'<data key="{keys[name]}">{format_graph_value(value)}</data>'
        for name, value in values.items()
        if value is not None
    )


FORMAT = ExportFormat(
    key="graphml",
    title="GraphML",
    extension="graphml",
    media_type="application/xml; charset=utf-8",
    readers="igraph, networkx, visone, yEd, Gephi and R: a network of those compared.",
    carries=CARRIES,
    loses=LOSES,
    marks_stale=False,
    rows_are="edges",
    options=OPTIONS,
    stream=build_network_stream(render_graphml),
    count=count_network_edges,
    costly=True,
    warn=build_network_warning(
        zero="igraph, networkx and visone keep them, Gephi removes them",
        negative="Gephi and layouts that take weights as attraction need GEXF, or another column",
    ),
    name=format_network_file_name,
)
