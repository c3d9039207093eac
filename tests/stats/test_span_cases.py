"""Passages against passages: SemEval's table, nervaluate's and seqeval's examples."""

from functools import reduce
from operator import add

import numpy as np
import pytest

from cstoannot.stats.agreement.counts import CodeColumns, PairCounter
from cstoannot.stats.agreement.engine import build_statistics, compute_measure
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.coefficients.span_f1 import compute_precision_and_recall
from tests.stats.cases import CASES, codes_of, parametrized, same, span_table
from tests.stats.reference.semeval import SCHEMAS, five_counts

OURS = ("chars", "overlap")


def documents_of(case):
    return [
        [[tuple(span) for span in one[side]] for side in ("gold", "predicted")]
        for one in case["data"]["documents"]
    ]


def table_of(case):
    documents = [(sides, 100) for sides in documents_of(case)]
    return span_table(documents, codes_of(documents))


@parametrized("spans/", where=lambda case: SCHEMAS[2] in case["expected"])
def test_five_counts(case):
    least = 0.5 if case["id"].endswith("_50") else 0.0
    counts = [five_counts(*sides, least_overlap=least) for sides in documents_of(case)]
    total = {schema: reduce(add, (one[schema] for one in counts)) for schema in SCHEMAS}
    for expected in (case["expected"], case["exact"] or {}):
        for schema, values in expected.items():
            for name, value in values.items():
                found = getattr(total[schema], name)
                assert same(found, value, case["tolerance"]), (schema, name)


@parametrized("spans/chars")
def test_precision_recall_and_f1(case):
    spans = table_of(case)
    for name, key in (("chars", "f1_characters"), ("overlap", "f1_overlap")):
        statistics = build_statistics(key, spans)
        table = statistics.table.select()
        columns = CodeColumns.of(np.arange(spans.n_codes), spans.n_codes)
        pairs, binary = PairCounter(table, columns), MEASURES[key].binary
        sums = pairs.counts(pairs.groups(0, 1), (0, 1), binary).total()
        pooled = {part: value.sum(axis=-1) for part, value in sums.items()}
        found = (*compute_precision_and_recall(pooled), compute_measure(statistics).overall.value)
        assert found == pytest.approx(case["expected"][name], abs=1e-12)


def test_f1_exact_seqeval_docstring():
    case = CASES["spans/seqeval_f1_doc"]
    measured = compute_measure(build_statistics("f1_exact", table_of(case)))
    assert same(measured.overall.value, case["expected"]["micro_f1"], 1e-9)
    assert same(measured.mean_over_codes, case["expected"]["macro_f1"], 1e-9)


def test_order_of_the_input_changes_nothing_unlike_nervaluate():
    first = [(0, 10, "a"), (4, 12, "b"), (20, 25, "a")]
    second = [(0, 12, "b"), (0, 10, "a"), (3, 9, "a")]
    assert five_counts(first, second) == five_counts(first[::-1], second[::-1])
    assert five_counts(first, second)["strict"].correct == 1
