"""GEXF 1.3, which Gephi reads.

Gephi has no edges of negative weight, so that `weight` is the size; the attribute
`signed_weight` keeps the sign.
"""

from collections.abc import Iterator, Mapping, Sequence

from cstoannot.exchange.formats.graphs import (
    Attribute,
    Edge,
    Graph,
    Node,
    Value,
    fit,
    pieces,
    written,
)
from cstoannot.exchange.formats.kinds import Format
from cstoannot.exchange.formats.networks import (
    CARRIES,
    LOSES,
    OPTIONS,
    count_edges,
    file_name,
    stream_of,
    warn,
)

SIGNED = "signed_weight"
_TYPES = {"string": "string", "int": "integer", "double": "double", "boolean": "boolean"}
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<gexf xmlns="http://gexf.net/1.3" version="1.3">\n'


def gexf(graph: Graph) -> Iterator[bytes]:
    """The file in pieces. It has no date, so that the same graph gives the same bytes."""
    edge_attributes = [Attribute(SIGNED, "double"), *graph.edge_attributes]
    node_keys, edge_keys = _keys(graph.node_attributes), _keys(edge_attributes)
    yield "".join(
        (
            _HEAD,
            "<meta><creator>cstoannot</creator>"
            f"<description>{fit(graph.title)}. {fit(graph.description)}</description></meta>\n",
            '<graph defaultedgetype="undirected" mode="static" idtype="string">\n',
            *_declared("node", graph.node_attributes),
            *_declared("edge", edge_attributes),
            "<nodes>\n",
        )
    ).encode()
    yield from pieces(graph.nodes, lambda node: _node(node, node_keys))
    yield b"</nodes>\n<edges>\n"
    numbered = enumerate(graph.edges)
    yield from pieces(numbered, lambda one: _edge(one[0], one[1], edge_keys))
    yield b"</edges>\n</graph>\n</gexf>\n"


def _keys(attributes: Sequence[Attribute]) -> dict[str, int]:
    return {one.key: number for number, one in enumerate(attributes)}


def _declared(owner: str, attributes: Sequence[Attribute]) -> Iterator[str]:
    yield f'<attributes class="{owner}">\n'
    for number, one in enumerate(attributes):
        yield f'<attribute id="{number}" title="{fit(one.key)}" type="{_TYPES[one.kind]}"/>\n'
    yield "</attributes>\n"


def _node(node: Node, keys: Mapping[str, int]) -> str:
    data = _data(node.values, keys)
    return f'<node id="{fit(node.id)}" label="{fit(node.label)}">{data}</node>\n'


def _edge(number: int, edge: Edge, keys: Mapping[str, int]) -> str:
    data = _data({SIGNED: edge.weight, **edge.values}, keys)
    return (
        f'<edge id="{number}" source="{fit(edge.source)}" target="{fit(edge.target)}" '
        f'weight="{written(abs(edge.weight))}">{data}</edge>\n'
    )


def _data(values: Mapping[str, Value], keys: Mapping[str, int]) -> str:
    found = "".join(
        f'<attvalue for="{keys[name]}" value="{written(value)}"/>'
        for name, value in values.items()
        if value is not None
    )
    return f"<attvalues>{found}</attvalues>"


FORMAT = Format(
    key="gexf",
    title="GEXF",
    extension="gexf",
    media_type="application/xml; charset=utf-8",
    readers="Gephi and networkx: a network of those compared; weights lose their sign to a column.",
    carries=CARRIES,
    loses=LOSES,
    rows_are="edges",
    options=OPTIONS,
    stream=stream_of(gexf),
    count=count_edges,
    costly=True,
    warn=warn,
    name=file_name,
)
