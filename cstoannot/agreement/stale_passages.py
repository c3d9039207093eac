"""How many of the selected passages were made under an older meaning of their code."""

from dataclasses import dataclass

import numpy as np

from cstoannot.agreement.dataset import AgreementDataset
from cstoannot.stats.tables import SpanTable


@dataclass(frozen=True, eq=False)
class StalePassages:
    """The stale passages of a selection, whether the values count them or not."""

    spans: SpanTable

    def __len__(self) -> int:
        return len(self.spans)

    def count_of_code(self, code: int) -> int:
        return int((self.spans.code == code).sum())

    def count_of_source(self, source: int) -> int:
        return int((self.spans.source == source).sum())

    def count_of_pair(self, first: int, second: int) -> int:
        """Count those of two annotators in the sources that both finished."""
        spans = self.spans
        shared = spans.finished[:, first] & spans.finished[:, second]
        theirs = (spans.annotator == first) | (spans.annotator == second)
        return int((theirs & shared[spans.source]).sum())


def select_stale_passages(
    coding: AgreementDataset,
    *,
    sources: tuple[int, ...],
    annotators: tuple[int, ...],
    codes: tuple[int, ...],
) -> StalePassages:
    spans = coding.all_spans
    found = spans.take(np.flatnonzero(coding.stale[spans.row]))
    return StalePassages(found.select(sources=sources, annotators=annotators, codes=codes))
