"""SemEval-2013 task 9.1: five counts of one coder's passages against the other's.

COR, INC, PAR, MIS, SPU under four schemas (Segura-Bedmar et al. 2013; MUC). The definitions leave
the matching open; ours takes equal passages first, then equal bounds, then most text in common,
one to one, so that the order of the input does not matter.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, fields

Passage = tuple[int, int, Hashable]
SCHEMAS = ("strict", "exact", "partial", "ent_type")


@dataclass(frozen=True, slots=True)
class Five:
    """The counts, which add up over documents."""

    correct: int = 0
    incorrect: int = 0
    partial: int = 0
    missed: int = 0
    spurious: int = 0

    def __add__(self, other: "Five") -> "Five":
        parts = (field.name for field in fields(self))
        return Five(*(getattr(self, name) + getattr(other, name) for name in parts))

    @property
    def possible(self) -> int:
        return self.correct + self.incorrect + self.partial + self.missed

    @property
    def actual(self) -> int:
        return self.correct + self.incorrect + self.partial + self.spurious

    @property
    def precision(self) -> float | None:
        """None if the second coder marked nothing."""
        return (self.correct + self.partial / 2) / self.actual if self.actual else None

    @property
    def recall(self) -> float | None:
        """None if the first coder marked nothing."""
        return (self.correct + self.partial / 2) / self.possible if self.possible else None

    @property
    def f1(self) -> float | None:
        """None if neither marked anything."""
        both = self.possible + self.actual
        return 2 * (self.correct + self.partial / 2) / both if both else None


def five_counts(
    first: Sequence[Passage], second: Sequence[Passage], *, least_overlap: float = 0.0
) -> dict[str, Five]:
    """By schema, of one document. Passages (start, end, code), half-open, may overlap.

    ``least_overlap``: the least share of the first coder's passage that must be covered.
    """
    pairs = _matching(first, second, least_overlap)
    kinds = Counter((first[i][:2] == second[j][:2], first[i][2] == second[j][2]) for i, j in pairs)
    alone = {"missed": len(first) - len(pairs), "spurious": len(second) - len(pairs)}
    total, bounds = len(pairs), kinds[True, True] + kinds[True, False]
    code = kinds[True, True] + kinds[False, True]
    both = kinds[True, True]
    return {
        "strict": Five(correct=both, incorrect=total - both, **alone),
        "exact": Five(correct=bounds, incorrect=total - bounds, **alone),
        "partial": Five(correct=bounds, partial=total - bounds, **alone),
        "ent_type": Five(correct=code, incorrect=total - code, **alone),
    }


def _matching(
    first: Sequence[Passage], second: Sequence[Passage], least: float
) -> list[tuple[int, int]]:
    """Pairs of places, by preference: see the module."""
    by_start = sorted(range(len(second)), key=lambda j: second[j][0])
    edges = []
    for i, one in enumerate(first):
        for j in by_start:
            other = second[j]
            if other[0] >= one[1]:
                break
            shared = min(one[1], other[1]) - max(one[0], other[0])
            if shared > 0 and shared >= least * (one[1] - one[0]):
                rank = (one != other, one[:2] != other[:2], -shared, one[:2], other[:2])
                edges.append((rank, i, j))
    free_first, free_second, pairs = set(range(len(first))), set(range(len(second))), []
    for _, i, j in sorted(edges):
        if i in free_first and j in free_second:
            free_first.remove(i)
            free_second.remove(j)
            pairs.append((i, j))
    return pairs
