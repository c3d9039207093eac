"""The published and derived cases in `reference/`, and the slow transcription of the formulae.

Where each number comes from stands in the case itself (``source``, ``number_from``).
"""

import json
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from cstoannot.stats.agreement.code_intervals import NO_INTERVALS, IntervalChoice
from cstoannot.stats.agreement.engine import build_statistics, compute_measure
from cstoannot.stats.agreement.resampling import bootstrap_krippendorff_alpha
from cstoannot.stats.agreement.unit_intervals import compute_analytic_interval, compute_gwet_error
from cstoannot.stats.results import IntervalMethod
from cstoannot.stats.tables import SpanTable, Units, ValueCounts
from tests.stats.reference import slow

CASES = {
    case["id"]: case
    for case in json.loads((Path(__file__).parent / "reference" / "cases.json").read_text())
}


def parametrized(*prefixes, where=lambda case: True):
    """The cases whose id begins so, each under its id."""
    chosen = [case for name, case in CASES.items() if name.startswith(prefixes) and where(case)]
    assert chosen
    return pytest.mark.parametrize("case", [pytest.param(c, id=c["id"]) for c in chosen])


def rows_of(data):
    """The ratings of a case, one row a unit."""
    if data["format"] == "units_by_raters":
        return data["units"]
    if data["format"] == "weighted_units":
        return [unit for count, unit in data["units"] for _ in range(count)]
    names = data["categories"]
    return [
        [names[i], names[j]]
        for i, row in enumerate(data["table"])
        for j, count in enumerate(row)
        for _ in range(int(count))
    ]


def levels_of(rows):
    """The values that occur, in order."""
    return sorted({value for row in rows for value in row if value is not None}, key=str)


def measure_rows(key, rows, draws=None):
    """Rows of ratings as a project: each unit is a character, each value a code.

    A source holds units with values from the same coders; with ``draws``, one unit only.
    """
    levels, sources = levels_of(rows), {}
    for unit, row in enumerate(rows):
        finished = tuple(value is not None for value in row)
        sources.setdefault((finished, unit if draws else None), []).append(row)
    entries = [
        (source, coder, levels.index(value), place)
        for source, units in enumerate(sources.values())
        for place, row in enumerate(units)
        for coder, value in enumerate(row)
        if value is not None
    ]
    source, annotator, code, start = np.array(entries, np.int64).reshape(-1, 4).T
    spans = SpanTable.build(
        lengths=[len(units) for units in sources.values()],
        finished=[finished for finished, _ in sources],
        n_codes=len(levels),
        source=source,
        annotator=annotator,
        code=code,
        start=start,
        end=start + 1,
    )
    choice = IntervalChoice(IntervalMethod.BOOTSTRAP, draws) if draws else NO_INTERVALS
    return compute_measure(
        build_statistics(key, spans, Units.characters(spans.lengths)), intervals=choice
    )


def counts_of(rows, levels=None):
    """How often each combination of values occurs."""
    levels = levels or levels_of(rows)
    units = Counter(tuple(row.count(level) for level in levels) for row in rows)
    counts = np.array(list(units), np.int64).reshape(len(units), len(levels))
    return ValueCounts(counts, np.array(list(units.values())), tuple(levels), len(rows[0]))


def alpha_interval(rows, kind):
    """Of Krippendorff's α of these rows, by Gwet's or Krippendorff's method."""
    counts = counts_of(rows)
    if kind == "krippendorff":
        return bootstrap_krippendorff_alpha(counts)[0]
    error = compute_gwet_error("krippendorff_alpha", counts)
    return compute_analytic_interval(slow.krippendorff_alpha(rows), error)


def span_table(documents, codes):
    """From documents (annotators' spans, length), begin 0."""
    rows = [
        (source, annotator, codes.index(code), start, end)
        for source, (annotators, _) in enumerate(documents)
        for annotator, spans in enumerate(annotators)
        for start, end, code in spans
    ]
    columns = np.array(rows, np.int64).reshape(-1, 5).T
    most = max(len(annotators) for annotators, _ in documents)
    return SpanTable.build(
        lengths=[length for _, length in documents],
        finished=[[a < len(annotators) for a in range(most)] for annotators, _ in documents],
        n_codes=len(codes),
        source=columns[0],
        annotator=columns[1],
        code=columns[2],
        start=columns[3],
        end=columns[4],
    )


def codes_of(documents):
    return sorted({s[2] for annotators, _ in documents for spans in annotators for s in spans})


def same(value, expected, tolerance=1e-12):
    """Equal within the tolerance; NaN and None both mean undefined."""
    if expected is None or (isinstance(expected, float) and math.isnan(expected)):
        return value is None
    return value is not None and abs(value - expected) <= tolerance + 1e-12
