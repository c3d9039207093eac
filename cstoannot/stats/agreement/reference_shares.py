"""Precision and recall of a coder's passages against those of a reference."""

from dataclasses import dataclass

import numpy as np

from cstoannot.stats.agreement.counts import CodeColumns, CodingTable, PairCounter
from cstoannot.stats.agreement.engine import SufficientStatistics
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.coefficients.span_f1 import compute_precision_and_recall
from cstoannot.stats.results import Ints


@dataclass(frozen=True, slots=True)
class ReferenceShares:
    """Shares of the coder's marks that the reference has, and the reverse; None without any.

    ``own``, ``reference``: how many marks (passages, or code points) each has.
    """

    precision: float | None
    recall: float | None
    own: int
    reference: int


def compute_reference_shares(
    statistics: SufficientStatistics, *, coder: int, reference: int, codes: Ints
) -> tuple[ReferenceShares, tuple[ReferenceShares, ...]]:
    """Return the shares over all these codes, and by code, over the sources that both finished.

    For measures of spans. The reference's number is greater than the coder's.
    """
    table, binary = statistics.table, MEASURES[statistics.key].binary
    if not isinstance(table, CodingTable) or binary is None or not binary.pairs:
        raise ValueError(f"{statistics.key} has no precision and recall")
    part = table.select(annotators=np.array([coder, reference]), codes=codes)
    counter = PairCounter(part, CodeColumns.of(codes, part.n_codes))
    total = counter.counts(counter.groups(coder, reference), (coder, reference), binary).total()
    each = {name: np.asarray(total[name], float) for name in total if np.ndim(total[name])}
    pooled = {name: np.asarray([values.sum()]) for name, values in each.items()}
    return _build_shares(pooled)[0], _build_shares(each)


def _build_shares(sums: dict[str, np.ndarray]) -> tuple[ReferenceShares, ...]:
    recall, precision = compute_precision_and_recall(sums)
    return tuple(
        ReferenceShares(
            precision=None if np.isnan(of_own) else float(of_own),
            recall=None if np.isnan(of_reference) else float(of_reference),
            own=int(own),
            reference=int(other),
        )
        for of_own, of_reference, own, other in zip(
            precision, recall, sums["first"], sums["second"], strict=True
        )
    )
