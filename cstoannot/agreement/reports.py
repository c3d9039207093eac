"""Agreement of a project: check a query and its names, and build the report."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from cstoannot.agreement.dataset import AgreementCode, AgreementDataset, AgreementSource, Annotator
from cstoannot.agreement.project_cache import CachedAgreement, load_cached_agreement
from cstoannot.agreement.stale_passages import StalePassages, select_stale_passages
from cstoannot.assignments.round_queries import visible_rounds
from cstoannot.codebook.meaning import ANY, CURRENT
from cstoannot.codebook.queries import visible_codes
from cstoannot.core.errors import Invalid
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import visible_members
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import visible_sources
from cstoannot.stats.agreement.code_intervals import IntervalChoice
from cstoannot.stats.agreement.engine import compute_code_values, compute_measure
from cstoannot.stats.agreement.unit_intervals import add_unit_intervals
from cstoannot.stats.coefficients.definitions import Measure
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.readings import compute_read
from cstoannot.stats.results import (
    OVER_UNITS,
    CodeValue,
    Coefficient,
    IntervalMethod,
    MeasureResult,
)

LONGEST_SHOWN = 80  # characters of a name that an error repeats


def check_known_names(
    kept: CachedAgreement,
    *,
    codes: Iterable[str] = (),
    annotators: Iterable[str] = (),
    sources: Iterable[int] = (),
    round: str = "",
) -> None:
    """Raise Invalid for a code, annotator, source or round that is not there for this reader.

    What exists but takes part in no comparison is allowed: its numbers are undefined. Only names
    that are not in the dataset are looked up in the database.
    """
    coding, scope = kept.coding, kept.scope
    _check_missing_names(
        *("round", {round} - {"", *(source.round for source in coding.sources)}),
        lambda: visible_rounds(scope).values_list("name", flat=True),
        "The project has no round “{}”.",
    )
    _check_missing_names(
        *("code", set(codes) - {code.slug for code in coding.codes}),
        lambda: visible_codes(scope).values_list("slug", flat=True),
        "The codebook has no code “{}”.",
    )
    _check_missing_names(
        *("annotator", set(annotators) - {one.username for one in coding.annotators}),
        lambda: visible_members(scope).values_list("user__username", flat=True),
        "The project has no coder {}, or you may not see their coding.",
    )
    _check_missing_names(
        *("source", set(sources) - {source.pk for source in coding.sources}),
        lambda: visible_sources(scope).values_list("pk", flat=True),
        "The project has no source {}, or it is not assigned to you.",
    )


def _check_missing_names(
    field: str, missing: set[Any], known: Callable[[], Iterable[Any]], message: str
) -> None:
    unknown = sorted(missing - set(known())) if missing else []
    if unknown:
        raise Invalid(message.format(str(unknown[0])[:LONGEST_SHOWN]), field=field)


DEFAULT_MEASURE = "krippendorff_alpha"
INTERVALS = tuple(method.value for method in IntervalMethod)


@dataclass(frozen=True)
class AgreementQuery:
    """The measure, its unit, and selected codes, annotators and sources; empty selects all.

    `interval`: one of the measure's INTERVALS; Gwet's and Krippendorff's are for one code.
    `meaning`: one of MEANINGS; CURRENT leaves out stale codings. `round`: the name of one.
    """

    measure: str = DEFAULT_MEASURE
    unit: str = ""
    codes: tuple[str, ...] = ()
    annotators: tuple[str, ...] = ()
    sources: tuple[int, ...] = ()
    interval: str = IntervalMethod.JACKKNIFE.value
    meaning: str = ANY
    round: str = ""


@dataclass(frozen=True)
class CodeResult:
    """A code's value, and its selected passages that are stale; likewise of a pair and a source.

    `read_before`: selected sources that somebody finished before the code existed.
    """

    code: AgreementCode
    result: Coefficient
    stale: int = 0
    read_before: int = 0


@dataclass(frozen=True)
class PairResult:
    first: Annotator
    second: Annotator
    result: Coefficient
    stale: int = 0


@dataclass(frozen=True)
class SourceResult:
    source: AgreementSource
    result: Coefficient
    stale: int = 0


@dataclass(frozen=True)
class AgreementReport:
    """One measure over a selection: overall, by code, by pair and by source."""

    question: AgreementQuery
    measure: Measure
    unit: str
    annotators: tuple[Annotator, ...]
    sources: tuple[AgreementSource, ...]
    overall: Coefficient
    mean_over_codes: float | None
    codes: tuple[CodeResult, ...]
    pairs: tuple[PairResult, ...]
    by_source: tuple[SourceResult, ...]
    after_look: int
    """Selected passages that were saved after their coder had seen others' coding."""
    counts_after_look: bool
    """Whether the values include these."""
    stale: int
    """Selected passages that were made under an older meaning of their code."""
    pooled_codes: int
    """How many codes the values over several codes cover: those that the same coders have read."""

    @property
    def counts_stale(self) -> bool:
        """Return whether the values include these."""
        return self.question.meaning != CURRENT


