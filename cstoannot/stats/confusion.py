"""Which codes are mixed up with which: what two coders called the same stretch of text."""

from dataclasses import dataclass

import numpy as np

from cstoannot.stats.disagreements import KINDS, Disagreement, Disagreements
from cstoannot.stats.results import Ints


@dataclass(frozen=True, slots=True)
class Mixed:
    """Two codes, the smaller number first, and how often one coder gave each to a stretch."""

    code: int
    other: int
    count: int


@dataclass(frozen=True, eq=False)
class Confusion:
    """``matrix`` (K, K), symmetric off the diagonal: different_code disagreements of all pairs
    of coders, each counted at both places; on the diagonal passages of both coders that met
    the other's with the same code; ``missed`` (K,): passages the other has nothing for.

    A row, with its ``missed``, adds up to the passages with that code, one for each other coder.
    """

    matrix: Ints
    missed: Ints

    def mixed(self) -> list[Mixed]:
        """Pairs of codes that were mixed up, most often first."""
        above = np.triu(self.matrix, 1)
        places = np.argwhere(above)
        found = [Mixed(int(i), int(j), int(above[i, j])) for i, j in places]
        return sorted(found, key=lambda pair: (-pair.count, pair.code, pair.other))


def confusion(disagreements: Disagreements, passages: Ints) -> Confusion:
    """``passages`` (K,): by code, each once for every other coder who finished its source."""
    size = len(passages)
    kinds, codes = disagreements.kind, disagreements.codes
    mixed = codes[:, kinds == KINDS.index(Disagreement.DIFFERENT_CODE)]
    flat = np.bincount(mixed[0] * size + mixed[1], minlength=size * size).reshape(size, size)
    matrix = flat + flat.T
    alone = codes[0, kinds == KINDS.index(Disagreement.MISSED)]
    missed = np.bincount(alone, minlength=size)
    matrix[np.arange(size), np.arange(size)] = passages - missed - matrix.sum(axis=1)
    return Confusion(matrix, missed)
