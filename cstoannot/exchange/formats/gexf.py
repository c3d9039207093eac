"""GEXF 1.3, which Gephi reads.

Gephi does not support negative weights: `weight` is the absolute value, and the attribute
`signed_weight` has the sign.
"""

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

SIGNED = "signed_weight"
_TYPES = {"string": "string", "int": "integer", "double": "double", "boolean": "boolean"}
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<gexf xmlns="http://gexf.net/1.3" version="1.3">\n'


def render_gexf(graph: AttributedGraph) -> Iterator[bytes]:
    """Yield the file in chunks. It has no date, so the same graph gives the same bytes."""
    edge_attributes = [GraphAttribute(SIGNED, "double"), *graph.edge_attributes]
    node_keys, edge_keys = (
        _build_gexf_keys(graph.node_attributes),
        _build_gexf_keys(edge_attributes),
    )
    yield "".join(
        (
            _HEAD,
            "<meta><creator>cstoannot</creator>"
            f"<description>{escape_xml_text(graph.title)}. {escape_xml_text(graph.description)}"
            "</description></meta>\n",
            '<graph defaultedgetype="undirected" mode="static" idtype="string">\n',
            *_render_gexf_attributes("node", graph.node_attributes),
            *_render_gexf_attributes("edge", edge_attributes),
            "<nodes>\n",
        )
    ).encode()
    yield from iterate_graph_chunks(graph.nodes, lambda node: _render_gexf_node(node, node_keys))
    yield b"</nodes>\n<edges>\n"
    numbered = enumerate(graph.edges)
    yield from iterate_graph_chunks(
        numbered, lambda one: _render_gexf_edge(one[0], one[1], edge_keys)
    )
    yield b"</edges>\n</graph>\n</gexf>\n"


def _build_gexf_keys(attributes: Sequence[GraphAttribute]) -> dict[str, int]:
    return {one.key: number for number, one in enumerate(attributes)}


def _render_gexf_attributes(owner: str, attributes: Sequence[GraphAttribute]) -> Iterator[str]:
    yield f'<attributes class="{owner}">\n'
    for number, one in enumerate(attributes):
        title = escape_xml_text(one.key)
        yield f'<attribute id="{number}" title="{title}" type="{_TYPES[one.kind]}"/>\n'
    yield "</attributes>\n"


def _render_gexf_node(node: GraphNode, keys: Mapping[str, int]) -> str:
    data = _render_gexf_values(node.values, keys)
    label = escape_xml_text(node.label)
    return f'<node id="{escape_xml_text(node.id)}" label="{label}">{data}</node>\n'


def _render_gexf_edge(number: int, edge: GraphEdge, keys: Mapping[str, int]) -> str:
    data = _render_gexf_values({SIGNED: edge.weight, **edge.values}, keys)
    source, target = escape_xml_text(edge.source), escape_xml_text(edge.target)
    return (
        f'<edge id="{number}" source="{source}" target="{target}" '
        f'weight="{format_graph_value(abs(edge.weight))}">{data}</edge>\n'
    )


def _render_gexf_values(values: Mapping[str, Value], keys: Mapping[str, int]) -> str:
    found = "".join(
        f'<attvalue for="{keys[name]}" value="{format_graph_value(value)}"/>'
        for name, value in values.items()
        if value is not None
    )
    return f"<attvalues>{found}</attvalues>"


FORMAT = ExportFormat(
    key="gexf",
    title="GEXF",
    extension="gexf",
    media_type="application/xml; charset=utf-8",
    readers="Gephi and networkx: a network of those compared; weights lose their sign to a column.",
    carries=CARRIES,
    loses=LOSES,
    marks_stale=False,
    rows_are="edges",
    options=OPTIONS,
    stream=build_network_stream(render_gexf),
    count=count_network_edges,
    costly=True,
    warn=build_network_warning(
        zero="networkx keeps them, Gephi removes them",
        negative="`weight` is their size, the column `signed_weight` has the sign",
    ),
    name=format_network_file_name,
)
