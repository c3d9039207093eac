"""Rows of the list of places: who holds what, and where passages of one code differ in bounds."""

from collections.abc import Iterable
from dataclasses import dataclass

from cstoannot.agreement.dataset import Annotator
from cstoannot.agreement.disagreements import CodedPassage
from cstoannot.agreement.places import PlaceEntry, PlaceList
from cstoannot.agreement.stretch_readings import StretchReading
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import load_source_texts
from cstoannot.web.agreement.disagreement_presenters import KIND_TITLES, build_disagreement_url
from cstoannot.web.agreement.params import format_disagreement_filter

LONGEST = 90  # characters of a stretch that are shown; the middle of a longer one is left out


@dataclass(frozen=True)
class CutPassage:
    """A passage cut where others of its code begin and end.

    `before`, `after`: the text that not all of them hold; `common`: what all of them hold.
    """

    passage: CodedPassage
    before: str
    common: str
    after: str


@dataclass(frozen=True)
class ReadingRow:
    annotators: tuple[Annotator, ...]
    passages: tuple[CutPassage, ...]

    @property
    def names(self) -> str:
        return ", ".join(one.username for one in self.annotators)


@dataclass(frozen=True)
class PlaceRow:
    """`coders`: how many read the source; `title`: the kinds of what differs, in words."""

    entry: PlaceEntry
    title: str
    coders: int
    readings: tuple[ReadingRow, ...]
    third: tuple[StretchReading, ...]
    link: str


def iterate_place_rows(
    scope: Scope, found: PlaceList, mixed: tuple[str, ...] = ()
) -> Iterable[PlaceRow]:
    """Yield the places with text; `mixed`: the two codes to which the list is limited."""
    texts = load_source_texts(scope, sorted({entry.source.pk for entry in found.entries}))
    query = format_disagreement_filter(found.asked, mixed=mixed)
    for entry in found.entries:
        yield PlaceRow(
            entry,
            describe_place_kinds(entry),
            len(entry.coders),
            build_reading_rows(entry, texts.get(entry.source.pk, "")),
            entry.third,
            build_disagreement_url(scope, entry.number + 1, query),
        )


def describe_place_kinds(entry: PlaceEntry) -> str:
    """Describe what differs: "boundary, different stance"."""
    return ", ".join(KIND_TITLES[kind].lower() for kind in entry.kinds).capitalize()


def build_reading_rows(entry: PlaceEntry, text: str) -> tuple[ReadingRow, ...]:
    """Build the readings, with every passage cut where those of the same code differ."""
    every = [passage for reading in entry.readings for passage in reading.passages]
    return tuple(
        ReadingRow(
            reading.annotators, tuple(_cut_passage(one, every, text) for one in reading.passages)
        )
        for reading in entry.readings
    )


def _cut_passage(passage: CodedPassage, every: Iterable[CodedPassage], text: str) -> CutPassage:
    """Cut the passage at the bounds of what all that overlap it with its code have in common."""
    near = [
        one
        for one in every
        if one.code == passage.code and one.start < passage.end and one.end > passage.start
    ]
    low, high = max(one.start for one in near), min(one.end for one in near)
    if low >= high:
        return CutPassage(passage, "", _shorten_stretch(text[passage.start : passage.end]), "")
    return CutPassage(
        passage,
        _shorten_stretch(text[passage.start : low]),
        _shorten_stretch(text[low:high]),
        _shorten_stretch(text[high : passage.end]),
    )


def _shorten_stretch(text: str) -> str:
    """Leave out the middle of a long stretch, between words; both its ends stay to be seen."""
    if len(text) <= LONGEST:
        return text
    head, tail = text[: LONGEST // 2], text[-LONGEST // 2 :]
    # A word of more than half the length is cut.
    head = head[: head.rfind(" ")] if " " in head else head
    return f"{head} … {tail[tail.find(' ') + 1 :]}"
