"""The evidence behind a number: the units or passages that its n counts, or the sources."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from cstoannot.agreement.dataset import (
    STANCES,
    AgreementCode,
    AgreementDataset,
    AgreementSource,
    Annotator,
)
from cstoannot.agreement.diagnosis import mark_finished_in_view
from cstoannot.agreement.project_cache import CachedAgreement, load_cached_agreement
from cstoannot.agreement.reports import (
    AgreementQuery,
    AgreementSelection,
    build_agreement_selection,
    check_agreement_query,
    check_measure,
)
from cstoannot.core.errors import Invalid
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import load_source_texts
from cstoannot.stats.agreement.overlaps import (
    PassageViews,
    argsort_columns,
    match_passages,
    unite_stretches,
)
from cstoannot.stats.agreement.unit_states import UnitState, compute_unit_states
from cstoannot.stats.coefficients.definitions import Measure, MeasureKind
from cstoannot.stats.tables import SpanTable

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class AnnotatorJudgement:
    """One annotator's judgement of a unit or passage; `label`: its stance or voice, if needed."""

    annotator: Annotator
    codes: tuple[AgreementCode, ...]
    label: str


@dataclass(frozen=True)
class EvidenceItem:
    """A unit or passage; offsets in code points, half-open."""

    source: AgreementSource
    start: int
    end: int
    quote: str
    said: tuple[AnnotatorJudgement, ...]


class EvidenceShown(StrEnum):
    """Which units, or labels of two passages, to list, by whether coders differ about them.

    All are in this order: those about which coders differ, those that all gave the same, and those
    that nobody marked. Passages by themselves have no such order; all of them are listed.
    """

    ALL = "all"
    MARKED = "marked"
    DIFFER = "differ"
    ALIKE = "alike"
    UNMARKED = "unmarked"

    @property
    def states(self) -> tuple[UnitState, ...]:
        if self is EvidenceShown.ALL:
            return tuple(UnitState)
        if self is EvidenceShown.MARKED:
            return (UnitState.DIFFER, UnitState.ALIKE)
        return (UnitState[self.name],)


@dataclass(frozen=True)
class EvidencePage:
    """One page of the items listed; `n` is that of the number, `total` how many are listed.

    `sizes`: how many each choice of what to list has; empty for passages by themselves.
    """

    n: int
    total: int
    counts: str
    sizes: dict[EvidenceShown, int]
    items: tuple[EvidenceItem, ...]


@dataclass(frozen=True, eq=False)
class EvidencePositions:
    """Positions of the items: source number, start and end (I,), sorted by state and place.

    `state` (I,): a `UnitState`; None for passages by themselves. `one`, `other` (I,): for labels,
    the indexes of each item's two passages in the span table; `annotator`, `code` (I,): for
    passages, whose and of which code. Otherwise None.
    """

    source: Ints
    start: Ints
    end: Ints
    annotator: Ints | None = None
    code: Ints | None = None
    one: Ints | None = None
    other: Ints | None = None
    state: Ints | None = None

    def range_of(self, shown: EvidenceShown) -> range:
        """Return the indexes of the items to list, which follow each other."""
        if self.state is None:
            return range(len(self.source))
        bounds = (shown.states[0], shown.states[-1] + 1)
        return range(*(int(bound) for bound in np.searchsorted(self.state, bounds)))


@dataclass(frozen=True, eq=False)
class EvidenceView:
    """The items of one query, and the data that they are built from."""

    coding: AgreementDataset
    measure: Measure
    chosen: AgreementSelection
    spans: SpanTable
    places: EvidencePositions


def load_evidence(
    scope: Scope,
    question: AgreementQuery,
    *,
    code: str = "",
    pair: tuple[str, str] | None = None,
    source: int | None = None,
    given_by: str | None = None,
    shown: EvidenceShown = EvidenceShown.ALL,
    offset: int = 0,
    limit: int = 50,
) -> EvidencePage:
    """Load the items behind a number: the overall one, or that of a code, a pair or a source.

    `given_by`: only units to which this annotator gave a selected code; "" for any annotator.
    """
    known, unit = check_measure(question)
    if given_by is not None and known.kind is not MeasureKind.UNITS:
        raise Invalid(f"{known.title} is not measured by units.", field="given_by")
    asked = replace(
        question,
        codes=(code,) if code else question.codes,
        annotators=pair or question.annotators,
        sources=(source,) if source is not None else question.sources,
    )
    kept = load_cached_agreement(scope, question.meaning)
    with kept.lock:
        check_agreement_query(kept, asked)
        part = kept.parts_for(asked.codes)[0]
        chosen = build_agreement_selection(asked, part.coding)
        view: EvidenceView = part.answer(
            ("evidence", known.key, unit, chosen, given_by),
            lambda: _build_evidence_view(part, known, unit, chosen, given_by),
        )
        listed = view.places.range_of(shown)
        items = _load_evidence_items(scope, view, listed[offset : offset + limit])
    sizes = {}
    if view.places.state is not None:
        sizes = {one: len(view.places.range_of(one)) for one in EvidenceShown}
    return EvidencePage(len(view.places.source), len(listed), known.counts, sizes, items)


