"""Parses the network query from a URL; builds menus, rows, titles and notes of the pages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.network import Network, NetworkEdge, NetworkNode
from cstoannot.comparison.network_drawing import NetworkDrawing
from cstoannot.comparison.network_query import (
    NETWORKS,
    NORMALISATIONS,
    PARAMETERS,
    REPEATS,
    NetworkQuery,
    check_network_query,
)
from cstoannot.core.errors import Invalid
from cstoannot.core.plurals import count_of
from cstoannot.exchange.formats.comparisons import iterate_network_edges, list_edge_count_names
from cstoannot.stats.comparison.networks import OneMode, TwoMode
from cstoannot.web.cell_words import describe_codebook_changes
from cstoannot.web.downloads import Field
from cstoannot.web.figures.network import choose_edge_style

TITLES: Mapping[str, str] = {
    "subtract": "subtract",
    "congruence": "congruence",
    "conflict": "conflict",
    "co_mention": "co-mention",
    "two_mode_subtract": "two-mode, subtract",
    "two_mode_count": "two-mode, count",
    "two_mode_combine": "two-mode, combine",
}
BY: Mapping[str, str] = {
    "none": "none",
    "average_activity": "average activity",
    "jaccard": "Jaccard",
    "product_of_totals": "product of totals",
    "cosine": "cosine",
    "activity": "activity",
    "prominence": "prominence",
}
RULES: Mapping[str, str] = {
    "all": "keep all",
    "source": "once per source",
    "week": "once per week",
    "month": "once per month",
    "year": "once per year",
    "range": "once overall",
}
LEVELS = ((2, "supports, opposes"), (3, "supports, mixed, opposes"))
LONGEST = 20  # characters of a number in the URL


@dataclass(frozen=True)
class NetworkEdgeRow:
    """An edge in the table."""

    edge: NetworkEdge
    first: NetworkNode
    second: NetworkNode
    style: str
    weight: str
    link: str


def parse_network_query(query: QueryDict, question: ComparisonQuery) -> NetworkQuery:
    """Parse the query; raises Invalid.

    A normalisation that the network does not have is ignored: it was chosen for another network.
    """
    given = {name: query.get(name, "") for name in PARAMETERS}
    network = given["network"] or NetworkQuery.network
    if network in NETWORKS and given["normalisation"] not in _list_normalisations(network):
        known = {one for some in NORMALISATIONS.values() for one in some}
        if given["normalisation"] in known:
            given["normalisation"] = ""
    found = NetworkQuery(
        question=question,
        network=network,
        normalisation=given["normalisation"] or NetworkQuery.normalisation,
        levels=_parse_stance_levels(given, "levels", NetworkQuery.levels),
        repeats=given["repeats"] or NetworkQuery.repeats,
        ignore_stance=given["ignore_stance"] in {"true", "1"},
        threshold=_parse_weight_threshold(given, "threshold"),
    )
    return check_network_query(found)


def parse_readable_network_query(query: QueryDict, question: ComparisonQuery) -> NetworkQuery:
    """Parse the valid parts of a query that is invalid as a whole."""
    kept = QueryDict(mutable=True)
    for name in PARAMETERS:
        more = kept.copy()
        more[name] = query.get(name, "")
        try:
            parse_network_query(more, question)
        except Invalid:
            continue
        kept = more
    return parse_network_query(kept, question)


def _list_normalisations(network: str) -> Sequence[str]:
    kind = NETWORKS[network]
    if kind is TwoMode.COMBINE:
        return ("none",)
    return NORMALISATIONS["two_mode" if isinstance(kind, TwoMode) else "one_mode"]


def _parse_stance_levels(given: Mapping[str, str], name: str, otherwise: int) -> int:
    value = given[name]
    if not value:
        return otherwise
    return int(value) if value in {"2", "3"} else 0


def _parse_weight_threshold(given: Mapping[str, str], name: str) -> float:
    value = given[name].strip().replace(",", ".")
    if not value:
        return 0.0
    try:
        return float(value[:LONGEST])
    except ValueError:
        raise Invalid(
            "The minimum weight (threshold) must be a number such as 0.5.",
            field=name,
        ) from None


def build_network_menus(asked: NetworkQuery) -> dict[str, Any]:
    """Build the menus of the form's own fields."""
    between = "between actors"
    networks = [
        (
            between,
            [(key, TITLES[key]) for key, kind in NETWORKS.items() if isinstance(kind, OneMode)],
        ),
        (
            "between actors and claims",
            [(key, TITLES[key]) for key, kind in NETWORKS.items() if isinstance(kind, TwoMode)],
        ),
    ]
    groups = [
        ("any", [("none", BY["none"])]),
        (between, [(key, BY[key]) for key in NORMALISATIONS["one_mode"][1:]]),
        ("between actors and claims", [(key, BY[key]) for key in NORMALISATIONS["two_mode"][1:]]),
    ]
    return {
        "asked": asked,
        "networks": networks,
        "normalisations": groups,
        "levels": LEVELS,
        "rules": [(key, RULES[key]) for key in REPEATS],
    }


def format_network_title(asked: NetworkQuery) -> str:
    return f"Network of {asked.question.by}s: {TITLES[asked.network]}"


