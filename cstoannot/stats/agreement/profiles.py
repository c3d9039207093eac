"""Each coder against the majority of the others who read the same sources.

A unit carries a code for the majority if more than half of the others gave it to the unit; with one
other coder that is their coding. The coder's own coding takes no part in it.
"""

from dataclasses import dataclass

import numpy as np

from cstoannot.stats.agreement.counts import CodeColumns, CodingTable
from cstoannot.stats.agreement.overlaps import (
    count_coders_in_mask,
    has_coder_in_mask,
    sum_by_place,
)
from cstoannot.stats.coefficients import krippendorff_alpha
from cstoannot.stats.coefficients.definitions import Sums
from cstoannot.stats.results import Floats, Ints


@dataclass(frozen=True, eq=False)
class MajorityCounts:
    """One coder beside the others, by source (G, K).

    ``own``, ``majority``, ``both``: units with the code for the coder, for the majority of the
    others, and for both; ``others``: units with the code for another coder, on average over the
    others. ``units`` (G,). ``groups`` (G,): the sources' places in the table.
    """

    groups: Ints
    units: Floats
    own: Floats
    majority: Floats
    both: Floats
    others: Floats

    def sums(self) -> Sums:
        """Return the sums of two coders by source, as coefficients need them."""
        return {
            "units": self.units[:, None],
            "values": 2.0 * self.units[:, None],
            "positives": self.own + self.majority,
            "discord": self.own + self.majority - 2.0 * self.both,
        }


@dataclass(frozen=True, eq=False)
class MajorityComparison:
    """How a coder compares with the majority, (K,) by code and over all codes; NaN if undefined.

    ``precision``: the share of the coder's units that the majority marked, too; ``recall``: the
    share of the majority's units that the coder marked; ``f1``: their harmonic mean; ``alpha``.
    """

    precision: Floats
    recall: Floats
    f1: Floats
    alpha: Floats
    overall_precision: float
    overall_recall: float
    overall_f1: float
    overall_alpha: float


def count_against_majority(table: CodingTable, codes: Ints, coder: int) -> MajorityCounts:
    """Count for one coder, in a table of `CodingTable.select` whose groups are sources."""
    groups = np.flatnonzero(table.finished[:, coder])
    place = np.full(len(table.source), -1, np.int64)
    place[groups] = np.arange(len(groups))
    rows = place[table.group] >= 0
    mask, n, where = table.mask[rows], table.n[rows], place[table.group[rows]]
    column = CodeColumns.of(codes, table.n_codes).column[table.code[rows]]
    own = has_coder_in_mask(mask, coder)
    others = table.finished.sum(axis=1)[groups] - 1
    having = count_coders_in_mask(mask) - own
    majority = 2 * having > others[where]
    shape = len(groups), len(codes)

    def total(amount: Floats | Ints) -> Floats:
        cell = where * shape[1] + column
        return sum_by_place(cell, amount, shape[0] * shape[1]).reshape(shape)

    return MajorityCounts(
        groups=groups,
        units=table.units[groups].astype(float),
        own=total(n * own),
        majority=total(n * majority),
        both=total(n * (own & majority)),
        others=total(n * having) / np.maximum(others, 1)[:, None],
    )


def compare_with_majority(counts: MajorityCounts) -> MajorityComparison:
    """Compute the comparison from the sums over all sources."""
    own, majority, both = (part.sum(axis=0) for part in (counts.own, counts.majority, counts.both))
    sums = {name: part.sum(axis=0) for name, part in counts.sums().items()}
    formula = krippendorff_alpha.BINARY
    return MajorityComparison(
        precision=_compute_share(both, own),
        recall=_compute_share(both, majority),
        f1=_compute_share(2 * both, own + majority),
        alpha=formula.each(sums),
        overall_precision=float(_compute_share(both.sum(), own.sum())),
        overall_recall=float(_compute_share(both.sum(), majority.sum())),
        overall_f1=float(_compute_share(2 * both.sum(), (own + majority).sum())),
        overall_alpha=float(formula.pooled(sums)),
    )


def _compute_share(part: Floats, whole: Floats) -> Floats:
    part, whole = np.broadcast_arrays(np.asarray(part, float), np.asarray(whole, float))
    return np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
