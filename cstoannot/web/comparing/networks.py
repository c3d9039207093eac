"""What the network's pages show: its choices in the reference's words, rows, and descriptions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from cstoannot.comparison.drawing import Drawn
from cstoannot.comparison.network import (
    NETWORKS,
    NORMALISATIONS,
    PARAMETERS,
    REPEATS,
    Asked,
    Edge,
    Network,
    Node,
    checked,
)
from cstoannot.comparison.question import Question
from cstoannot.core.errors import Invalid
from cstoannot.core.plurals import count_of
from cstoannot.stats.networks import OneMode, TwoMode
from cstoannot.web.figures.network import style_of

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
    "range": "once altogether",
}
LEVELS = ((2, "supports, opposes"), (3, "supports, mixed, opposes"))
LONGEST = 20  # characters of a number


@dataclass(frozen=True)
class Row:
    """An edge in the table."""

    edge: Edge
    first: Node
    second: Node
    style: str
    weight: str
    link: str


def read_asked(query: QueryDict, question: Question) -> Asked:
    """What an address asks for; raises Invalid.

    A normalisation that the network does not have is left out: it was chosen for another one.
    """
    given = {name: query.get(name, "") for name in PARAMETERS}
    network = given["network"] or Asked.network
    if network in NETWORKS and given["normalisation"] not in _known(network):
        known = {one for some in NORMALISATIONS.values() for one in some}
        if given["normalisation"] in known:
            given["normalisation"] = ""
    found = Asked(
        question=question,
        network=network,
        normalisation=given["normalisation"] or Asked.normalisation,
        levels=_number(given, "levels", Asked.levels),
        repeats=given["repeats"] or Asked.repeats,
        ignore_stance=given["ignore_stance"] in {"true", "1"},
        threshold=_amount(given, "threshold"),
    )
    return checked(found)


def readable(query: QueryDict, question: Question) -> Asked:
    """What of an address can be asked, where the whole cannot."""
    kept = QueryDict(mutable=True)
    for name in PARAMETERS:
        more = kept.copy()
        more[name] = query.get(name, "")
        try:
            read_asked(more, question)
        except Invalid:
            continue
        kept = more
    return read_asked(kept, question)


def _known(network: str) -> Sequence[str]:
    kind = NETWORKS[network]
    if kind is TwoMode.COMBINE:
        return ("none",)
    return NORMALISATIONS["two_mode" if isinstance(kind, TwoMode) else "one_mode"]


def _number(given: Mapping[str, str], name: str, otherwise: int) -> int:
    value = given[name]
    if not value:
        return otherwise
    return int(value) if value in {"2", "3"} else 0


def _amount(given: Mapping[str, str], name: str) -> float:
    value = given[name].strip().replace(",", ".")
    if not value:
        return 0.0
    try:
        return float(value[:LONGEST])
    except ValueError:
        raise Invalid(
            "Weights from (threshold) is the least size of a weight: a number such as 0.5.",
            field=name,
        ) from None


def menus(asked: Asked) -> dict[str, Any]:
    """What the form's own menus offer."""
    between = "between those compared"
    networks = [
        (
            between,
            [(key, TITLES[key]) for key, kind in NETWORKS.items() if isinstance(kind, OneMode)],
        ),
        (
            "with claims",
            [(key, TITLES[key]) for key, kind in NETWORKS.items() if isinstance(kind, TwoMode)],
        ),
    ]
    groups = [
        ("any", [("none", BY["none"])]),
        (between, [(key, BY[key]) for key in NORMALISATIONS["one_mode"][1:]]),
        ("with claims", [(key, BY[key]) for key in NORMALISATIONS["two_mode"][1:]]),
    ]
    return {
        "asked": asked,
        "networks": networks,
        "normalisations": groups,
        "levels": LEVELS,
        "rules": [(key, RULES[key]) for key in REPEATS],
    }


def title_of(asked: Asked) -> str:
    return f"Network of {asked.question.by}s: {TITLES[asked.network]}"


def about(network: Network) -> str:
    """How the network was made, for whoever reads its figure or file alone."""
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


def notes(network: Network, drawn: Drawn) -> list[str]:
    """What is not in the network, or not in the figure, and why."""
    said, by = network.said, network.asked.question.by
    found = [
        (said.without_stance, "{} without stance {} no part."),
        (said.mixed, "{} of mixed stance {} no part; choose the levels with mixed to count them."),
        (said.nobodys, f"{{}} in sources without a {by} {{}} no part."),
        (len(said.repeats), "{} counted as repeats {} no part."),
    ]
    lines = [
        words.format(count_of(number, "passage"), "takes" if number == 1 else "take")
        for number, words in found
        if number
    ]
    if said.coders > 1 and network.asked.repeats == "all":
        lines.append(
            f"What {said.coders} coders marked counts once for each of them, unless repeats count "
            "once or one coder is chosen."
        )
    if said.undated:
        lines.append(
            f"{said.undated:,} sources are dated less closely than the rule of repeats asks; "
            "each of them is a window by itself."
        )
    if drawn.left_edges:
        lines.append(
            f"Drawn are the {len(drawn.edges):,} strongest of {network.edges.passing:,} edges."
        )
    if network.cut:
        lines.append(
            f"Table and files hold the {len(network.edges):,} strongest edges; {network.cut:,} "
            "weaker ones are left out. Raise the threshold to have all of what passes it."
        )
    return lines


def rows_of(slug: str, network: Network, start: int, stop: int) -> list[Row]:
    nodes, asked = network.nodes, network.asked
    return [
        Row(
            edge=edge,
            first=nodes[edge.first],
            second=nodes[edge.second],
            style=style_of(asked.kind, edge.weight),
            weight=weight_words(asked, edge.weight),
            link=edge_link(slug, network, edge),
        )
        for edge in network.listed(start, stop)
    ]


def weight_words(asked: Asked, weight: float) -> str:
    if asked.kind is TwoMode.COMBINE:
        return {1.0: "supports", 2.0: "opposes"}.get(weight, "both")
    shown = f"{weight:,.0f}" if weight == int(weight) else f"{weight:,.3f}"
    return shown.replace("-", "−")


def edge_link(slug: str, network: Network, edge: Edge) -> str:
    first, second = network.nodes[edge.first], network.nodes[edge.second]
    asked = replace(network.asked, threshold=0.0)
    query = asked.address(first=first.key, second=second.key)
    return f"{reverse('compare_edge', args=[slug])}?{query}"
