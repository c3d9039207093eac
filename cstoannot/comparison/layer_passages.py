"""The computed passages of all codes, with or without a claim: the majority's as a list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from cstoannot.agreement.dataset import STANCES
from cstoannot.annotations.queries import AnnotationFilter
from cstoannot.codebook.tree import collect_descendants
from cstoannot.comparison.answering import load_answering_layer
from cstoannot.comparison.comparison_query import MAJORITY, ComparisonQuery, limit_query_to_scope
from cstoannot.comparison.dataset import Bools, ComparisonDataset, Ints
from cstoannot.comparison.excerpts import list_tied
from cstoannot.comparison.project_cache import load_cached_comparison
from cstoannot.core.errors import Invalid
from cstoannot.core.likeness import likeness_of
from cstoannot.database.text_search import build_word_filter
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import visible_sources

TEXTS_AT_ONCE = 20

T = TypeVar("T")


@dataclass(frozen=True)
class LayerPassage:
    """A computed passage. `read_by`, `marked_by`, `tied`: as in `ExcerptAnnotation`."""

    source: int
    code: str
    start: int
    end: int
    quote: str
    stance: str
    voice: str
    read_by: int
    marked_by: int
    tied: tuple[str, ...]


@dataclass(frozen=True)
class LayerPassageList:
    """One page of all computed passages that match a filter."""

    total: int
    passages: tuple[LayerPassage, ...]


def list_majority_passages(
    scope: Scope, filters: AnnotationFilter, *, offset: int, limit: int
) -> LayerPassageList:
    """Return the majority's passages by source and position, in a constant number of queries.

    The filter's annotators are those over whom the majority is taken. Raises Invalid for filters
    that only stored annotations have, and Forbidden.
    """
    compared, rows = select_layer_rows(scope, filters, layer=MAJORITY)
    shown = rows[offset : offset + limit]
    quotes = dict(_iterate_quotes(scope, compared, shown))
    passages = tuple(
        _build_layer_passage(compared, row, quotes[row]) for row in shown.tolist() if row in quotes
    )
    return LayerPassageList(len(rows), passages)


def select_layer_rows(
    scope: Scope, filters: AnnotationFilter, *, layer: str
) -> tuple[ComparisonDataset, Ints]:
    """Return the passages of a layer of all codes, and those that pass the filter, by position.

    `layer`: as in `ComparisonQuery`. Raises Invalid for filters that only stored annotations have,
    and Forbidden.
    """
    if filters.stale or filters.updated_since:
        field = "updated_since" if filters.updated_since else "stale"
        raise Invalid(
            f"These passages are computed and have no {field}: leave {field} out.",
            field=field,
        )
    question = limit_query_to_scope(
        scope,
        ComparisonQuery(
            layer=layer,
            annotators=tuple(sorted(set(filters.annotators))),
            meaning=filters.meaning,
        ),
    )
    kept = load_cached_comparison(scope, all_codes=True)
    with kept.lock:
        compared = load_answering_layer(kept, question).compared
    rows = _sort_by_position(compared, _select_matching_rows(compared, filters))
    if filters.q:
        rows = _select_rows_with_words(scope, compared, rows, filters.q)
    return compared, rows


def _select_matching_rows(compared: ComparisonDataset, filters: AnnotationFilter) -> Ints:
    """Return the rows of the filter's sources, codes, stances and voices."""
    part = compared.passages
    found = np.ones(len(part), bool)
    if filters.sources:
        found &= _mark_members(filters.sources, [s.pk for s in compared.sources])[part.source]
    if filters.codes:
        wanted = {compared.codes[slug] for slug in filters.codes if slug in compared.codes}
        if filters.descendants:
            wanted = {pk for root in wanted for pk in collect_descendants(compared.parents, root)}
        found &= _mark_members(wanted, [claim.pk for claim in compared.claims])[part.claim]
    if filters.stances:
        found &= _mark_members(filters.stances, STANCES)[part.stance]
    if filters.voices:
        wanted_voices = {likeness_of(voice) if voice else "" for voice in filters.voices}
        known = [likeness_of(voice) if voice else "" for voice in compared.voices]
        found &= _mark_members(wanted_voices, known)[part.voice]
    return np.flatnonzero(found)


def _mark_members(wanted: Sequence[T] | set[T], known: Sequence[T]) -> Bools:
    """(K,) whether each of the known is wanted."""
    among = set(wanted)
    return np.fromiter((one in among for one in known), bool, len(known))


def _sort_by_position(compared: ComparisonDataset, rows: Ints) -> Ints:
    part = compared.passages
    pks = np.fromiter((source.pk for source in compared.sources), np.int64, len(compared.sources))
    keys = (part.claim[rows], part.end[rows], part.start[rows], pks[part.source[rows]])
    order: Ints = rows[np.lexsort(keys)]
    return order


def _select_rows_with_words(
    scope: Scope, compared: ComparisonDataset, rows: Ints, words: str
) -> Ints:
    lowered = words.lower()
    quotes = _iterate_quotes(scope, compared, rows, words)
    having = {row for row, quote in quotes if lowered in quote.lower()}
    return rows[np.fromiter((row in having for row in rows.tolist()), bool, len(rows))]


def _iterate_quotes(
    scope: Scope, compared: ComparisonDataset, rows: Ints, words: str = ""
) -> Iterator[tuple[int, str]]:
    """Yield rows with their quotes, in one query, a few texts at a time.

    `words`: only of sources whose text has them.
    """
    part = compared.passages
    by_source: dict[int, list[int]] = {}
    for row, place in zip(rows.tolist(), part.source[rows].tolist(), strict=True):
        by_source.setdefault(compared.sources[place].pk, []).append(row)
    found = visible_sources(scope).filter(pk__in=list(by_source)).order_by()
    if words:
        found = found.filter(build_word_filter(words, "text"))
    for pk, text in found.values_list("pk", "text").iterator(chunk_size=TEXTS_AT_ONCE):
        for row in by_source[pk]:
            yield row, text[part.start[row] : part.end[row]]


def _build_layer_passage(compared: ComparisonDataset, row: int, quote: str) -> LayerPassage:
    part = compared.passages
    return LayerPassage(
        source=compared.sources[part.source[row]].pk,
        code=compared.claims[part.claim[row]].slug,
        start=int(part.start[row]),
        end=int(part.end[row]),
        quote=quote,
        stance=STANCES[part.stance[row]],
        voice=compared.voices[part.voice[row]],
        read_by=int(part.read_by[row]),
        marked_by=int(part.marked_by[row]),
        tied=list_tied(part, row),
    )
