"""A network as an SVG figure: actors that agree are close, and dashed lines mean conflict.

Colours are attributes, so the figure also works outside the page; on the page, the style sheet
overrides them by class.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

from cstoannot.comparison.network import NetworkEdge, NetworkNode
from cstoannot.comparison.network_drawing import NetworkDrawing
from cstoannot.core.plurals import count_of
from cstoannot.stats.comparison.networks import OneMode, TwoMode
from cstoannot.web.figures.label_placement import LayoutBox, PlacedLabel, place_labels
from cstoannot.web.figures.svg import FONT, INK, MUTED, escape_svg_text, render_svg_text

GREEN, RED, GREY = "#1f7a4d", "#b3392f", "#6a665e"
COLOURS = {"positive": GREEN, "negative": RED, "both": GREY, "neutral": GREY, "contested": GREY}
DASHES = {"positive": "", "negative": "7 5", "both": "12 4 2 4", "neutral": "", "contested": "2 4"}
THINNEST, THICKEST, PLAIN = 1.2, 7.0, 0.2
SMALLEST, LARGEST = 5.0, 15.0  # radii
HEAD = 64  # room for a title
LINE, SIZE = 17, 13  # of the legend and the labels


@dataclass(frozen=True)
class FigureShape:
    """The dimensions of a figure, in pixels.

    `width`: of the whole figure; `most`: maximum height of the graph; `side`, `above`: margins
    for labels; `longest`: characters in a line of a label; `upright`: axes swapped; `stretch`:
    maximum ratio of vertical to horizontal scale, so that labels fit into a narrow figure.
    """

    width: int
    most: int
    side: int
    above: int
    longest: int
    upright: bool
    stretch: float = 1.0


WIDE = FigureShape(width=780, most=580, side=96, above=44, longest=26, upright=False)
NARROW = FigureShape(width=350, most=640, side=52, above=44, longest=17, upright=True, stretch=1.6)

Link = Callable[[NetworkEdge], tuple[str, str]]
"""Returns the URL that an edge links to and its title."""


def render_network_figure(drawn: NetworkDrawing, title: str, about: str) -> str:
    """Render a stand-alone figure with its title, for a paper."""
    graph, height = _render_graph_body(drawn, WIDE, None)
    lines = _wrap_label_lines(about, 120)
    head = HEAD + LINE * (len(lines) - 1)
    legend = list(_render_network_legend(drawn, WIDE, head + height))
    whole = head + height + LINE * len(legend) + 16
    words = [render_svg_text(16, 28, title, size=16, weight=600)]
    words += [render_svg_text(16, 48 + LINE * n, line, fill=MUTED) for n, line in enumerate(lines)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDE.width}" height="{whole}" '
        f'viewBox="0 0 {WIDE.width} {whole}" role="img" font-family="{FONT}">'
        f"<title>{escape_svg_text(title)}</title><desc>{escape_svg_text(about)}</desc>"
        f'<rect width="{WIDE.width}" height="{whole}" fill="#ffffff"/>{"".join(words)}'
        f'<g transform="translate(0 {head})">{graph}</g>{"".join(legend)}</svg>\n'
    )


def render_network_drawing(drawn: NetworkDrawing, shape: FigureShape, link: Link, name: str) -> str:
    """Render the figure for a page; edges link to their passages, as in the table."""
    graph, height = _render_graph_body(drawn, shape, link)
    legend = list(_render_network_legend(drawn, shape, height))
    whole = height + LINE * len(legend) + 8
    kind = "upright" if shape.upright else "across"
    return (
        f'<svg class="network {kind}" viewBox="0 0 {shape.width} {whole}" role="group" '
        f'aria-label="{escape_svg_text(name)}">{graph}{"".join(legend)}</svg>'
    )


def choose_edge_style(kind: OneMode | TwoMode, weight: float) -> str:
    """Return the line style of an edge: a key of DASHES."""
    if kind is TwoMode.COMBINE:
        return {1.0: "positive", 2.0: "negative"}.get(weight, "both")
    if kind in (OneMode.CO_MENTION, TwoMode.COUNT):
        return "neutral"
    if not weight:
        return "contested"
    return "negative" if weight < 0 or kind is OneMode.CONFLICT else "positive"


def list_edge_meanings(kind: OneMode | TwoMode) -> list[tuple[str, str]]:
    """Return the lines of the legend: line style and meaning."""
    if kind is OneMode.SUBTRACT:
        both = ("contested", "as much of both")
        return [("positive", "more congruence than conflict"), ("negative", "more conflict"), both]
    if kind is TwoMode.SUBTRACT:
        both = ("contested", "as much of both")
        return [("positive", "supports the claim"), ("negative", "opposes it"), both]
    if kind is TwoMode.COMBINE:
        return [("positive", "only supports"), ("negative", "only opposes"), ("both", "does both")]
    words = {
        OneMode.CONGRUENCE: "congruence",
        OneMode.CONFLICT: "conflict",
        OneMode.CO_MENTION: "both speak about the same claims",
        TwoMode.COUNT: "speaks about the claim",
    }
    return [(choose_edge_style(kind, 1.0), words[kind])]


def _render_graph_body(
    drawn: NetworkDrawing, shape: FigureShape, link: Link | None
) -> tuple[str, int]:
    places, height = _fit_node_places(drawn.places, shape)
    ends = [(places[first], places[second]) for first, second in drawn.ends]
    strength = _build_edge_strength(drawn)
    largest = max((node.total for node in drawn.nodes), default=0)
    # The weakest first, so that the strongest are drawn on top.
    pairs = list(zip(drawn.edges, ends, strict=True))[::-1]
    parts = [_render_graph_edge(drawn, edge, end, strength(edge), link) for edge, end in pairs]
    radii = [_compute_node_radius(node, largest) for node in drawn.nodes]
    circles = [
        LayoutBox(x - r, y - r, x + r, y + r) for (x, y), r in zip(places, radii, strict=True)
    ]
    rows = zip(drawn.nodes, places, radii, strict=True)
    parts += [_render_graph_node(node, place, radius) for node, place, radius in rows]
    names = [_wrap_label_lines(node.short, shape.longest, 2) for node in drawn.nodes]
    labels = place_labels(circles, names, ends, within=LayoutBox(2, 2, shape.width - 2, height - 2))
    parts += [_render_node_label(label) for label in labels]
    return "".join(parts), height


def _fit_node_places(
    places: Sequence[tuple[float, float]], shape: FigureShape
) -> tuple[list[tuple[float, float]], int]:
    """Scale the positions to the largest size that fits; return them and the height."""
    turned = [(y, x) if shape.upright else (x, y) for x, y in places]
    xs, ys = [x for x, _ in turned] or [0.0], [y for _, y in turned] or [0.0]
    across, down = max(xs) - min(xs), max(ys) - min(ys)
    room = shape.most - 2 * shape.above
    scale = min((shape.width - 2 * shape.side) / max(across, 0.2), room / max(down, 0.2))
    below = min(scale * shape.stretch, room / max(down, 0.2))
    height = round(down * below) + 2 * shape.above
    left = (shape.width - across * scale) / 2
    fitted = [
        (left + (x - min(xs)) * scale, shape.above + (y - min(ys)) * below) for x, y in turned
    ]
    return fitted, height


def _build_edge_strength(drawn: NetworkDrawing) -> Callable[[NetworkEdge], float]:
    """Return a function from edge to line width, 0 to 1, relative to the strongest edge.

    If all weights are equal, no edge is wide.
    """
    sizes = [abs(edge.weight) for edge in drawn.edges]
    alike = not sizes or min(sizes) == max(sizes) or drawn.asked.kind is TwoMode.COMBINE
    most = max(sizes, default=0.0)
    return lambda edge: PLAIN if alike else abs(edge.weight) / most


def _render_graph_edge(
    drawn: NetworkDrawing,
    edge: NetworkEdge,
    ends: tuple[tuple[float, float], tuple[float, float]],
    strength: float,
    link: Link | None,
) -> str:
    style = choose_edge_style(drawn.asked.kind, edge.weight)
    (x1, y1), (x2, y2) = ends
    at = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    line = (
        f'<line class="edge" data-style="{style}" {at} stroke="{COLOURS[style]}" '
        f'stroke-width="{THINNEST + (THICKEST - THINNEST) * strength:.1f}" stroke-opacity=".75"'
        f"{_render_dash_attribute(style)}/>"
    )
    if link is None:
        return line
    href, name = link(edge)
    title = escape_svg_text(name)
    return (
        f'<a href="{escape_svg_text(href)}" tabindex="-1" aria-label="{title}">'
        f"<title>{title}</title>"
        f'<line class="reach" {at} stroke="#000" stroke-opacity="0" stroke-width="12"/>{line}</a>'
    )


def _render_dash_attribute(style: str) -> str:
    return f' stroke-dasharray="{DASHES[style]}"' if DASHES[style] else ""


def _compute_node_radius(node: NetworkNode, largest: int) -> float:
    share = sqrt(node.total / largest) if largest else 0.0
    return SMALLEST + (LARGEST - SMALLEST) * share


def _render_graph_node(node: NetworkNode, place: tuple[float, float], radius: float) -> str:
    """Render an actor as a circle, a claim as a square; the area grows with the passages."""
    x, y = place
    passages = count_of(node.total, "passage")
    title = f"<title>{escape_svg_text(node.name)}: {passages}</title>"
    look = 'fill="#0f5f66" stroke="#ffffff" stroke-width="1.5"'
    if node.kind == "claim":
        return (
            f'<rect class="node" data-kind="claim" x="{x - radius:.1f}" y="{y - radius:.1f}" '
            f'width="{2 * radius:.1f}" height="{2 * radius:.1f}" rx="2" '
            f'fill="#ffffff" stroke="{INK}" stroke-width="1.5">{title}</rect>'
        )
    return (
        f'<circle class="node" data-kind="actor" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" '
        f"{look}>{title}</circle>"
    )


def _render_node_label(label: PlacedLabel) -> str:
    spans = "".join(
        f'<tspan x="{label.x:.1f}" dy="{0 if n == 0 else LINE - 2}">{escape_svg_text(line)}</tspan>'
        for n, line in enumerate(label.lines)
    )
    return (
        f'<text class="label" x="{label.x:.1f}" y="{label.y:.1f}" text-anchor="{label.anchor}" '
        f'font-size="{SIZE}" fill="{INK}" stroke="#ffffff" stroke-width="3" '
        f'stroke-linejoin="round" paint-order="stroke">{spans}</text>'
    )


def _render_network_legend(drawn: NetworkDrawing, shape: FigureShape, top: int) -> Iterator[str]:
    for n, (style, words) in enumerate(list_edge_meanings(drawn.asked.kind)):
        y = top + LINE * n + 4
        yield (
            f'<line class="edge" data-style="{style}" x1="16" x2="56" y1="{y}" y2="{y}" '
            f'stroke="{COLOURS[style]}" stroke-width="3"{_render_dash_attribute(style)}/>'
            f'<text class="legend-words" x="66" y="{y + 4}" font-size="12" fill="{MUTED}">'
            f"{escape_svg_text(words)}</text>"
        )


def _wrap_label_lines(words: str, longest: int, most: int = 9) -> list[str]:
    """Wrap between words into at most `most` lines; the rest becomes an ellipsis."""
    found = [""]
    for word in words.split():
        joined = f"{found[-1]} {word}".strip()
        if len(joined) <= longest or not found[-1]:
            found[-1] = joined
        else:
            found.append(word)
    kept = found[:most]
    if len(found) > most:
        kept[-1] += "…"
    return [line if len(line) <= longest + 1 else f"{line[:longest]}…" for line in kept]