def _build_evidence_view(
    kept: CachedAgreement,
    known: Measure,
    unit: str,
    chosen: AgreementSelection,
    given_by: str | None,
) -> EvidenceView:
    spans = kept.coding.spans.select(
        sources=chosen.sources, annotators=chosen.annotators, codes=chosen.codes
    )
    if known.kind is MeasureKind.UNITS:
        wanted = _mark_coded_units(kept, unit, spans, given_by)
        places = _locate_units(kept, unit, chosen, spans, wanted)
    elif known.kind is MeasureKind.LABELS:
        places = _locate_matches(known, spans)
    else:
        places = _locate_passages(known, chosen, spans)
    return EvidenceView(kept.coding, known, chosen, spans, places)


def _locate_passages(
    known: Measure, chosen: AgreementSelection, spans: SpanTable
) -> EvidencePositions:
    """Return the passages; for measures by characters, overlapping ones are united."""
    if known.kind in {MeasureKind.PASSAGES, MeasureKind.MEETINGS}:
        columns = (spans.source, spans.start, spans.end, spans.annotator, spans.code)
    else:
        as_one = known.key == "bar_u_alpha" and len(chosen.codes) > 1
        codes = np.zeros_like(spans.code) if as_one else spans.code
        layers = unite_stretches(spans.source, codes, spans.annotator, spans.start, spans.end)
        columns = (layers.source, layers.start, layers.stop, layers.annotator, layers.code)
    order = argsort_columns(*columns)
    return EvidencePositions(*(column[order] for column in columns))


def _mark_coded_units(
    kept: CachedAgreement, unit: str, spans: SpanTable, given_by: str | None
) -> NDArray[np.bool_]:
    """Return (U,) over all units of the project: whether the annotator coded the unit.

    All are true without `given_by`; "" stands for any annotator.
    """
    units = kept.units_for(unit)
    if given_by is None:
        return np.ones(int(units.offsets[-1]), bool)
    theirs = np.array([one.username == given_by for one in kept.coding.annotators], bool)
    own = np.full(len(spans.source), True) if given_by == "" else theirs[spans.annotator]
    source = spans.source[own]
    first, stop = units.covered(source, spans.start[own], spans.end[own], spans.lengths)
    edges = np.zeros(int(units.offsets[-1]) + 1, np.int64)
    np.add.at(edges, units.offsets[source] + first, 1)
    np.add.at(edges, units.offsets[source] + stop, -1)
    given: NDArray[np.bool_] = np.cumsum(edges[:-1]) > 0
    return given


def _locate_units(
    kept: CachedAgreement,
    unit: str,
    chosen: AgreementSelection,
    spans: SpanTable,
    wanted: NDArray[np.bool_],
) -> EvidencePositions:
    units = kept.units_for(unit)
    numbers = np.asarray(chosen.sources, np.int64)
    counts = units.counts[numbers]
    source = np.repeat(numbers, counts)
    within = np.arange(len(source)) - np.repeat(np.cumsum(counts) - counts, counts)
    place = units.offsets[source] + within
    state = compute_unit_states(spans, units)[place]
    order = np.argsort(state, kind="stable")
    order = order[wanted[place[order]]]
    source, within, place, state = (column[order] for column in (source, within, place, state))
    if units.starts is None or units.ends is None:
        return EvidencePositions(source, within, within + 1, state=state)
    return EvidencePositions(source, units.starts[place], units.ends[place], state=state)


