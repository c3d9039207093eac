"""The loss report counts what a network leaves out, and what a target tool drops of it."""

from xml.etree import ElementTree

import pytest

from cstoannot.annotations.queries import AnnotationFilter
from cstoannot.exchange.formats.registry import build_export_request, require_format
from cstoannot.projects.scope import open_project
from cstoannot.sources.actions import change_source
from tests.builders import add_code, add_source, assign_to
from tests.comparison.networked import add_article, worked_project
from tests.exchange.reading import file_of


@pytest.fixture
def lead(db):
    """Four sources read, one with nothing that counts, one in work."""
    scope = worked_project()
    coder = open_project(scope.project.memberships.get(user__username="cara").user, "worked")
    add_article(scope, coder, "E", [("p", "mixed"), ("p", ""), ("p", "")])
    assign_to(scope, add_source(scope, "F", "Nothing yet."), coder.user)
    return scope


def _warn(scope, key, **options):
    format = require_format(key)
    return list(format.warn(build_export_request(scope, format, AnnotationFilter(), options)))


PASSAGES = [
    "2 passages without a stance: no edge counts it",
    "1 passage of mixed stance: on neither of the two levels",
    "4 repeats of what the same source has said: counted once",
    "1 source without a passage that counts: no node",
    "1 source without one, not yet read to the end: pending, no node",
]


def _count_weights(scope, key):
    """Edges of weight 0, and below, in the file."""
    root = ElementTree.fromstring(file_of(scope, key))
    if key == "gexf":
        weights = [
            float(edge.find(".//{*}attvalue").get("value")) for edge in root.findall(".//{*}edge")
        ]
    else:
        weights = [float(edge.find("{*}data").text) for edge in root.findall(".//{*}edge")]
    return sum(weight == 0 for weight in weights), sum(weight < 0 for weight in weights)


@pytest.mark.parametrize("key", ["graphml", "gexf"])
def test_what_a_tool_drops_is_counted(lead, key):
    zero, negative = _count_weights(lead, key)
    assert (zero, negative) == (4, 1)
    lines = _warn(lead, key)
    assert lines[: len(PASSAGES)] == PASSAGES
    first, second = lines[len(PASSAGES) :]
    assert first.startswith("4 contested edges of weight 0: ")
    assert "Gephi removes them" in first
    assert second.startswith("1 edge of negative weight: ")


def test_code_added_later_may_hide_edges(lead):
    add_code(lead, "Later", claim="That later.")
    assert _warn(lead, "graphml")[3:6] == [
        "2 sources without one, not yet read to the end: pending, no node",
        "4 sources not yet read to the end for every claim: edges may be missing",
        "4 contested edges of weight 0: igraph, networkx and visone keep them, Gephi removes them",
    ]


def test_sources_without_a_publisher_are_one_node(lead):
    first = lead.project.sources.get(title="A")
    change_source(lead, first.pk, publisher="The Times")
    assert "5 sources without a publisher: together one node" in _warn(
        lead, "graphml", by="publisher"
    )
    assert b"without a publisher" in file_of(lead, "graphml", by="publisher")


def test_speakers_of_sources_in_work_are_pending(lead):
    assert _warn(lead, "graphml", by="speaker") == [
        *PASSAGES[:2],
        "4 repeats of what the same speaker has said: counted once",
        "1 speaker not yet read to the end for every claim: edges may be missing",
    ]
