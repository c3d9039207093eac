"""Which sets of codes coders gave to units, by source: what set-valued α is computed from."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from cstoannot.stats.agreement.overlaps import (
    CodedStretches,
    SharedStretches,
    argsort_columns,
    pair_overlapping_stretches,
    sweep_stretches,
    unite_stretches,
)
from cstoannot.stats.coefficients.set_alpha import SetSimilarity
from cstoannot.stats.results import Bools, Floats, Ints, Words
from cstoannot.stats.tables import SpanTable, Units

_AT_ONCE = 100_000  # stretches compared at once, to bound the memory
_MARGINS = ("source", "annotator", "which", "n")
_MEETINGS = ("met_source", "first", "second", "met")


@dataclass(frozen=True, eq=False)
class SetTable:
    """Sets of codes by source and coder, and how alike those of two coders are.

    ``words`` (K, W): the sets that occur, as bits by code. Margins (N,), ordered by source and
    coder: the coder gave the set ``which`` to ``n`` units; units without any code are not listed.
    Meetings (M,), ordered by source: over the units to which both coders gave something,
    ``met`` is the sum of 1 + similarity.
    """

    words: Words
    finished: Bools
    units: Ints
    source: Ints
    annotator: Ints
    which: Ints
    n: Ints
    met_source: Ints
    first: Ints
    second: Ints
    met: Floats

    @classmethod
    def of(cls, spans: SpanTable, units: Units, similarity: SetSimilarity) -> "SetTable":
        """Build the table; a unit has a code if a passage covers any part of it."""
        stretches = _sweep_coders_sets(spans, units)
        words, which = _number_rows(stretches.mask)
        order = argsort_columns(stretches.source, stretches.code, which)
        margins = _sum_by_key(
            stretches.source[order], stretches.code[order], which[order], stretches.width[order]
        )
        meetings = _sum_meetings(stretches, which, words, similarity, len(spans.lengths))
        return cls(words, spans.finished, units.counts, *margins, *meetings)

    def select(
        self, *, sources: ArrayLike | None = None, annotators: ArrayLike | None = None
    ) -> "SetTable":
        """Select sources and annotators; leave out sources that fewer than two finished."""
        finished = self.finished.copy()
        for axis, chosen in ((0, sources), (1, annotators)):
            if chosen is not None:
                kept = np.zeros(finished.shape[axis], bool)
                kept[np.asarray(chosen, np.int64)] = True
                finished &= kept[:, None] if axis == 0 else kept[None, :]
        finished &= (finished.sum(axis=1) >= 2)[:, None]
        rows = finished[self.source, self.annotator]
        pairs = finished[self.met_source, self.first] & finished[self.met_source, self.second]
        parts: dict[str, Any] = {name: getattr(self, name)[rows] for name in _MARGINS}
        parts |= {name: getattr(self, name)[pairs] for name in _MEETINGS}
        return replace(self, finished=finished, **parts)

    def replace(self, source: int, fresh: "SetTable") -> "SetTable":
        """Replace one source's rows by those of a table of that source only."""
        width = max(self.words.shape[1], fresh.words.shape[1])
        stacked = np.concatenate(
            [
                np.pad(part, ((0, 0), (0, width - part.shape[1])))
                for part in (self.words, fresh.words)
            ]
        )
        words, number = _number_rows(stacked)
        ours = replace(self, which=number[self.which])
        theirs = replace(
            fresh,
            which=number[len(self.words) + fresh.which],
            source=fresh.source + source,
            met_source=fresh.met_source + source,
        )
        finished, units = self.finished.copy(), self.units.copy()
        finished[source], units[source] = fresh.finished[0], fresh.units[0]
        parts: dict[str, Any] = {}
        for key, names in (("source", _MARGINS), ("met_source", _MEETINGS)):
            low, high = np.searchsorted(getattr(self, key), [source, source + 1])
            for name in names:
                rows = getattr(ours, name)
                parts[name] = np.concatenate((rows[:low], getattr(theirs, name), rows[high:]))
        return replace(self, words=words, finished=finished, units=units, **parts)


def _sweep_coders_sets(spans: SpanTable, units: Units) -> SharedStretches:
    """Return runs of units to which a coder (``code``) gave the same set of codes (``mask``)."""
    first, stop = units.covered(spans.source, spans.start, spans.end, spans.lengths)
    some = stop > first
    layers = unite_stretches(
        spans.source[some], spans.code[some], spans.annotator[some], first[some], stop[some]
    )
    turned = CodedStretches(layers.source, layers.annotator, layers.code, layers.start, layers.stop)
    return sweep_stretches(turned, spans.n_codes)


def _number_rows(words: Words) -> tuple[Words, Ints]:
    """Return the distinct rows (K, W), in order, and the number of each row's."""
    order = np.lexsort(words.T[::-1]) if len(words) else np.zeros(0, np.int64)
    ordered = words[order]
    new = np.ones(len(order), bool)
    new[1:] = np.any(ordered[1:] != ordered[:-1], axis=1)
    number = np.zeros(len(order), np.int64)
    number[order] = np.cumsum(new) - 1
    return ordered[new], number


def _sum_by_key(*columns: Any) -> tuple[Any, ...]:
    """Sum the last column over rows with equal other columns; rows are ordered by these."""
    keys, amount = columns[:-1], columns[-1]
    new = np.ones(len(amount), bool)
    if len(amount):
        new[1:] = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    firsts = np.flatnonzero(new)
    total = np.add.reduceat(amount, firsts) if len(firsts) else amount
    return (*(key[firsts] for key in keys), total)


def _sum_meetings(
    stretches: SharedStretches,
    which: Ints,
    words: Words,
    similarity: SetSimilarity,
    sources: int,
) -> tuple[Any, ...]:
    """Sum 1 + similarity by source and pair of coders, some sources at a time."""
    share = max(1, int(sources * _AT_ONCE / max(len(which), 1)))
    sizes = np.bitwise_count(words).sum(axis=1, dtype=np.int64)
    parts = []
    for low in range(0, sources, share):
        begin, end = np.searchsorted(stretches.source, [low, low + share])
        source, coder = stretches.source[begin:end], stretches.code[begin:end]
        start = stretches.start[begin:end]
        stop, own = start + stretches.width[begin:end], which[begin:end]
        one, other = pair_overlapping_stretches(source, start, stop)
        flip = coder[one] > coder[other]
        one, other = np.where(flip, other, one), np.where(flip, one, other)
        shared = np.minimum(stop[one], stop[other]) - np.maximum(start[one], start[other])
        a, b = own[one], own[other]
        common = np.bitwise_count(words[a] & words[b]).sum(axis=1, dtype=np.int64)
        amount = shared * (1.0 + similarity(sizes[a], sizes[b], common))
        order = argsort_columns(source[one], coder[one], coder[other])
        keys = source[one][order], coder[one][order], coder[other][order]
        parts.append(_sum_by_key(*keys, amount[order]))
    if not parts:
        blank = np.zeros(0, np.int64)
        return blank, blank, blank, np.zeros(0)
    return tuple(np.concatenate(columns) for columns in zip(*parts, strict=True))