@dataclass(frozen=True)
class AgreementSelection:
    """The query's names as indexes into the dataset."""

    codes: tuple[int, ...]
    annotators: tuple[int, ...]
    sources: tuple[int, ...]


def check_measure(question: AgreementQuery) -> tuple[Measure, str]:
    """Return the measure and its unit; raise Invalid for unknown ones."""
    known = MEASURES.get(question.measure)
    if known is None:
        raise Invalid(f"measure is one of: {', '.join(MEASURES)}.", field="measure")
    unit = question.unit or known.units[0]
    if unit not in known.units:
        raise Invalid(
            f"{known.title} is measured by {' or '.join(known.units)}, not by {unit}.",
            field="unit",
        )
    _check_measure_interval(known, question.interval)
    return known, unit


def list_measure_intervals(measure: Measure) -> tuple[str, ...]:
    """Return those of INTERVALS that the measure supports.

    The first one is always accepted: measures without an interval give none.
    """
    always = {INTERVALS[0], INTERVALS[-1]}
    return tuple(one for one in INTERVALS if one in always or one in measure.intervals)


def _check_measure_interval(measure: Measure, interval: str) -> None:
    if interval not in INTERVALS:
        raise Invalid(f"interval is one of: {', '.join(INTERVALS)}.", field="interval")
    offered = list_measure_intervals(measure)
    if interval not in offered:
        raise Invalid(
            f"{measure.title} has no {interval} interval. Choose one of: {', '.join(offered)}.",
            field="interval",
        )


def build_agreement_selection(
    question: AgreementQuery, coding: AgreementDataset
) -> AgreementSelection:
    """Return the indexes of the selection; what the reader may not know of is left out."""
    slugs, names = set(question.codes), set(question.annotators)
    pks = set(question.sources)
    shared = coding.finished.copy()
    annotators = [
        n for n, one in enumerate(coding.annotators) if not names or one.username in names
    ]
    shared = shared[:, annotators].sum(axis=1) >= 2
    if coding.reader is not None:
        shared &= coding.reader in {coding.annotators[n].pk for n in annotators}
    return AgreementSelection(
        codes=tuple(
            n
            for n, code in enumerate(coding.codes)
            if (not slugs or code.slug in slugs) and (coding.counted is None or n in coding.counted)
        ),
        annotators=tuple(annotators),
        sources=tuple(
            n
            for n, source in enumerate(coding.sources)
            if shared[n]
            and (not pks or source.pk in pks)
            and (not question.round or source.round == question.round)
        ),
    )


def check_agreement_query(kept: CachedAgreement, question: AgreementQuery) -> None:
    """Raise Invalid for names that the reader cannot know; the caller holds the view's lock."""
    check_known_names(
        kept,
        codes=question.codes,
        annotators=question.annotators,
        sources=question.sources,
        round=question.round,
    )


def build_agreement_report(scope: Scope, question: AgreementQuery) -> AgreementReport:
    """Compute the agreement that this reader may know; raise Invalid."""
    known, unit = check_measure(question)
    kept = load_cached_agreement(scope, question.meaning)
    with kept.lock:
        check_agreement_query(kept, question)
        found: AgreementReport = kept.answer(
            question, lambda: _compute_agreement_report(kept, question, known, unit)
        )
    return found


def compute_values_by_code(scope: Scope, question: AgreementQuery) -> dict[int, Coefficient]:
    """Return the codes' values by primary key, as the report's.

    For measures of one code at a time and any number of coders; quicker than a report.
    """
    _, unit = check_measure(question)
    kept = load_cached_agreement(scope, question.meaning)
    with kept.lock:
        found: dict[int, Coefficient] = kept.answer(
            ("codes", question), lambda: _compute_values_for_cache(kept, question, unit)
        )
    return found


def _compute_values_for_cache(
    kept: CachedAgreement, question: AgreementQuery, unit: str
) -> dict[int, Coefficient]:
    found: dict[int, Coefficient] = {}
    for part in kept.parts_for(question.codes):
        chosen = build_agreement_selection(question, part.coding)
        values = compute_code_values(
            part.statistics_for(question.measure, unit),
            sources=np.asarray(chosen.sources, np.int64),
            annotators=np.asarray(chosen.annotators, np.int64),
            codes=np.asarray(chosen.codes, np.int64),
        )
        found |= {kept.coding.codes[one.code].pk: one.result for one in values}
    return found


