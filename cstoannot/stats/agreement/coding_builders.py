"""Build a `CodingTable` from passages: one builder for each way of counting."""

from typing import Any

import numpy as np

from cstoannot.stats.agreement.counts import OWN, CodingTable
from cstoannot.stats.agreement.overlaps import (
    WORD,
    CodedStretches,
    argsort_columns,
    build_coder_masks,
    has_coder_in_mask,
    sweep_stretches,
    unite_stretches,
)
from cstoannot.stats.results import Bools, Ints
from cstoannot.stats.tables import SpanTable, Units


def _build_source_columns(spans: SpanTable, units: Ints) -> dict[str, Any]:
    sources = len(spans.lengths)
    return {
        "source": np.arange(sources),
        "finished": spans.finished,
        "units": units,
    }


def build_unit_coding(spans: SpanTable, units: Units) -> CodingTable:
    """Build a table of units; one has a code if a passage covers any part of it."""
    first, stop = units.covered(spans.source, spans.start, spans.end, spans.lengths)
    some = stop > first
    layers = unite_stretches(
        spans.source[some], spans.code[some], spans.annotator[some], first[some], stop[some]
    )
    segments = sweep_stretches(layers, spans.n_annotators)
    return CodingTable(
        n_codes=spans.n_codes,
        **_build_source_columns(spans, units.counts),
        group=segments.source,
        code=segments.code,
        start=segments.start,
        stop=segments.start + segments.width,
        mask=segments.mask,
        n=segments.width,
    )


def build_character_coding(spans: SpanTable, *, any_code: bool = False) -> CodingTable:
    """Build a table with a group for each source, in which every code point is a unit.

    Overlapping passages of the same coder and code are united first; the table has the squares of
    their lengths. With ``any_code`` all codes become code 0.
    """
    layers = _unite_character_stretches(spans, any_code)
    width = layers.stop - layers.start
    segments = sweep_stretches(layers, spans.n_annotators)
    return CodingTable(
        n_codes=1 if any_code else spans.n_codes,
        **_build_source_columns(spans, spans.lengths),
        group=segments.source,
        code=segments.code,
        start=segments.start,
        stop=segments.start + segments.width,
        mask=segments.mask,
        n=segments.width,
        **_sum_own_passages(layers.source, layers, np.ones(len(width), np.int64), width * width),
    )


def _unite_character_stretches(spans: SpanTable, any_code: bool) -> CodedStretches:
    code = np.zeros_like(spans.code) if any_code else spans.code
    return unite_stretches(spans.source, code, spans.annotator, spans.start, spans.end)


def _sum_own_passages(
    group: Ints, layers: CodedStretches, passages: Ints, squares: Ints
) -> dict[str, Any]:
    """Sum passages and squares by group, annotator and code, in this order."""
    order = argsort_columns(group, layers.annotator, layers.code)
    columns = [column[order] for column in (group, layers.annotator, layers.code)]
    passages, squares = passages[order], squares[order]
    new = np.ones(len(order), bool)
    if len(order):
        new[1:] = np.any([column[1:] != column[:-1] for column in columns], axis=0)
    firsts = np.flatnonzero(new)
    values = [column[firsts] for column in columns]
    for column in (passages, squares):
        values.append(np.add.reduceat(column, firsts) if len(firsts) else column)
    return dict(zip(OWN, values, strict=True))


def build_passage_coding(spans: SpanTable) -> CodingTable:
    """Build a table whose rows are passages with equal bounds and code.

    The mask holds the coders who have the passage. A coder's second passage with equal bounds and
    code matches only another coder's second.
    """
    columns = (spans.source, spans.code, spans.start, spans.end)
    order = argsort_columns(*columns, spans.annotator)
    source, code, start, end = (column[order] for column in columns)
    annotator = spans.annotator[order]
    same = np.ones(max(0, len(order) - 1), bool)
    for column in (source, code, start, end, annotator):
        same &= column[1:] == column[:-1]
    nth = _number_within_runs(same)
    again = argsort_columns(source, code, start, end, nth)
    keys = [column[again] for column in (source, code, start, end, nth)]
    new = np.ones(len(again), bool)
    if len(again):
        new[1:] = np.any([column[1:] != column[:-1] for column in keys], axis=0)
    firsts = np.flatnonzero(new)
    each = build_coder_masks(annotator[again], spans.n_annotators)
    mask = np.bitwise_or.reduceat(each, firsts, axis=0) if len(firsts) else each
    return CodingTable(
        n_codes=spans.n_codes,
        **_build_source_columns(spans, np.ones(len(spans.lengths), np.int64)),
        group=keys[0][firsts],
        code=keys[1][firsts],
        start=keys[2][firsts],
        stop=keys[3][firsts],
        mask=mask,
        n=np.ones(len(firsts), np.int64),
        **_sum_own_passages(
            spans.source,
            _build_plain_stretches(spans),
            np.ones(len(spans), np.int64),
            spans.end - spans.start,
        ),
    )


def build_overlap_coding(spans: SpanTable) -> CodingTable:
    """Build a table whose rows are passages of one coder.

    The mask holds the coders who have the code on any part of the passage.
    """
    segments = sweep_stretches(_unite_character_stretches(spans, False), spans.n_annotators)
    reach = int(spans.lengths.max(initial=0)) + 1
    lifted = (segments.source * spans.n_codes + segments.code) * reach + segments.start
    key = (spans.source * spans.n_codes + spans.code) * reach
    low = np.searchsorted(lifted, key + spans.start, side="right") - 1
    high = np.searchsorted(lifted, key + spans.end, side="left")
    mask = np.zeros((len(spans), segments.mask.shape[1]), np.uint64)
    for annotator in range(spans.n_annotators):
        before = np.concatenate(([0], np.cumsum(has_coder_in_mask(segments.mask, annotator))))
        met = (before[high] > before[low]).astype(np.uint64)
        mask[:, annotator // WORD] |= met << np.uint64(annotator % WORD)
    return CodingTable(
        n_codes=spans.n_codes,
        **_build_source_columns(spans, np.ones(len(spans.lengths), np.int64)),
        group=spans.source,
        code=spans.code,
        start=spans.start,
        stop=spans.end,
        mask=mask,
        n=np.ones(len(spans), np.int64),
        owner=spans.annotator,
        **_sum_own_passages(
            spans.source,
            _build_plain_stretches(spans),
            np.ones(len(spans), np.int64),
            spans.end - spans.start,
        ),
    )


def _build_plain_stretches(spans: SpanTable) -> CodedStretches:
    return CodedStretches(spans.source, spans.code, spans.annotator, spans.start, spans.end)


def _number_within_runs(same: Bools) -> Ints:
    """(N,) how many equal entries directly precede each one.

    ``same`` (N - 1,): whether neighbours are equal.
    """
    index = np.arange(len(same) + 1)
    begins = np.concatenate(([True], ~same))
    return index - np.maximum.accumulate(np.where(begins, index, 0))
