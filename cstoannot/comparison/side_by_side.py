"""Two or three whole articles side by side, with the passages on the selected claims."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cstoannot.comparison.answering import load_compared_layer
from cstoannot.comparison.comparison_query import ComparisonQuery, limit_query_to_scope
from cstoannot.comparison.dataset import (
    Claim,
    ComparisonDataset,
    ComparisonSelection,
    build_comparison_selection,
    select_passage_rows,
)
from cstoannot.comparison.excerpts import (
    Article,
    Excerpt,
    load_articles,
    load_excerpts,
    sort_rows_by_position,
)
from cstoannot.comparison.passages import PositionCell, build_matrix_cell
from cstoannot.comparison.reports import ComparisonReport, build_comparison_report
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import load_source_texts

MOST = 3  # articles; more do not fit beside each other
WITHOUT_CHOICE = 2


@dataclass(frozen=True)
class SideBySideArticle:
    """An article, its text, and its excerpts in the order of the text, without quotes.

    `cells`: its position, by the claim's slug.
    """

    article: Article
    text: str
    places: tuple[Excerpt, ...]
    cells: Mapping[str, PositionCell]


@dataclass(frozen=True)
class SideBySide:
    """`question` names the sources shown; `left_out`: how many more were requested.

    `claims`: those requested, in the codebook's order; by default those with a passage in one of
    the articles. `stale`: annotations on these claims made under an older meaning, whether they
    count or not; `read_before`: articles that somebody finished before one of them existed.
    """

    question: ComparisonQuery
    columns: tuple[SideBySideArticle, ...]
    claims: tuple[Claim, ...]
    left_out: int
    stale: int = 0
    read_before: int = 0


def load_side_by_side(scope: Scope, question: ComparisonQuery) -> SideBySide:
    """Load the articles; raise Invalid for a source or code that does not exist for the reader."""
    question = replace(limit_query_to_scope(scope, question), by="source")
    compared = load_compared_layer(scope, question)
    chosen = build_comparison_selection(compared, question)
    asked = chosen.sources.tolist() if question.sources else _choose_first_sources(compared, chosen)
    if not asked:
        return SideBySide(question, (), (), 0)
    shown = tuple(compared.sources[place].pk for place in asked[:MOST])
    question = replace(question, sources=shown)
    rows = sort_rows_by_position(
        compared, select_passage_rows(compared, build_comparison_selection(compared, question))
    )
    places = [place for _, place in load_excerpts(scope, compared, rows, with_quotes=False)]
    found = build_comparison_report(scope, question)
    claims = _list_article_claims(compared, chosen, places)
    listed = [place for place, claim in enumerate(found.claims) if claim in claims]
    return SideBySide(
        question=question,
        columns=tuple(_iterate_article_columns(scope, compared, found, places)),
        claims=claims,
        left_out=len(asked) - len(shown),
        stale=sum(found.stale[place] for place in listed),
        read_before=int(found.too_early[:, listed].any(axis=1).sum()),
    )


def _list_article_claims(
    compared: ComparisonDataset, chosen: ComparisonSelection, places: Sequence[Excerpt]
) -> tuple[Claim, ...]:
    used = {place.claim for place in places}
    claims = (compared.claims[place] for place in chosen.claims.tolist())
    return tuple(claim for claim in claims if chosen.question.codes or claim in used)


def _iterate_article_columns(
    scope: Scope, compared: ComparisonDataset, found: ComparisonReport, places: Sequence[Excerpt]
) -> Iterator[SideBySideArticle]:
    question = found.question
    numbers = [compared.source_places[pk] for pk in question.sources]
    articles = load_articles(scope, compared, numbers)
    texts = load_source_texts(scope, question.sources)
    for number, actor in enumerate(found.actors):
        article = articles.get(compared.source_places[actor.pk or 0])
        if article and article.source.pk in texts:
            cells = {
                claim.slug: build_matrix_cell(found, number, column)
                for column, claim in enumerate(found.claims)
            }
            own = tuple(place for place in places if place.article.source == article.source)
            yield SideBySideArticle(article, texts[article.source.pk], own, cells)


def _choose_first_sources(compared: ComparisonDataset, chosen: ComparisonSelection) -> list[int]:
    """Return the default: the first sources with passages, otherwise the first ones."""
    speaking = np.unique(compared.passages.source[select_passage_rows(compared, chosen)])
    others = chosen.sources[~np.isin(chosen.sources, speaking)]
    return [*speaking[:WITHOUT_CHOICE].tolist(), *others.tolist()][:WITHOUT_CHOICE]
