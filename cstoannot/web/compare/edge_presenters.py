"""The page of one edge: its claims, its passages, and the edge without each of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from cstoannot.comparison.dataset import Claim
from cstoannot.comparison.excerpts import ExcerptAnnotation
from cstoannot.comparison.network_edges import EdgeExcerpt, EdgePart, EdgePassage, EdgeReport
from cstoannot.stats.comparison.networks import OneMode, TwoMode
from cstoannot.web.article_html import resolve_text_direction
from cstoannot.web.cell_words import describe_speaking_layer
from cstoannot.web.compare.network_presenters import format_edge_weight
from cstoannot.web.compare.reading_presenters import build_excerpt_url
from cstoannot.web.figures.network import choose_edge_style

SIGNS = {2: ("▼", "▲"), 3: ("▼", "◆", "▲")}
NAMES = {2: ("opposing", "supporting"), 3: ("opposing", "mixed", "supporting")}


@dataclass(frozen=True)
class EdgeSummary:
    """One line on the edge: `weight` as shown, `raw` before normalisation."""

    second: str
    weight: str
    raw: str
    divisor: str
    style: str
    congruence: str
    conflict: str


@dataclass(frozen=True)
class EdgeClaimRow:
    """`first` and `second`: for each level, a sign, its meaning and the number of passages."""

    part: EdgePart
    first: Sequence[tuple[str, str, int]]
    second: Sequence[tuple[str, str, int]]
    congruence: str
    conflict: str
    weight: str


@dataclass(frozen=True)
class EdgeAnnotationRow:
    """`who`: who says it; `left`: the edge without the passage, if the edge depends on it."""

    said: ExcerptAnnotation
    who: str
    passage: EdgePassage
    left: str


@dataclass(frozen=True)
class EdgeExcerptRow:
    stretch: EdgeExcerpt
    actor: str
    link: str
    direction: str
    said: Sequence[EdgeAnnotationRow]


def describe_edge(found: EdgeReport) -> EdgeSummary:
    asked = found.asked
    return EdgeSummary(
        second=found.second.name,
        weight=format_edge_weight(asked, found.weight),
        raw=format_edge_weight(asked, found.raw),
        divisor=_format_edge_number(found.divisor),
        style=choose_edge_style(asked.kind, found.raw),
        congruence=_format_edge_number(found.congruence),
        conflict=_format_edge_number(found.conflict),
    )


def build_edge_claim_rows(found: EdgeReport) -> list[EdgeClaimRow]:
    return [
        EdgeClaimRow(
            part=part,
            first=_list_stance_levels(found, part.first),
            second=_list_stance_levels(found, part.second),
            congruence=_format_edge_number(part.congruence),
            conflict=_format_edge_number(part.conflict),
            weight=format_edge_weight(found.asked, part.weight),
        )
        for part in found.parts
    ]


def build_edge_excerpt_rows(slug: str, found: EdgeReport) -> list[EdgeExcerptRow]:
    names = (
        found.first.name,
        found.first.name if isinstance(found.second, Claim) else found.second.name,
    )
    return [
        EdgeExcerptRow(
            stretch=one,
            actor=names[one.actor],
            link=build_excerpt_url(slug, one.place),
            direction=resolve_text_direction(one.place.article.language),
            said=[
                EdgeAnnotationRow(
                    said,
                    describe_speaking_layer(said),
                    passage,
                    _describe_edge_without(found, passage),
                )
                for said, passage in zip(one.place.said, one.passages, strict=True)
            ],
        )
        for one in found.stretches
    ]


def _list_stance_levels(found: EdgeReport, counts: Sequence[int]) -> list[tuple[str, str, int]]:
    """List levels from supporting to opposing, without those that nobody took."""
    levels = found.asked.levels
    rows = zip(SIGNS[levels], NAMES[levels], counts, strict=True) if counts else ()
    return [row for row in list(rows)[::-1] if row[2]]


def _describe_edge_without(found: EdgeReport, passage: EdgePassage) -> str:
    """Describe the edge without this passage; empty if unchanged."""
    if not passage.carries:
        return ""
    if not passage.left:
        return "without it, there is no edge"
    if found.asked.kind is TwoMode.COMBINE:
        return f"without it: {format_edge_weight(found.asked, passage.left)}"
    signed = found.asked.kind in (OneMode.SUBTRACT, TwoMode.SUBTRACT)
    turn = f"{_format_edge_number(found.raw)} becomes {_format_edge_number(passage.left)}"
    return f"without it, the sign changes: {turn}" if signed else f"without it, {turn}"


def _format_edge_number(value: float) -> str:
    shown = f"{value:,.0f}" if value == int(value) else f"{value:,.4g}"
    return shown.replace("-", "−")
