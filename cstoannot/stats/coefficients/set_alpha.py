"""Krippendorff's α of sets of codes, with the distance of MASI or of Jaccard.

A value is the set of all codes that a coder gave to a unit; the empty set is a value like any
other. Both distances are 1 minus a similarity that depends only on the sizes of two sets A and B
and of what they share. Jaccard: J = |A ∩ B| / |A ∪ B|. MASI (Passonneau 2006): J · M, where M is 1
for equal sets, 2/3 if one contains the other, 1/3 if each has something of its own, and 0 if they
share nothing. Two empty sets are equal, so their distance is 0. An empty set and another one share
nothing, so their distance is 1, although the empty set is contained in every set.
"""

from collections.abc import Callable

import numpy as np

from cstoannot.stats.results import Floats, Numbers

SetSimilarity = Callable[[Numbers, Numbers, Numbers], Floats]
"""From two sizes and the size of the intersection, element by element: 1 for equal sets."""

_SMALLEST = 1e-3  # below every possible disagreement of a set, above the rounding errors of sums


def compute_jaccard_similarity(size: Numbers, other: Numbers, shared: Numbers) -> Floats:
    """Compute |A ∩ B| / |A ∪ B|; 1 for two empty sets."""
    size, other, shared = np.broadcast_arrays(size, other, shared)
    union = (size + other - shared).astype(float)
    return np.divide(shared, union, out=np.ones(union.shape), where=union > 0)


def compute_masi_similarity(size: Numbers, other: Numbers, shared: Numbers) -> Floats:
    """Compute J · M; 1 for two empty sets."""
    size, other, shared = np.broadcast_arrays(size, other, shared)
    contained = shared == np.minimum(size, other)
    monotonicity = np.where(contained, np.where(size == other, 1.0, 2 / 3), 1 / 3)
    return compute_jaccard_similarity(size, other, shared) * monotonicity


SET_SIMILARITIES: dict[str, SetSimilarity] = {
    "set_alpha_masi": compute_masi_similarity,
    "set_alpha_jaccard": compute_jaccard_similarity,
}


def compute_set_disagreement(
    observed: Floats, alike: Floats, total: Floats
) -> tuple[Floats, Floats]:
    """Compute D_o and D_e (...).

    ``observed``: Σ over units of the distances of their ordered pairs of values / (m − 1);
    ``alike``: Σ n_c n_k (1 − δ_ck) over all sets c and k; ``total``: how many values there are.
    """
    apart = total * total - alike
    expected = np.where(apart > _SMALLEST, apart, 0.0) / np.maximum(total * (total - 1), 1)
    return observed / np.maximum(total, 1), expected
