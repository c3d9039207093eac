"""Coincidences and lengths by source, from which Krippendorff's family of 2016 is computed."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from cstoannot.stats.agreement.overlaps import (
    CodedStretches,
    argsort_columns,
    pair_overlapping_stretches,
    unite_stretches,
)
from cstoannot.stats.results import Bools, Ints, Numbers
from cstoannot.stats.tables import SpanTable

_ROWS = ("met", "stars", "own")
_AT_ONCE = 100_000  # units processed at once, to bound the memory


@dataclass(frozen=True, eq=False)
class CoincidenceRows:
    """Integers by source, two coders and two codes; rows with equal keys are summed.

    Keys (R,) have 32 bits because there are as many rows as passages; ``amount`` is (R, C).
    """

    source: Numbers
    first: Numbers
    second: Numbers
    code: Numbers
    other: Numbers
    amount: Ints

    @classmethod
    def added(cls, *columns: Ints) -> "CoincidenceRows":
        """Sum columns in the order of the fields; the last is the amounts, (R,) or (R, C)."""
        keys, amount = columns[:-1], columns[-1]
        amount = amount[:, None] if amount.ndim == 1 else amount
        order = argsort_columns(*keys)
        keys = tuple(key[order] for key in keys)
        new = np.ones(len(order), bool)
        if len(order):
            new[1:] = np.any([key[1:] != key[:-1] for key in keys], axis=0)
        firsts = np.flatnonzero(new)
        total = np.add.reduceat(amount[order], firsts) if len(firsts) else amount[order]
        small = [key[firsts].astype(np.int32) for key in keys]
        return cls(*small, total)  # type: ignore[arg-type, call-arg]

    def take(self, kept: Bools) -> "CoincidenceRows":
        if kept.all():
            return self
        return CoincidenceRows(
            *(getattr(self, name)[kept] for name in CoincidenceRows.__dataclass_fields__)
        )

    def exchanged(self, source: int, fresh: "CoincidenceRows") -> "CoincidenceRows":
        """Replace one source's rows by those of a table of one source."""
        low, high = np.searchsorted(self.source, [source, source + 1])
        moved = replace(fresh, source=fresh.source + np.int32(source))
        return CoincidenceRows(
            *(
                np.concatenate(
                    (getattr(self, name)[:low], getattr(moved, name), getattr(self, name)[high:])
                )
                for name in CoincidenceRows.__dataclass_fields__
            )
        )


@dataclass(frozen=True, eq=False)
class PartitionTable:
    """By source: coincidences of two coders' codes, self-pairings, and lengths.

    ``met``: code points that the first coder marked with ``code`` and the second with ``other``,
    each pair of coders once, how many stretches these are, and in how many of them both coders'
    units have the same code and bounds; ``stars``: sum over the first coder's units of the squared
    length that the second marked with anything, in both directions; ``own``: number, length and
    squared length of the first coder's units. ``clash`` (S, A): who gave overlapping
    passages different codes, which the family does not allow.
    """

    n_codes: int
    lengths: Ints
    finished: Bools
    clash: Bools
    met: CoincidenceRows
    stars: CoincidenceRows
    own: CoincidenceRows

    @classmethod
    def of(cls, spans: SpanTable) -> "PartitionTable":
        """Build the table, many sources at a time, to bound the memory."""
        share = max(1, int(len(spans.lengths) * _AT_ONCE / max(len(spans), 1)))
        parts = [
            _sweep_sources(spans, low, min(low + share, len(spans.lengths)))
            for low in range(0, len(spans.lengths), share)
        ]
        clash = np.zeros(spans.finished.shape, bool)
        for part in parts:
            clash |= part[0]
        rows = [_concatenate_rows([part[1][nth] for part in parts]) for nth in range(len(_ROWS))]
        return cls(spans.n_codes, spans.lengths, spans.finished, clash, *rows)

    def select(
        self, *, sources: ArrayLike | None = None, annotators: ArrayLike | None = None
    ) -> "PartitionTable":
        """Select sources and annotators; leave out sources that fewer than two finished."""
        finished = self.finished.copy()
        for axis, chosen in ((0, sources), (1, annotators)):
            if chosen is not None:
                kept = np.zeros(finished.shape[axis], bool)
                kept[np.asarray(chosen, np.int64)] = True
                finished &= kept[:, None] if axis == 0 else kept[None, :]
        finished &= (finished.sum(axis=1) >= 2)[:, None]
        parts: dict[str, Any] = {
            name: rows.take(finished[rows.source, rows.first] & finished[rows.source, rows.second])
            for name, rows in self._rows()
        }
        return replace(self, finished=finished, clash=self.clash & finished, **parts)

    def _rows(self) -> tuple[tuple[str, CoincidenceRows], ...]:
        return tuple((name, getattr(self, name)) for name in _ROWS)

    def replace(self, source: int, fresh: "PartitionTable") -> "PartitionTable":
        """Replace one source's rows by those of a table of that source only."""
        lengths, finished, clash = self.lengths.copy(), self.finished.copy(), self.clash.copy()
        lengths[source] = fresh.lengths[0]
        finished[source], clash[source] = fresh.finished[0], fresh.clash[0]
        theirs = dict(fresh._rows())
        rows: dict[str, Any] = {
            name: part.exchanged(source, theirs[name]) for name, part in self._rows()
        }
        return replace(self, lengths=lengths, finished=finished, clash=clash, **rows)


