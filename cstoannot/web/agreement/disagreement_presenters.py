"""Rows of the list of disagreements, and one disagreement with a lane for each coder."""

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.urls import reverse

from cstoannot.agreement.dataset import Annotator
from cstoannot.agreement.disagreements import (
    CodedPassage,
    DisagreementContext,
    DisagreementEntry,
    DisagreementList,
)
from cstoannot.agreement.stretch_readings import StretchReading, load_stretch_readings
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import load_source_texts
from cstoannot.text.tokens import LINE_ENDS
from cstoannot.web.agreement.params import format_disagreement_filter

_LINE_END = re.compile(f"[{LINE_ENDS}]")


@dataclass(frozen=True)
class TextPiece:
    """A stretch of text within which no passage begins or ends.

    `code`: the code shown here, empty without a passage; `about`: whether it belongs to the
    disagreement; `also`: other codes here; `opens`, `closes`: whether a passage begins or ends
    here.
    """

    text: str
    code: str = ""
    about: bool = False
    also: tuple[str, ...] = ()
    opens: bool = False
    closes: bool = False


@dataclass(frozen=True)
class CoderLane:
    """`main`: one of those compared; `about`: their passages in the disagreement.

    For others, `about` has their passages that share text with the disputed stretch.
    """

    annotator: Annotator
    main: bool
    paragraphs: tuple[tuple[TextPiece, ...], ...]
    about: tuple[CodedPassage, ...]
    others: tuple[CodedPassage, ...]


def build_coder_lanes(
    compared: Sequence[Annotator],
    about: set[uuid.UUID],
    around: DisagreementContext,
    everybody: Iterable[StretchReading],
) -> list[CoderLane]:
    """Build the lanes of those compared, then of all others who read the source."""
    lanes = [_build_coder_lane(one, around, about, main=True) for one in compared]
    for reading in everybody:
        if reading.annotator not in compared:
            there = {passage.annotation_id for passage in reading.passages}
            lanes.append(_build_coder_lane(reading.annotator, around, there, main=False))
    return lanes


def _build_coder_lane(
    annotator: Annotator, around: DisagreementContext, about: set[uuid.UUID], *, main: bool
) -> CoderLane:
    theirs = sorted(
        (one for one in around.passages if one.annotator == annotator),
        key=lambda one: (one.start, -one.end),
    )
    return CoderLane(
        annotator,
        main,
        tuple(_iterate_lane_paragraphs(around, theirs, about)),
        tuple(one for one in theirs if one.annotation_id in about),
        tuple(one for one in theirs if one.annotation_id not in about),
    )


def _iterate_lane_paragraphs(
    around: DisagreementContext, passages: Sequence[CodedPassage], about: set[uuid.UUID]
) -> Iterable[tuple[TextPiece, ...]]:
    """Yield the pieces by paragraph; blank lines separate paragraphs."""
    position = around.start
    for text in _LINE_END.split(around.text):
        if text.strip():
            yield tuple(_iterate_text_pieces(text, position, passages, about))
        position += len(text) + 1


def _iterate_text_pieces(
    text: str, start: int, passages: Sequence[CodedPassage], about: set[uuid.UUID]
) -> Iterable[TextPiece]:
    end = start + len(text)
    near = [one for one in passages if one.start < end and one.end > start]
    edges = {max(one.start, start) for one in near} | {min(one.end, end) for one in near}
    cuts = sorted(edges | {start, end})
    for low, high in pairwise(cuts):
        over = [one for one in near if one.start <= low and one.end >= high]
        words = text[low - start : high - start]
        if not over:
            yield TextPiece(words)
            continue
        # Passages of the disagreement have priority; of several, the one that begins last.
        seen = max(over, key=lambda one: (one.annotation_id in about, one.start, -one.end))
        yield TextPiece(
            words,
            seen.code.slug,
            seen.annotation_id in about,
            tuple(one.code.name for one in over if one is not seen),
            any(one.start == low for one in over),
            any(one.end == high for one in over),
        )


KIND_TITLES = {
    "missed": "Missed",
    "boundary": "Boundary",
    "different_code": "Different code",
    "different_stance": "Different stance",
    "different_voice": "Different voice",
}
MEANINGS = {
    "missed": "one coder marked a passage, the other nothing",
    "boundary": "same code, different start or end",
    "different_code": "same text, different codes",
    "different_stance": "same code, different stances",
    "different_voice": "same code, different voices",
}


@dataclass(frozen=True)
class DisagreementRow:
    """`third`: what the others who read the source marked in the same text."""

    entry: DisagreementEntry
    title: str
    quote: str
    sides: tuple[tuple[Annotator, tuple[CodedPassage, ...]], ...]
    third: tuple[StretchReading, ...]
    link: str


def iterate_disagreement_rows(
    scope: Scope,
    found: DisagreementList,
    mixed: tuple[str, ...] = (),
    *,
    names_third: bool = False,
) -> Iterable[DisagreementRow]:
    """Yield the disagreements with text; `mixed`: the two codes to which the list is limited.

    `names_third`: whether the others who read the source are shown as well.
    """
    texts = load_source_texts(scope, sorted({entry.source.pk for entry in found.entries}))
    query = format_disagreement_filter(found.asked, mixed=mixed)
    readings: list[tuple[StretchReading, ...]] = [()] * len(found.entries)
    if names_third:
        stretches = ((entry.source.pk, entry.start, entry.end) for entry in found.entries)
        readings = load_stretch_readings(scope, stretches, found.asked.meaning)
    for entry, there in zip(found.entries, readings, strict=True):
        yield DisagreementRow(
            entry,
            KIND_TITLES[entry.kind],
            texts.get(entry.source.pk, "")[entry.start : entry.end],
            tuple((one, _select_own_passages(entry, one)) for one in (entry.first, entry.second)),
            tuple(one for one in there if one.annotator not in {entry.first, entry.second}),
            build_disagreement_url(scope, entry.number + 1, query),
        )


def build_disagreement_url(scope: Scope, number: int, query: str) -> str:
    """Return the URL of the disagreement with this number in the list; numbers begin with 1."""
    at = reverse("disagreement", args=[scope.project.slug, number])
    return f"{at}?{query}" if query else at


def _select_own_passages(
    entry: DisagreementEntry, annotator: Annotator
) -> tuple[CodedPassage, ...]:
    return tuple(passage for passage in entry.passages if passage.annotator == annotator)