def _locate_matches(known: Measure, spans: SpanTable) -> EvidencePositions:
    views = PassageViews.of(spans)
    mine, theirs = match_passages(spans, views, views.pair * spans.n_codes + spans.code[views.span])
    one, other = views.span[mine], views.span[theirs]
    start = np.minimum(spans.start[one], spans.start[other])
    end = np.maximum(spans.end[one], spans.end[other])
    label = spans.stance if known.key == "stance_alpha" else spans.voice
    state = np.where(label[one] == label[other], UnitState.ALIKE, UnitState.DIFFER)
    order = argsort_columns(state, spans.source[one], start, end, spans.code[one])
    columns = (spans.source[one], start, end)
    source, start, end = (column[order] for column in columns)
    return EvidencePositions(
        source, start, end, one=one[order], other=other[order], state=state[order]
    )


def _load_evidence_items(scope: Scope, view: EvidenceView, part: range) -> tuple[EvidenceItem, ...]:
    places = view.places
    sources = {index: view.coding.sources[int(places.source[index])] for index in part}
    texts = load_source_texts(scope, sorted({source.pk for source in sources.values()}))
    items = []
    for index, source in sources.items():
        start, end = int(places.start[index]), int(places.end[index])
        said = _build_judgements(view, index)
        items.append(EvidenceItem(source, start, end, texts[source.pk][start:end], said))
    return tuple(items)


def _build_judgements(view: EvidenceView, index: int) -> tuple[AnnotatorJudgement, ...]:
    places = view.places
    if places.one is not None and places.other is not None:
        return tuple(
            _build_label_judgement(view, int(place[index])) for place in (places.one, places.other)
        )
    if places.annotator is not None and places.code is not None:
        annotator = view.coding.annotators[int(places.annotator[index])]
        code = view.coding.codes[int(places.code[index])]
        return (AnnotatorJudgement(annotator, (code,), ""),)
    return _build_unit_judgements(view, index)


def _build_label_judgement(view: EvidenceView, place: int) -> AnnotatorJudgement:
    coding, spans = view.coding, view.spans
    stance = STANCES[int(spans.stance[place])] or "no stance"
    voice = coding.voices.get(int(spans.voice[place]), "the author")
    return AnnotatorJudgement(
        coding.annotators[int(spans.annotator[place])],
        (coding.codes[int(spans.code[place])],),
        stance if view.measure.key == "stance_alpha" else voice,
    )


def _build_unit_judgements(view: EvidenceView, index: int) -> tuple[AnnotatorJudgement, ...]:
    """Return the codes that each annotator who finished the source gave to the unit."""
    coding, spans, places = view.coding, view.spans, view.places
    number = int(places.source[index])
    low, high = np.searchsorted(spans.source, [number, number + 1])
    here = np.arange(low, high)
    here = here[(spans.start[here] < places.end[index]) & (spans.end[here] > places.start[index])]
    said = []
    for annotator in view.chosen.annotators:
        if coding.finished[number, annotator]:
            codes = np.unique(spans.code[here[spans.annotator[here] == annotator]])
            named = tuple(coding.codes[code] for code in codes.tolist())
            said.append(AnnotatorJudgement(coding.annotators[annotator], named, ""))
    return tuple(said)


class CountedSources(StrEnum):
    """Which sources to list, of those asked for and by the coders asked for."""

    COMPARED = "compared"
    READ = "read"
    """Compared sources that one annotator finished."""
    FINISHED = "finished"
    """Sources that at least one coder finished."""
    ALONE = "alone"
    """Sources that only one coder finished."""


def list_counted_sources(
    scope: Scope, question: AgreementQuery, which: CountedSources, annotator: str = ""
) -> tuple[AgreementSource, ...]:
    """Return the visible sources in the project's order; `annotator`: whose, for `READ`."""
    kept = load_cached_agreement(scope, question.meaning)
    with kept.lock:
        check_agreement_query(kept, question)
        coding = kept.parts_for(question.codes)[0].coding
        if which in {CountedSources.COMPARED, CountedSources.READ}:
            numbers = np.asarray(build_agreement_selection(question, coding).sources, np.int64)
        else:
            readers = mark_finished_in_view(coding, question).sum(axis=1)
            numbers = np.flatnonzero(readers == 1 if which is CountedSources.ALONE else readers)
    if which is CountedSources.READ:
        theirs = [n for n, one in enumerate(coding.annotators) if one.username == annotator]
        numbers = numbers[coding.finished[numbers][:, theirs].any(axis=1)]
    return tuple(coding.sources[number] for number in numbers.tolist())
