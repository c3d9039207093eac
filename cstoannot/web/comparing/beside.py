"""What the page with articles side by side shows of each: its places, its map, its signs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString

from cstoannot.comparison.coding import Claim
from cstoannot.comparison.passages import Cell
from cstoannot.comparison.places import Article, Place
from cstoannot.comparison.reading import Column
from cstoannot.sources.dates import display_date
from cstoannot.web.article import LONG, article_html, direction_of

SIGNS = {"supports": "▲", "opposes": "▼", "mixed": "◆", "": "·"}
TEAM = "consensus"  # who says what the team decided

HEIGHT = 1000  # of a map, in its own units
LEAST = 5  # of a mark in it
LANE, BAR, STANCE = 10, 6, 2  # widths: of a lane, of the code in it, of the stance beside
LANES = 5


@dataclass(frozen=True)
class Mark:
    """A place on the map: `x` in the map's width, `y` and `height` in its thousandths."""

    place: Place
    x: int
    y: int
    height: int
    link: str

    @property
    def id(self) -> str:
        return id_of(self.place)

    @property
    def stance_x(self) -> int:
        return self.x + BAR


@dataclass(frozen=True)
class Shown:
    """One column of the page; `width` is its map's."""

    column: Column
    html: SafeString
    marks: Sequence[Mark]
    width: int
    cells: Sequence[Cell]

    @property
    def article(self) -> Article:
        return self.column.article

    @property
    def published(self) -> str:
        return display_date(self.article.source.published)

    @property
    def direction(self) -> str:
        return direction_of(self.article.language)

    @property
    def is_long(self) -> bool:
        return self.article.source.length >= LONG

    @property
    def data(self) -> list[dict[str, Any]]:
        """What scripts paint: by start, and the longer first."""
        ordered = sorted(self.column.places, key=lambda one: (one.start, -one.end))
        return [
            {
                "id": id_of(place),
                "code": place.claim.slug,
                "start": place.start,
                "end": place.end,
                "stance": place.stance,
                "sign": sign_of(place),
                "annotator": "; ".join(f"{name}: {stance}" for name, stance in who(place)),
            }
            for place in ordered
        ]


def shown(slug: str, column: Column, claims: Sequence[Claim]) -> Shown:
    marks = list(_marks(slug, column, claims))
    lanes = max((mark.x // LANE for mark in marks), default=0) + 1
    return Shown(
        column=column,
        html=article_html(
            column.text, column.article.packed, direction_of(column.article.language)
        ),
        marks=marks,
        cells=[column.cells[claim.slug] for claim in claims],
        width=LANE * (len(claims) if 0 < len(claims) <= LANES else lanes),
    )


def _marks(slug: str, column: Column, claims: Sequence[Claim]) -> Iterable[Mark]:
    """A lane for each claim while they are few; otherwise the first lane that is free there."""
    own = {claim: lane for lane, claim in enumerate(claims)} if len(claims) <= LANES else {}
    ends = [0] * LANES
    length = column.article.source.length
    address = reverse("annotate", args=[slug, column.article.source.pk])
    for place in column.places:
        y = place.start * HEIGHT // length
        height = max(LEAST, (place.end - place.start) * HEIGHT // length)
        y = min(y, HEIGHT - height)
        free = next((lane for lane, end in enumerate(ends) if end <= y), LANES - 1)
        lane = own.get(place.claim, free)
        ends[lane] = max(ends[lane], y + height)
        link = f"{address}#at={place.start}-{place.end}"
        yield Mark(place, lane * LANE, y, height, link)


def link_of(slug: str, place: Place) -> str:
    """Where the place is read in its article: to annotate, or to read for who may not."""
    at = reverse("annotate", args=[slug, place.article.source.pk])
    return f"{at}#at={place.start}-{place.end}"


def id_of(place: Place) -> str:
    return str(place.said[0].annotation_id)


def sign_of(place: Place) -> str:
    """The stance's sign; where annotators differ, each one's."""
    stances = dict.fromkeys(one.stance for one in place.said)
    return "".join(sign for stance, sign in SIGNS.items() if stance in stances)


def who(place: Place) -> list[tuple[str, str]]:
    """Each annotator with the stance they gave the place."""
    return [(one.annotator or TEAM, one.stance or "no stance") for one in place.said]
