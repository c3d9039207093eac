"""Where the coders disagree: every case of it, with the passages on both sides."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cstoannot.agreement.coding import STANCES, Annotator, Code, Coding, Source
from cstoannot.agreement.keeping import Kept, view_of
from cstoannot.agreement.naming import check_names
from cstoannot.agreement.reports import Question, Selection, selection_of
from cstoannot.core.errors import Invalid
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import source_with_text
from cstoannot.stats.confusion import confusion
from cstoannot.stats.disagreements import KINDS, Disagreements, find
from cstoannot.stats.tables import SpanTable
from cstoannot.text.bounds import unpack

ORDERS = ("position", "size")
KIND_NAMES = tuple(kind.value for kind in KINDS)


@dataclass(frozen=True)
class Asked:
    """Which disagreements: of these kinds, codes, annotators and sources; all if empty.

    With two or more annotators, those between them. `between`: two codes of which one coder gave
    a stretch the one and the other the other. `order`: by place, or longest stretch first.
    """

    kinds: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    annotators: tuple[str, ...] = ()
    sources: tuple[int, ...] = ()
    order: str = "position"
    between: tuple[str, ...] = ()


@dataclass(frozen=True)
class Passage:
    """One annotator's passage; offsets in code points, half-open; `voice` empty for the author."""

    annotation_id: uuid.UUID
    annotator: Annotator
    code: Code
    start: int
    end: int
    stance: str
    voice: str


@dataclass(frozen=True)
class Entry:
    """One disagreement, its place in the list, and the passages it is about."""

    number: int
    kind: str
    source: Source
    first: Annotator
    second: Annotator
    codes: tuple[Code, Code]
    start: int
    end: int
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class Listing:
    """A stretch of the list: `counts` is by kind, over all that the other filters leave."""

    asked: Asked
    total: int
    counts: dict[str, int]
    offset: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class MixedCodes:
    """How often one coder gave a stretch the row's code and another the column's.

    Symmetric off the diagonal; on it, passages that met the other's with the same code.
    `missed`: passages for which the other coder has nothing.
    """

    codes: tuple[Code, ...]
    matrix: list[list[int]]
    missed: list[int]


@dataclass(frozen=True)
class Context:
    """The paragraphs around a stretch, and all passages in view that touch them."""

    start: int
    end: int
    text: str
    passages: tuple[Passage, ...]


def disagreements(scope: Scope, asked: Asked, *, offset: int = 0, limit: int = 50) -> Listing:
    """The disagreements that this reader may know of, `limit` of them from `offset` on."""
    _check(asked)
    kept = view_of(scope)
    with kept.lock:
        _check_names(kept, asked)
        found, chosen = _found(kept, asked)
        order = _ordered(found, _of_kinds(found, chosen, asked), asked.order)
        part = order[offset : offset + limit]
        return Listing(
            asked=asked,
            total=len(order),
            counts=_by_kind(found, chosen),
            offset=offset,
            entries=tuple(
                _entry(kept.coding, found, int(index), offset + place)
                for place, index in enumerate(part)
            ),
        )


def kinds_in(kept: Kept, asked: Asked) -> dict[str, int]:
    """How many disagreements there are of each kind; with the view's lock held."""
    return _by_kind(*_found(kept, asked))


def mixed_codes(scope: Scope, asked: Asked) -> MixedCodes:
    """Which codes are mixed up with which, among those asked for."""
    _check(asked)
    kept = view_of(scope)
    with kept.lock:
        _check_names(kept, asked)
        chosen = _selection(kept.coding, asked, all_codes=True)
        found: MixedCodes = kept.answer(
            ("mixed", chosen), lambda: _mixed(kept.coding, _all(kept, chosen), chosen)
        )
    wanted = [
        n for n, code in enumerate(found.codes) if not asked.codes or code.slug in asked.codes
    ]
    return MixedCodes(
        codes=tuple(found.codes[n] for n in wanted),
        matrix=[[found.matrix[row][column] for column in wanted] for row in wanted],
        missed=[found.missed[n] for n in wanted],
    )


def lanes(scope: Scope, entry: Entry) -> Context:
    """The paragraphs in which the disagreement stands, with everybody's passages there."""
    source = source_with_text(scope, entry.source.pk)
    touched = [
        (start, end)
        for start, end in unpack(bytes(source.paragraphs))
        if start < entry.end and end > entry.start
    ] or [(entry.start, entry.end)]
    start, end = min(touched[0][0], entry.start), max(touched[-1][1], entry.end)
    kept = view_of(scope)
    number = kept.coding.source_number(entry.source.pk)
    spans = kept.coding.spans
    near = np.flatnonzero(
        (spans.source == (-1 if number is None else number))
        & (spans.start < end)
        & (spans.end > start)
    )
    return Context(
        start=start,
        end=end,
        text=source.text[start:end],
        passages=tuple(passage(kept.coding, int(spans.row[place])) for place in near),
    )


def passage(coding: Coding, row: int) -> Passage:
    """The passage at a place of `coding.rows`, with its names."""
    held = coding.rows[row]
    return Passage(
        annotation_id=coding.annotation_id(row),
        annotator=coding.annotator_of(int(held["annotator"])),
        code=coding.code_of(int(held["code"])),
        start=int(held["start"]),
        end=int(held["end"]),
        stance=STANCES[held["stance"]],
        voice=coding.voices.get(int(held["voice"]), ""),
    )


