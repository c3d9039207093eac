"""What stands behind a number of agreement: exactly the units or passages that its n counts."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cstoannot.agreement.coding import STANCES, Annotator, Code, Coding, Source
from cstoannot.agreement.keeping import Kept, view_of
from cstoannot.agreement.reports import (
    Question,
    Selection,
    check_measure,
    check_question,
    selection_of,
)
from cstoannot.core.errors import Invalid
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import texts_of
from cstoannot.stats.coefficients.kinds import Kind, Measure
from cstoannot.stats.layers import order_by, united
from cstoannot.stats.matching import Views, matched
from cstoannot.stats.tables import SpanTable

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Said:
    """What one annotator said of the stretch; `label` is a stance or voice where one is asked."""

    annotator: Annotator
    codes: tuple[Code, ...]
    label: str


@dataclass(frozen=True)
class Item:
    """A unit or passage; offsets in code points, half-open."""

    source: Source
    start: int
    end: int
    quote: str
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Evidence:
    """A stretch of the list; `total` is the n of the number that was asked about."""

    total: int
    counts: str
    items: tuple[Item, ...]


@dataclass(frozen=True, eq=False)
class Places:
    """Where the items are: source number, start and end (I,), in order.

    `one`, `other` (I,): the places in the span table of the two passages of each item, for
    labels; `annotator`, `code` (I,): whose passage it is, for passages. Else None.
    """

    source: Ints
    start: Ints
    end: Ints
    annotator: Ints | None = None
    code: Ints | None = None
    one: Ints | None = None
    other: Ints | None = None


@dataclass(frozen=True, eq=False)
class View:
    """The items of one question, and what they are made of."""

    coding: Coding
    measure: Measure
    chosen: Selection
    spans: SpanTable
    places: Places


def evidence(
    scope: Scope,
    question: Question,
    *,
    code: str = "",
    pair: tuple[str, str] | None = None,
    source: int | None = None,
    given_by: str | None = None,
    offset: int = 0,
    limit: int = 50,
) -> Evidence:
    """The items behind a number: the overall one, or that of a code, a pair or a source.

    `given_by`: of the units, those to which this annotator gave a code in question; anybody if
    it is empty.
    """
    known, unit = check_measure(question)
    if given_by is not None and known.kind is not Kind.UNITS:
        raise Invalid(f"{known.title} does not go by units, given a code or not.", field="given_by")
    asked = replace(
        question,
        codes=(code,) if code else question.codes,
        annotators=pair or question.annotators,
        sources=(source,) if source is not None else question.sources,
    )
    kept = view_of(scope)
    with kept.lock:
        check_question(kept, asked)
        chosen = selection_of(asked, kept.coding)
        view: View = kept.answer(
            ("evidence", known.key, unit, chosen, given_by),
            lambda: _view(kept, known, unit, chosen, given_by),
        )
        every = range(len(view.places.source))
        items = _items(scope, view, every[offset : offset + limit])
    return Evidence(len(every), known.counts, items)


def _view(kept: Kept, known: Measure, unit: str, chosen: Selection, given_by: str | None) -> View:
    spans = kept.coding.spans.select(
        sources=chosen.sources, annotators=chosen.annotators, codes=chosen.codes
    )
    if known.kind is Kind.UNITS:
        places = _units(kept, unit, chosen, _given(kept, unit, spans, given_by))
    elif known.kind is Kind.LABELS:
        places = _matches(spans)
    else:
        places = _passages(known, chosen, spans)
    return View(kept.coding, known, chosen, spans, places)


def _passages(known: Measure, chosen: Selection, spans: SpanTable) -> Places:
    """Passages as they are, or for measures by characters after uniting what overlaps."""
    if known.kind in {Kind.PASSAGES, Kind.MEETINGS}:
        columns = (spans.source, spans.start, spans.end, spans.annotator, spans.code)
    else:
        as_one = known.key == "bar_u_alpha" and len(chosen.codes) > 1
        codes = np.zeros_like(spans.code) if as_one else spans.code
        layers = united(spans.source, codes, spans.annotator, spans.start, spans.end)
        columns = (layers.source, layers.start, layers.stop, layers.annotator, layers.code)
    order = order_by(*columns)
    return Places(*(column[order] for column in columns))


def _given(kept: Kept, unit: str, spans: SpanTable, given_by: str | None) -> NDArray[np.bool_]:
    """(U,) of all units of the project, those with a passage of `spans` by the annotator."""
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


def _units(kept: Kept, unit: str, chosen: Selection, wanted: NDArray[np.bool_]) -> Places:
    units = kept.units_for(unit)
    numbers = np.asarray(chosen.sources, np.int64)
    counts = units.counts[numbers]
    source = np.repeat(numbers, counts)
    within = np.arange(len(source)) - np.repeat(np.cumsum(counts) - counts, counts)
    place = units.offsets[source] + within
    source, within, place = (column[wanted[place]] for column in (source, within, place))
    if units.starts is None or units.ends is None:
        return Places(source, within, within + 1)
    return Places(source, units.starts[place], units.ends[place])


def _matches(spans: SpanTable) -> Places:
    views = Views.of(spans)
    mine, theirs = matched(spans, views, views.pair * spans.n_codes + spans.code[views.span])
    one, other = views.span[mine], views.span[theirs]
    start = np.minimum(spans.start[one], spans.start[other])
    end = np.maximum(spans.end[one], spans.end[other])
    order = order_by(spans.source[one], start, end, spans.code[one])
    columns = (spans.source[one], start, end)
    source, start, end = (column[order] for column in columns)
    return Places(source, start, end, one=one[order], other=other[order])


def _items(scope: Scope, view: View, part: range) -> tuple[Item, ...]:
    places = view.places
    sources = {index: view.coding.sources[int(places.source[index])] for index in part}
    texts = texts_of(scope, sorted({source.pk for source in sources.values()}))
    items = []
    for index, source in sources.items():
        start, end = int(places.start[index]), int(places.end[index])
        said = _said(view, index)
        items.append(Item(source, start, end, texts[source.pk][start:end], said))
    return tuple(items)


def _said(view: View, index: int) -> tuple[Said, ...]:
    places = view.places
    if places.one is not None and places.other is not None:
        return tuple(_label(view, int(place[index])) for place in (places.one, places.other))
    if places.annotator is not None and places.code is not None:
        annotator = view.coding.annotators[int(places.annotator[index])]
        code = view.coding.codes[int(places.code[index])]
        return (Said(annotator, (code,), ""),)
    return _covering(view, index)


def _label(view: View, place: int) -> Said:
    coding, spans = view.coding, view.spans
    stance = STANCES[int(spans.stance[place])] or "no stance"
    voice = coding.voices.get(int(spans.voice[place]), "the author")
    return Said(
        coding.annotators[int(spans.annotator[place])],
        (coding.codes[int(spans.code[place])],),
        stance if view.measure.key == "stance_alpha" else voice,
    )


def _covering(view: View, index: int) -> tuple[Said, ...]:
    """For a unit: each annotator who finished its source, and the codes they marked on it."""
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
            said.append(Said(coding.annotators[annotator], named, ""))
    return tuple(said)
