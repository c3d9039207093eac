"""The annotations for agreement as arrays, with the names for their numbers."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cstoannot.codebook.meaning import is_stale
from cstoannot.stats.readings import compute_read
from cstoannot.stats.tables import SpanTable, Units

# A passage as loaded: primary keys, the id as 16 bytes, how many white space characters it begins
# and ends with, and the codebook revision under which it was made.
ROW = np.dtype(
    [
        ("source", "<i8"),
        ("annotator", "<i8"),
        ("code", "<i8"),
        ("start", "<i8"),
        ("end", "<i8"),
        ("stance", "<i8"),
        ("voice", "<i8"),
        ("lead", "<i4"),
        ("trail", "<i4"),
        ("revision", "<i4"),
        ("id", "V16"),
    ]
)
STANCES = ("", "supports", "mixed", "opposes")
Rows = NDArray[np.void]


@dataclass(frozen=True)
class AgreementSource:
    """A source; `round`: the name of its round, empty for readers who know of none."""

    pk: int
    title: str
    length: int
    round: str = ""


@dataclass(frozen=True)
class Annotator:
    pk: int
    username: str


@dataclass(frozen=True)
class AgreementCode:
    """A code, and the codebook revisions that added it, and that last changed its meaning."""

    pk: int
    slug: str
    name: str
    born: int = 0
    meant: int = 0


@dataclass(frozen=True, eq=False)
class CodeReadings:
    """Codes (numbers) that the same annotators have read in the same sources: ``read`` (S, A)."""

    codes: tuple[int, ...]
    read: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class AgreementDataset:
    """The annotations of those who finished their sources.

    Numbers in `spans` are indexes into `sources`, `annotators` and `codes`; `spans.row` is an index
    into `rows`. `finished` (S, A): who finished which source; `finished_under`: the codebook
    revision then, 0 for none. `voices`: names of the voices; 0 is the author. `after_look` (N,):
    rows saved after their coder had seen others' coding; `spans` leaves them out unless
    `counts_after_look`, and stale ones if `only_current`. `reader`: the user whose own work must
    take part in every result; None for readers who see all coding. `counted`: the codes of a part
    (`of_readings`), else None.
    """

    sources: tuple[AgreementSource, ...]
    annotators: tuple[Annotator, ...]
    codes: tuple[AgreementCode, ...]
    voices: dict[int, str]
    finished: NDArray[np.bool_]
    finished_under: NDArray[np.int64]
    rows: Rows
    after_look: NDArray[np.bool_]
    counts_after_look: bool = False
    only_current: bool = False
    reader: int | None = None
    counted: tuple[int, ...] | None = None

    @cached_property
    def spans(self) -> SpanTable:
        """Return the passages that agreement is computed from."""
        every = self.all_spans
        left_out = np.zeros(len(self.rows), bool)
        if not self.counts_after_look:
            left_out |= self.after_look
        if self.only_current:
            left_out |= self.stale
        codes = self._code_numbers
        if self.counted is not None:
            left_out |= ~np.isin(codes, self.counted)
        elif len(self.readings) > 1:
            pks = [source.pk for source in self.sources], [one.pk for one in self.annotators]
            source = _compute_positions(pks[0], self.rows["source"])
            annotator = _compute_positions(pks[1], self.rows["annotator"])
            left_out |= ~self.has_read(source, annotator, codes)
        return every.take(np.flatnonzero(~left_out[every.row])) if left_out.any() else every

    @cached_property
    def stale(self) -> NDArray[np.bool_]:
        """Return (N,): the rows made under an older meaning of their code."""
        meant = np.array([code.meant for code in self.codes], np.int64)
        return is_stale(self.rows["revision"], meant[self._code_numbers])

    @cached_property
    def _code_numbers(self) -> NDArray[np.int64]:
        """Return (N,): the number of each row's code."""
        return _compute_positions([code.pk for code in self.codes], self.rows["code"])

    @cached_property
    def readings(self) -> tuple[CodeReadings, ...]:
        """Return the codes by who has read what for them (stats/readings.py), most read first.

        If `only_current`, an annotator has read a source for a code if they finished it after the
        code's meaning last changed and have no stale passage of it there.
        """
        known: dict[bytes, tuple[NDArray[np.bool_], list[int]]] = {}
        for number, read in enumerate(self._iterate_code_readings()):
            known.setdefault(read.tobytes(), (read, []))[1].append(number)
        found = [CodeReadings(tuple(codes), read) for read, codes in known.values()]
        return tuple(sorted(found, key=lambda one: -int(one.read.sum())))

    def _iterate_code_readings(self) -> Iterator[NDArray[np.bool_]]:
        """Yield (S, A) for each code."""
        stale = np.flatnonzero(self.stale) if self.only_current else np.zeros(0, np.int64)
        pks = [source.pk for source in self.sources], [one.pk for one in self.annotators]
        source = _compute_positions(pks[0], self.rows["source"][stale])
        annotator = _compute_positions(pks[1], self.rows["annotator"][stale])
        shared: dict[int, NDArray[np.bool_]] = {}
        for number, code in enumerate(self.codes):
            since = max(code.born, code.meant) if self.only_current else code.born
            if since not in shared:
                shared[since] = compute_read(self.finished_under, since)
            mine = self._code_numbers[stale] == number
            read = shared[since]
            if mine.any():
                read = read.copy()
                read[source[mine], annotator[mine]] = False
            yield read

    def of_readings(self, part: CodeReadings) -> "AgreementDataset":
        """Return the dataset of these codes alone, in which those who read them finished."""
        under = np.where(part.read, self.finished_under, 0)
        return replace(self, finished=part.read, finished_under=under, counted=part.codes)

    def read_for(self, code: int) -> NDArray[np.bool_]:
        """Return (S, A): who has read which source for one code."""
        return next(part.read for part in self.readings if code in part.codes)

    def has_read(
        self, source: NDArray[np.int64], annotator: NDArray[np.int64], code: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Return element by element whether an annotator has read a source for a code."""
        if not self.readings:
            return np.ones(len(code), bool)
        level = np.zeros(len(self.codes), np.int64)
        for number, part in enumerate(self.readings):
            level[list(part.codes)] = number
        read: NDArray[np.bool_] = np.stack([part.read for part in self.readings])
        found: NDArray[np.bool_] = read[level[code], source, annotator]
        return found

    @cached_property
    def all_spans(self) -> SpanTable:
        """Return all passages of those who finished, whether they count or not."""
        rows = self.rows
        return SpanTable.build(
            lengths=[source.length for source in self.sources],
            finished=self.finished,
            n_codes=len(self.codes),
            source=_compute_positions([source.pk for source in self.sources], rows["source"]),
            annotator=_compute_positions([one.pk for one in self.annotators], rows["annotator"]),
            code=_compute_positions([code.pk for code in self.codes], rows["code"]),
            start=rows["start"],
            end=rows["end"],
            stance=rows["stance"],
            voice=rows["voice"],
        )

    def annotation_id(self, row: int) -> uuid.UUID:
        return uuid.UUID(bytes=self.rows["id"][row].tobytes())

    def source_number(self, pk: int) -> int | None:
        return self._source_numbers.get(pk)

    def annotator_of(self, pk: int) -> Annotator:
        return self._annotators[pk]

    def code_of(self, pk: int) -> AgreementCode:
        return self._codes[pk]

    @cached_property
    def _annotators(self) -> dict[int, Annotator]:
        return {one.pk: one for one in self.annotators}

    @cached_property
    def _codes(self) -> dict[int, AgreementCode]:
        return {code.pk: code for code in self.codes}

    @cached_property
    def _source_numbers(self) -> dict[int, int]:
        return {source.pk: number for number, source in enumerate(self.sources)}


def _compute_positions(known: Sequence[int], values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the index of each value in `known`, which contains all of them."""
    order = np.argsort(np.asarray(known, dtype=np.int64), kind="stable")
    places: NDArray[np.int64] = order[np.searchsorted(np.asarray(known)[order], values)]
    return places


def build_units(kind: str, coding: AgreementDataset, bounds: Sequence[NDArray[np.uint32]]) -> Units:
    """Build units from each source's bounds: flat arrays of start, end, start, end."""
    lengths = [source.length for source in coding.sources]
    if kind == "source":
        return Units.whole_sources(lengths)
    if kind == "character":
        return Units.characters(lengths)
    flat = np.concatenate([np.zeros(0, np.uint32), *bounds]).astype(np.int64)
    return Units.build(kind, [len(one) // 2 for one in bounds], flat[::2], flat[1::2])
