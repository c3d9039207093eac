"""In-process cache of agreement: datasets, statistics and results for each reader.

Cached until what the reader may know changes. After a change in a few sources, only these are
loaded again. Each annotator has a view of their own.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

from cstoannot.agreement.dataset import AgreementDataset, build_units
from cstoannot.agreement.queries import (
    load_agreement_dataset,
    load_unit_bounds,
    reload_dataset_sources,
)
from cstoannot.annotations.reader_queries import (
    ProjectCache,
    ReaderState,
    load_changed_sources,
    load_reader_state,
)
from cstoannot.codebook.meaning import ANY, CURRENT, check_meaning
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.stats.agreement.engine import (
    SufficientStatistics,
    build_statistics,
    select_unchanged_pairs,
)
from cstoannot.stats.coefficients.definitions import MeasureKind
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.results import MeasureResult, PairValue
from cstoannot.stats.tables import SpanTable, Units

ANSWERS = 200  # cached results in each view
FEW = 20  # changed sources; with more, loading everything is as quick


Pairs = dict[tuple[int, int], PairValue]


@dataclass(frozen=True, eq=False)
class PreviousResults:
    """Results from before some sources changed, and the numbers of these sources."""

    statistics: dict[tuple[str, str], SufficientStatistics]
    measured: dict[Hashable, MeasureResult]
    changed: tuple[int, ...]


@dataclass(eq=False)
class CachedAgreement:
    """One reader's view of one project at one point of its history."""

    scope: Scope
    state: ReaderState
    coding: AgreementDataset
    lock: Lock = field(default_factory=Lock)
    units: dict[str, Units] = field(default_factory=dict)
    statistics: dict[tuple[str, str], SufficientStatistics] = field(default_factory=dict)
    answers: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)
    measured: dict[Hashable, MeasureResult] = field(default_factory=dict)
    before: PreviousResults | None = None
    current: "CachedAgreement | None" = None
    parts: "tuple[CachedAgreement, ...]" = ()

    def only_current(self) -> "CachedAgreement":
        """Return the same view without stale codings, with results of its own; hold the `lock`."""
        if self.current is None:
            coding = replace(self.coding, only_current=True)
            self.current = CachedAgreement(self.scope, self.state, coding, units=self.units)
        return self.current

    def parts_for(self, slugs: Collection[str]) -> "list[CachedAgreement]":
        """Return views of the codes (all if empty) that the same annotators have read, most first.

        The view itself where all codes have been read wherever a source is finished. The values of
        a code come from its view, those over several codes from the first. Hold the `lock`.
        """
        readings = self.coding.readings
        if len(readings) < 2 and all((one.read == self.coding.finished).all() for one in readings):
            return [self]
        if not self.parts:
            self.parts = tuple(
                CachedAgreement(
                    self.scope, self.state, self.coding.of_readings(one), units=self.units
                )
                for one in readings
            )
        wanted = {n for n, code in enumerate(self.coding.codes) if code.slug in slugs}
        found = [
            part
            for part in self.parts
            if not wanted or not wanted.isdisjoint(part.coding.counted or ())
        ]
        return found or [self.parts[0]]

    def unchanged_pairs(self, measure: str, unit: str, question: Hashable) -> Pairs:
        """Return the pairs' values that the latest changes cannot affect."""
        before, key = self.before, (measure, unit)
        if before is None or key not in before.statistics or question not in before.measured:
            return {}
        known: Pairs | None = None
        for number in before.changed:
            same = select_unchanged_pairs(
                before.measured[question], before.statistics[key], self.statistics[key], number
            )
            known = same if known is None else {k: v for k, v in same.items() if k in known}
        return known or {}

    def units_for(self, unit: str) -> Units:
        if unit not in self.units:
            stored = unit in {"sentence", "paragraph", "token"}
            bounds = load_unit_bounds(self.scope, self.coding, unit) if stored else []
            self.units[unit] = build_units(unit, self.coding, bounds)
        return self.units[unit]

    def statistics_for(self, measure: str, unit: str) -> SufficientStatistics:
        """Return the measure's sufficient statistics, computed once."""
        if (measure, unit) not in self.statistics:
            self.statistics[measure, unit] = self._gathered(measure, unit, self.coding.spans)
        return self.statistics[measure, unit]

    def statistics_of(self, measure: str, unit: str, codes: Sequence[int]) -> SufficientStatistics:
        """Return statistics as if only these codes existed, for measures over all codes."""
        return self._gathered(measure, unit, self.coding.spans.select(codes=codes))

    def _gathered(self, measure: str, unit: str, spans: SpanTable) -> SufficientStatistics:
        segmented = MEASURES[measure].kind is MeasureKind.UNITS
        return build_statistics(measure, spans, self.units_for(unit) if segmented else None)

    def answer(self, question: Hashable, find: Callable[[], Any]) -> Any:
        """Return the cached result, or call `find` and cache what it returns."""
        if question in self.answers:
            self.answers.move_to_end(question)
            return self.answers[question]
        found = self.answers[question] = find()
        while len(self.answers) > ANSWERS:
            self.answers.popitem(last=False)
        return found

    def after(self, scope: Scope, state: ReaderState) -> "CachedAgreement":
        """Return the view at a later state; load and compute only what changed."""
        changed = load_changed_sources(scope, self.state, state)
        if changed is None or len(changed) > FEW:
            return CachedAgreement(scope, state, load_agreement_dataset(scope))
        coding = reload_dataset_sources(scope, self.coding, changed)
        if coding is None:
            return CachedAgreement(scope, state, load_agreement_dataset(scope))
        later = CachedAgreement(scope, state, coding, units=self.units)
        for key, statistics in self.statistics.items():
            later.statistics[key] = self._regathered(coding, statistics, key, changed)
        numbers = {coding.source_number(pk) for pk in changed} - {None}
        later.before = PreviousResults(
            self.statistics, self.measured, tuple(n for n in numbers if n is not None)
        )
        return later

    def _regathered(
        self,
        coding: AgreementDataset,
        statistics: SufficientStatistics,
        key: tuple[str, str],
        changed: set[int],
    ) -> SufficientStatistics:
        measure, unit = key
        segmented = MEASURES[measure].kind is MeasureKind.UNITS
        for pk in changed:
            number = coding.source_number(pk)
            if number is not None:
                units = self.units_for(unit).of_source(number) if segmented else None
                fresh = build_statistics(measure, coding.spans.of_source(number), units)
                statistics = statistics.replace(number, fresh)
        return statistics


_kept = ProjectCache[CachedAgreement]()


def load_cached_agreement(scope: Scope, meaning: str = ANY) -> CachedAgreement:
    """Return the reader's current view of the project; hold its `lock` while using it.

    `meaning`: CURRENT leaves out stale codings; raises Invalid for what is not in MEANINGS.
    """
    check_meaning(meaning)
    reader = 0 if scope.can(Permission.SEE_ALL_CODING) else scope.user_id
    state = load_reader_state(scope)
    kept = _kept.get(scope.project_id, reader)
    if kept is None:
        kept = CachedAgreement(scope, state, load_agreement_dataset(scope))
    elif kept.state != state:
        with kept.lock:
            kept = kept.after(scope, state)
    _kept.put(scope.project_id, reader, kept)
    if meaning == CURRENT:
        with kept.lock:
            return kept.only_current()
    return kept


def clear_agreement_cache() -> None:
    """Empty the cache: for tests, whose projects share identifiers."""
    _kept.clear()
