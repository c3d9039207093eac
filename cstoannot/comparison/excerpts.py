"""Excerpts: the stretches that passages mark, with their quotes and annotations."""

import uuid
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import numpy as np

from cstoannot.agreement.dataset import STANCES
from cstoannot.annotations.models import Layer
from cstoannot.annotations.queries import visible_annotations
from cstoannot.comparison.comparison_query import MAJORITY as MAJORITY_LAYER
from cstoannot.comparison.dataset import (
    CONSENSUS,
    MAJORITY,
    Claim,
    ComparedPassages,
    ComparisonDataset,
    ComparisonSource,
    Ints,
)
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, widen_to_coding
from cstoannot.sources.queries import load_source_texts, visible_sources
from cstoannot.text.spans import unpack_flat_bounds

_LAYERS = {CONSENSUS: str(Layer.CONSENSUS), MAJORITY: MAJORITY_LAYER}
TEXTS_AT_ONCE = 100


@dataclass(frozen=True)
class ExcerptAnnotation:
    """What a layer says of a stretch; `voice` is empty for the author.

    `row`: its index in the dataset. `annotator`: empty for the consensus and the majority.
    `annotation_id`: of a majority's passage, that of the annotation with the most similar bounds.
    `read_by`, `marked_by`: how many annotators read the source for the claim, and marked something
    here; 0 for the consensus. `tied`: which of stance and voice a tie decided.
    """

    row: int
    annotation_id: uuid.UUID | None
    layer: str
    annotator: str
    stance: str
    voice: str
    read_by: int
    marked_by: int
    tied: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Article:
    """A source's details, for showing and citing its passages."""

    source: ComparisonSource
    author: str
    url: str
    language: str
    packed: bytes
    """The bounds of its paragraphs, packed by `text.spans`."""

    @cached_property
    def paragraphs(self) -> Sequence[int]:
        """Return the start of each paragraph, in code points."""
        return unpack_flat_bounds(self.packed).flat[::2]

    def paragraph(self, offset: int) -> int:
        """Return the number, from 1, of the paragraph that contains an offset."""
        return max(1, bisect_right(self.paragraphs, offset))


@dataclass(frozen=True)
class Excerpt:
    """A stretch [start, end) to which one or more annotators gave the same claim.

    Overlapping stretches are separate excerpts; `said` contains all annotations with exactly these
    bounds.
    """

    article: Article
    claim: Claim
    start: int
    end: int
    quote: str
    said: tuple[ExcerptAnnotation, ...]

    @property
    def stance(self) -> str:
        """Return the common stance; `split` if they differ."""
        stances = {one.stance for one in self.said}
        return stances.pop() if len(stances) == 1 else "split"

    @property
    def first_paragraph(self) -> int:
        return self.article.paragraph(self.start)

    @property
    def last_paragraph(self) -> int:
        return self.article.paragraph(self.end - 1)


def sort_rows_by_position(compared: ComparisonDataset, rows: Ints) -> Ints:
    """Sort by source, start, end, claim and annotator; CONSENSUS sorts before annotators."""
    part = compared.passages
    keys = (part.annotator, part.claim, part.end, part.start, part.source)
    order: Ints = rows[np.lexsort([key[rows] for key in keys])]
    return order


def load_excerpts(
    scope: Scope,
    compared: ComparisonDataset,
    rows: Ints,
    apart: Ints | None = None,
    *,
    with_quotes: bool = True,
) -> list[tuple[int, Excerpt]]:
    """Load the excerpts of these rows, in their order, in two queries; each with its number.

    Adjacent rows of the same claim and bounds form one excerpt, unless `apart` gives them different
    numbers. Callers that show whole texts need no quotes, which take a query and most of the time.
    """
    part = compared.passages
    numbers = np.zeros(len(rows), np.int64) if apart is None else apart
    quotes = _load_quotes(scope, compared, rows) if with_quotes else {}
    articles = load_articles(scope, compared, np.unique(part.source[rows]).tolist())
    found = []
    pairs = zip(numbers.tolist(), rows.tolist(), strict=True)
    for (number, place, claim, *span), same in groupby(
        pairs, lambda pair: _build_excerpt_key(part, *pair)
    ):
        if place not in articles:
            continue  # deleted since the dataset was loaded
        said = tuple(_build_excerpt_annotation(compared, row) for _, row in same)
        quote = quotes.get(said[0].row, "")
        one = Excerpt(articles[place], compared.claims[claim], span[0], span[1], quote, said)
        found.append((number, one))
    return found


