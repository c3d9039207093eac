"""URLs of the results that a link opens, below the link.

They have the names of the project's own pages, so that views and templates find them; the project's
slug is not written, because the link says which project it is.
"""

from django.urls import path, register_converter

from cstoannot.web import code_stylesheet
from cstoannot.web.agreement import views as agreement
from cstoannot.web.compare import network_views, passage_views, reading_views
from cstoannot.web.compare import views as compare
from cstoannot.web.results import views


class UnwrittenSlug:
    """A project's slug that is not written in the URL."""

    regex = ""

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return ""


register_converter(UnwrittenSlug, "unwritten")

_HERE = "<unwritten:project>"

urlpatterns = [
    path("", compare.show_comparison_matrix, name="home"),
    path(_HERE, compare.show_comparison_matrix, name="project"),
    path(_HERE, compare.show_comparison_matrix, name="compare"),
    path(f"{_HERE}matrix.csv", compare.download_matrix_csv, name="compare_csv"),
    path(f"{_HERE}matrix.svg", compare.serve_matrix_figure, name="compare_figure"),
    path(f"{_HERE}omissions/", compare.show_omissions, name="compare_omissions"),
    path(f"{_HERE}passages/", passage_views.show_compared_passages, name="compare_passages"),
    path(f"{_HERE}passages.csv", passage_views.download_passages_csv, name="compare_passages_csv"),
    path(f"{_HERE}articles/", reading_views.show_side_by_side, name="compare_reading"),
    path(f"{_HERE}articles/<int:source>/", views.open_article, name="annotate"),
    path(f"{_HERE}network/", network_views.show_network, name="compare_network"),
    path(f"{_HERE}network/edge/", network_views.show_network_edge, name="compare_edge"),
    path(
        f"{_HERE}network/figure.svg",
        network_views.serve_network_figure,
        name="compare_network_figure",
    ),
    path(
        f"{_HERE}network/edges.csv", network_views.download_edges_csv, name="compare_network_edges"
    ),
    path(
        f"{_HERE}network/nodes.csv", network_views.download_nodes_csv, name="compare_network_nodes"
    ),
    path(
        f"{_HERE}network/network.graphml",
        network_views.download_graphml,
        name="compare_network_graphml",
    ),
    path(f"{_HERE}network/network.gexf", network_views.download_gexf, name="compare_network_gexf"),
    path(f"{_HERE}agreement/", agreement.show_agreement, name="agreement"),
    path(f"{_HERE}methods/", views.show_methods, name="results_methods"),
    path(f"{_HERE}codes.css", code_stylesheet.serve_codes_css, name="codes_css"),
]
