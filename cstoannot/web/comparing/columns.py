"""What the page with passages in columns shows: cards to read and to cite, tallies in words."""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from cstoannot.comparison.passages import Cell, Column, Listing, of_cell
from cstoannot.comparison.places import Article, Place, Said
from cstoannot.comparison.question import Question
from cstoannot.sources.dates import display_date
from cstoannot.web.article import direction_of
from cstoannot.web.comparing.beside import link_of
from cstoannot.web.comparing.words import silences

# The states in the order in which they are told, with the words for one and for several.
STATES: Mapping[str, tuple[str, str]] = {
    "supports": ("supports", "support"),
    "opposes": ("opposes", "oppose"),
    "mixed": ("mixed", "mixed"),
    "mentioned": ("mentioned only", "mentioned only"),
    "silent": ("silent", "silent"),
    "pending": ("pending", "pending"),
    "unassigned": ("unassigned", "unassigned"),
}
NAMED = 60  # of those who say nothing, named in their line


@dataclass(frozen=True)
class Card:
    """A place with where to read it and how to cite it."""

    place: Place
    link: str
    direction: str
    citation: str
    without: Mapping[uuid.UUID, str]
    """What the verdict would be without an annotation that carries it, by its id."""

    @property
    def carrying(self) -> list[tuple[Said, str]]:
        found = ((one, self.without.get(one.annotation_id, "")) for one in self.place.said)
        return [(one, verdict) for one, verdict in found if verdict]

    @property
    def paragraphs(self) -> str:
        first, last = self.place.first_paragraph, self.place.last_paragraph
        return f"¶ {first}" if first == last else f"¶ {first}–{last}"


@dataclass(frozen=True)
class ShownColumn:
    """`all_link`: the column alone, which shows what is not listed here; `title_link`: a source."""

    cell: Cell
    column: Column
    cards: Sequence[Card]
    title_link: str
    about: str
    all_link: str

    @property
    def more(self) -> int:
        return self.cell.passages - self.column.first - self.column.listed


@dataclass(frozen=True)
class Quiet:
    """Those who say nothing, for one reason."""

    state: str
    meaning: str
    names: Sequence[str]
    more: int


def tally_words(cells: Iterable[Cell]) -> str:
    """2 support · 1 opposes · 1 mixed · 1 silent."""
    counts = Counter(cell.state for cell in cells)
    return " · ".join(
        f"{counts[state]:,} {words[counts[state] > 1]}"
        for state, words in STATES.items()
        if counts[state]
    )


def columns_of(slug: str, found: Listing, without: Mapping[uuid.UUID, str]) -> list[ShownColumn]:
    return [_shown(slug, found.question, column, without) for column in found.columns]


def _shown(
    slug: str, question: Question, column: Column, without: Mapping[uuid.UUID, str]
) -> ShownColumn:
    cell = column.cell
    at = reverse("compare_passages", args=[slug])
    article = column.places[0].article if column.places and cell.actor.pk else None
    return ShownColumn(
        cell=cell,
        column=column,
        cards=[_card(slug, place, without) for place in column.places],
        title_link=reverse("annotate", args=[slug, cell.actor.pk]) if cell.actor.pk else "",
        about=_about(article) if article else "",
        all_link=f"{at}?{of_cell(question, cell.actor, cell.claim).address()}",
    )


def _about(article: Article) -> str:
    source = article.source
    parts = (source.publisher, article.author, display_date(source.published))
    return " · ".join(part for part in parts if part)


def _card(slug: str, place: Place, without: Mapping[uuid.UUID, str]) -> Card:
    return Card(
        place=place,
        link=link_of(slug, place),
        direction=direction_of(place.article.language),
        citation=citation(place),
        without=without,
    )


def citation(place: Place) -> str:
    """The words with where they stand: author, title, publisher, date, address, characters.

    Characters are code points of the stored text, counted from 0; the last is not included.
    """
    article, source = place.article, place.article.source
    published = display_date(source.published) or "no date"
    about = [article.author, f"“{source.title}”", source.publisher, published, article.url]
    where = ", ".join(part for part in about if part)
    return f"“{place.quote}” ({where}, characters {place.start}–{place.end})"


def quiet(found: Listing) -> list[Quiet]:
    """Who says nothing on the claim, apart by why."""
    meanings = silences(found.comparison)
    names: dict[str, list[str]] = {state: [] for state in meanings}
    for cell in found.cells:
        if cell.state in names:
            names[cell.state].append(cell.actor.name)
    return [
        Quiet(state, meanings[state], some[:NAMED], len(some) - len(some[:NAMED]))
        for state, some in names.items()
        if some
    ]
