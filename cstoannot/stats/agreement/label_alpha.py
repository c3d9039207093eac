"""Stance and voice: Krippendorff's α over passages that two coders coded alike.

A unit is a passage of one coder and the matching passage of another: same source and code, text in
common, matched one to one (`overlaps`). Its two values are the labels that the two gave; the empty
label counts as a value. With more than two coders the units of all pairs are pooled.
"""

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from cstoannot.stats.agreement.overlaps import PassageViews, argsort_columns, match_passages
from cstoannot.stats.agreement.resampling import BootstrapDraws, compute_weighted_sums
from cstoannot.stats.coefficients.definitions import compute_agreement_ratio
from cstoannot.stats.results import (
    Bools,
    CodeValue,
    Coefficient,
    ConfidenceInterval,
    Floats,
    Ints,
    MeasureResult,
    Numbers,
    PairValue,
    SourceValue,
    UndefinedReason,
    build_coefficient,
    build_undefined_coefficient,
)
from cstoannot.stats.tables import LEAST_SOURCES, SpanTable


@dataclass(frozen=True, eq=False)
class LabelTable:
    """Matched passages (M,), ordered by source: coders, code, and the label that each gave."""

    n_codes: int
    finished: Bools
    source: Ints
    first: Ints
    second: Ints
    code: Ints
    one: Ints
    other: Ints

    @classmethod
    def of(cls, spans: SpanTable, labels: Ints) -> "LabelTable":
        """Match passages; ``labels`` (N,) are their stances or voices."""
        views = PassageViews.of(spans)
        group = views.pair * spans.n_codes + spans.code[views.span]
        mine, theirs = match_passages(spans, views, group)
        span, answer = views.span[mine], views.span[theirs]
        order = argsort_columns(spans.source[span])
        span, answer, mine = span[order], answer[order], mine[order]
        return cls(
            spans.n_codes,
            spans.finished,
            spans.source[span],
            views.first_coder[mine],
            views.second_coder[mine],
            spans.code[span],
            labels[span],
            labels[answer],
        )

    def select(
        self,
        *,
        sources: ArrayLike | None = None,
        annotators: ArrayLike | None = None,
        codes: ArrayLike | None = None,
    ) -> "LabelTable":
        """Select sources, annotators and codes; numbers do not change."""
        finished = self.finished.copy()
        for axis, chosen in ((0, sources), (1, annotators)):
            if chosen is not None:
                kept = np.zeros(finished.shape[axis], bool)
                kept[np.asarray(chosen, np.int64)] = True
                finished &= kept[:, None] if axis == 0 else kept[None, :]
        rows = finished[self.source, self.first] & finished[self.source, self.second]
        if codes is not None:
            rows &= np.isin(self.code, codes)
        return replace(self.take(np.flatnonzero(rows)), finished=finished)

    def take(self, rows: Ints) -> "LabelTable":
        names = ("source", "first", "second", "code", "one", "other")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})

    def replace(self, source: int, fresh: "LabelTable") -> "LabelTable":
        """Replace one source's rows by those of a table of that source only."""
        low, high = np.searchsorted(self.source, [source, source + 1])
        finished = self.finished.copy()
        finished[source] = fresh.finished[0]
        names = ("source", "first", "second", "code", "one", "other")
        parts: dict[str, Any] = {
            name: np.concatenate(
                (getattr(self, name)[:low], getattr(fresh, name), getattr(self, name)[high:])
            )
            for name in names
        }
        parts["source"][low : low + len(fresh.source)] += source
        return replace(self, finished=finished, **parts)


def compute_label_alpha(sums: Floats) -> Floats:
    """Compute nominal α (...) of units with two values; NaN if undefined.

    ``sums`` (..., 1 + V): units that differ, and how often each label was given.
    """
    margins = sums[..., 1:]
    total = margins.sum(axis=-1)
    chance = (margins * (total[..., None] - margins)).sum(axis=-1)
    chance /= np.maximum(total * (total - 1), 1)
    return compute_agreement_ratio(2.0 * sums[..., 0] / np.maximum(total, 1), chance)


def _count_label_features(table: LabelTable, group: Ints, groups: int) -> Floats:
    """(G, 1 + V) features of the rows by group; V is the number of labels that occur."""
    found, labels = np.unique(np.concatenate((table.one, table.other)), return_inverse=True)
    width = len(found) + 1
    cell = np.concatenate((group, group)) * width + labels + 1
    flat = np.bincount(cell, minlength=groups * width).astype(float).reshape(groups, width)
    flat[:, 0] = np.bincount(group, weights=table.one != table.other, minlength=groups)
    return flat


