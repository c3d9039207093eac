"""The majority layer: the stretches that more than half of a source's readers gave a code.

Character by character, over the annotators who have read the source for the code; a maximal run is
one passage, without the white space at its ends. Its stance is the one that most of the annotators
with a passage in it gave. Each of them counts by the passage that covers most of the run, by the
earlier one if two cover as much. A tie of a stance and none is the stance, a tie of stances is
mixed. The voice that most gave is the passage's voice; a tie is the author's if anybody gave that,
otherwise the first by name.

So nothing depends on how many annotators read a source, or on how many passages they cut a stretch
into.
"""

from dataclasses import dataclass, fields

import numpy as np

from cstoannot.stats.comparison.positions import MIXED
from cstoannot.stats.results import Bools, Ints

AUTHOR = 0  # index of the author's voice
STANCES = 4


@dataclass(frozen=True, eq=False)
class MarkedPassages:
    """Annotators' passages (N,), in any order.

    `group`: source × code as one number; `annotator`, `voice`: indexes; `stance`: as in
    `positions`; offsets in code points, half-open. `lead`, `trail`: how many white space characters
    a passage begins and ends with.
    """

    group: Ints
    annotator: Ints
    start: Ints
    end: Ints
    stance: Ints
    voice: Ints
    lead: Ints
    trail: Ints

    def take(self, kept: Ints | Bools) -> "MarkedPassages":
        return MarkedPassages(*(getattr(self, field.name)[kept] for field in fields(self)))


@dataclass(frozen=True, eq=False)
class MajorityRuns:
    """Stretches (M,) by group and start."""

    group: Ints
    start: Ints
    end: Ints

    def __len__(self) -> int:
        return len(self.group)


@dataclass(frozen=True, eq=False)
class MajorityPassages:
    """The majority's passages (M,), in the order of their runs.

    `marked_by`: annotators with a passage in it; `stance_tied`, `voice_tied`: whether a tie decided
    these; `closest`: index of the annotator's passage with the most similar bounds.
    """

    runs: MajorityRuns
    stance: Ints
    voice: Ints
    marked_by: Ints
    stance_tied: Bools
    voice_tied: Bools
    closest: Ints


def compute_majority(marked: MarkedPassages, readers: Ints, voice_rank: Ints) -> MajorityPassages:
    """Compute the majority layer.

    ``readers`` (G,): how many annotators have read each group; only their passages may be in
    ``marked``. ``voice_rank`` (V,): each voice's rank by name.
    """
    runs = _trim_runs(marked, _find_majority_runs(marked, readers))
    run, passage, overlap = _pair_with_runs(marked, runs)
    votes = _choose_votes(marked, run, passage, overlap)
    run, passage = run[votes], passage[votes]
    size = len(runs)
    stance, stance_tied = _vote_on_stance(run, marked.stance[passage], size)
    voice, voice_tied = _vote_on_voice(run, marked.voice[passage], size, voice_rank)
    return MajorityPassages(
        runs=runs,
        stance=stance,
        voice=voice,
        marked_by=np.bincount(run, minlength=size),
        stance_tied=stance_tied,
        voice_tied=voice_tied,
        closest=_find_closest_passages(marked, runs, run, passage),
    )


