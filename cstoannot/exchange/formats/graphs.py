"""Graphs with attributes, independent of the project, and their values as XML."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
Value = str | int | float | bool | None
AT_ONCE = 2_000  # nodes or edges in a chunk of the file

# Characters that XML 1.0 forbids; names may contain them.
_UNFIT = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# ASCII characters that the schema of GraphML forbids in an identifier.
_NO_TOKEN = re.compile("[^A-Za-z0-9._:-]|_(?=x)")
_ENTITIES = {
    ord("&"): "&amp;",
    ord("<"): "&lt;",
    ord(">"): "&gt;",
    ord('"'): "&quot;",
    ord("\t"): "&#9;",
    ord("\n"): "&#10;",
    ord("\r"): "&#13;",
}


@dataclass(frozen=True)
class GraphAttribute:
    """An attribute of nodes or edges. `kind`: string, int, double or boolean."""

    key: str
    kind: str


@dataclass(frozen=True)
class GraphNode:
    """A node. `id` comes from `encode_xml_token`."""

    id: str
    label: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class GraphEdge:
    """An edge. `weight` may be negative. A value of None is left out."""

    source: str
    target: str
    weight: float
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class AttributedGraph:
    """An undirected graph. `edges` may be a lazy iterable."""

    title: str
    description: str
    node_attributes: Sequence[GraphAttribute]
    edge_attributes: Sequence[GraphAttribute]
    nodes: Iterable[GraphNode]
    edges: Iterable[GraphEdge]


def escape_xml_text(words: str) -> str:
    """Escape for XML content and attributes; drop characters that XML forbids."""
    return _UNFIT.sub("", words).translate(_ENTITIES)


def encode_xml_token(words: str) -> str:
    """Encode as an identifier valid in every schema, one-to-one: é becomes _x00E9_."""
    return _NO_TOKEN.sub(lambda found: f"_x{ord(found[0]):04X}_", words)


def format_graph_value(value: Value) -> str:
    """Format a value: numbers round-trip exactly, texts are escaped."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, int | float) else escape_xml_text(str(value))


def iterate_graph_chunks(things: Iterable[T], line: Callable[[T], str]) -> Iterator[bytes]:
    """Yield the lines in chunks of AT_ONCE, in constant memory."""
    rest = iter(things)
    while part := list(islice(rest, AT_ONCE)):
        yield "".join(map(line, part)).encode()
