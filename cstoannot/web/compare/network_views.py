"""The network page, the page of one edge, and their figures and files."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from cstoannot.comparison.comparison_query import ComparisonQuery, read_comparison_query
from cstoannot.comparison.network import Network, NetworkEdge, build_network
from cstoannot.comparison.network_drawing import build_network_drawing
from cstoannot.comparison.network_edges import EdgeReport, build_edge_report
from cstoannot.comparison.network_query import NetworkQuery
from cstoannot.core.errors import Invalid
from cstoannot.exchange.formats.comparisons import build_network_graph
from cstoannot.exchange.formats.gexf import render_gexf
from cstoannot.exchange.formats.graphml import render_graphml
from cstoannot.exchange.formats.graphs import AttributedGraph
from cstoannot.projects.scope import Scope, open_project
from cstoannot.web import downloads
from cstoannot.web.base import (
    SignedInRequest,
    paginate_counted_result,
    paginate_rows,
    sign_in_required,
)
from cstoannot.web.compare import network_presenters
from cstoannot.web.compare.edge_presenters import (
    build_edge_claim_rows,
    build_edge_excerpt_rows,
    describe_edge,
)
from cstoannot.web.compare.frame import Asking, ComparisonChoices, render_comparison_page
from cstoannot.web.compare.network_presenters import (
    NODE_HEAD,
    iterate_edge_csv_rows,
    iterate_node_csv_rows,
    list_edge_columns,
)
from cstoannot.web.downloads import as_download, svg_response
from cstoannot.web.figures.network import (
    NARROW,
    WIDE,
    FigureShape,
    render_network_drawing,
    render_network_figure,
)

ON_A_PAGE = 100
PASSAGES_ON_A_PAGE = 40


@require_safe
@sign_in_required
def show_network(request: SignedInRequest, project: str) -> HttpResponse:
    def shown(scope: Scope, question: ComparisonQuery) -> tuple[str, dict[str, Any]]:
        asked = network_presenters.parse_network_query(request.GET, question)
        return "comparison/network.html", _build_network_context(
            request, scope, build_network(scope, asked)
        )

    return render_comparison_page(
        request, project, "compare_network", shown, _build_network_form(request)
    )


@require_safe
@sign_in_required
def show_network_edge(request: SignedInRequest, project: str) -> HttpResponse:
    """Show the claims and passages of an edge, and the passages on which the edge depends."""

    def shown(scope: Scope, question: ComparisonQuery) -> tuple[str, dict[str, Any]]:
        asked = network_presenters.parse_network_query(request.GET, question)
        only = request.GET.get("only") == "carrying"
        ends = {name: request.GET.get(name, "") for name in ("first", "second")}
        if not all(ends.values()):
            raise Invalid("An edge needs two actors: open one from the network.", field="second")

        def part(offset: int) -> EdgeReport:
            return build_edge_report(
                scope,
                asked,
                ends["first"],
                ends["second"],
                carrying=only,
                offset=offset,
                limit=PASSAGES_ON_A_PAGE,
            )

        found, listed = paginate_counted_result(request, part, PASSAGES_ON_A_PAGE)
        slug = scope.project.slug
        asked = found.asked
        here = reverse("compare_edge", args=[slug])
        return "comparison/edge.html", {
            "found": found,
            "words": describe_edge(found),
            "parts": build_edge_claim_rows(found),
            "stretches": build_edge_excerpt_rows(slug, found),
            "page": listed,
            "only": only,
            "question": asked.question,
            "all_link": f"{here}?{asked.address(**ends)}",
            "carrying_link": f"{here}?{asked.address(**ends, only='carrying')}",
            "back": f"{reverse('compare_network', args=[slug])}?{asked.address()}",
        }

    return render_comparison_page(
        request, project, "compare_network", shown, _build_network_form(request)
    )


@require_safe
@sign_in_required
def serve_network_figure(request: SignedInRequest, project: str) -> HttpResponse:
    scope, found = _load_requested_network(request, project)
    drawn = build_network_drawing(found)
    svg = render_network_figure(
        drawn,
        network_presenters.format_network_title(found.asked),
        network_presenters.describe_network(found),
    )
    return svg_response(svg, f"{_format_network_file_name(scope, found.asked)}.svg")


@require_safe
@sign_in_required
def download_edges_csv(request: SignedInRequest, project: str) -> HttpResponse:
    scope, found = _load_requested_network(request, project)
    return downloads.render_csv_download(
        _format_network_file_name(scope, found.asked, "edges"),
        list_edge_columns(found),
        iterate_edge_csv_rows(found),
    )


@require_safe
@sign_in_required
def download_nodes_csv(request: SignedInRequest, project: str) -> HttpResponse:
    scope, found = _load_requested_network(request, project)
    return downloads.render_csv_download(
        _format_network_file_name(scope, found.asked, "nodes"),
        NODE_HEAD,
        iterate_node_csv_rows(found),
    )


@require_safe
@sign_in_required
def download_graphml(request: SignedInRequest, project: str) -> HttpResponseBase:
    scope, found = _load_requested_network(request, project)
    return _stream_xml_download(
        render_graphml(_build_download_graph(found)),
        f"{_format_network_file_name(scope, found.asked)}.graphml",
    )


@require_safe
@sign_in_required
def download_gexf(request: SignedInRequest, project: str) -> HttpResponseBase:
    scope, found = _load_requested_network(request, project)
    return _stream_xml_download(
        render_gexf(_build_download_graph(found)),
        f"{_format_network_file_name(scope, found.asked)}.gexf",
    )


def _build_network_form(request: SignedInRequest) -> Asking:
    def asking(question: ComparisonQuery, offered: ComparisonChoices) -> dict[str, Any]:
        asked = network_presenters.parse_readable_network_query(request.GET, question)
        return {
            "asking": "comparison/network_asking.html",
            **network_presenters.build_network_menus(asked),
        }

    return asking


def _load_requested_network(request: SignedInRequest, project: str) -> tuple[Scope, Network]:
    scope = open_project(request.user, project)
    question = read_comparison_query(dict(request.GET.lists()))
    return scope, build_network(
        scope, network_presenters.parse_network_query(request.GET, question)
    )


def _build_download_graph(found: Network) -> AttributedGraph:
    return build_network_graph(
        found,
        network_presenters.format_network_title(found.asked),
        network_presenters.describe_network(found),
    )


def _format_network_file_name(scope: Scope, asked: NetworkQuery, of: str = "") -> str:
    return "-".join(part for part in (scope.project.slug, "network", asked.network, of) if part)


def _stream_xml_download(pieces: Iterator[bytes], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type="application/xml; charset=utf-8")
    return as_download(response, name)


def _build_network_context(
    request: SignedInRequest, scope: Scope, found: Network
) -> dict[str, Any]:
    slug = scope.project.slug
    drawn = build_network_drawing(found)
    listed = paginate_rows(request, range(len(found.edges)), ON_A_PAGE)
    start = max(0, listed.start_index() - 1)
    asked = found.asked
    return {
        "network": found,
        "drawn": drawn,
        "across": _render_linked_drawing(slug, found, WIDE),
        "upright": _render_linked_drawing(slug, found, NARROW),
        "rows": network_presenters.build_network_edge_rows(slug, found, start, start + ON_A_PAGE),
        "page": listed,
        "title": network_presenters.format_network_title(asked),
        "about": network_presenters.describe_network(found),
        "notes": network_presenters.list_network_notes(found, drawn),
        "question": asked.question,
        "query": asked.address(),
        "file_name": f"{_format_network_file_name(scope, asked)}.png",
        **network_presenters.build_network_menus(asked),
    }


def _render_linked_drawing(slug: str, found: Network, shape: FigureShape) -> SafeString:
    def link(edge: NetworkEdge) -> tuple[str, str]:
        first, second = found.nodes[edge.first], found.nodes[edge.second]
        weight = network_presenters.format_edge_weight(found.asked, edge.weight)
        return network_presenters.build_edge_url(
            slug, found, edge
        ), f"{first.name} – {second.name}: {weight}"

    # All contents are escaped or numbers.
    return mark_safe(
        render_network_drawing(
            build_network_drawing(found),
            shape,
            link,
            network_presenters.format_network_title(found.asked),
        )
    )
