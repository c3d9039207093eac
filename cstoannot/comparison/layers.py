"""The layer that answers a comparison: the consensus, the majority, or one annotator's coding."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from cstoannot.annotations.models import Layer
from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.dataset import (
    MAJORITY,
    Bools,
    ComparedPassages,
    ComparisonDataset,
    Ints,
    build_comparison_selection,
)
from cstoannot.comparison.readings import select_readings
from cstoannot.stats.comparison.majority import MajorityPassages, MarkedPassages, compute_majority

AT_ONCE = 100_000  # passages


@dataclass(frozen=True, eq=False)
class AnsweringLayer:
    """The dataset with the passages of the layer that answers.

    `readers` (S, C): how many of the selected annotators have read each source for each claim, and
    `too_early` (S, C): how many had finished it before the claim existed. `decided` (S, C): whether
    the consensus says what the team thinks of the claim. `own`: indexes of the annotators' passages
    in the dataset as annotated; `stale`: of those passages, theirs or the consensus', that were
    made under an older meaning of their code, whether they count or not.
    """

    compared: ComparisonDataset
    annotated: ComparisonDataset
    readers: NDArray[np.int16]
    too_early: NDArray[np.int16]
    decided: Bools
    own: Ints
    stale: Ints


def build_answering_layer(
    annotated: ComparisonDataset, question: ComparisonQuery
) -> AnsweringLayer:
    """Build the layer of all sources and claims, whatever else the query selects."""
    chosen = build_comparison_selection(
        annotated, ComparisonQuery(layer=question.layer, annotators=question.annotators)
    )
    part = annotated.passages
    read = select_readings(annotated, chosen, question.meaning)
    answering = read.own[~chosen.by_consensus[part.source[read.own]]]
    readers = read.readers
    if question.layer == Layer.INDIVIDUAL:
        ones = np.ones(len(answering), np.int16)
        coded = replace(part.take(answering), read_by=ones, marked_by=ones)
    else:
        coded = _build_majority_passages(annotated, answering, readers)
        # A majority of one is named for that annotator.
        if len(chosen.annotators) == 1 and annotated.named:
            coded = replace(coded, annotator=np.full(len(coded), chosen.annotators[0], np.int16))
    passages = _concatenate_passages([coded, part.take(read.consensus)])
    return AnsweringLayer(
        compared=replace(annotated, passages=passages),
        annotated=annotated,
        readers=readers,
        too_early=read.too_early,
        decided=read.decided,
        own=read.own,
        stale=read.stale,
    )


def _build_majority_passages(
    annotated: ComparisonDataset, rows: Ints, readers: NDArray[np.int16]
) -> ComparedPassages:
    """Compute the majority of these passages, some sources at a time to bound memory."""
    ranks = np.empty(len(annotated.voices), np.int64)
    ranks[sorted(range(len(ranks)), key=annotated.voices.__getitem__)] = np.arange(len(ranks))
    source = annotated.passages.source[rows]
    cuts = np.flatnonzero(np.diff(source)) + 1
    ends = cuts[np.searchsorted(cuts, np.arange(AT_ONCE, len(rows), AT_ONCE), side="right") - 1]
    return _concatenate_passages(
        [
            _build_majority_part(annotated, part, readers, ranks)
            for part in np.split(rows, np.unique(ends))
        ]
    )


def _build_majority_part(
    annotated: ComparisonDataset, rows: Ints, readers: NDArray[np.int16], ranks: Ints
) -> ComparedPassages:
    coded = annotated.passages.take(rows)
    claims = len(annotated.claims)
    marked = MarkedPassages(
        group=coded.source.astype(np.int64) * claims + coded.claim,
        **{
            name: getattr(coded, name).astype(np.int64)
            for name in ("annotator", "start", "end", "stance", "voice", "lead", "trail")
        },
    )
    return _convert_majority(
        coded, compute_majority(marked, readers.ravel().astype(np.int64), ranks), readers
    )


def _convert_majority(
    coded: ComparedPassages, found: MajorityPassages, readers: NDArray[np.int16]
) -> ComparedPassages:
    runs, size = found.runs, len(found.runs)
    source, claim = np.divmod(runs.group, readers.shape[1] or 1)
    nothing = np.zeros(size, np.int8)
    return ComparedPassages(
        source=source.astype(np.int32),
        annotator=np.full(size, MAJORITY, np.int16),
        claim=claim.astype(np.int32),
        start=runs.start.astype(np.int32),
        end=runs.end.astype(np.int32),
        stance=found.stance.astype(np.int8),
        voice=found.voice.astype(np.int32),
        id=coded.id[found.closest],
        lead=nothing,
        trail=nothing,
        stale=coded.stale[found.closest],
        read_by=readers.ravel()[runs.group],
        marked_by=found.marked_by.astype(np.int16),
        stance_tied=found.stance_tied,
        voice_tied=found.voice_tied,
    )


def _concatenate_passages(parts: Sequence[ComparedPassages]) -> ComparedPassages:
    names = [field.name for field in fields(ComparedPassages)]
    return ComparedPassages(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in names)
    )
