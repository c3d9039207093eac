"""Which sources have been read for which claims, and whose passages count there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cstoannot.codebook.meaning import CURRENT
from cstoannot.comparison.dataset import (
    CONSENSUS,
    Bools,
    ComparisonDataset,
    ComparisonSelection,
    Ints,
    build_membership_mask,
)
from cstoannot.stats.readings import compute_read, has_read


@dataclass(frozen=True, eq=False)
class ClaimReadings:
    """What the selected annotators, and the team, have read for which claims.

    `own`, `consensus`: indexes of the passages that count: the annotators', also in sources for
    which the consensus answers, and the consensus' in these. Others as in `AnsweringLayer`.
    """

    own: Ints
    consensus: Ints
    stale: Ints
    readers: NDArray[np.int16]
    too_early: NDArray[np.int16]
    decided: Bools


def select_readings(
    annotated: ComparisonDataset, chosen: ComparisonSelection, meaning: str
) -> ClaimReadings:
    """Apply the rule of reading (stats/readings.py).

    With CURRENT, a source counts as read for a claim by those who finished it after the claim's
    meaning last changed and have no stale passage of it there. Others are missing there: what they
    marked, and that they marked nothing, was said of another meaning.
    """
    part = annotated.passages
    asked = build_membership_mask(chosen.annotators, len(annotated.annotators) + 1)
    mine = np.flatnonzero((part.annotator != CONSENSUS) & asked[part.annotator])
    own = mine[_has_read_for(annotated, mine, annotated.born)]
    consensus = np.flatnonzero((part.annotator == CONSENSUS) & chosen.by_consensus[part.source])
    answering = own[~chosen.by_consensus[part.source[own]]]
    counted = np.sort(np.concatenate([answering, consensus]))
    readers = _count_readers(annotated, chosen, annotated.born)
    found = ClaimReadings(
        own=own,
        consensus=consensus,
        stale=counted[part.stale[counted]],
        readers=readers,
        too_early=_count_finished(annotated, chosen)[:, None] - readers,
        decided=np.repeat(annotated.decided[:, None], len(annotated.claims), axis=1),
    )
    return _keep_current(annotated, chosen, found) if meaning == CURRENT else found


def _keep_current(
    annotated: ComparisonDataset, chosen: ComparisonSelection, every: ClaimReadings
) -> ClaimReadings:
    """Leave out readings under an older meaning."""
    part = annotated.passages
    outdated, first = np.unique(
        _number_readings(annotated, np.flatnonzero(part.stale)), return_index=True
    )
    example = np.flatnonzero(part.stale)[first]
    asked = build_membership_mask(chosen.annotators, len(annotated.annotators) + 1)
    theirs = example[asked[part.annotator[example]] & (part.annotator[example] != CONSENSUS)]
    theirs = theirs[_has_read_for(annotated, theirs, annotated.meant)]
    readers = _count_readers(annotated, chosen, annotated.meant)
    np.subtract.at(readers, (part.source[theirs], part.claim[theirs]), 1)
    decided = every.decided.copy()
    of_team = example[part.annotator[example] == CONSENSUS]
    decided[part.source[of_team], part.claim[of_team]] = False
    own = every.own[_has_read_for(annotated, every.own, annotated.meant)]
    own, consensus = (
        rows[~np.isin(_number_readings(annotated, rows), outdated)]
        for rows in (own, every.consensus)
    )
    return ClaimReadings(own, consensus, every.stale, readers, every.too_early, decided)


def _number_readings(annotated: ComparisonDataset, rows: Ints) -> Ints:
    """Return a number for each passage's source, annotator (or consensus) and claim."""
    part = annotated.passages
    annotator = part.annotator[rows].astype(np.int64) - CONSENSUS
    cell = part.source[rows].astype(np.int64) * len(annotated.claims) + part.claim[rows]
    found: Ints = cell * (len(annotated.annotators) - CONSENSUS) + annotator
    return found


def _has_read_for(annotated: ComparisonDataset, rows: Ints, since: Ints) -> Bools:
    """Return whether the annotators of passages finished the source under these revisions (C,)."""
    part = annotated.passages
    under = annotated.finished_under[part.source[rows], part.annotator[rows]]
    return has_read(under, since[part.claim[rows]])


def _count_readers(
    annotated: ComparisonDataset, chosen: ComparisonSelection, since: Ints
) -> NDArray[np.int16]:
    readers = np.zeros((len(annotated.sources), len(annotated.claims)), np.int16)
    for annotator in chosen.annotators.tolist():
        readers += compute_read(annotated.finished_under[:, annotator], since)
    return readers


def _count_finished(annotated: ComparisonDataset, chosen: ComparisonSelection) -> NDArray[np.int16]:
    finished: NDArray[np.int16] = annotated.finished[:, chosen.annotators].sum(
        axis=1, dtype=np.int16
    )
    return finished
