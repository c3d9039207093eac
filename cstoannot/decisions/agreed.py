"""Whether the readers of a place agree, and how much their bounds may differ."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from cstoannot.decisions.places import ProposedPassage, ReaderPassages
from cstoannot.projects.models import AgreedBounds
from cstoannot.text.spans import Bounds

FEWEST = 2
"""Readers of a place at which they can agree: one alone agrees with nobody."""


def is_place_agreed(
    held: Sequence[ReaderPassages],
    majority: Sequence[ProposedPassage],
    sentences: Bounds,
    bounds: str,
) -> bool:
    """Return whether all readers marked the same codes with the same stance and voice.

    `bounds`: how much their passages may differ in bounds, as in `AgreedBounds`. A passage of each
    is compared with one of each other, in the text's order.
    """
    if len(held) < FEWEST or not held[0].passages:
        return False
    ordered = [_order_passages(part.passages) for part in held]
    if bounds == AgreedBounds.MAJORITY:
        return all(_lie_within(passages, _order_passages(majority)) for passages in ordered)
    starts = sentences.flat[::2]
    return all(_begin_and_end_alike(one, other, starts) for one, other in pairwise(ordered))


def _order_passages(passages: Sequence[ProposedPassage]) -> list[ProposedPassage]:
    return sorted(passages, key=lambda one: (one.code, one.start, one.end))


def _say_the_same(one: Sequence[ProposedPassage], other: Sequence[ProposedPassage]) -> bool:
    def labels(passages: Sequence[ProposedPassage]) -> list[tuple[str, str, str]]:
        return [(passage.code, passage.stance, passage.voice) for passage in passages]

    return labels(one) == labels(other)


def _begin_and_end_alike(
    one: Sequence[ProposedPassage], other: Sequence[ProposedPassage], starts: Sequence[int]
) -> bool:
    """Return whether passages begin and end in the same sentences, which begin at `starts`."""
    return _say_the_same(one, other) and all(
        bisect_right(starts, a.start) == bisect_right(starts, b.start)
        and bisect_right(starts, a.end - 1) == bisect_right(starts, b.end - 1)
        for a, b in zip(one, other, strict=True)
    )


def _lie_within(passages: Sequence[ProposedPassage], majority: Sequence[ProposedPassage]) -> bool:
    return _say_the_same(passages, majority) and all(
        most.start <= one.start and one.end <= most.end
        for one, most in zip(passages, majority, strict=True)
    )
