"""The text around a disagreement, once for each annotator, with what that one marked in it."""

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cstoannot.agreement.coding import Annotator
from cstoannot.agreement.disagreements import Context, Entry, Passage
from cstoannot.text.characters import LINE_ENDS

_LINE_END = re.compile(f"[{LINE_ENDS}]")


@dataclass(frozen=True)
class Piece:
    """A stretch of text in which nothing begins or ends.

    `code`: of the passage to be seen here, empty where nothing is marked; `about`: it is one the
    disagreement is about; `also`: other codes on the same stretch; `opens`, `closes`: a passage
    begins or ends here.
    """

    text: str
    code: str = ""
    about: bool = False
    also: tuple[str, ...] = ()
    opens: bool = False
    closes: bool = False


@dataclass(frozen=True)
class Lane:
    """`main`: one of the two who disagree; `about`: their passages in question."""

    annotator: Annotator
    main: bool
    paragraphs: tuple[tuple[Piece, ...], ...]
    about: tuple[Passage, ...]
    others: tuple[Passage, ...]


def lanes_of(entry: Entry, around: Context) -> list[Lane]:
    """The two who disagree, then everybody else who marked something there."""
    others = {one.annotator for one in around.passages} - {entry.first, entry.second}
    third = sorted(others, key=lambda one: one.username)
    about = {passage.annotation_id for passage in entry.passages}
    return [
        _lane(annotator, around, about, main=place < 2)
        for place, annotator in enumerate((entry.first, entry.second, *third))
    ]


def _lane(annotator: Annotator, around: Context, about: set[uuid.UUID], *, main: bool) -> Lane:
    theirs = sorted(
        (one for one in around.passages if one.annotator == annotator),
        key=lambda one: (one.start, -one.end),
    )
    return Lane(
        annotator,
        main,
        tuple(_paragraphs(around, theirs, about)),
        tuple(one for one in theirs if one.annotation_id in about),
        tuple(one for one in theirs if one.annotation_id not in about),
    )


def _paragraphs(
    around: Context, passages: Sequence[Passage], about: set[uuid.UUID]
) -> Iterable[tuple[Piece, ...]]:
    """The pieces paragraph by paragraph: a blank line parts them."""
    position = around.start
    for text in _LINE_END.split(around.text):
        if text.strip():
            yield tuple(_pieces(text, position, passages, about))
        position += len(text) + 1


def _pieces(
    text: str, start: int, passages: Sequence[Passage], about: set[uuid.UUID]
) -> Iterable[Piece]:
    end = start + len(text)
    near = [one for one in passages if one.start < end and one.end > start]
    edges = {max(one.start, start) for one in near} | {min(one.end, end) for one in near}
    cuts = sorted(edges | {start, end})
    for low, high in pairwise(cuts):
        over = [one for one in near if one.start <= low and one.end >= high]
        words = text[low - start : high - start]
        if not over:
            yield Piece(words)
            continue
        # Those in question stand out; of several, the one that began last.
        seen = max(over, key=lambda one: (one.annotation_id in about, one.start, -one.end))
        yield Piece(
            words,
            seen.code.slug,
            seen.annotation_id in about,
            tuple(one.code.name for one in over if one is not seen),
            any(one.start == low for one in over),
            any(one.end == high for one in over),
        )
