"""The 2016 family for codes that exclude each other: uα, |uα, cuα and (k)uα.

Krippendorff, Mathet, Bouvry & Widlöcher 2016, equations 1–6; Krippendorff 2019, section 12.6;
FORMULAE, section 3. Everything is kept by source and adds up; the sum over sources is the value
of the sources laid end to end. With different numbers of coders each source's coincidences
carry its own 1/(m − 1).
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from cstoannot.stats.coefficients.kinds import Sums, ratio
from cstoannot.stats.counts import Counts
from cstoannot.stats.layers import order_by, overlapping, summed, united
from cstoannot.stats.results import (
    Bools,
    Coefficient,
    Floats,
    Ints,
    Numbers,
    Reason,
    defined,
    undefined,
)
from cstoannot.stats.tables import SpanTable

_ROWS = ("met", "stars", "own")
_AT_ONCE = 100_000  # units swept together, to bound the memory


@dataclass(frozen=True, eq=False)
class Rows:
    """Whole numbers with whom they belong to; summed where everything else is equal.

    Columns (R,) in 32 bits, as there are as many rows as passages; ``amount`` (R, C).
    """

    source: Numbers
    first: Numbers
    second: Numbers
    code: Numbers
    other: Numbers
    amount: Ints

    @classmethod
    def added(cls, *columns: Ints) -> "Rows":
        """From columns in the order of the fields, the amounts (R,) or (R, C)."""
        keys, amount = columns[:-1], columns[-1]
        amount = amount[:, None] if amount.ndim == 1 else amount
        order = order_by(*keys)
        keys = tuple(key[order] for key in keys)
        new = np.ones(len(order), bool)
        if len(order):
            new[1:] = np.any([key[1:] != key[:-1] for key in keys], axis=0)
        firsts = np.flatnonzero(new)
        total = np.add.reduceat(amount[order], firsts) if len(firsts) else amount[order]
        small = [key[firsts].astype(np.int32) for key in keys]
        return cls(*small, total)  # type: ignore[arg-type, call-arg]

    def take(self, kept: Bools) -> "Rows":
        if kept.all():
            return self
        return Rows(*(getattr(self, name)[kept] for name in Rows.__dataclass_fields__))

    def exchanged(self, source: int, fresh: "Rows") -> "Rows":
        """With one source's rows replaced by those of a table of one source."""
        low, high = np.searchsorted(self.source, [source, source + 1])
        moved = replace(fresh, source=fresh.source + np.int32(source))
        return Rows(
            *(
                np.concatenate(
                    (getattr(self, name)[:low], getattr(moved, name), getattr(self, name)[high:])
                )
                for name in Rows.__dataclass_fields__
            )
        )


@dataclass(frozen=True, eq=False)
class PartitionTable:
    """By source: coincidences of two coders' codes, self-pairings, and lengths.

    ``met``: code points that the first marked with ``code`` and the second with ``other``, each
    pair of coders once; ``stars``: for each unit of the first, squared, how much of it the
    second marked with anything, both directions; ``own``: number, length and
    squared length of the first's units. ``clash`` (S, A): who gave overlapping
    passages different codes, which the family does not admit.
    """

    n_codes: int
    lengths: Ints
    finished: Bools
    clash: Bools
    met: Rows
    stars: Rows
    own: Rows

    @classmethod
    def of(cls, spans: SpanTable) -> "PartitionTable":
        """In steps of many sources, so that memory is bounded."""
        share = max(1, int(len(spans.lengths) * _AT_ONCE / max(len(spans), 1)))
        parts = [
            _swept(spans, low, min(low + share, len(spans.lengths)))
            for low in range(0, len(spans.lengths), share)
        ]
        clash = np.zeros(spans.finished.shape, bool)
        for part in parts:
            clash |= part[0]
        rows = [_joined([part[1][nth] for part in parts]) for nth in range(len(_ROWS))]
        return cls(spans.n_codes, spans.lengths, spans.finished, clash, *rows)

    def select(
        self, *, sources: ArrayLike | None = None, annotators: ArrayLike | None = None
    ) -> "PartitionTable":
        """As if only these existed, without sources that no two of them finished."""
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

    def _rows(self) -> tuple[tuple[str, Rows], ...]:
        return tuple((name, getattr(self, name)) for name in _ROWS)

    def replace(self, source: int, fresh: "PartitionTable") -> "PartitionTable":
        """With one source's rows exchanged for those of a table of that source only."""
        lengths, finished, clash = self.lengths.copy(), self.finished.copy(), self.clash.copy()
        lengths[source] = fresh.lengths[0]
        finished[source], clash[source] = fresh.finished[0], fresh.clash[0]
        theirs = dict(fresh._rows())
        rows: dict[str, Any] = {
            name: part.exchanged(source, theirs[name]) for name, part in self._rows()
        }
        return replace(self, lengths=lengths, finished=finished, clash=clash, **rows)


