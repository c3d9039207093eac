"""In-process cache of comparisons: datasets and results for each reader.

Cached until what the reader may know changes.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

import numpy as np

from cstoannot.agreement.dataset import Annotator
from cstoannot.annotations.queries import visible_speakers
from cstoannot.annotations.reader_queries import ProjectCache, ReaderState, load_reader_state
from cstoannot.codebook.meaning import MEANINGS
from cstoannot.comparison.comparison_query import (
    CONSENSUS_OR_MAJORITY,
    MAJORITY,
    ComparisonQuery,
)
from cstoannot.comparison.dataset import ComparisonDataset
from cstoannot.comparison.layers import build_answering_layer
from cstoannot.comparison.queries import load_comparison_dataset
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, widen_to_coding

_WITHOUT_NAMES = -2  # the view of those who see results
MOST_CELLS = 5_000_000  # cells of cached results in each view; 26 bytes each


@dataclass(eq=False)
class CachedComparison:
    """One reader's view of one project at one point of its history, with cached results."""

    state: ReaderState
    compared: ComparisonDataset
    speakers: Collection[str] = ()
    lock: Lock = field(default_factory=Lock)
    answers: OrderedDict[Hashable, tuple[int, Any]] = field(default_factory=OrderedDict)

    def known(self, question: Hashable) -> Any:
        """Return the cached result, or None; hold the `lock`."""
        if question not in self.answers:
            return None
        self.answers.move_to_end(question)
        return self.answers[question][1]

    def answer(self, question: Hashable, find: Callable[[], Any], *, cells: int) -> Any:
        """Return the cached result, or call `find` and cache what it returns.

        `cells`: the result's size. The oldest results go when all together exceed MOST_CELLS. Hold
        the `lock`.
        """
        known = self.known(question)
        if known is not None:
            return known
        found = find()
        self.answers[question] = (cells, found)
        while len(self.answers) > 1 and sum(size for size, _ in self.answers.values()) > MOST_CELLS:
            self.answers.popitem(last=False)
        return found


_kept = ProjectCache[CachedComparison]()
_kept_of_all_codes = ProjectCache[CachedComparison]()


def load_cached_comparison(scope: Scope, *, all_codes: bool = False) -> CachedComparison:
    """Return the reader's current view of the project; hold its `lock` while using it.

    `all_codes`: with codes that state no claim.
    """
    known = _load_cached_view(scope, _kept, all_codes=False)
    if not all_codes or known.compared.has_all_codes:
        return known
    return _load_cached_view(scope, _kept_of_all_codes, all_codes=True)


def _load_cached_view(
    scope: Scope, views: ProjectCache[CachedComparison], *, all_codes: bool
) -> CachedComparison:
    reader = _choose_cache_reader(scope)
    if reader == _WITHOUT_NAMES:
        return _load_view_without_names(scope, views, all_codes=all_codes)
    state = load_reader_state(scope)
    kept = views.get(scope.project_id, reader)
    if kept is None or kept.state != state:
        kept = CachedComparison(state, load_comparison_dataset(scope, all_codes=all_codes))
    views.put(scope.project_id, reader, kept)
    return kept


def _load_view_without_names(
    scope: Scope, views: ProjectCache[CachedComparison], *, all_codes: bool
) -> CachedComparison:
    """Return the view of those who see results, without what tells one annotator from another."""
    whole = _load_cached_view(widen_to_coding(scope), views, all_codes=all_codes)
    speakers = set(visible_speakers(scope).values_list("name", flat=True))
    kept = views.get(scope.project_id, _WITHOUT_NAMES)
    if kept is None or kept.state != whole.state or kept.speakers != speakers:
        with whole.lock:
            compared = _leave_out_names(whole, speakers)
        kept = CachedComparison(whole.state, compared, speakers=speakers)
    views.put(scope.project_id, _WITHOUT_NAMES, kept)
    return kept


def _leave_out_names(whole: CachedComparison, speakers: Collection[str]) -> ComparisonDataset:
    """Return the dataset without annotators' names and voices that no layer speaks in.

    `speakers`: names that the readers may know all the same.
    """
    compared = whole.compared
    heard = {0, *(place for place, name in enumerate(compared.voices) if name in speakers)}
    for layer in (CONSENSUS_OR_MAJORITY, MAJORITY):
        for meaning in MEANINGS:
            question = ComparisonQuery(layer=layer, meaning=meaning)
            answering = build_answering_layer(compared, question)
            heard |= set(np.unique(answering.compared.passages.voice).tolist())
    return replace(
        compared,
        annotators=(Annotator(0, ""),) * len(compared.annotators),
        named=False,
        unheard=frozenset(range(len(compared.voices))) - heard,
    )


def _choose_cache_reader(scope: Scope) -> int:
    """Return the key of the view: 0 for readers of all coding, -1 for the consensus alone."""
    if scope.can(Permission.SEE_ALL_CODING):
        return 0
    if scope.can(Permission.SEE_RESULTS):
        return _WITHOUT_NAMES
    return scope.user_id if scope.can(Permission.ANNOTATE) else -1


def clear_comparison_cache() -> None:
    """Empty the cache: for tests, whose projects share identifiers."""
    _kept.clear()
    _kept_of_all_codes.clear()