@dataclass(frozen=True, eq=False)
class _LabelResampling:
    """The groups that replicates draw from: sources, or the units within them."""

    table: LabelTable
    draws: BootstrapDraws
    method: str
    by_group: Numbers
    """(G, B), so that the weights of one group are contiguous."""
    group: Ints

    @classmethod
    def of(cls, table: LabelTable, draws: BootstrapDraws | None) -> "_LabelResampling | None":
        shared = np.flatnonzero(table.finished.sum(axis=1) >= 2)
        if draws is None or not len(table.source):
            return None
        if len(shared) >= LEAST_SOURCES:
            group = np.searchsorted(shared, table.source)
            weights = np.ascontiguousarray(draws.of_sources(len(shared)).T)
            return cls(table, draws, "sources", weights, group)
        ones = np.ones(len(table.source), np.int64)
        weights = np.ascontiguousarray(draws.of_units(table.source, ones).T)
        return cls(table, draws, "units", weights, np.arange(len(ones)))

    def interval(self, rows: Ints) -> ConfidenceInterval | None:
        """Return the interval of these rows, from the replicates of the whole selection."""
        part = self.table.take(rows)
        groups, local = np.unique(self.group[rows], return_inverse=True)
        sums = compute_weighted_sums(
            self.by_group[groups].T, _count_label_features(part, local, len(groups))
        )
        drawn = len(rows) if self.method == "units" else len(self.by_group)
        return self.draws.interval(compute_label_alpha(sums), self.method, drawn)


def compute_label_measure(
    key: str, table: LabelTable, codes: Ints, draws: BootstrapDraws | None, coders: int
) -> MeasureResult:
    """Compute α for a table of `LabelTable.select`."""
    draw = _LabelResampling.of(table, draws)

    def one(rows: Ints, coders: int, *, drawn: bool = True) -> Coefficient:
        return _build_label_coefficient(table, rows, coders, draw if drawn else None)

    finished = table.finished
    few = draw is not None and draw.method == "units"
    pairs, shared = _count_shared_sources(finished)
    pair = table.first * finished.shape[1] + table.second
    keys = [i * finished.shape[1] + j for i, j in pairs]
    sources = np.flatnonzero(finished.sum(axis=1) >= 2).tolist()
    return MeasureResult(
        key,
        one(np.arange(len(table.source)), coders),
        tuple(
            CodeValue(c, one(rows, coders))
            for c, rows in _split_rows_by_key(table.code, codes.tolist())
        ),
        tuple(
            PairValue(i, j, one(rows, 2, drawn=few or shared[i, j] >= LEAST_SOURCES))
            for (i, j), (_, rows) in zip(pairs, _split_rows_by_key(pair, keys), strict=True)
        ),
        tuple(
            SourceValue(s, one(rows, int(finished[s].sum()), drawn=few))
            for s, rows in _split_rows_by_key(table.source, sources)
        ),
    )


def _build_label_coefficient(
    table: LabelTable, rows: Ints, coders: int, draw: _LabelResampling | None
) -> Coefficient:
    """Compute alpha of these rows, with an interval if `draw` is given."""
    if coders < 2:
        return build_undefined_coefficient(UndefinedReason.ONE_ANNOTATOR, 0, coders)
    if not len(rows):
        return build_undefined_coefficient(UndefinedReason.NO_PAIRABLE_UNITS, 0, coders)
    part = table.take(rows)
    value = compute_label_alpha(_count_label_features(part, np.zeros(len(rows), np.int64), 1)[0])
    if np.isnan(value):
        return build_undefined_coefficient(UndefinedReason.SINGLE_CATEGORY, len(rows), coders)
    interval = draw.interval(rows) if draw is not None else None
    return build_coefficient(float(value), len(rows), coders, interval=interval)


def _count_shared_sources(finished: Bools) -> tuple[list[tuple[int, int]], Floats]:
    """(A, A) how many sources each two coders share, preceded by the pairs that share any."""
    each = finished.astype(float)
    shared = each.T @ each
    coders = np.flatnonzero(np.diag(shared)).tolist()
    return [(i, j) for i, j in combinations(coders, 2) if shared[i, j]], shared


def _split_rows_by_key(keys: Ints, wanted: list[int]) -> list[tuple[int, Ints]]:
    """Return, for each wanted key, the indices of its rows."""
    order = argsort_columns(keys)
    lows = np.searchsorted(keys[order], wanted)
    highs = np.searchsorted(keys[order], wanted, side="right")
    return [(key, order[low:high]) for key, low, high in zip(wanted, lows, highs, strict=True)]
