"""Who has read a source for a code: the one place of this rule."""

import numpy as np
from numpy.typing import ArrayLike

from cstoannot.stats.results import Bools, Numbers


def has_read(finished_under: Numbers, born: Numbers) -> Bools:
    """Return whether a source finished under a revision was read for a code, element by element.

    0 for a source that is not finished; ``born``: the revision that added the code.
    """
    read: Bools = (finished_under > 0) & (finished_under >= born)
    return read


def compute_read(finished_under: ArrayLike, born: ArrayLike) -> Bools:
    """Return who has read which source for which code.

    ``finished_under`` (S, A): the codebook revision under which an annotator finished a source, 0
    for none. ``born``: the revision that added a code, for one code or (C,); the result is (S, A)
    or (S, A, C). A code added after an annotator finished is missing for them there, even if they
    have passages of it from another time: what counts is the revision of finishing.
    """
    births = np.asarray(born, np.int64)
    under = np.asarray(finished_under, np.int64)
    return has_read(under.reshape(*under.shape, *[1] * births.ndim), births)
