"""Plain graphs with attributes, and how their values are written as XML.

Knows nothing of the project.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
Value = str | int | float | bool | None
AT_ONCE = 2_000  # nodes or edges in a piece of the file

# What XML 1.0 cannot hold, whatever somebody is called.
_UNFIT = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What the schema of GraphML has no place for in an identifier, as far as ASCII goes.
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
    """`kind`: string, int, double or boolean."""

    key: str
    kind: str


@dataclass(frozen=True)
class GraphNode:
    """`id` is what `token` makes."""

    id: str
    label: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class GraphEdge:
    """`weight` may be below 0. A value of None is left out."""

    source: str
    target: str
    weight: float
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class AttributedGraph:
    """An undirected graph. `edges` may be made as they are asked for."""

    title: str
    description: str
    node_attributes: Sequence[GraphAttribute]
    edge_attributes: Sequence[GraphAttribute]
    nodes: Iterable[GraphNode]
    edges: Iterable[GraphEdge]


def escape_xml_text(words: str) -> str:
    """For between tags and between quotes; what XML cannot hold is left out."""
    return _UNFIT.sub("", words).translate(_ENTITIES)


def encode_xml_token(words: str) -> str:
    """An identifier that every schema takes, another one for other words: é becomes _x00E9_."""
    return _NO_TOKEN.sub(lambda found: f"_x{ord(found[0]):04X}_", words)


def format_graph_value(value: Value) -> str:
    """A number that gives itself when read back; a word, made fit."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, int | float) else escape_xml_text(str(value))


def iterate_graph_chunks(things: Iterable[T], line: Callable[[T], str]) -> Iterator[bytes]:
    """Their lines, many at once, so that the file leaves in flat memory."""
    rest = iter(things)
    while part := list(islice(rest, AT_ONCE)):
        yield "".join(map(line, part)).encode()
