"""Graph files as networkx reads them back: nothing lost, nothing that XML cannot hold."""

import io
import re
from itertools import count
from pathlib import Path
from xml.etree import ElementTree

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cstoannot.exchange.formats.gexf import render_gexf
from cstoannot.exchange.formats.graphml import render_graphml
from cstoannot.exchange.formats.graphs import (
    AttributedGraph,
    GraphAttribute,
    GraphEdge,
    GraphNode,
    encode_xml_token,
)
from tests.exchange.reference import reference

GOLDEN = Path(__file__).parent / "golden"
NAMES = ["Ankara <& “Yerevan”", 'A "quoted"\tname', "\u202eעברית 🙂", "a\x00b\ud800c\x1b", "", "1"]
NODES = [GraphAttribute("kind", "string"), GraphAttribute("total", "int")]
EDGES = [
    GraphAttribute("share", "double"),
    GraphAttribute("carried", "boolean"),
    GraphAttribute("on", "int"),
]


def graph(names=NAMES, weights=(-3.0, 0.1 + 0.2, 5.0)):
    nodes = [
        GraphNode(f"n{n}", name, {"kind": "actor", "total": n}) for n, name in enumerate(names)
    ]
    edges = [
        GraphEdge(f"n{n}", f"n{n + 1}", weight, {"share": 1 / 3, "carried": n == 0, "on": None})
        for n, weight in zip(count(), weights)
    ]
    return AttributedGraph("Title <&>", "What it is & how", NODES, EDGES, nodes, edges)


def read_graphml(found):
    return networkx.read_graphml(io.BytesIO(b"".join(render_graphml(found))))


def read_gexf(found):
    return networkx.read_gexf(io.BytesIO(b"".join(render_gexf(found))), version="1.3")


def fit(name):
    return name.replace("\x00", "").replace("\ud800", "").replace("\x1b", "")


def test_graphml_is_read_as_it_was_written():
    found = read_graphml(graph())
    assert not found.is_directed()
    assert [data["label"] for _, data in found.nodes(data=True)] == [fit(name) for name in NAMES]
    assert found.nodes["n3"]["total"] == 3
    assert found.edges["n0", "n1"] == {"weight": -3.0, "share": 1 / 3, "carried": True}
    assert found.edges["n1", "n2"]["weight"] == 0.1 + 0.2


def test_gexf_is_read_as_it_was_written():
    found = read_gexf(graph())
    assert not found.is_directed()
    assert [data["label"] for _, data in found.nodes(data=True)] == [fit(name) for name in NAMES]
    edge = dict(found.edges["n0", "n1"])
    assert edge == {
        "id": "0",
        "weight": 3.0,
        "signed_weight": -3.0,
        "share": 1 / 3,
        "carried": True,
    }


def test_gexf_has_the_elements_of_version_1_3_in_their_order():
    root = ElementTree.fromstring(b"".join(render_gexf(graph())))
    space = "{http://gexf.net/1.3}"
    assert (root.tag, root.attrib) == (f"{space}gexf", {"version": "1.3"})
    assert [one.tag.removeprefix(space) for one in root] == ["meta", "graph"]
    parts = [(one.tag.removeprefix(space), one.get("class")) for one in root[1]]
    assert parts == [
        ("attributes", "node"),
        ("attributes", "edge"),
        ("nodes", None),
        ("edges", None),
    ]
    kinds = [one.get("type") for one in root.iter(f"{space}attribute")]
    assert kinds == ["string", "integer", "double", "double", "boolean", "integer"]


def test_gexf_is_valid_under_its_schema():
    schema = etree.XMLSchema(etree.parse(reference("gexf/gexf-1.3/gexf.xsd")))
    files = [b"".join(render_gexf(graph())), *(path.read_bytes() for path in GOLDEN.glob("*.gexf"))]
    assert len(files) > 3
    for file in files:
        schema.assertValid(etree.fromstring(file))


def test_identifiers_are_those_that_the_schema_of_graphml_takes():
    """The published schema has NMTOKEN for those of graphs, nodes, keys and the ends of edges."""
    files = [etree.parse(path) for path in GOLDEN.glob("*.graphml")]
    assert len(files) > 3
    for file in files:
        nodes = file.xpath("//*[local-name()='node']/@id")
        assert len(set(nodes)) == len(nodes)
        assert set(nodes) >= {*file.xpath("//@source"), *file.xpath("//@target")}
        for one in (*nodes, *file.xpath("//@id"), *file.xpath("//@key")):
            assert re.fullmatch(r"[\w.:-]+", one, re.ASCII)


@pytest.mark.parametrize("words", ["publisher:The “Paper”", "_x0041_", "_é_xé", "a\x00\U0001f642"])
def test_other_words_give_another_identifier(words):
    found = encode_xml_token(words)
    assert re.fullmatch(r"[\w.:-]+", found, re.ASCII)
    assert re.sub("_x([0-9A-F]{4,})_", lambda one: chr(int(one[1], 16)), found) == words


@pytest.mark.parametrize("write", [render_graphml, render_gexf])
def test_same_graph_gives_the_same_bytes_in_pieces(write):
    many = [GraphEdge("n0", "n1", float(n)) for n in range(4_500)]
    found = AttributedGraph("T", "D", NODES, EDGES, graph().nodes, many)
    parts = list(write(found))
    assert b"".join(parts) == b"".join(write(found))
    assert len(parts) >= 5


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=12), min_size=4, max_size=8))
def test_any_name_can_be_written(names):
    for read in (read_graphml, read_gexf):
        assert len(read(graph(names))) == len(names)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_weights_keep_every_digit(weight):
    assert read_graphml(graph(weights=[weight])).edges["n0", "n1"]["weight"] == weight
    assert read_gexf(graph(weights=[weight])).edges["n0", "n1"]["signed_weight"] == weight