def load_articles(
    scope: Scope, compared: ComparisonDataset, places: Iterable[int]
) -> dict[int, Article]:
    """Load the details of the sources at these indexes, by index."""
    sources = {compared.sources[place].pk: place for place in places}
    if not sources:
        return {}
    found = visible_sources(scope).filter(pk__in=list(sources)).order_by()
    columns = found.values_list("pk", "author", "url", "language", "paragraphs")
    return {
        sources[pk]: Article(compared.sources[sources[pk]], author, url, language, bytes(packed))
        for pk, author, url, language, packed in columns
    }


def _load_quotes(scope: Scope, compared: ComparisonDataset, rows: Ints) -> dict[int, str]:
    """Load the quotes by row: of the annotation, cut from the text where the bounds differ."""
    part = compared.passages
    ids = {row: part.annotation_id(row) for row in rows.tolist()}
    if not ids:
        return {}
    # The dataset has decided which passages the reader may see.
    whole = widen_to_coding(scope) if scope.can(Permission.SEE_RESULTS) else scope
    found = visible_annotations(whole).filter(pk__in=set(ids.values())).order_by()
    columns = found.values_list("pk", "start", "end", "quote")
    known = {pk: (start, end, quote) for pk, start, end, quote in columns}
    quotes: dict[int, str] = {}
    others: list[int] = []
    for row, pk in ids.items():
        start, end, quote = known.get(pk, (0, 0, ""))
        low, high = int(part.start[row]), int(part.end[row])
        if start <= low and high <= end:
            quotes[row] = quote[low - start : high - start]
        elif pk in known:
            others.append(row)
    return quotes | _cut_quotes(scope, compared, others)


def _cut_quotes(scope: Scope, compared: ComparisonDataset, rows: Sequence[int]) -> dict[int, str]:
    part = compared.passages
    by_source: dict[int, list[int]] = {}
    for row in rows:
        by_source.setdefault(compared.sources[part.source[row]].pk, []).append(row)
    known = list(by_source)
    quotes: dict[int, str] = {}
    for first in range(0, len(known), TEXTS_AT_ONCE):
        texts = load_source_texts(scope, known[first : first + TEXTS_AT_ONCE])
        for pk, text in texts.items():
            quotes.update((row, text[part.start[row] : part.end[row]]) for row in by_source[pk])
    return quotes


def _build_excerpt_key(part: ComparedPassages, number: int, row: int) -> tuple[int, ...]:
    columns = (part.source, part.claim, part.start, part.end)
    return number, *(int(column[row]) for column in columns)


def _build_excerpt_annotation(compared: ComparisonDataset, row: int) -> ExcerptAnnotation:
    part = compared.passages
    annotator = int(part.annotator[row])
    return ExcerptAnnotation(
        row=row,
        annotation_id=part.annotation_id(row) if compared.named or annotator == CONSENSUS else None,
        layer=_LAYERS.get(annotator, str(Layer.INDIVIDUAL)),
        annotator=compared.annotators[annotator].username if annotator >= 0 else "",
        stance=STANCES[part.stance[row]],
        voice=compared.voices[part.voice[row]],
        read_by=int(part.read_by[row]),
        marked_by=int(part.marked_by[row]),
        tied=list_tied(part, row),
    )


def list_tied(part: ComparedPassages, row: int) -> tuple[str, ...]:
    """Return which of stance and voice a tie between the annotators decided."""
    return tuple(name for name in ("stance", "voice") if getattr(part, f"{name}_tied")[row])