def _compute_agreement_report(
    kept: CachedAgreement, question: AgreementQuery, known: Measure, unit: str
) -> AgreementReport:
    coding, (first, *others) = kept.coding, kept.parts_for(question.codes)
    every, chosen = (build_agreement_selection(question, one.coding) for one in (kept, first))
    measured = _compute_measured_values(first, question, unit, chosen)
    codes = [*measured.codes, *_compute_other_codes(others, question, unit)]
    mine = _find_pair_annotator(kept)
    stale = select_stale_passages(coding, **vars(every))
    return AgreementReport(
        question=question,
        measure=known,
        unit=unit,
        annotators=tuple(coding.annotators[n] for n in chosen.annotators),
        sources=tuple(coding.sources[n] for n in chosen.sources),
        overall=measured.overall,
        mean_over_codes=measured.mean_over_codes,
        codes=tuple(
            _build_code_result(coding, every, stale, one)
            for one in sorted(codes, key=lambda one: one.code)
        ),
        pairs=tuple(
            PairResult(
                coding.annotators[one.first],
                coding.annotators[one.second],
                one.result,
                stale.count_of_pair(one.first, one.second),
            )
            for one in measured.pairs
            if mine is None or mine in (one.first, one.second)
        ),
        by_source=tuple(
            SourceResult(coding.sources[one.source], one.result, stale.count_of_source(one.source))
            for one in measured.by_source
        ),
        after_look=_count_after_look(coding, every),
        counts_after_look=coding.counts_after_look,
        stale=len(stale),
        pooled_codes=len(chosen.codes),
    )


def _compute_other_codes(
    parts: Iterable[CachedAgreement], question: AgreementQuery, unit: str
) -> Iterator[CodeValue]:
    """Yield the values of codes that others have read than those of the values over codes."""
    for part in parts:
        chosen = build_agreement_selection(question, part.coding)
        yield from _compute_measured_values(part, question, unit, chosen).codes


def _build_code_result(
    coding: AgreementDataset, chosen: AgreementSelection, stale: StalePassages, one: CodeValue
) -> CodeResult:
    return CodeResult(
        coding.codes[one.code],
        one.result,
        stale.count_of_code(one.code),
        _count_sources_read_before(coding, chosen, one.code),
    )


def _count_sources_read_before(
    coding: AgreementDataset, chosen: AgreementSelection, code: int
) -> int:
    under = coding.finished_under[np.ix_(chosen.sources, chosen.annotators)]
    early = (under > 0) & ~compute_read(under, coding.codes[code].born)
    return int(early.any(axis=1).sum())


def _count_after_look(coding: AgreementDataset, chosen: AgreementSelection) -> int:
    if not coding.after_look.any():
        return 0
    after = coding.all_spans.take(np.flatnonzero(coding.after_look[coding.all_spans.row]))
    return len(
        after.select(sources=chosen.sources, annotators=chosen.annotators, codes=chosen.codes)
    )


def _compute_measured_values(
    kept: CachedAgreement, question: AgreementQuery, unit: str, chosen: AgreementSelection
) -> MeasureResult:
    part = MEASURES[question.measure].all_codes and question.codes
    if part:
        statistics = kept.statistics_of(question.measure, unit, chosen.codes)
    else:
        statistics = kept.statistics_for(question.measure, unit)
    same = {} if part else kept.unchanged_pairs(question.measure, unit, question)
    sources = np.asarray(chosen.sources, np.int64)
    annotators = np.asarray(chosen.annotators, np.int64)
    measured = kept.measured[question] = compute_measure(
        statistics,
        sources=sources,
        annotators=annotators,
        codes=np.asarray(chosen.codes, np.int64),
        intervals=IntervalChoice(IntervalMethod(question.interval)),
        known=same,
    )
    method = IntervalMethod(question.interval)
    if method not in OVER_UNITS:
        return measured
    return add_unit_intervals(measured, statistics, method, sources=sources, annotators=annotators)


def _find_pair_annotator(kept: CachedAgreement) -> int | None:
    """Return the annotator whose pairs alone are shown; None for readers of all coding."""
    if kept.scope.can(Permission.SEE_ALL_CODING):
        return None
    numbers = (n for n, one in enumerate(kept.coding.annotators) if one.pk == kept.scope.user_id)
    return next(numbers, -1)