def _find_majority_runs(marked: MarkedPassages, readers: Ints) -> MajorityRuns:
    """Return the runs that more than half of the readers marked."""
    group, start, end = _unite_by_annotator(marked)
    span = int(marked.end.max(initial=0)) + 1
    keys = np.concatenate([group * span + start, group * span + end])
    steps = np.repeat([1, -1], len(group))
    order = np.argsort(keys, kind="stable")
    keys, steps = keys[order], steps[order]
    # Steps at one offset count together, so that adjacent passages make one run.
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    keys = keys[first]
    depth = np.cumsum(np.add.reduceat(steps, first)) if len(first) else steps
    over = 2 * depth > readers[keys // span]
    turns = np.flatnonzero(np.diff(over, prepend=False))
    begins, ends = keys[turns[::2]], keys[turns[1::2]]
    return MajorityRuns(begins // span, begins % span, ends % span)


def _unite_by_annotator(marked: MarkedPassages) -> tuple[Ints, Ints, Ints]:
    """Unite each annotator's passages of a group that overlap or touch: group, start and end."""
    order = np.lexsort((marked.start, marked.annotator, marked.group))
    group, annotator = marked.group[order], marked.annotator[order]
    start, end = marked.start[order], marked.end[order]
    other = (np.diff(group, prepend=-1) != 0) | (np.diff(annotator, prepend=-1) != 0)
    shift = np.cumsum(other) * (int(end.max(initial=0)) + 1)
    reach = np.maximum.accumulate(end + shift) - shift
    opens = other.copy()
    opens[1:] |= start[1:] > reach[:-1]
    first = np.flatnonzero(opens)
    last = np.append(first, len(order))[1:] - 1
    return group[first], start[first], reach[last]


def _trim_runs(marked: MarkedPassages, runs: MajorityRuns) -> MajorityRuns:
    """Take white space off the runs' ends, and drop runs of white space alone.

    A run begins where a passage begins and ends where one ends, so passages tell how much.
    """
    if not (marked.lead.any() or marked.trail.any()):
        return runs
    span = int(marked.end.max(initial=0)) + 1
    lead = _look_up_largest(
        marked.group * span + marked.start, marked.lead, runs.group * span + runs.start
    )
    trail = _look_up_largest(
        marked.group * span + marked.end, marked.trail, runs.group * span + runs.end
    )
    start, end = runs.start + lead, runs.end - trail
    kept = np.flatnonzero(start < end)
    return MajorityRuns(runs.group[kept], start[kept], end[kept])


def _look_up_largest(keys: Ints, values: Ints, wanted: Ints) -> Ints:
    """Return the largest of the values with each wanted key; every wanted key is there."""
    order = np.lexsort((values, keys))
    found: Ints = values[order][np.searchsorted(keys[order], wanted, side="right") - 1]
    return found


def _pair_with_runs(marked: MarkedPassages, runs: MajorityRuns) -> tuple[Ints, Ints, Ints]:
    """Pair each run with the passages that overlap it: run, passage, common code points."""
    span = int(marked.end.max(initial=0)) + 1
    low = np.searchsorted(
        runs.group * span + runs.end, marked.group * span + marked.start, side="right"
    )
    high = np.searchsorted(
        runs.group * span + runs.start, marked.group * span + marked.end, side="left"
    )
    counts = np.maximum(high - low, 0)
    passage = np.repeat(np.arange(len(counts)), counts)
    before = np.repeat(np.cumsum(counts) - counts, counts)
    run = np.repeat(low, counts) + np.arange(len(passage)) - before
    overlap = np.minimum(runs.end[run], marked.end[passage])
    overlap -= np.maximum(runs.start[run], marked.start[passage])
    return run, passage, overlap


def _choose_votes(marked: MarkedPassages, run: Ints, passage: Ints, overlap: Ints) -> Ints:
    """Return the indexes of the pairs that count: one for each annotator in a run, by run."""
    annotator = marked.annotator[passage]
    place = np.lexsort(
        (passage, marked.end[passage], marked.start[passage], -overlap, annotator, run)
    )
    other = (np.diff(run[place], prepend=-1) != 0) | (np.diff(annotator[place], prepend=-1) != 0)
    votes: Ints = place[other]
    return votes


def _vote_on_stance(run: Ints, stance: Ints, size: int) -> tuple[Ints, Bools]:
    counts = np.bincount(run * STANCES + stance, minlength=STANCES * size).reshape(size, STANCES)
    most = counts == counts.max(axis=1, initial=0, keepdims=True)
    sides = most[:, 1:].sum(axis=1)
    found = np.where(sides == 1, most[:, 1:].argmax(axis=1) + 1, np.where(sides > 1, MIXED, 0))
    return found, most.sum(axis=1) > 1


def _vote_on_voice(run: Ints, voice: Ints, size: int, rank: Ints) -> tuple[Ints, Bools]:
    voices = len(rank)
    keys, counts = np.unique(run * voices + voice, return_counts=True)
    where, said = keys // voices, keys % voices
    most = np.zeros(size, np.int64)
    np.maximum.at(most, where, counts)
    tied = np.bincount(where[counts == most[where]], minlength=size) > 1
    heard = np.zeros(size, bool)
    heard[where[said == AUTHOR]] = True
    order = np.lexsort((rank[said], -counts, where))
    first = order[np.flatnonzero(np.diff(where[order], prepend=-1))]
    return np.where(tied & heard, AUTHOR, said[first]), tied


def _find_closest_passages(
    marked: MarkedPassages, runs: MajorityRuns, run: Ints, passage: Ints
) -> Ints:
    """(M,) the voting passage whose bounds differ least from the run's; the first if several do."""
    apart = np.abs(marked.start[passage] - runs.start[run])
    apart += np.abs(marked.end[passage] - runs.end[run])
    order = np.lexsort((passage, apart, run))
    closest: Ints = passage[order[np.flatnonzero(np.diff(run[order], prepend=-1))]]
    return closest
