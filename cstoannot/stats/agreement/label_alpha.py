"""Stance and voice: Krippendorff's α over passages that two coders coded alike.

A unit is a passage of one coder and the matching passage of another: same source and code, text in
common, matched one to one (`overlaps`). Its two values are the labels that the two gave; the empty
label counts as a value. With more than two coders the units of all pairs are pooled.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from cstoannot.stats.agreement.code_intervals import IntervalChoice, find_reason_not_to_draw
from cstoannot.stats.agreement.disagreement_runs import mark_run_starts
from cstoannot.stats.agreement.jackknife import (
    DisagreementRatios,
    compute_jackknife_intervals,
)
from cstoannot.stats.agreement.overlaps import (
    PassageViews,
    argsort_columns,
    list_sharing_pairs,
    match_passages,
)
from cstoannot.stats.agreement.resampling import compute_weighted_sums
from cstoannot.stats.coefficients.definitions import compute_disagreement_ratio
from cstoannot.stats.results import (
    Bools,
    CodeValue,
    Coefficient,
    Floats,
    Interval,
    IntervalMethod,
    Ints,
    MeasureResult,
    PairValue,
    SourceValue,
    UndefinedReason,
    add_interval,
    build_coefficient,
    build_undefined_coefficient,
)
from cstoannot.stats.tables import SpanTable

_ROWS = ("source", "start", "stop", "first", "second", "code", "one", "other")


@dataclass(frozen=True, eq=False)
class LabelTable:
    """Matched passages (M,), ordered by source: coders, code, and the label that each gave.

    ``start`` and ``stop`` are the bounds of the first coder's passage.
    """

    n_codes: int
    finished: Bools
    source: Ints
    start: Ints
    stop: Ints
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
            spans.start[span],
            spans.end[span],
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
        return replace(self, **{name: getattr(self, name)[rows] for name in _ROWS})

    def replace(self, source: int, fresh: "LabelTable") -> "LabelTable":
        """Replace one source's rows by those of a table of that source only."""
        low, high = np.searchsorted(self.source, [source, source + 1])
        finished = self.finished.copy()
        finished[source] = fresh.finished[0]
        parts: dict[str, Any] = {
            name: np.concatenate(
                (getattr(self, name)[:low], getattr(fresh, name), getattr(self, name)[high:])
            )
            for name in _ROWS
        }
        parts["source"][low : low + len(fresh.source)] += source
        return replace(self, finished=finished, **parts)


def compute_label_ratio(sums: Floats, discordant: float = 0.0) -> Floats:
    """Compute 1 − α (...) of units with two values, for nominal α; NaN if undefined.

    ``sums`` (..., 1 + V): units that differ, and how often each label was given; ``discordant``:
    units that differ to be added.
    """
    margins = sums[..., 1:]
    total = margins.sum(axis=-1)
    chance = (margins * (total[..., None] - margins)).sum(axis=-1)
    chance /= np.maximum(total * (total - 1), 1)
    apart = sums[..., 0] + discordant
    return compute_disagreement_ratio(2.0 * apart / np.maximum(total, 1), chance)


def _count_label_features(table: LabelTable, group: Ints, groups: int) -> Floats:
    """(G, 1 + V) features of the rows by group; V is the number of labels that occur."""
    found, labels = np.unique(np.concatenate((table.one, table.other)), return_inverse=True)
    width = len(found) + 1
    cell = np.concatenate((group, group)) * width + labels + 1
    flat = np.bincount(cell, minlength=groups * width).astype(float).reshape(groups, width)
    flat[:, 0] = np.bincount(group, weights=table.one != table.other, minlength=groups)
    return flat


