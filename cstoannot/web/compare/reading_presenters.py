"""The columns of the side-by-side page, and the link from an excerpt to its article."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString

from cstoannot.comparison.dataset import Claim
from cstoannot.comparison.excerpts import Article, Excerpt
from cstoannot.comparison.passages import PositionCell
from cstoannot.comparison.side_by_side import SideBySideArticle
from cstoannot.sources.details import format_partial_date
from cstoannot.web.article_html import LONG, render_article_html, resolve_text_direction
from cstoannot.web.cell_words import describe_readers, describe_speaking_layer

LANES = 5  # of a map, at most
LANE = 10  # width of a lane


@dataclass(frozen=True)
class ReadingPageColumn:
    """One column. `width`: of its map, which has a lane for each claim if there are few."""

    column: SideBySideArticle
    html: SafeString
    width: int

    @property
    def article(self) -> Article:
        return self.column.article

    @property
    def published(self) -> str:
        return format_partial_date(self.article.source.published)

    @property
    def direction(self) -> str:
        return resolve_text_direction(self.article.language)

    @property
    def is_long(self) -> bool:
        return self.article.source.length >= LONG

    def data(self, slug: str, claims: Sequence[Claim]) -> dict[str, Any]:
        """Return the data for scripts: passages by start, longer ones first."""
        ordered = sorted(self.column.places, key=lambda one: (one.start, -one.end))
        return {
            "title": self.article.source.title,
            "address": reverse("annotate", args=[slug, self.article.source.pk]),
            "passages": [
                {
                    "id": str(place.said[0].row),
                    "code": place.claim.slug,
                    "start": place.start,
                    "end": place.end,
                    "paragraph": place.first_paragraph,
                    "said": [
                        [describe_speaking_layer(one), one.stance, one.voice] for one in place.said
                    ],
                }
                for place in ordered
            ],
            "cells": {
                claim.slug: _build_cell_state(self.column.cells[claim.slug]) for claim in claims
            },
        }


def build_article_column(column: SideBySideArticle, claims: Sequence[Claim]) -> ReadingPageColumn:
    direction = resolve_text_direction(column.article.language)
    return ReadingPageColumn(
        column=column,
        html=render_article_html(column.text, column.article.packed, direction),
        width=LANE * max(1, min(len(claims), LANES)),
    )


def _build_cell_state(cell: PositionCell) -> dict[str, Any]:
    coders = describe_readers(cell.readers)
    return {"state": cell.state, "coders": coders, "passages": cell.passages}


def build_excerpt_url(slug: str, place: Excerpt) -> str:
    """Return the URL of the excerpt's article, read-only for those who may not annotate."""
    at = reverse("annotate", args=[slug, place.article.source.pk])
    return f"{at}#at={place.start}-{place.end}"
