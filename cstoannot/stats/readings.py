"""Who has read a source for a code: the one place of this rule."""

import numpy as np
from numpy.typing import ArrayLike

from cstoannot.stats.results import Bools


def compute_read(finished_under: ArrayLike, born: ArrayLike) -> Bools:
    """Return who has read which source for which code.

    ``finished_under`` (S, A): the codebook revision under which an annotator finished a source, 0
    for none. ``born``: the revision that added a code, for one code or (C,); the result is (S, A)
    or (S, A, C). A code added after an annotator finished is missing for them there, even if they
    have passages of it from another time: what counts is the revision of finishing.
    """
    births = np.asarray(born, np.int64)
    under = np.asarray(finished_under, np.int64)
    under = under.reshape(*under.shape, *[1] * births.ndim)
    read: Bools = (under > 0) & (under >= births)
    return read
