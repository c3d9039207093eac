"""Two or three whole articles side by side: their texts, and where the chosen claims stand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cstoannot.comparison.coding import Chosen, Claim, Compared, choose, rows_of
from cstoannot.comparison.keeping import compared_of
from cstoannot.comparison.passages import Cell, cell_of
from cstoannot.comparison.places import Article, Place, articles_of, in_text_order, places_of
from cstoannot.comparison.question import Question, allowed
from cstoannot.comparison.reports import compare
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import texts_of

MOST = 3  # articles; more cannot be read beside each other
WITHOUT_CHOICE = 2


@dataclass(frozen=True)
class Column:
    """One article, its text, and the places that take part, in the order of the text: no quotes.

    `cells`: where it stands, by the claims' slugs.
    """

    article: Article
    text: str
    places: tuple[Place, ...]
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class Reading:
    """`question` names the sources that are shown; `left_out`: how many more were asked for.

    `claims`: those asked for, in the codebook's order; where none were, those that one of the
    articles has a passage on.
    """

    question: Question
    columns: tuple[Column, ...]
    claims: tuple[Claim, ...]
    left_out: int


def reading(scope: Scope, question: Question) -> Reading:
    """Raises Invalid for a source or a code that there is not, or not for this reader."""
    compared = compared_of(scope).compared
    question = replace(allowed(scope, question), by="source")
    chosen = choose(compared, question)
    asked = chosen.sources.tolist() if question.sources else _first(compared, chosen)
    if not asked:
        return Reading(question, (), (), 0)
    shown = tuple(compared.sources[place].pk for place in asked[:MOST])
    question = replace(question, sources=shown)
    rows = in_text_order(compared, rows_of(compared, choose(compared, question)))
    places = [place for _, place in places_of(scope, compared, rows, with_quotes=False)]
    return Reading(
        question=question,
        columns=tuple(_columns(scope, compared, question, places)),
        claims=_claims(compared, chosen, places),
        left_out=len(asked) - len(shown),
    )


def _claims(compared: Compared, chosen: Chosen, places: Sequence[Place]) -> tuple[Claim, ...]:
    used = {place.claim for place in places}
    claims = (compared.claims[place] for place in chosen.claims.tolist())
    return tuple(claim for claim in claims if chosen.question.codes or claim in used)


def _columns(
    scope: Scope, compared: Compared, question: Question, places: Sequence[Place]
) -> Iterator[Column]:
    found = compare(scope, question)
    numbers = [compared.source_places[pk] for pk in question.sources]
    articles = articles_of(scope, compared, numbers)
    texts = texts_of(scope, question.sources)
    for number, actor in enumerate(found.actors):
        article = articles.get(compared.source_places[actor.pk or 0])
        if article and article.source.pk in texts:
            cells = {
                claim.slug: cell_of(found, number, column)
                for column, claim in enumerate(found.claims)
            }
            own = tuple(place for place in places if place.article.source == article.source)
            yield Column(article, texts[article.source.pk], own, cells)


def _first(compared: Compared, chosen: Chosen) -> list[int]:
    """Without a choice: the first sources that say something, or simply the first."""
    speaking = np.unique(compared.passages.source[rows_of(compared, chosen)])
    others = chosen.sources[~np.isin(chosen.sources, speaking)]
    return [*speaking[:WITHOUT_CHOICE].tolist(), *others.tolist()][:WITHOUT_CHOICE]
