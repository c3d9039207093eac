"""How wide the intervals of planned coding will be, from the coding so far.

The coding so far is thinned until its sources have as many coders as planned ones, several times,
and the width of its interval is carried over to the planned number of sources. With fewer coders
than planned, all of them are taken: the intervals may then turn out narrower.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cstoannot.stats.agreement.engine import build_statistics, compute_code_values
from cstoannot.stats.agreement.more_sources import expect_half_width
from cstoannot.stats.results import Bools, Ints
from cstoannot.stats.tables import SpanTable, Units

MEASURE = "krippendorff_alpha"
DRAWS = 10
MOST_THINNED = 200
"""Sources of the coding so far that are thinned; more would not change the answer."""


def expect_planned_widths(
    spans: SpanTable, units: Units, coders: Sequence[int], sources: int, *, seed: int = 1
) -> dict[int, float]:
    """Return each code's expected half width of α with so many sources in all.

    ``coders``: of how many coders the planned sources will be. Codes without an interval in half
    of the draws are left out.
    """
    random = np.random.default_rng(seed)
    planned = np.array([count for count in coders if count >= 2], np.int64)
    shared = np.flatnonzero(spans.finished.sum(axis=1) >= 2)
    found: dict[int, list[float]] = {}
    draws = DRAWS if _needs_thinning(spans.finished, planned, len(shared)) else 1
    for _ in range(draws if len(planned) and len(shared) else 0):
        thin = _thin_coding(spans, _draw_finished(spans.finished, planned, random))
        chosen = np.flatnonzero(thin.finished.sum(axis=1) >= 2)
        for one in compute_code_values(build_statistics(MEASURE, thin, units), sources=chosen):
            width = expect_half_width(one.result, sources)
            if width is not None:
                found.setdefault(one.code, []).append(width)
    return {
        code: float(np.mean(widths)) for code, widths in found.items() if 2 * len(widths) >= draws
    }


def _needs_thinning(finished: Bools, planned: Ints, shared: int) -> bool:
    most = int(finished.sum(axis=1).max(initial=0))
    return shared > MOST_THINNED or bool((planned < most).any())


def _draw_finished(finished: Bools, planned: Ints, random: np.random.Generator) -> Bools:
    """Return (S, A): some sources, each with as many of its coders as a planned source has."""
    shared = np.flatnonzero(finished.sum(axis=1) >= 2)
    if len(shared) > MOST_THINNED:
        shared = np.sort(random.choice(shared, MOST_THINNED, replace=False))
    drawn = np.zeros_like(finished)
    for source in shared.tolist():
        readers = np.flatnonzero(finished[source])
        count = min(int(random.choice(planned)), len(readers))
        drawn[source, random.choice(readers, count, replace=False)] = True
    return drawn


def _thin_coding(spans: SpanTable, finished: Bools) -> SpanTable:
    kept = finished[spans.source, spans.annotator]
    return replace(spans.take(kept), finished=finished)
