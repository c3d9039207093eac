"""What the page shows of one place: text and lanes, the margin, the record of a decision."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cstoannot.codebook.models import Code
from cstoannot.decisions.models import Outcome
from cstoannot.decisions.places import (
    DecidablePlace,
    DecisionRecord,
    PlaceState,
    ProposedPassage,
    WeighedReading,
)
from cstoannot.sources.models import Source
from cstoannot.text.spans import unpack_flat_bounds
from cstoannot.web.decide.bounds_words import abridge_quote
from cstoannot.web.decide.lanes_html import (
    NeighbourMark,
    TextParagraph,
    TextWindow,
    build_text_paragraphs,
    find_text_windows,
)
from cstoannot.web.decide.params import DecideQuery
from cstoannot.web.decide.queue_presenters import list_codes
from cstoannot.web.decide.reading_table import ReadingTable, build_reading_table
from cstoannot.web.decide.words import (
    describe_difference_in_full,
    describe_place_state,
    describe_record,
)

MOST_NEIGHBOURS = 8
SIGNS = {"supports": "▲", "opposes": "▼", "mixed": "◆", "": "●"}
SIGN_WORDS = {"": "no stance", "–": "nothing"}


@dataclass(frozen=True)
class MarginChip:
    """A code beside the text; `signs`: the readings' stances in order; `words`: the same, read."""

    code: str
    signs: str
    words: str


@dataclass(frozen=True)
class MarginLabel:
    """A place beside the text; `number` links it with its mark there, 0 for the shown one."""

    number: int
    url: str
    chips: tuple[MarginChip, ...]
    words: str


@dataclass(frozen=True)
class TextRow:
    """A paragraph with the labels of the places that begin in it."""

    paragraph: TextParagraph
    labels: tuple[MarginLabel, ...]


@dataclass(frozen=True)
class RecordView:
    """A decision in words. `people`: who held which reading; `weighed`: how many passages."""

    record: DecisionRecord
    title: str
    passages: tuple[ProposedPassage, ...]
    standing: tuple[WeighedReading, ...]
    people: tuple[tuple[int, tuple[str, ...]], ...]
    weighed: int


@dataclass(frozen=True)
class PlaceView:
    """The place that is shown, in its text, with its readings and its record."""

    place: DecidablePlace
    title: str
    paragraph: int
    rows: tuple[TextRow, ...]
    table: ReadingTable
    record: RecordView | None
    apart: tuple[RecordView, ...]
    lanes: int


def build_place_view(
    project: str,
    source: Source,
    place: DecidablePlace,
    places: Sequence[DecidablePlace],
    asked: DecideQuery,
) -> PlaceView:
    """Build the view of one of the source's places; the others are its neighbours."""
    bounds = list(unpack_flat_bounds(bytes(source.paragraphs)))
    windows = find_text_windows(source.text, bounds, place.start, place.end)
    near = _select_neighbours(places, place, [one for one in windows if not one.aside])
    marks = [
        NeighbourMark(n, one.start, one.end, next(iter(list_codes(one)), ""))
        for n, one in enumerate(near, 1)
    ]
    paragraphs = build_text_paragraphs(source.text, windows, place, marks)
    labelled = [
        (one.start, _build_margin_label(project, one, number, asked))
        for number, one in [(0, place), *enumerate(near, 1)]
    ]
    number = next((one.number for one in windows if not one.aside), 1)
    return PlaceView(
        place=place,
        title=describe_difference_in_full(place),
        paragraph=number,
        rows=tuple(_iterate_text_rows(paragraphs, labelled)),
        table=build_reading_table(place, source.text),
        record=build_record_view(place.decision),
        apart=tuple(filter(None, map(build_record_view, place.apart))),
        lanes=len(place.readings),
    )