def _check(asked: Asked) -> None:
    unknown = [kind for kind in asked.kinds if kind not in KIND_NAMES]
    if unknown:
        raise Invalid(f"kind is one of: {', '.join(KIND_NAMES)}.", field="kind")
    if asked.order not in ORDERS:
        raise Invalid(f"ordering is one of: {', '.join(ORDERS)}.", field="ordering")


def _check_names(kept: Kept, asked: Asked) -> None:
    codes = (*asked.codes, *asked.between)
    check_names(kept, codes=codes, annotators=asked.annotators, sources=asked.sources)


def _selection(coding: Coding, asked: Asked, *, all_codes: bool) -> Selection:
    question = Question(
        codes=() if all_codes else asked.codes,
        annotators=asked.annotators if len(asked.annotators) > 1 else (),
        sources=asked.sources,
    )
    return selection_of(question, coding)


def _spans(coding: Coding, chosen: Selection) -> SpanTable:
    return coding.spans.select(sources=chosen.sources, annotators=chosen.annotators)


def _all(kept: Kept, chosen: Selection) -> Disagreements:
    """All disagreements among these annotators in these sources, whatever the code."""
    found: Disagreements = kept.answer(
        ("disagreements", chosen.annotators, chosen.sources),
        lambda: find(_spans(kept.coding, chosen)),
    )
    return found


def _found(kept: Kept, asked: Asked) -> tuple[Disagreements, NDArray[np.int64]]:
    """All disagreements of the selection, and which of them the filters but kinds leave."""
    chosen = _selection(kept.coding, asked, all_codes=True)
    found = _all(kept, chosen)
    left = np.ones(len(found), bool)
    if asked.codes:
        numbers = [n for n, code in enumerate(kept.coding.codes) if code.slug in asked.codes]
        left &= np.isin(found.codes, numbers).any(axis=0)
    for slug in asked.between:
        number = next((n for n, code in enumerate(kept.coding.codes) if code.slug == slug), -1)
        left &= (found.codes == number).any(axis=0)
    if len(asked.annotators) == 1:
        left &= (found.coders == _number(kept.coding, asked.annotators[0])).any(axis=0)
    if not kept.scope.can(Permission.SEE_ALL_CODING):
        left &= (found.coders == _number(kept.coding, kept.scope.user.username)).any(axis=0)
    return found, np.flatnonzero(left)


def _by_kind(found: Disagreements, chosen: NDArray[np.int64]) -> dict[str, int]:
    counts = np.bincount(found.kind[chosen], minlength=len(KINDS)).tolist()
    return dict(zip(KIND_NAMES, counts, strict=True))


def _number(coding: Coding, username: str) -> int:
    names = (n for n, one in enumerate(coding.annotators) if one.username == username)
    return next(names, -1)


def _of_kinds(found: Disagreements, chosen: NDArray[np.int64], asked: Asked) -> NDArray[np.int64]:
    if not asked.kinds:
        return chosen
    kinds = [KIND_NAMES.index(kind) for kind in asked.kinds]
    return chosen[np.isin(found.kind[chosen], kinds)]


def _ordered(found: Disagreements, chosen: NDArray[np.int64], order: str) -> NDArray[np.int64]:
    if order == "position":
        return chosen
    size = found.end[chosen] - found.start[chosen]
    return chosen[np.argsort(-size, kind="stable")]


def _entry(coding: Coding, found: Disagreements, index: int, number: int) -> Entry:
    case = found[index]
    first_code, second_code = case.codes
    return Entry(
        number=number,
        kind=case.kind.value,
        source=coding.sources[case.source],
        first=coding.annotators[case.first],
        second=coding.annotators[case.second],
        codes=(coding.codes[first_code], coding.codes[second_code]),
        start=case.start,
        end=case.end,
        passages=_passages(coding, (*case.rows_first, *case.rows_second)),
    )


def _passages(coding: Coding, rows: Sequence[int]) -> tuple[Passage, ...]:
    return tuple(passage(coding, row) for row in rows)


def _mixed(coding: Coding, found: Disagreements, chosen: Selection) -> MixedCodes:
    """For a reader who sees their own pairs alone, of these pairs alone."""
    spans = _spans(coding, chosen)
    views = np.maximum(spans.finished.sum(axis=1)[spans.source] - 1, 0)
    if coding.reader is not None:
        me = next((n for n, one in enumerate(coding.annotators) if one.pk == coding.reader), None)
        if me is None:
            size = len(coding.codes)
            return MixedCodes(coding.codes, [[0] * size for _ in range(size)], [0] * size)
        views = np.where(spans.annotator == me, views, spans.finished[spans.source, me])
        mine = (found.coders == me).any(axis=0)
        found = replace(found, kind=found.kind[mine], codes=found.codes[:, mine])
    counted = np.bincount(spans.code, weights=views, minlength=len(coding.codes))
    table = confusion(found, counted.astype(np.int64))
    return MixedCodes(coding.codes, table.matrix.tolist(), table.missed.tolist())
