from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from cstoannot.comparison.drawing import drawing
from cstoannot.comparison.edges import EdgeReport, edge_report
from cstoannot.comparison.network import Asked, Edge, Network, network
from cstoannot.comparison.question import Question, read_question
from cstoannot.core.errors import Invalid
from cstoannot.exchange.formats.gexf import gexf
from cstoannot.exchange.formats.graphml import graphml
from cstoannot.exchange.formats.graphs import Graph
from cstoannot.exchange.formats.networks import graph_of
from cstoannot.projects.scope import Scope, open_project
from cstoannot.web.base import SignedInRequest, page_of, signed_in
from cstoannot.web.comparing import networks
from cstoannot.web.comparing.chrome import Asking, Offered, comparing
from cstoannot.web.comparing.edges import claims_of, stretches_of, words_of
from cstoannot.web.comparing.graphs import NODE_HEAD, edge_head, edge_rows, node_rows
from cstoannot.web.downloads import as_download, svg_response
from cstoannot.web.figures.network import NARROW, WIDE, Shape, network_drawing, network_figure
from cstoannot.web.results import tables
from cstoannot.web.results.parts import part_of

ON_A_PAGE = 100
PASSAGES_ON_A_PAGE = 40


@require_safe
@signed_in
def page(request: SignedInRequest, project: str) -> HttpResponse:
    def shown(scope: Scope, question: Question) -> tuple[str, dict[str, Any]]:
        asked = networks.read_asked(request.GET, question)
        return "comparison/network.html", _context(request, scope, network(scope, asked))

    return comparing(request, project, "compare_network", shown, _asking(request))


@require_safe
@signed_in
def edge(request: SignedInRequest, project: str) -> HttpResponse:
    """The claims and passages that make an edge, and which of them carry it."""

    def shown(scope: Scope, question: Question) -> tuple[str, dict[str, Any]]:
        asked = networks.read_asked(request.GET, question)
        only = request.GET.get("only") == "carrying"
        ends = {name: request.GET.get(name, "") for name in ("first", "second")}
        if not all(ends.values()):
            raise Invalid("An edge is between two: open one from the network.", field="second")

        def part(offset: int) -> EdgeReport:
            return edge_report(
                scope,
                asked,
                ends["first"],
                ends["second"],
                carrying=only,
                offset=offset,
                limit=PASSAGES_ON_A_PAGE,
            )

        found, listed = part_of(request, part, PASSAGES_ON_A_PAGE)
        slug = scope.project.slug
        asked = found.asked
        here = reverse("compare_edge", args=[slug])
        return "comparison/edge.html", {
            "found": found,
            "words": words_of(found),
            "parts": claims_of(found),
            "stretches": stretches_of(slug, found),
            "page": listed,
            "only": only,
            "question": asked.question,
            "all_link": f"{here}?{asked.address(**ends)}",
            "carrying_link": f"{here}?{asked.address(**ends, only='carrying')}",
            "back": f"{reverse('compare_network', args=[slug])}?{asked.address()}",
        }

    return comparing(request, project, "compare_network", shown, _asking(request))


@require_safe
@signed_in
def figure(request: SignedInRequest, project: str) -> HttpResponse:
    scope, found = _found(request, project)
    drawn = drawing(found)
    svg = network_figure(drawn, networks.title_of(found.asked), networks.about(found))
    return svg_response(svg, f"{_name(scope, found.asked)}.svg")


@require_safe
@signed_in
def edges_csv(request: SignedInRequest, project: str) -> HttpResponse:
    scope, found = _found(request, project)
    return tables.table(_name(scope, found.asked, "edges"), edge_head(found), edge_rows(found))


@require_safe
@signed_in
def nodes_csv(request: SignedInRequest, project: str) -> HttpResponse:
    scope, found = _found(request, project)
    return tables.table(_name(scope, found.asked, "nodes"), NODE_HEAD, node_rows(found))


@require_safe
@signed_in
def graphml_file(request: SignedInRequest, project: str) -> HttpResponseBase:
    scope, found = _found(request, project)
    return _streamed(graphml(_graph(found)), f"{_name(scope, found.asked)}.graphml")


@require_safe
@signed_in
def gexf_file(request: SignedInRequest, project: str) -> HttpResponseBase:
    scope, found = _found(request, project)
    return _streamed(gexf(_graph(found)), f"{_name(scope, found.asked)}.gexf")


def _asking(request: SignedInRequest) -> Asking:
    def asking(question: Question, offered: Offered) -> dict[str, Any]:
        asked = networks.readable(request.GET, question)
        return {"asking": "comparison/network_asking.html", **networks.menus(asked)}

    return asking


def _found(request: SignedInRequest, project: str) -> tuple[Scope, Network]:
    scope = open_project(request.user, project)
    question = read_question(dict(request.GET.lists()))
    return scope, network(scope, networks.read_asked(request.GET, question))


def _graph(found: Network) -> Graph:
    return graph_of(found, networks.title_of(found.asked), networks.about(found))


def _name(scope: Scope, asked: Asked, of: str = "") -> str:
    return "-".join(part for part in (scope.project.slug, "network", asked.network, of) if part)


def _streamed(pieces: Iterator[bytes], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type="application/xml; charset=utf-8")
    return as_download(response, name)


def _context(request: SignedInRequest, scope: Scope, found: Network) -> dict[str, Any]:
    slug = scope.project.slug
    drawn = drawing(found)
    listed = page_of(request, range(len(found.edges)), ON_A_PAGE)
    start = max(0, listed.start_index() - 1)
    asked = found.asked
    return {
        "network": found,
        "drawn": drawn,
        "across": _drawing(slug, found, WIDE),
        "upright": _drawing(slug, found, NARROW),
        "rows": networks.rows_of(slug, found, start, start + ON_A_PAGE),
        "page": listed,
        "title": networks.title_of(asked),
        "about": networks.about(found),
        "notes": networks.notes(found, drawn),
        "question": asked.question,
        "query": asked.address(),
        "file_name": f"{_name(scope, asked)}.png",
        **networks.menus(asked),
    }


def _drawing(slug: str, found: Network, shape: Shape) -> SafeString:
    def link(edge: Edge) -> tuple[str, str]:
        first, second = found.nodes[edge.first], found.nodes[edge.second]
        weight = networks.weight_words(found.asked, edge.weight)
        return networks.edge_link(slug, found, edge), f"{first.name} – {second.name}: {weight}"

    # Everything in it is escaped or a number.
    return mark_safe(network_drawing(drawing(found), shape, link, networks.title_of(found.asked)))