def _select_neighbours(
    places: Sequence[DecidablePlace], place: DecidablePlace, windows: Sequence[TextWindow]
) -> list[DecidablePlace]:
    """Return the nearest other places in the paragraphs of the place, in the text's order."""
    low = min((one.start for one in windows), default=place.start)
    high = max((one.end for one in windows), default=place.end)
    near = [one for one in places if one.id != place.id and one.start < high and one.end > low]
    near = sorted(near, key=lambda one: abs(one.start - place.start))[:MOST_NEIGHBOURS]
    return sorted(near, key=lambda one: one.start)


def _iterate_text_rows(
    paragraphs: Sequence[TextParagraph], labelled: Iterable[tuple[int, MarginLabel]]
) -> Iterable[TextRow]:
    ordered = sorted(labelled, key=lambda one: one[0])
    for n, paragraph in enumerate(paragraphs):
        first = 0 if n == 0 else paragraph.window.start
        last = paragraphs[n + 1].window.start if n + 1 < len(paragraphs) else None
        labels = [
            label for start, label in ordered if start >= first and (last is None or start < last)
        ]
        yield TextRow(paragraph, tuple(labels))


def _build_margin_label(
    project: str, place: DecidablePlace, number: int, asked: DecideQuery
) -> MarginLabel:
    chips = tuple(_build_margin_chip(place, code) for code in list_codes(place))
    words = describe_place_state(place)
    return MarginLabel(number, asked.at(place.id).address(project, place.source), chips, words)


def _build_margin_chip(place: DecidablePlace, code: str) -> MarginChip:
    """Build a chip with the stance of each reading, or one if all coders gave the same."""
    stances = [
        next((one.stance for one in reading.passages if one.code == code), "–")
        for reading in place.readings
    ]
    if place.agreed and len(set(stances)) == 1:
        stances = stances[:1]
    return MarginChip(
        code,
        " ".join(SIGNS.get(stance, stance) for stance in stances),
        ", ".join(SIGN_WORDS.get(stance, stance) for stance in stances),
    )


def build_record_view(record: DecisionRecord | None) -> RecordView | None:
    """Build what is shown of a decision, if there is one."""
    if record is None:
        return None
    stands = record.reading_numbers if record.outcome == Outcome.PLURAL else ()
    return RecordView(
        record=record,
        title=describe_record(record),
        passages=record.passages,
        standing=tuple(one for one in record.readings if one.number in stands),
        people=tuple((one.number, one.annotators) for one in record.readings if one.annotators),
        weighed=sum(len(part.passages) for one in record.readings for part in one.held),
    )


@dataclass(frozen=True)
class CodeEntry:
    """A code's entry in the codebook, with the rules that decisions on it gave."""

    code: Code
    rules: tuple[str, ...]


def build_code_entries(
    codes: Mapping[str, Code], slugs: Iterable[str], rules: Mapping[str, Sequence[str]]
) -> list[CodeEntry]:
    return [CodeEntry(codes[slug], tuple(rules.get(slug, ()))) for slug in slugs if slug in codes]


@dataclass(frozen=True)
class DecidedStrip:
    """What was decided last; `number`: the place's in the queue, 0 if it is not in it."""

    place: DecidablePlace
    number: int
    title: str
    passages: tuple[ProposedPassage, ...]


def build_decided_strip(
    places: Iterable[DecidablePlace], ordered: Sequence[DecidablePlace], asked: DecideQuery
) -> DecidedStrip | None:
    """Build the strip with the decision that the address names, if it still stands."""
    done = next((one for one in places if one.id == asked.done), None)
    if done is None or done.decision is None or done.id == asked.place:
        return None
    number = next((n for n, one in enumerate(ordered, 1) if one.id == done.id), 0)
    return DecidedStrip(done, number, describe_record(done.decision), done.decision.passages)


def is_asking(place: DecidablePlace, mode: str) -> bool:
    """Return whether the place has to be decided, or is to be decided anew."""
    return place.state not in (PlaceState.DECIDED, PlaceState.WAITING) or bool(mode)


def describe_case(code_names: Mapping[str, str], passages: Iterable[ProposedPassage]) -> str:
    """Describe the passages of a decision in one line."""
    return "; ".join(
        f"{code_names.get(one.code, one.code)} “{abridge_quote(one.quote)}”" for one in passages
    )
