"""What everybody who read a source marked in a stretch of it, whoever is compared."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from cstoannot.agreement.dataset import Annotator
from cstoannot.agreement.disagreements import CodedPassage, build_coded_passage
from cstoannot.agreement.project_cache import CachedAgreement, load_cached_agreement
from cstoannot.codebook.meaning import ANY
from cstoannot.projects.scope import Scope


@dataclass(frozen=True)
class StretchReading:
    """The passages of an annotator that share text with the stretch; perhaps none."""

    annotator: Annotator
    passages: tuple[CodedPassage, ...]


def load_stretch_readings(
    scope: Scope, stretches: Iterable[tuple[int, int, int]], meaning: str = ANY
) -> list[tuple[StretchReading, ...]]:
    """Return the readings of each stretch: primary key of its source, start and end."""
    kept = load_cached_agreement(scope, meaning)
    with kept.lock:
        return [build_stretch_readings(kept, pk, start, end) for pk, start, end in stretches]


def build_stretch_readings(
    kept: CachedAgreement, pk: int, start: int, end: int
) -> tuple[StretchReading, ...]:
    """Build a reading for every annotator in view who read the source, by name."""
    coding = kept.coding
    number = coding.source_number(pk)
    if number is None:
        return ()
    spans = coding.spans
    low, high = np.searchsorted(spans.source, [number, number + 1])
    inside = (spans.start[low:high] < end) & (spans.end[low:high] > start)
    near = low + np.flatnonzero(inside)
    found = (
        StretchReading(
            coding.annotators[annotator],
            tuple(
                build_coded_passage(coding, row)
                for row in spans.row[near[spans.annotator[near] == annotator]].tolist()
            ),
        )
        for annotator in np.flatnonzero(coding.finished[number]).tolist()
    )
    return tuple(sorted(found, key=lambda one: one.annotator.username))
