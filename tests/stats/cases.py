"""The published and derived cases in `reference/`, and the slow transcription of the formulae.

Where each number comes from stands in the case itself (``source``, ``number_from``).
"""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from cstoannot.stats.tables import Ratings, SpanTable

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


def ratings_of(data):
    levels = data["categories"] if data["format"] == "contingency" else None
    return Ratings.of(rows_of(data), levels)


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
