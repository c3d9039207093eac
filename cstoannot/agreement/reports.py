"""Questions about agreement, and their answers with names instead of numbers."""

from dataclasses import dataclass

import numpy as np

from cstoannot.agreement.coding import Annotator, Code, Coding, Source
from cstoannot.agreement.keeping import Kept, view_of
from cstoannot.agreement.naming import check_names
from cstoannot.core.errors import Invalid
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.stats.coefficients.kinds import Measure
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.measured import Measured
from cstoannot.stats.measuring import measure, measure_codes
from cstoannot.stats.options import with_intervals
from cstoannot.stats.resampling import DRAWS
from cstoannot.stats.results import Coefficient

DEFAULT_MEASURE = "krippendorff_alpha"
INTERVALS = ("bootstrap", "gwet", "krippendorff", "none")


@dataclass(frozen=True)
class Question:
    """What is asked: a measure, its unit, and which codes, annotators and sources; all if empty.

    `interval`: one of INTERVALS that the measure has; Gwet's and Krippendorff's are of one code.
    """

    measure: str = DEFAULT_MEASURE
    unit: str = ""
    codes: tuple[str, ...] = ()
    annotators: tuple[str, ...] = ()
    sources: tuple[int, ...] = ()
    interval: str = "bootstrap"


@dataclass(frozen=True)
class OfCode:
    code: Code
    result: Coefficient


@dataclass(frozen=True)
class OfPair:
    first: Annotator
    second: Annotator
    result: Coefficient


@dataclass(frozen=True)
class OfSource:
    source: Source
    result: Coefficient


@dataclass(frozen=True)
class Report:
    """The answer: one measure over a selection, by code, by pair and by source."""

    question: Question
    measure: Measure
    unit: str
    annotators: tuple[Annotator, ...]
    sources: tuple[Source, ...]
    overall: Coefficient
    mean_over_codes: float | None
    codes: tuple[OfCode, ...]
    pairs: tuple[OfPair, ...]
    by_source: tuple[OfSource, ...]
    after_look: int
    """Passages among these saved after their coder had seen others' coding."""
    counts_after_look: bool
    """Whether the values count them."""


@dataclass(frozen=True)
class Selection:
    """The question's names as numbers of the coding."""

    codes: tuple[int, ...]
    annotators: tuple[int, ...]
    sources: tuple[int, ...]


def check_measure(question: Question) -> tuple[Measure, str]:
    """The measure and the unit it is asked in; raises Invalid for what does not exist."""
    known = MEASURES.get(question.measure)
    if known is None:
        raise Invalid(f"measure is one of: {', '.join(MEASURES)}.", field="measure")
    unit = question.unit or known.units[0]
    if unit not in known.units:
        raise Invalid(
            f"{known.title} is measured by {' or '.join(known.units)}, not by {unit}.",
            field="unit",
        )
    _check_interval(known, question.interval)
    return known, unit


def intervals_of(measure: Measure) -> tuple[str, ...]:
    """Those of INTERVALS that can be asked of the measure.

    The first one always can: a measure that has no interval at all is answered without.
    """
    always = {INTERVALS[0], INTERVALS[-1]}
    return tuple(one for one in INTERVALS if one in always or one in measure.intervals)


def _check_interval(measure: Measure, interval: str) -> None:
    if interval not in INTERVALS:
        raise Invalid(f"interval is one of: {', '.join(INTERVALS)}.", field="interval")
    offered = intervals_of(measure)
    if interval not in offered:
        raise Invalid(
            f"{measure.title} has no {interval} interval; choose {' or '.join(offered)}.",
            field="interval",
        )


def selection_of(question: Question, coding: Coding) -> Selection:
    """The numbers of what is asked for. What the reader may not know of is simply not there."""
    slugs, names = set(question.codes), set(question.annotators)
    pks = set(question.sources)
    shared = coding.finished.copy()
    annotators = [
        n for n, one in enumerate(coding.annotators) if not names or one.username in names
    ]
    shared = shared[:, annotators].sum(axis=1) >= 2
    if coding.reader is not None:
        shared &= coding.reader in {coding.annotators[n].pk for n in annotators}
    return Selection(
        codes=tuple(n for n, code in enumerate(coding.codes) if not slugs or code.slug in slugs),
        annotators=tuple(annotators),
        sources=tuple(
            n
            for n, source in enumerate(coding.sources)
            if shared[n] and (not pks or source.pk in pks)
        ),
    )