def _compute_label_interval(part: LabelTable, choice: IntervalChoice) -> Interval | None:
    """Compute the interval of α of these rows; sources without matched passages do not count."""
    sources, group = np.unique(part.source, return_inverse=True)
    sums = _count_label_features(part, group, len(sources))
    if choice.method is IntervalMethod.BOOTSTRAP:
        return _draw_label_interval(sums, choice)
    if choice.method is not IntervalMethod.JACKKNIFE:
        return None
    total = sums.sum(axis=0)
    left = 1.0 - 1.0 / len(sums)
    ratios = DisagreementRatios(
        compute_label_ratio(total)[None],
        compute_label_ratio(total, 1.0)[None],
        compute_label_ratio(total - sums, left)[:, None],
        np.ones((len(sums), 1), bool),
        np.array([_count_label_runs(part)]),
        of_passages=True,
    )
    return compute_jackknife_intervals(ratios)[0]


def _draw_label_interval(sums: Floats, choice: IntervalChoice) -> Interval:
    if reason := find_reason_not_to_draw(len(sums)):
        return reason
    drawn = compute_weighted_sums(choice.draws.of_sources(len(sums)), sums)
    values = 1.0 - compute_label_ratio(drawn)
    return choice.draws.interval(values, IntervalMethod.BOOTSTRAP, len(sums))


def _count_label_runs(part: LabelTable) -> int:
    """Count places on which labels differ; a place that several pairs share counts once."""
    apart = part.take(np.flatnonzero(part.one != part.other))
    order = argsort_columns(apart.source, apart.start)
    begins = mark_run_starts(apart.source[order], apart.start[order], apart.stop[order])
    return int(begins.sum())


def compute_label_measure(
    key: str, table: LabelTable, codes: Ints, choice: IntervalChoice, coders: int
) -> MeasureResult:
    """Compute α for a table of `LabelTable.select`."""

    def one(rows: Ints, coders: int) -> Coefficient:
        return _build_label_coefficient(table.take(rows), coders, choice)

    finished = table.finished
    pairs = list_sharing_pairs(finished)
    pair = table.first * finished.shape[1] + table.second
    keys = [i * finished.shape[1] + j for i, j in pairs]
    sources = np.flatnonzero(finished.sum(axis=1) >= 2).tolist()
    return MeasureResult(
        key,
        one(np.arange(len(table.source)), coders),
        compute_label_code_values(table, codes, choice, coders),
        tuple(
            PairValue(i, j, one(rows, 2))
            for (i, j), (_, rows) in zip(pairs, _split_rows_by_key(pair, keys), strict=True)
        ),
        tuple(
            SourceValue(s, one(rows, int(finished[s].sum())))
            for s, rows in _split_rows_by_key(table.source, sources)
        ),
    )


def compute_label_code_values(
    table: LabelTable, codes: Ints, choice: IntervalChoice, coders: int
) -> tuple[CodeValue, ...]:
    """Compute only the values by code of `compute_label_measure`."""
    return tuple(
        CodeValue(code, _build_label_coefficient(table.take(rows), coders, choice))
        for code, rows in _split_rows_by_key(table.code, codes.tolist())
    )


def _build_label_coefficient(part: LabelTable, coders: int, choice: IntervalChoice) -> Coefficient:
    """Compute alpha of these rows, with the interval asked for."""
    rows = len(part.source)
    if coders < 2:
        return build_undefined_coefficient(UndefinedReason.ONE_ANNOTATOR, 0, coders)
    if not rows:
        return build_undefined_coefficient(UndefinedReason.NO_PAIRABLE_UNITS, 0, coders)
    value = 1.0 - compute_label_ratio(_count_label_features(part, np.zeros(rows, np.int64), 1)[0])
    if np.isnan(value):
        return build_undefined_coefficient(UndefinedReason.SINGLE_CATEGORY, rows, coders)
    result = build_coefficient(float(value), rows, coders)
    return add_interval(result, _compute_label_interval(part, choice))


def _split_rows_by_key(keys: Ints, wanted: list[int]) -> list[tuple[int, Ints]]:
    """Return, for each wanted key, the indices of its rows."""
    order = argsort_columns(keys)
    lows = np.searchsorted(keys[order], wanted)
    highs = np.searchsorted(keys[order], wanted, side="right")
    return [(key, order[low:high]) for key, low, high in zip(wanted, lows, highs, strict=True)]