def describe_network(network: Network) -> str:
    """Describe how the network was computed, for readers of the figure or file alone."""
    asked, said = network.asked, network.said
    scale = "opposes and supports" if asked.levels == 2 else "opposes, mixed and supports"
    stance = ", whatever their stance" if asked.ignore_stance else ""
    parts = [
        f"{TITLES[asked.network].capitalize()} on {scale}",
        f"normalised by {BY[asked.normalisation]}"
        if asked.normalisation != "none"
        else "not normalised",
        f"repeats: {RULES[asked.repeats]}{stance if asked.repeats != 'all' else ''}",
        f"weights from {asked.threshold:g}" if asked.threshold else "",
        f"{count_of(len(said.rows), 'passage')} of {count_of(len(said.actors), asked.question.by)} "
        f"on {count_of(int(said.tally.by_code.any(axis=0).sum()), 'claim')}",
    ]
    return "; ".join(part for part in parts if part)


def list_network_notes(network: Network, drawn: NetworkDrawing) -> list[str]:
    """List what is missing from the network or the figure, what weights grow with, and why."""
    said, asked = network.said, network.asked
    changes = describe_codebook_changes(
        said.stale, said.read_before, asked.question.meaning, "one of these codes"
    )
    lines = [*_list_uncounted_notes(network), *(f"{one}." for one in changes)]
    lines += _list_growth_notes(asked)
    if said.undated:
        lines.append(
            f"The dates of {said.undated:,} sources are not precise enough for the rule of "
            f"repeats; their repeats are counted within each source only."
        )
    if drawn.left_edges:
        lines.append(
            f"The figure shows the {len(drawn.edges):,} strongest of {network.edges.passing:,} "
            f"edges."
        )
    if network.cut:
        lines.append(
            f"The table and the files contain the {len(network.edges):,} strongest edges; "
            f"{network.cut:,} weaker ones are left out. Raise the minimum weight to get all "
            f"edges above it."
        )
    return lines


def _list_uncounted_notes(network: Network) -> list[str]:
    said, by = network.said, network.asked.question.by
    counts = [
        (said.without_stance, "passage", "without stance {} not counted."),
        (said.mixed, "passage", "with mixed stance {} not counted; three levels count them."),
        (len(said.repeats), "passage", "{} not counted (repeats)."),
        (said.pending, by, "without a passage {} not yet read to the end: pending, not silent."),
        (said.partly_read, by, "{} not yet read to the end for every claim: edges may be missing."),
    ]
    return [
        f"{count_of(number, word)} {words.format('is' if number == 1 else 'are')}"
        for number, word, words in counts
        if number
    ]


def _list_growth_notes(asked: NetworkQuery) -> list[str]:
    """Say what raw counts grow with."""
    lines = []
    if asked.repeats == "all":
        lines.append(
            "Every place counts, also where a source repeats itself: weights grow with the length "
            "of the sources."
        )
    if asked.normalisation == "none" and asked.kind is not TwoMode.COMBINE:
        lines.append(
            "Weights are raw counts: they grow with how much is said, so that long sources and "
            "speakers who say much weigh more."
        )
    return lines


def build_network_edge_rows(
    slug: str, network: Network, start: int, stop: int
) -> list[NetworkEdgeRow]:
    nodes, asked = network.nodes, network.asked
    return [
        NetworkEdgeRow(
            edge=edge,
            first=nodes[edge.first],
            second=nodes[edge.second],
            style=choose_edge_style(asked.kind, edge.weight),
            weight=format_edge_weight(asked, edge.weight),
            link=build_edge_url(slug, network, edge),
        )
        for edge in network.listed(start, stop)
    ]


def format_edge_weight(asked: NetworkQuery, weight: float) -> str:
    if asked.kind is TwoMode.COMBINE:
        return {1.0: "supports", 2.0: "opposes"}.get(weight, "both")
    shown = f"{weight:,.0f}" if weight == int(weight) else f"{weight:,.3f}"
    return shown.replace("-", "−")


def build_edge_url(slug: str, network: Network, edge: NetworkEdge) -> str:
    first, second = network.nodes[edge.first], network.nodes[edge.second]
    asked = replace(network.asked, threshold=0.0)
    query = asked.address(first=first.key, second=second.key)
    return f"{reverse('compare_edge', args=[slug])}?{query}"


NODE_HEAD = ("key", "name", "kind", "passages", "supports", "opposes", "mixed")


def iterate_edge_csv_rows(network: Network) -> Iterator[Sequence[Field]]:
    nodes = network.nodes
    for edge in iterate_network_edges(network):
        first, second = nodes[edge.first], nodes[edge.second]
        yield (
            first.key,
            second.key,
            first.name,
            second.name,
            edge.weight,
            edge.congruence,
            edge.conflict,
            edge.shared,
            "no" if edge.weight else "yes",
            "yes" if edge.carried else "no",
        )


def iterate_node_csv_rows(network: Network) -> Iterator[Sequence[Field]]:
    for node in network.nodes:
        yield (node.key, node.name, node.kind, node.total, node.supports, node.opposes, node.mixed)


def list_edge_columns(network: Network) -> Sequence[str]:
    """Return the columns of `iterate_edge_csv_rows`."""
    ends = ("first", "second", "first_name", "second_name", "weight")
    return (
        *ends,
        *list_edge_count_names(network),
        "shared_claims",
        "contested",
        "carried_by_one_passage",
    )
