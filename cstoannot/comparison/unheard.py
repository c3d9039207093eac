"""What stands behind a source's cell beside the answering layer: coders' marks and other voices."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cstoannot.comparison.comparison_query import format_voice
from cstoannot.comparison.dataset import (
    ComparisonDataset,
    ComparisonSelection,
    Ints,
    build_membership_mask,
    select_passage_rows,
)
from cstoannot.comparison.layers import AnsweringLayer


@dataclass(frozen=True)
class NamedCount:
    """How many passages somebody has: `key` selects them in a query."""

    key: str
    name: str
    passages: int


@dataclass(frozen=True, eq=False)
class UnheardPassages:
    """By source: `voices` that were not asked for, and `coders` with their own passages.

    Both of one claim; `coders` in the voices asked for, and only where the majority answers.
    """

    voices: Mapping[int, tuple[NamedCount, ...]]
    coders: Mapping[int, tuple[NamedCount, ...]]


def collect_unheard_passages(layer: AnsweringLayer, chosen: ComparisonSelection) -> UnheardPassages:
    """Count the passages of the selected sources and claims that the answer does not show."""
    compared, annotated = layer.compared, layer.annotated
    heard = select_passage_rows(compared, chosen)
    others = np.setdiff1d(_select_rows_in_any_voice(compared, chosen), heard)
    own = np.intersect1d(layer.own, select_passage_rows(annotated, chosen))
    own = own[~chosen.by_consensus[annotated.passages.source[own]]]
    names = ["the author", *compared.voices[1:]]
    keys = ["author", *map(format_voice, compared.voices[1:])]
    coders = [one.username for one in annotated.annotators]
    return UnheardPassages(
        voices=_count_by_source(compared, others, compared.passages.voice, keys, names),
        coders=_count_by_source(annotated, own, annotated.passages.annotator, coders, coders),
    )


def _select_rows_in_any_voice(compared: ComparisonDataset, chosen: ComparisonSelection) -> Ints:
    part = compared.passages
    found = build_membership_mask(chosen.sources, len(compared.sources))[part.source]
    found &= build_membership_mask(chosen.claims, len(compared.claims))[part.claim]
    return np.flatnonzero(found)


def _count_by_source(
    compared: ComparisonDataset, rows: Ints, whose: Ints, keys: list[str], names: list[str]
) -> Mapping[int, tuple[NamedCount, ...]]:
    pairs = np.stack([compared.passages.source[rows], whose[rows]], axis=1)
    known, counts = np.unique(pairs, axis=0, return_counts=True)
    found: dict[int, list[NamedCount]] = {}
    for (source, one), count in zip(known.tolist(), counts.tolist(), strict=True):
        named = NamedCount(keys[one], names[one], count)
        found.setdefault(compared.sources[source].pk, []).append(named)
    return {pk: tuple(some) for pk, some in found.items()}
