"""Input of the statistics: passages with their coders, units, and counts of values.

Sources, annotators and codes are numbers from 0; the caller knows what they stand for. Offsets are
code points, half-open.
"""

from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from cstoannot.stats.results import Bools, Ints


def _convert_to_ints(values: ArrayLike) -> Ints:
    return np.ascontiguousarray(values, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class SpanTable:
    """Passages of all annotators, in the sources that they finished.

    ``lengths`` (S,) code points; ``finished`` (S, A): who read the source to the end. The other
    arrays (N,) have one entry a passage, ordered by source. ``stance`` and ``voice`` are numbers of
    labels, 0 for none. ``row`` is the passage's index in the arrays given to `build`.
    """

    lengths: Ints
    finished: Bools
    n_codes: int
    source: Ints
    annotator: Ints
    code: Ints
    start: Ints
    end: Ints
    stance: Ints
    voice: Ints
    row: Ints

    @classmethod
    def build(
        cls,
        *,
        lengths: ArrayLike,
        finished: ArrayLike,
        n_codes: int,
        source: ArrayLike,
        annotator: ArrayLike,
        code: ArrayLike,
        start: ArrayLike,
        end: ArrayLike,
        stance: ArrayLike | None = None,
        voice: ArrayLike | None = None,
    ) -> "SpanTable":
        """Check and order passages; leave out those in sources their annotator has not finished.

        Raises ValueError for numbers out of range, empty passages and passages beyond the end of
        their source.
        """
        size = len(_convert_to_ints(source))
        blank = np.zeros(size, np.int64)
        table = cls(
            _convert_to_ints(lengths),
            _shape_finished(np.asarray(finished, dtype=bool), len(_convert_to_ints(lengths))),
            int(n_codes),
            _convert_to_ints(source),
            _convert_to_ints(annotator),
            _convert_to_ints(code),
            _convert_to_ints(start),
            _convert_to_ints(end),
            blank if stance is None else _convert_to_ints(stance),
            blank if voice is None else _convert_to_ints(voice),
            np.arange(size),
        )
        table._check()
        kept = np.flatnonzero(table.finished[table.source, table.annotator])
        if np.any(np.diff(table.source[kept]) < 0):
            kept = kept[np.argsort(table.source[kept], kind="stable")]
        return table if len(kept) == size and _is_full_range(kept) else table.take(kept)

    def _check(self) -> None:
        columns = (self.annotator, self.code, self.start, self.end, self.stance, self.voice)
        if any(len(column) != len(self.source) for column in columns):
            raise ValueError("the columns of passages differ in length")
        for name, values, end in (
            ("source", self.source, len(self.lengths)),
            ("annotator", self.annotator, self.finished.shape[1]),
            ("code", self.code, self.n_codes),
        ):
            if len(values) and (values.min() < 0 or values.max() >= end):
                raise ValueError(f"{name} out of range")
        if len(self.start) and (
            self.start.min() < 0
            or np.any(self.end <= self.start)
            or np.any(self.end > self.lengths[self.source])
        ):
            raise ValueError("a passage is empty or leaves its source")

    def __len__(self) -> int:
        return len(self.source)

    @property
    def n_annotators(self) -> int:
        return self.finished.shape[1]

    def take(self, kept: ArrayLike) -> "SpanTable":
        """Select passages by indices or a mask, in order of source."""
        return replace(
            self,
            **{
                name: getattr(self, name)[kept]
                for name in (
                    "source",
                    "annotator",
                    "code",
                    "start",
                    "end",
                    "stance",
                    "voice",
                    "row",
                )
            },
        )

    def select(
        self,
        *,
        sources: ArrayLike | None = None,
        annotators: ArrayLike | None = None,
        codes: ArrayLike | None = None,
    ) -> "SpanTable":
        """Select sources, annotators and codes; numbers do not change."""
        finished = self.finished.copy()
        if sources is not None:
            finished &= _mark_chosen_numbers(sources, len(self.lengths))[:, None]
        if annotators is not None:
            finished &= _mark_chosen_numbers(annotators, self.n_annotators)[None, :]
        kept = finished[self.source, self.annotator]
        if codes is not None:
            kept &= _mark_chosen_numbers(codes, self.n_codes)[self.code]
        return replace(self.take(kept), finished=finished)

    def of_source(self, source: int) -> "SpanTable":
        """Return one source by itself, as source 0."""
        low, high = np.searchsorted(self.source, [source, source + 1])
        one = self.take(np.arange(low, high))
        return replace(
            one,
            lengths=self.lengths[source : source + 1],
            finished=self.finished[source : source + 1],
            source=np.zeros(high - low, np.int64),
        )


def _shape_finished(finished: Bools, sources: int) -> Bools:
    """Shape to (S, A), as an empty list has no width; ValueError for another number of sources."""
    found = finished if finished.ndim == 2 else finished.reshape(sources, 0)
    if len(found) != sources:
        raise ValueError("finished and lengths differ in their number of sources")
    return found


def _is_full_range(kept: Ints) -> bool:
    return not len(kept) or bool(kept[0] == 0 and np.all(np.diff(kept) == 1))


def _mark_chosen_numbers(numbers: ArrayLike, size: int) -> Bools:
    """(size,) True at ``numbers``; IndexError for numbers out of range."""
    chosen = np.zeros(size, bool)
    chosen[np.asarray(numbers, dtype=np.int64)] = True
    return chosen


@dataclass(frozen=True, eq=False)
class Units:
    """The stretches that measures count, by source; they do not overlap.

    ``offsets`` (S + 1,): source s has the units ``offsets[s]`` to ``offsets[s + 1]``; ``starts``
    and ``ends`` (U,) are code points. Both are None if every code point is a unit.
    """

    kind: str
    offsets: Ints
    starts: Ints | None = None
    ends: Ints | None = None

    @classmethod
    def build(cls, kind: str, counts: ArrayLike, starts: ArrayLike, ends: ArrayLike) -> "Units":
        """Build from ``counts`` (S,) by source, and ``starts`` and ``ends`` in order of source.

        Raises ValueError if they do not match.
        """
        offsets = np.concatenate(([0], np.cumsum(_convert_to_ints(counts))))
        units = cls(kind, offsets, _convert_to_ints(starts), _convert_to_ints(ends))
        if not len(_convert_to_ints(starts)) == len(_convert_to_ints(ends)) == offsets[-1]:
            raise ValueError("the counts of units do not fit their bounds")
        return units

    @classmethod
    def characters(cls, lengths: ArrayLike) -> "Units":
        """Make every code point a unit."""
        return cls("character", np.concatenate(([0], np.cumsum(_convert_to_ints(lengths)))))

    @classmethod
    def whole_sources(cls, lengths: ArrayLike) -> "Units":
        """Make every source one unit."""
        ends = _convert_to_ints(lengths)
        return cls.build("source", np.ones(len(ends)), np.zeros(len(ends)), ends)

    @property
    def counts(self) -> Ints:
        """(S,) units of each source."""
        return np.diff(self.offsets)

    def of_source(self, source: int) -> "Units":
        """Return one source's units, as source 0."""
        low, high = self.offsets[source], self.offsets[source + 1]
        if self.starts is None or self.ends is None:
            return Units(self.kind, np.array([0, high - low]))
        return Units(
            self.kind, np.array([0, high - low]), self.starts[low:high], self.ends[low:high]
        )

    def covered(self, source: Ints, start: Ints, end: Ints, lengths: Ints) -> tuple[Ints, Ints]:
        """Return the half-open range of units that share a code point with each passage.

        Numbers are within the source. Both are equal for a passage between units.
        """
        if self.starts is None or self.ends is None:
            return start, end
        base = np.concatenate(([0], np.cumsum(lengths + 1)))
        owner = np.repeat(np.arange(len(lengths)), self.counts)
        first = np.searchsorted(self.ends + base[owner], start + base[source], side="right")
        stop = np.searchsorted(self.starts + base[owner], end + base[source], side="left")
        low = self.offsets[source]
        return first - low, np.maximum(stop, first) - low


@dataclass(frozen=True, eq=False)
class ValueCounts:
    """Distinct units with their frequencies; agreement of many coders depends on nothing else.

    ``counts`` (P, V): how many coders gave each level; ``frequency`` (P,): how many units are
    equal.
    """

    counts: Ints
    frequency: Ints
    levels: tuple[Hashable, ...]
    coders: int

    def with_least(self, values: int) -> "ValueCounts":
        """Select the units with at least so many values."""
        kept = self.counts.sum(axis=1) >= values
        return replace(self, counts=self.counts[kept], frequency=self.frequency[kept])