def _concatenate_rows(parts: list[CoincidenceRows]) -> CoincidenceRows:
    if not parts:
        blank = np.zeros(0, np.int32)
        return CoincidenceRows(blank, blank, blank, blank, blank, np.zeros((0, 3), np.int64))
    names = CoincidenceRows.__dataclass_fields__
    return CoincidenceRows(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in names)
    )


def _sweep_sources(
    spans: SpanTable, low: int, high: int
) -> tuple[Bools, tuple[CoincidenceRows, ...]]:
    """Return the clashes and rows of the sources from ``low`` to ``high``."""
    first, last = np.searchsorted(spans.source, [low, high])
    part = spans.take(np.arange(first, last))
    units = unite_stretches(part.source, part.code, part.annotator, part.start, part.end)
    clash = _mark_code_clashes(
        units.source, units.annotator, units.start, units.stop, spans.finished.shape
    )
    width = units.stop - units.start
    one, other = pair_overlapping_stretches(units.source, units.start, units.stop)
    apart = units.annotator[one] != units.annotator[other]
    one, other = one[apart], other[apart]
    flip = units.annotator[one] > units.annotator[other]
    one, other = np.where(flip, other, one), np.where(flip, one, other)
    shared = np.minimum(units.stop[one], units.stop[other])
    shared -= np.maximum(units.start[one], units.start[other])
    source, coder, code = units.source, units.annotator, units.code
    equal = _match_equal_units(units, one, other)
    met = CoincidenceRows.added(
        source[one],
        coder[one],
        coder[other],
        code[one],
        code[other],
        np.stack((shared, np.ones_like(shared), equal), axis=1),
    )
    both = np.concatenate((one, other)), np.concatenate((other, one))
    blank = np.zeros_like(both[0])
    each = CoincidenceRows.added(
        source[both[0]], both[0], coder[both[1]], blank, blank, np.tile(shared, 2)
    )
    unit = each.first
    stars = CoincidenceRows.added(
        each.source, coder[unit], each.second, code[unit], each.code, each.amount * each.amount
    )
    blank = np.zeros_like(source)
    amounts = np.stack((np.ones_like(width), width, width * width), axis=1)
    own = CoincidenceRows.added(source, coder, coder, code, blank, amounts)
    return clash, (met, stars, own)


def _match_equal_units(units: CodedStretches, one: Ints, other: Ints) -> Ints:
    """(P,) 1 where both units have the same code and bounds, else 0."""
    columns = (units.code, units.start, units.stop)
    same = [column[one] == column[other] for column in columns]
    return np.all(same, axis=0).astype(np.int64)


def _mark_code_clashes(
    source: Ints, annotator: Ints, start: Ints, stop: Ints, shape: tuple[int, ...]
) -> Bools:
    """(S, A) where units of one coder overlap each other."""
    order = argsort_columns(source, annotator, start)
    key = (source * shape[1] + annotator)[order]
    clash = np.zeros(shape[0] * shape[1], bool)
    if len(order):
        # Comparing neighbours by start is enough: if any two of a coder's units overlap, so do two
        # neighbours.
        same = (key[1:] == key[:-1]) & (start[order][1:] < stop[order][:-1])
        clash[key[1:][same]] = True
    return clash.reshape(shape)
