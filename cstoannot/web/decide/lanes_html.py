"""The text around a place as HTML: a lane under its lines for each reading, the majority tinted.

A style cannot be set on an element, so each lane is an element of its own around the text, and its
code gives it its colour. The text content of a paragraph is that of the source.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from cstoannot.decisions.places import DecidablePlace, ProposedPassage

MOST_LANES = 9
MOST_PARTS = 3  # codes of one reading that a lane can show one below the other
REACH = 900  # characters of a paragraph shown before and after a place, at most
ASIDE = 220  # characters shown of the paragraph before, and of the one after


@dataclass(frozen=True)
class LaneStretch:
    """A stretch with an element of its own; `opening`: the element's tag, without its bounds."""

    start: int
    end: int
    opening: str


@dataclass(frozen=True)
class NeighbourMark:
    """Another place nearby; `code` gives it its colour."""

    number: int
    start: int
    end: int
    code: str


@dataclass(frozen=True)
class TextWindow:
    """A paragraph, or what is shown of it; `number`: the paragraph's in the source, from 1.

    `opens`, `closes`: whether it is shown from its beginning, and to its end. `aside`: whether no
    part of the place is in it.
    """

    number: int
    start: int
    end: int
    opens: bool
    closes: bool
    aside: bool


@dataclass(frozen=True)
class TextParagraph:
    window: TextWindow
    html: SafeString


def find_text_windows(
    text: str, paragraphs: Sequence[tuple[int, int]], start: int, end: int
) -> list[TextWindow]:
    """Return what is shown of the paragraphs of the place, and of one before and one after."""
    inside = [n for n, (low, high) in enumerate(paragraphs) if low < end and high > start]
    first, last = (inside[0], inside[-1]) if inside else (0, -1)
    windows = []
    for n in range(max(0, first - 1), min(len(paragraphs), last + 2)):
        low, high = paragraphs[n]
        aside = not first <= n <= last
        reach = ASIDE if aside else REACH
        opens, closes = max(low, min(start, high) - reach), min(high, max(end, low) + reach)
        opens = opens if opens == low else _find_word_start(text, opens, min(start, high))
        closes = closes if closes == high else _find_word_end(text, closes, max(end, low))
        if opens < closes:
            windows.append(TextWindow(n + 1, opens, closes, opens == low, closes == high, aside))
    return windows


def _find_word_start(text: str, position: int, latest: int) -> int:
    space = text.find(" ", position, latest)
    return position if space < 0 else space + 1


def _find_word_end(text: str, position: int, earliest: int) -> int:
    space = text.rfind(" ", earliest, position)
    return position if space < 0 else space


def build_text_paragraphs(
    text: str,
    windows: Iterable[TextWindow],
    place: DecidablePlace,
    neighbours: Sequence[NeighbourMark],
) -> list[TextParagraph]:
    """Render the paragraphs."""
    stretches = list(_iterate_stretches(place, neighbours))
    return [
        TextParagraph(
            window,
            mark_safe("".join(_iterate_html(text, window.start, window.end, place, stretches))),
        )
        for window in windows
    ]


def _iterate_stretches(
    place: DecidablePlace, neighbours: Iterable[NeighbourMark]
) -> Iterator[LaneStretch]:
    for one in neighbours:
        opening = f'<span class="neighbour" data-n="{one.number}" data-code="{escape(one.code)}">'
        yield LaneStretch(one.start, one.end, opening)
    most = place.decision.passages if place.state == "decided" and place.decision else None
    for passage in place.majority if most is None else most:
        opening = f'<span class="most" data-code="{escape(passage.code)}">'
        yield LaneStretch(passage.start, passage.end, opening)
    for reading in place.readings:
        if reading.number <= MOST_LANES:
            for passage, part, parts in share_lane(reading.passages):
                opening = (
                    f'<span class="lane" data-lane="{reading.number}" data-part="{part}" '
                    f'data-of="{parts}" data-code="{escape(passage.code)}">'
                )
                yield LaneStretch(passage.start, passage.end, opening)


def share_lane(
    passages: Sequence[ProposedPassage],
) -> Iterator[tuple[ProposedPassage, int, int]]:
    """Yield each passage with its part of the lane and the number of parts, from 1.

    Codes that overlap within one reading lie one below the other; a code that overlaps no other
    has the whole lane.
    """
    codes = list(dict.fromkeys(one.code for one in passages))
    for passage in passages:
        over = {one.code for one in passages if one.start < passage.end and one.end > passage.start}
        ranked = [code for code in codes if code in over]
        parts = min(len(ranked), MOST_PARTS)
        yield passage, min(ranked.index(passage.code) + 1, MOST_PARTS), parts


def _iterate_html(
    text: str, start: int, end: int, place: DecidablePlace, stretches: Sequence[LaneStretch]
) -> Iterator[str]:
    """Yield the paragraph cut at the bounds of all stretches, each piece within its elements."""
    near = [one for one in stretches if one.start < end and one.end > start]
    first, last = max(place.start, start), min(place.end, end)
    edges = {max(one.start, start) for one in near} | {min(one.end, end) for one in near}
    cuts = sorted(edges | {start, end} | ({first, last} if first < last else set()))
    numbers = "&#10;".join(str(one.number) for one in place.readings[:MOST_LANES])
    for low, high in pairwise(cuts):
        over = [one for one in near if one.start <= low and one.end >= high]
        words = escape(text[low:high])
        piece = "".join(one.opening for one in over) + words + "</span>" * len(over)
        here = place.start <= low < place.end
        shown = f' data-numbers="{numbers}"' if low == first else ""
        yield f'<span class="here"{shown}>{piece}</span>' if here else piece
        if here and high == last:
            yield '<i class="lane-end"></i>'