def _joined(parts: list[Rows]) -> Rows:
    if not parts:
        blank = np.zeros(0, np.int32)
        return Rows(blank, blank, blank, blank, blank, np.zeros((0, 3), np.int64))
    names = Rows.__dataclass_fields__
    return Rows(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _swept(spans: SpanTable, low: int, high: int) -> tuple[Bools, tuple[Rows, ...]]:
    """The clashes and rows of the sources from ``low`` to ``high``."""
    first, last = np.searchsorted(spans.source, [low, high])
    part = spans.take(np.arange(first, last))
    units = united(part.source, part.code, part.annotator, part.start, part.end)
    clash = _clashes(units.source, units.annotator, units.start, units.stop, spans.finished.shape)
    width = units.stop - units.start
    one, other = overlapping(units.source, units.start, units.stop)
    apart = units.annotator[one] != units.annotator[other]
    one, other = one[apart], other[apart]
    flip = units.annotator[one] > units.annotator[other]
    one, other = np.where(flip, other, one), np.where(flip, one, other)
    shared = np.minimum(units.stop[one], units.stop[other])
    shared -= np.maximum(units.start[one], units.start[other])
    source, coder, code = units.source, units.annotator, units.code
    met = Rows.added(source[one], coder[one], coder[other], code[one], code[other], shared)
    both = np.concatenate((one, other)), np.concatenate((other, one))
    blank = np.zeros_like(both[0])
    each = Rows.added(source[both[0]], both[0], coder[both[1]], blank, blank, np.tile(shared, 2))
    unit = each.first
    stars = Rows.added(
        each.source, coder[unit], each.second, code[unit], each.code, each.amount * each.amount
    )
    blank = np.zeros_like(source)
    amounts = np.stack((np.ones_like(width), width, width * width), axis=1)
    own = Rows.added(source, coder, coder, code, blank, amounts)
    return clash, (met, stars, own)


def _clashes(
    source: Ints, annotator: Ints, start: Ints, stop: Ints, shape: tuple[int, ...]
) -> Bools:
    """(S, A) where a coder's units overlap each other."""
    order = order_by(source, annotator, start)
    key = (source * shape[1] + annotator)[order]
    clash = np.zeros(shape[0] * shape[1], bool)
    if len(order):
        # Of neighbours by start only: if any two of a coder's units overlap, two neighbours do.
        same = (key[1:] == key[:-1]) & (start[order][1:] < stop[order][:-1])
        clash[key[1:][same]] = True
    return clash.reshape(shape)


def counts_by_source(table: PartitionTable) -> Counts:
    """What the family is computed from; ``table`` is one that `PartitionTable.select` gave.

    By code: ``marked`` ℓ_c, ``squares`` S_c, ``stars`` S*_c, ``agreed`` ℓ_cc, ``valued`` ℓ*_c,
    and ``units``; in all ``total`` ℓ. Gaps are what is left.
    """
    coders = table.finished.sum(axis=1).astype(np.int64)
    shape = (len(table.lengths), table.n_codes)

    def by_code(rows: Rows, code: Numbers, nth: int = 0) -> Floats:
        cell = rows.source.astype(np.int64) * shape[1] + code
        return summed(cell, rows.amount[:, nth], shape[0] * shape[1]).reshape(shape)

    met = table.met
    same = met.take(met.code == met.other)
    ones, pairs = np.ones(shape[0], np.int64), np.maximum(coders - 1, 1)
    each = {
        "marked": by_code(table.own, table.own.code, 1),
        "units": by_code(table.own, table.own.code),
        "squares": by_code(table.own, table.own.code, 2),
        "stars": by_code(table.stars, table.stars.code),
        "agreed": 2.0 * by_code(same, same.code),
        "valued": by_code(met, met.code) + by_code(met, met.other),
    }
    divisors = dict.fromkeys(each, ones) | dict.fromkeys(("stars", "agreed", "valued"), pairs)
    return Counts(each, divisors, {"total": (table.lengths * coders).astype(float)}, ones)


def all_at_once(sums: Sums) -> tuple[Floats, Floats, Floats, Floats]:
    """uα, |uα, cuα (...) and (k)uα (..., K), NaN where undefined, from sums over sources.

    Expected disagreements are written as sums of products, in which what the self-pairings take
    from both sides has cancelled; they are 0 exactly when nothing could disagree.
    """
    total, marked, agreed = sums["total"][..., 0], sums["marked"], sums["agreed"]
    valued, stars = sums["valued"], sums["stars"]
    covered, met = marked.sum(axis=-1), valued.sum(axis=-1)
    gaps = total - covered
    gaps_agreed = gaps - (covered - met)
    pairs = np.maximum(total * total - sums["squares"].sum(axis=-1) - gaps, 1.0)
    apart = (marked * (total[..., None] - marked)).sum(axis=-1) + gaps * covered
    u = ratio(total - agreed.sum(axis=-1) - gaps_agreed, total * apart / pairs)
    bar = ratio(gaps - gaps_agreed, total * gaps * covered / pairs)
    free = met * met - stars.sum(axis=-1)
    scale = np.divide(met, free, out=np.zeros_like(met), where=free > 0)
    mixed = valued * (met[..., None] - valued)
    cu = ratio(met - agreed.sum(axis=-1), scale * mixed.sum(axis=-1))
    margin = scale[..., None] * (valued * met[..., None] - stars)
    weight = np.divide(margin, valued, out=np.zeros_like(margin), where=valued > 0)
    return u, bar, cu, ratio(weight * (valued - agreed), scale[..., None] * mixed)


@dataclass(frozen=True, slots=True)
class Family:
    """The four of one selection. ``coverage`` of cuα and (k)uα: the share of what was marked
    (for cuα: of the continuum) that another coder marked with something."""

    u_alpha: Coefficient
    bar_u_alpha: Coefficient
    cu_alpha: Coefficient
    ku_alpha: tuple[Coefficient, ...]


def family(table: PartitionTable, coders: int | None = None) -> Family:
    """Of a table that `PartitionTable.select` gave; n counts units, one for each coder's.

    ``coders``: how many there are, if some of them share no source.
    """
    sums = counts_by_source(table).total()
    coders = int(table.finished.any(axis=0).sum()) if coders is None else coders
    u, bar, cu, ku = all_at_once(sums)
    total, marked, met = (float(sums[key].sum()) for key in ("total", "marked", "valued"))
    n = int(sums["units"].sum())
    alone = met * met <= sums["stars"].sum()
    general = general_reason(table, coders, total)
    return Family(
        _one(u, n, coders, general or _flat(total > marked)),
        _one(bar, n, coders, general or _flat(total > marked)),
        _one(cu, n, coders, general or _single(met, alone), met / total if total else None),
        tuple(
            _one(value, n, coders, general or _single(valued, alone), valued / own if own else None)
            for value, n, valued, own in zip(
                ku.tolist(),
                sums["units"].astype(int).tolist(),
                sums["valued"].tolist(),
                sums["marked"].tolist(),
                strict=True,
            )
        ),
    )


def _flat(gaps: bool) -> Reason:
    return Reason.SINGLE_CATEGORY if gaps else Reason.NO_GAPS


def _single(met: float, alone: bool) -> Reason:
    """``alone``: so little was marked by two that it can be paired with nothing but itself; the
    formula's chance is then negative."""
    if not met:
        return Reason.NO_OVERLAP
    return Reason.NO_PAIRABLE_UNITS if alone else Reason.SINGLE_CATEGORY


def general_reason(table: PartitionTable, coders: int, total: float) -> Reason | None:
    """What leaves all four undefined, if anything does."""
    if coders < 2:
        return Reason.ONE_ANNOTATOR
    if not total:
        return Reason.NO_PAIRABLE_UNITS
    return Reason.CODES_OVERLAP if table.clash.any() else None


def _one(
    value: Floats | float, n: int, coders: int, reason: Reason, coverage: float | None = None
) -> Coefficient:
    if np.isnan(value) or reason is Reason.CODES_OVERLAP:
        return undefined(reason, n, coders, coverage=coverage)
    return defined(float(value), n, coders, coverage=coverage)
