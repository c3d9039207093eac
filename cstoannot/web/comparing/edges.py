"""What the page of one edge shows: its claims, its passages, and what each of them carries."""

from collections.abc import Sequence
from dataclasses import dataclass

from cstoannot.comparison.coding import Claim
from cstoannot.comparison.edges import EdgeReport, Part, Passage, Stretch
from cstoannot.comparison.places import Said
from cstoannot.stats.networks import OneMode, TwoMode
from cstoannot.web.article import direction_of
from cstoannot.web.comparing.beside import link_of
from cstoannot.web.comparing.networks import weight_words
from cstoannot.web.figures.network import style_of

SIGNS = {2: ("▼", "▲"), 3: ("▼", "◆", "▲")}
NAMES = {2: ("opposing", "supporting"), 3: ("opposing", "mixed", "supporting")}


@dataclass(frozen=True)
class Words:
    """The edge in a line: `weight` as it is shown, `raw` before normalisation."""

    second: str
    weight: str
    raw: str
    divisor: str
    style: str
    congruence: str
    conflict: str


@dataclass(frozen=True)
class ShownPart:
    """One claim's row; `first` and `second`: a sign, its meaning and its number, for each level."""

    part: Part
    first: Sequence[tuple[str, str, int]]
    second: Sequence[tuple[str, str, int]]
    congruence: str
    conflict: str
    weight: str


@dataclass(frozen=True)
class ShownSaid:
    """An annotation; `left`: what the edge would weigh without it, where it carries the edge."""

    said: Said
    passage: Passage
    left: str


@dataclass(frozen=True)
class ShownStretch:
    stretch: Stretch
    actor: str
    link: str
    direction: str
    said: Sequence[ShownSaid]


def words_of(found: EdgeReport) -> Words:
    asked = found.asked
    return Words(
        second=found.second.name,
        weight=weight_words(asked, found.weight),
        raw=weight_words(asked, found.raw),
        divisor=_shown(found.divisor),
        style=style_of(asked.kind, found.raw),
        congruence=_shown(found.congruence),
        conflict=_shown(found.conflict),
    )


def claims_of(found: EdgeReport) -> list[ShownPart]:
    return [
        ShownPart(
            part=part,
            first=_levels(found, part.first),
            second=_levels(found, part.second),
            congruence=_shown(part.congruence),
            conflict=_shown(part.conflict),
            weight=weight_words(found.asked, part.weight),
        )
        for part in found.parts
    ]


def stretches_of(slug: str, found: EdgeReport) -> list[ShownStretch]:
    names = (
        found.first.name,
        found.first.name if isinstance(found.second, Claim) else found.second.name,
    )
    return [
        ShownStretch(
            stretch=one,
            actor=names[one.actor],
            link=link_of(slug, one.place),
            direction=direction_of(one.place.article.language),
            said=[
                ShownSaid(said, passage, _left(found, passage))
                for said, passage in zip(one.place.said, one.passages, strict=True)
            ],
        )
        for one in found.stretches
    ]


def _levels(found: EdgeReport, counts: Sequence[int]) -> list[tuple[str, str, int]]:
    """From supporting to opposing; levels that nobody took are left out."""
    levels = found.asked.levels
    rows = zip(SIGNS[levels], NAMES[levels], counts, strict=True) if counts else ()
    return [row for row in list(rows)[::-1] if row[2]]


def _left(found: EdgeReport, passage: Passage) -> str:
    """What becomes of the edge without the passage; empty where it stays what it is."""
    if not passage.carries:
        return ""
    if not passage.left:
        return "without it, there is no edge"
    if found.asked.kind is TwoMode.COMBINE:
        return f"without it: {weight_words(found.asked, passage.left)}"
    signed = found.asked.kind in (OneMode.SUBTRACT, TwoMode.SUBTRACT)
    turn = f"{_shown(found.raw)} becomes {_shown(passage.left)}"
    return f"without it, the sign changes: {turn}" if signed else f"without it, {turn}"


def _shown(value: float) -> str:
    shown = f"{value:,.0f}" if value == int(value) else f"{value:,.4g}"
    return shown.replace("-", "−")
