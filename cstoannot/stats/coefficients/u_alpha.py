"""Krippendorff's uα and |uα for single codes, from sums over the continuum.

Krippendorff, Mathet, Bouvry & Widlöcher 2016; Krippendorff 2019, section 12.6.
With one code the two are equal: 1 − D_o/D_e, D_e = 2 n₁n₀/(n² − Σλ² − n₀). The forms for several
codes at once are in `stats.agreement.cu_alpha`.
"""

import numpy as np

from cstoannot.stats.coefficients.definitions import BinaryFormula, Disagreement, Sums


def _compute_binary_u_alpha(sums: Sums) -> Disagreement:
    total, marked = sums["values"], sums["positives"]
    gaps = total - marked
    pairs = total * total - sums["squares"] - gaps
    chance = np.divide(2.0 * marked * gaps, pairs, out=np.zeros(np.shape(marked)), where=pairs > 0)
    return 2.0 * sums["discord"] / np.maximum(total, 1), chance


BINARY = BinaryFormula(("positives", "discord", "squares"), _compute_binary_u_alpha)
