"""Build a `CodingTable` from passages: one builder for each way of counting."""

from typing import Any

import numpy as np

from cstoannot.stats.agreement.counts import OWN, CodingTable
from cstoannot.stats.agreement.overlaps import (
    WORD,
    CodedStretches,
    SharedStretches,
    argsort_columns,
    build_coder_masks,
    expand_row_counts,
    has_coder_in_mask,
    sweep_stretches,
    unite_stretches,
)
from cstoannot.stats.results import Bools, Ints
from cstoannot.stats.tables import SpanTable, Units

_NONE = np.zeros(0, np.int64)


def _build_source_columns(spans: SpanTable, units: Ints) -> dict[str, Any]:
    sources = len(spans.lengths)
    return {
        "source": np.arange(sources),
        "finished": spans.finished,
        "units": units,
        "copies": np.ones(sources, np.int64),
    }


def build_unit_coding(spans: SpanTable, units: Units) -> CodingTable:
    """Build a table with a group for each source.

    A unit has a code if a passage covers any part of it.
    """
    segments = _build_unit_stretches(spans, units)
    return CodingTable(
        n_codes=spans.n_codes,
        **_build_source_columns(spans, units.counts),
        group=segments.source,
        code=segments.code,
        mask=segments.mask,
        n=segments.width,
    )


def _build_unit_stretches(spans: SpanTable, units: Units) -> SharedStretches:
    first, stop = units.covered(spans.source, spans.start, spans.end, spans.lengths)
    some = stop > first
    layers = unite_stretches(
        spans.source[some], spans.code[some], spans.annotator[some], first[some], stop[some]
    )
    return sweep_stretches(layers, spans.n_annotators)


