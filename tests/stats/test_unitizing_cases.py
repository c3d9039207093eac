"""Measures of the continuum against published figures, each named by paper."""

import numpy as np

from cstoannot.stats.agreement.cu_alpha import compute_unitizing_family
from cstoannot.stats.agreement.engine import build_statistics, compute_measure
from cstoannot.stats.agreement.partition_table import PartitionTable
from cstoannot.stats.agreement.section_table import (
    SectionCells,
    SectionTable,
    compute_cell_disagreements,
)
from tests.stats.cases import CASES, codes_of, parametrized, same, span_table


def documents_of(data):
    given = data["documents"] if data["format"] == "corpus_of_spans" else [data]
    begin = data.get("begin", 0)
    return [
        ([[(s - begin, e - begin, c) for s, e, c in a] for a in one["annotators"]], one["length"])
        for one in given
    ]


@parametrized("unitizing2016/")
def test_family_of_2016(case):
    documents = documents_of(case["data"])
    codes = codes_of(documents)
    found = compute_unitizing_family(PartitionTable.of(span_table(documents, codes)).select())
    for expected, tolerance in ((case["expected"], case["tolerance"]), (case["exact"], 1e-9)):
        for name, value in expected.items():
            if name == "cu_coverage":
                assert same(found.cu_alpha.coverage, value, tolerance)
            elif name == "ku_coverage":
                for code, share in value.items():
                    result = found.ku_alpha[codes.index(code)]
                    assert same(result.coverage, share, tolerance)
            elif name == "ku_alpha":
                for code, number in value.items():
                    assert same(found.ku_alpha[codes.index(code)].value, number, tolerance)
            else:
                assert same(getattr(found, name).value, value, tolerance)


def test_joint_values_are_those_of_the_book():
    """Krippendorff 2019, figure 12.11: uα .510 and |uα .413; uα pooled over codes is another."""
    case = CASES["unitizing2016/krippendorff2019_fig12_11"]
    documents = documents_of(case["data"])
    spans = span_table(documents, codes_of(documents))
    found = {
        key: compute_measure(build_statistics(key, spans)).overall.value
        for key in ("u_alpha", "joint_u_alpha", "bar_u_alpha", "cu_alpha")
    }
    assert same(found["joint_u_alpha"], 0.510, 0.0005)
    assert same(found["bar_u_alpha"], 0.413, 0.0005)
    assert same(found["cu_alpha"], 0.724, 0.0005)
    assert not same(found["u_alpha"], 0.510, 0.0005)


@parametrized("unitizing1995/", where=lambda case: case["data"]["format"] == "spans")
def test_measure_of_1995(case):
    documents = documents_of(case["data"])
    codes = codes_of(documents)
    spans = span_table(documents, codes)
    name, _, code = case["id"].split("/")[-1].partition("[")
    measured = compute_measure(build_statistics("u_alpha_1995", spans))
    if name == "alpha_u":
        result = measured.codes[codes.index(code[:-1])].result if code else measured.overall
        value = result.value
    else:
        table = SectionTable.of(spans).select()
        used = np.arange(len(codes))
        observed, expected = compute_cell_disagreements(
            table, SectionCells.build(table, used, by_source=False)
        )
        value = float((observed if name == "do" else expected)[codes.index(code[:-1])])
    assert same(value, case["expected"], case["tolerance"])
    assert same(value, case["exact"], 1e-9)


@parametrized("unitizing1995/delta2")
def test_difference_of_two_sections(case):
    """Each pair of sections alone on a continuum: the sum over ordered pairs of coders."""
    for (one, other), expected in zip(case["data"]["rows"], case["expected"], strict=True):
        assert difference(one, other) == expected


def difference(one, other):
    """What `SectionTable` holds of two sections: squares of units in gaps, and of units met."""
    (begin, length, valued), (start, size, marked) = one, other
    if valued and marked:
        both = [[(begin, begin + length, "a")], [(start, start + size, "a")]]
        return int(SectionTable.of(span_table([(both, 2000)], ["a"])).met[4].sum())
    if valued == marked:
        return 0
    if marked:
        (begin, length), (start, size) = (start, size), (begin, length)
    # A unit of one coder beside a gap of the other of exactly that length and place.
    rows = [[(begin, begin + length, "a")], [(0, start, "a"), (start + size, 2000, "a")]]
    rows[1] = [span for span in rows[1] if span[0] < span[1]]
    table = SectionTable.of(span_table([(rows, 2000)], ["a"])).select()
    alone = (table.mask[table.unit[2] == 0] == 0).all()
    return int(table.unit[3, 0] ** 2) if alone else 0