def check_question(kept: Kept, question: Question) -> None:
    """Raises Invalid for names that the reader cannot know; with the view's lock held."""
    check_names(
        kept, codes=question.codes, annotators=question.annotators, sources=question.sources
    )


def report(scope: Scope, question: Question) -> Report:
    """How far the coders agree, as far as this reader may know; raises Invalid."""
    known, unit = check_measure(question)
    kept = view_of(scope)
    with kept.lock:
        check_question(kept, question)
        found: Report = kept.answer(question, lambda: _report(kept, question, known, unit))
    return found


def values_by_code(scope: Scope, question: Question) -> dict[int, Coefficient]:
    """As `report` gives the codes' values, by their numbers in the database, without intervals.

    For measures of one code at a time for any number of coders; quick where a report is not.
    """
    _, unit = check_measure(question)
    kept = view_of(scope)
    with kept.lock:
        found: dict[int, Coefficient] = kept.answer(
            ("codes", question), lambda: _values_by_code(kept, question, unit)
        )
    return found


def _values_by_code(kept: Kept, question: Question, unit: str) -> dict[int, Coefficient]:
    chosen = selection_of(question, kept.coding)
    values = measure_codes(
        kept.statistics_for(question.measure, unit),
        sources=np.asarray(chosen.sources, np.int64),
        annotators=np.asarray(chosen.annotators, np.int64),
        codes=np.asarray(chosen.codes, np.int64),
    )
    return {kept.coding.codes[one.code].pk: one.result for one in values}


def _report(kept: Kept, question: Question, known: Measure, unit: str) -> Report:
    coding = kept.coding
    chosen = selection_of(question, coding)
    measured = _measured(kept, question, unit, chosen)
    mine = _pairs_of(kept)
    return Report(
        question=question,
        measure=known,
        unit=unit,
        annotators=tuple(coding.annotators[n] for n in chosen.annotators),
        sources=tuple(coding.sources[n] for n in chosen.sources),
        overall=measured.overall,
        mean_over_codes=measured.mean_over_codes,
        codes=tuple(OfCode(coding.codes[one.code], one.result) for one in measured.codes),
        pairs=tuple(
            OfPair(coding.annotators[one.first], coding.annotators[one.second], one.result)
            for one in measured.pairs
            if mine is None or mine in (one.first, one.second)
        ),
        by_source=tuple(
            OfSource(coding.sources[one.source], one.result) for one in measured.by_source
        ),
        after_look=_count_after_look(coding, chosen),
        counts_after_look=coding.counts_after_look,
    )


def _count_after_look(coding: Coding, chosen: Selection) -> int:
    if not coding.after_look.any():
        return 0
    after = coding.all_spans.take(np.flatnonzero(coding.after_look[coding.all_spans.row]))
    return len(
        after.select(sources=chosen.sources, annotators=chosen.annotators, codes=chosen.codes)
    )


def _measured(kept: Kept, question: Question, unit: str, chosen: Selection) -> Measured:
    part = MEASURES[question.measure].all_codes and question.codes
    if part:
        statistics = kept.statistics_of(question.measure, unit, chosen.codes)
    else:
        statistics = kept.statistics_for(question.measure, unit)
    same = {} if part else kept.unchanged_pairs(question.measure, unit, question)
    sources = np.asarray(chosen.sources, np.int64)
    annotators = np.asarray(chosen.annotators, np.int64)
    measured = kept.measured[question] = measure(
        statistics,
        sources=sources,
        annotators=annotators,
        codes=np.asarray(chosen.codes, np.int64),
        draws=DRAWS if question.interval == "bootstrap" else None,
        known=same,
    )
    if question.interval in {"bootstrap", "none"}:
        return measured
    return with_intervals(
        measured, statistics, question.interval, sources=sources, annotators=annotators
    )


def _pairs_of(kept: Kept) -> int | None:
    """The annotator whose pairs alone are told; None for readers who see all coding."""
    if kept.scope.can(Permission.SEE_ALL_CODING):
        return None
    numbers = (n for n, one in enumerate(kept.coding.annotators) if one.pk == kept.scope.user_id)
    return next(numbers, -1)
