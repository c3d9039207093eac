"""What the page with articles side by side shows of each: its places, its map, its signs."""

from collections.abc import Sequence
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

LANES = 5  # of a map, at most
LANE = 10  # the width of one


@dataclass(frozen=True)
class Shown:
    """One column of the page. `width`: its map's, with a lane for each claim while they are few."""

    column: Column
    html: SafeString
    width: int

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

    def data(self, slug: str, claims: Sequence[Claim]) -> dict[str, Any]:
        """What scripts paint, list and put on the map: passages by start, the longer first."""
        ordered = sorted(self.column.places, key=lambda one: (one.start, -one.end))
        return {
            "title": self.article.source.title,
            "address": reverse("annotate", args=[slug, self.article.source.pk]),
            "passages": [
                {
                    "id": str(place.said[0].annotation_id),
                    "code": place.claim.slug,
                    "start": place.start,
                    "end": place.end,
                    "paragraph": place.first_paragraph,
                    "said": [[one.annotator, one.stance, one.voice] for one in place.said],
                }
                for place in ordered
            ],
            "cells": {claim.slug: _standing(self.column.cells[claim.slug]) for claim in claims},
        }


def shown(column: Column, claims: Sequence[Claim]) -> Shown:
    direction = direction_of(column.article.language)
    return Shown(
        column=column,
        html=article_html(column.text, column.article.packed, direction),
        width=LANE * max(1, min(len(claims), LANES)),
    )


def _standing(cell: Cell) -> dict[str, Any]:
    return {"state": cell.state, "split": cell.split, "passages": cell.passages}


def link_of(slug: str, place: Place) -> str:
    """Where the place is read in its article: to annotate, or to read for who may not."""
    at = reverse("annotate", args=[slug, place.article.source.pk])
    return f"{at}#at={place.start}-{place.end}"