def build_run_coding(spans: SpanTable, units: Units) -> CodingTable:
    """Build a table with a group for each run of neighbouring units that have equal values.

    Used to resample units. A drawn unit brings its values for all codes at once, so a run ends
    wherever a passage of any code begins or ends. There are at most twice as many runs as passages.
    """
    segments = _build_unit_stretches(spans, units)
    sources = len(spans.lengths)
    bound = np.concatenate((segments.start, segments.start + segments.width))
    every = np.arange(sources)
    source = np.concatenate((np.tile(segments.source, 2), every, every))
    bound = np.concatenate((bound, np.zeros(sources, np.int64), units.counts))
    reach = int(units.counts.max(initial=0)) + 1
    cuts = np.unique(source * reach + bound)
    owner, place = cuts // reach, cuts % reach
    runs = np.flatnonzero(owner[1:] == owner[:-1]) if len(cuts) else _NONE
    lifted = cuts[runs]
    low = np.searchsorted(lifted, segments.source * reach + segments.start)
    high = np.searchsorted(lifted, segments.source * reach + segments.start + segments.width)
    row, nth = expand_row_counts(high - low)
    group = low[row] + nth
    order = argsort_columns(group)
    row, group = row[order], group[order]
    return CodingTable(
        n_codes=spans.n_codes,
        source=owner[runs],
        finished=spans.finished[owner[runs]],
        units=np.ones(len(runs), np.int64),
        copies=place[runs + 1] - place[runs],
        group=group,
        code=segments.code[row],
        mask=segments.mask[row],
        n=np.ones(len(row), np.int64),
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


def build_block_coding(spans: SpanTable, blocks: Units, *, any_code: bool = False) -> CodingTable:
    """Build a table like `build_character_coding` with a group for each block.

    A group extends from one block's start to the next one's. Neighbouring code points are not
    independent observations, so with few sources whole sentences are resampled. A passage in
    several blocks adds to each block its length times its part in the block, so that the squares of
    a source's blocks add up to the source's. As a passage it counts where it begins.
    """
    starts, source = _locate_blocks(blocks, spans.lengths)
    base = np.concatenate(([0], np.cumsum(spans.lengths)))
    layers = _unite_character_stretches(spans, any_code)
    low = np.searchsorted(starts, layers.start + base[layers.source], side="right") - 1
    high = np.searchsorted(starts, layers.stop + base[layers.source], side="left")
    row, nth = expand_row_counts(high - low)
    group = low[row] + nth
    ends = np.append(starts[1:], base[-1])
    begin = np.maximum(layers.start[row] + base[layers.source[row]], starts[group])
    stop = np.minimum(layers.stop[row] + base[layers.source[row]], ends[group])
    pieces = CodedStretches(group, layers.code[row], layers.annotator[row], begin, stop)
    squares = (layers.stop - layers.start)[row] * (stop - begin)
    segments = sweep_stretches(pieces, spans.n_annotators)
    return CodingTable(
        n_codes=1 if any_code else spans.n_codes,
        source=source,
        finished=spans.finished[source],
        units=ends - starts,
        copies=np.ones(len(starts), np.int64),
        group=segments.source,
        code=segments.code,
        mask=segments.mask,
        n=segments.width,
        **_sum_own_passages(group, pieces, (nth == 0).astype(np.int64), squares),
    )


def _locate_blocks(blocks: Units, lengths: Ints) -> tuple[Ints, Ints]:
    """Return the starts of blocks, with sources laid end to end, and each block's source.

    A source's first block begins with the source, so that there are no gaps between blocks.
    """
    base = np.concatenate(([0], np.cumsum(lengths)))
    every = np.flatnonzero(lengths > 0)
    if blocks.starts is None:
        raise ValueError("single code points are no blocks")
    owner = np.repeat(np.arange(len(lengths)), blocks.counts)
    nth = np.arange(len(owner)) - blocks.offsets[owner]
    later = nth > 0
    inside = blocks.starts[later] + base[owner[later]]
    starts = np.unique(np.concatenate((base[every], inside)))
    return starts, np.searchsorted(base, starts, side="right") - 1


def build_passage_coding(spans: SpanTable, blocks: Units | None = None) -> CodingTable:
    """Build a table whose rows are passages with equal bounds and code.

    The mask holds the coders who have the passage. A coder's second passage with equal bounds and
    code matches only another coder's second. There is a group for each source, or for each block; a
    passage belongs to the block in which it begins.
    """
    group, groups = _assign_passage_groups(spans, blocks)
    columns = (group, spans.code, spans.start, spans.end)
    order = argsort_columns(*columns, spans.annotator)
    group_, code, start, end = (column[order] for column in columns)
    annotator = spans.annotator[order]
    same = np.ones(max(0, len(order) - 1), bool)
    for column in (group_, code, start, end, annotator):
        same &= column[1:] == column[:-1]
    nth = _number_within_runs(same)
    again = argsort_columns(group_, code, start, end, nth)
    keys = [column[again] for column in (group_, code, start, end, nth)]
    new = np.ones(len(again), bool)
    if len(again):
        new[1:] = np.any([column[1:] != column[:-1] for column in keys], axis=0)
    firsts = np.flatnonzero(new)
    each = build_coder_masks(annotator[again], spans.n_annotators)
    mask = np.bitwise_or.reduceat(each, firsts, axis=0) if len(firsts) else each
    return CodingTable(
        n_codes=spans.n_codes,
        **groups,
        group=keys[0][firsts],
        code=keys[1][firsts],
        mask=mask,
        n=np.ones(len(firsts), np.int64),
        **_sum_own_passages(
            group,
            _build_plain_stretches(spans),
            np.ones(len(spans), np.int64),
            spans.end - spans.start,
        ),
    )


def build_overlap_coding(spans: SpanTable, blocks: Units | None = None) -> CodingTable:
    """Build a table whose rows are passages of one coder.

    The mask holds the coders who have the code on any part of the passage.
    """
    group, groups = _assign_passage_groups(spans, blocks)
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
    order = argsort_columns(group)
    return CodingTable(
        n_codes=spans.n_codes,
        **groups,
        group=group[order],
        code=spans.code[order],
        mask=mask[order],
        n=np.ones(len(spans), np.int64),
        owner=spans.annotator[order],
        **_sum_own_passages(
            group,
            _build_plain_stretches(spans),
            np.ones(len(spans), np.int64),
            spans.end - spans.start,
        ),
    )


def _build_plain_stretches(spans: SpanTable) -> CodedStretches:
    return CodedStretches(spans.source, spans.code, spans.annotator, spans.start, spans.end)


def _assign_passage_groups(spans: SpanTable, blocks: Units | None) -> tuple[Ints, dict[str, Any]]:
    """Return each passage's group, and the group columns of `CodingTable`."""
    if blocks is None:
        return spans.source, _build_source_columns(spans, np.ones(len(spans.lengths), np.int64))
    starts, source = _locate_blocks(blocks, spans.lengths)
    base = np.concatenate(([0], np.cumsum(spans.lengths)))
    group = np.searchsorted(starts, spans.start + base[spans.source], side="right") - 1
    ones = np.ones(len(starts), np.int64)
    return group, {
        "source": source,
        "finished": spans.finished[source],
        "units": ones,
        "copies": ones,
    }


def _number_within_runs(same: Bools) -> Ints:
    """(N,) how many equal entries directly precede each one.

    ``same`` (N - 1,): whether neighbours are equal.
    """
    index = np.arange(len(same) + 1)
    begins = np.concatenate(([True], ~same))
    return index - np.maximum.accumulate(np.where(begins, index, 0))
