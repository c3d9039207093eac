"""GraphML (Brandes et al. 2002): igraph, networkx, Gephi, visone, yEd and R read it."""

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

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns '
    'http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">\n'
)
_LABEL, _WEIGHT = Attribute("label", "string"), Attribute("weight", "double")


def graphml(graph: Graph) -> Iterator[bytes]:
    """The file in pieces. Ids and keys stand as they are; `weight` keeps its sign."""
    node_keys = _keys("n", [_LABEL, *graph.node_attributes])
    edge_keys = _keys("e", [_WEIGHT, *graph.edge_attributes])
    yield "".join(
        (
            _HEAD,
            *_declared("node", "n", [_LABEL, *graph.node_attributes]),
            *_declared("edge", "e", [_WEIGHT, *graph.edge_attributes]),
            '<graph edgedefault="undirected">\n',
            f"<desc>{fit(graph.title)}. {fit(graph.description)}</desc>\n",
        )
    ).encode()
    yield from pieces(graph.nodes, lambda node: _node(node, node_keys))
    yield from pieces(graph.edges, lambda edge: _edge(edge, edge_keys))
    yield b"</graph>\n</graphml>\n"


def _keys(prefix: str, attributes: Sequence[Attribute]) -> dict[str, str]:
    return {one.key: f"{prefix}{number}" for number, one in enumerate(attributes)}


def _declared(owner: str, prefix: str, attributes: Sequence[Attribute]) -> Iterator[str]:
    for number, one in enumerate(attributes):
        yield (
            f'<key id="{prefix}{number}" for="{owner}" attr.name="{fit(one.key)}" '
            f'attr.type="{one.kind}"/>\n'
        )


def _node(node: Node, keys: Mapping[str, str]) -> str:
    data = _data({"label": node.label, **node.values}, keys)
    return f'<node id="{fit(node.id)}">{data}</node>\n'


def _edge(edge: Edge, keys: Mapping[str, str]) -> str:
    data = _data({"weight": edge.weight, **edge.values}, keys)
    return f'<edge source="{fit(edge.source)}" target="{fit(edge.target)}">{data}</edge>\n'


def _data(values: Mapping[str, Value], keys: Mapping[str, str]) -> str:
    return "".join(
        f'<data key="{keys[name]}">{written(value)}</data>'
        for name, value in values.items()
        if value is not None
    )


FORMAT = Format(
    key="graphml",
    title="GraphML",
    extension="graphml",
    media_type="application/xml; charset=utf-8",
    readers="igraph, networkx, visone, yEd, Gephi and R: a network of those compared.",
    carries=CARRIES,
    loses=LOSES,
    rows_are="edges",
    options=OPTIONS,
    stream=stream_of(graphml),
    count=count_edges,
    costly=True,
    warn=warn,
    name=file_name,
)
