"""What a reviewer would raise, with the numbers."""

import numpy as np

from cstoannot.stats.agreement import coding_builders
from cstoannot.stats.agreement.diagnostics import DiagnosticNames, diagnose_coding
from cstoannot.stats.agreement.disagreements import KINDS, build_disagreements
from cstoannot.stats.tables import SpanTable, Units

SENTENCES = 40


def counts(spans):
    found = build_disagreements(spans)
    return {kind.value: found.count(kind) for kind in KINDS}


def findings(*coders, finished=None, disagree=False, codes=None):
    """Each coder's marked sentences {code: numbers} of one source of forty sentences of ten."""
    rows = [
        (coder, code, 10 * number, 10 * number + 10)
        for coder, codes in enumerate(coders)
        for code, numbers in codes.items()
        for number in numbers
    ]
    annotator, code, start, end = np.array(rows, np.int64).reshape(-1, 4).T
    spans = SpanTable.build(
        lengths=[10 * SENTENCES, 5],
        finished=[[True] * len(coders), finished or [True] * len(coders)],
        n_codes=2,
        source=np.zeros(len(rows), np.int64),
        annotator=annotator,
        code=code,
        start=start,
        end=end,
    )
    starts = [*range(0, 10 * SENTENCES, 10), 0]
    ends = [*range(10, 10 * SENTENCES + 10, 10), 5]
    table = coding_builders.build_unit_coding(
        spans, Units.build("sentence", [SENTENCES, 1], starts, ends)
    )
    names = DiagnosticNames(("fear", "hope"), ("ann", "bob", "cem"), ("first", "second"))
    found = diagnose_coding(
        table.select(codes=codes),
        names,
        codes=codes,
        whole=table,
        disagreements=counts(spans) if disagree else None,
    )
    return {finding.key: finding for finding in found}


EVEN = {0: range(20), 1: range(10, 30)}


def test_nothing_to_say_of_even_data():
    assert findings(EVEN, EVEN) == {}


def test_single_category():
    found = findings({0: range(20)}, {0: range(20)})["single_category"]
    assert found.codes == (1,)
    assert "hope" in found.message


def test_code_that_was_not_asked_for_is_not_said_to_be_given_nowhere():
    assert findings(EVEN, EVEN, codes=[0]) == {}


def test_sources_nobody_shares():
    found = findings(EVEN, EVEN, finished=[True, False])["unshared_sources"]
    assert found.sources == (1,)
    assert found.message.startswith("1 of 2 sources")


def test_annotator_with_nothing():
    found = findings(EVEN, EVEN, {})["annotator_without_annotations"]
    assert found.annotators == (2,)
    assert found.message.startswith("cem finished 2 shared sources")


def test_few_marked_units():
    found = findings({**EVEN, 1: range(3)}, {**EVEN, 1: range(3)})["few_marked_units"]
    assert found.message == "“hope” was given to 3 units only."


def test_skewed_prevalence():
    most = {0: range(SENTENCES + 0), 1: range(20)}
    nearly = {0: range(SENTENCES), 1: range(20)}
    found = findings(most, nearly)
    assert found["skewed_prevalence"].codes == (0,)
    assert "97.6 %" in found["skewed_prevalence"].message


def test_unequal_margins():
    found = findings({**EVEN, 1: range(30)}, {**EVEN, 1: range(8)})["unequal_margins"]
    assert found.annotators == (0, 1)
    assert "ann gave it to 30 units, bob to 8 of the same" in found.message


def test_few_units():
    spans = SpanTable.build(
        lengths=[10],
        finished=[[True, True]],
        n_codes=1,
        source=[0, 0],
        annotator=[0, 1],
        code=[0, 0],
        start=[0, 0],
        end=[5, 5],
    )
    table = coding_builders.build_unit_coding(spans, Units.build("sentence", [2], [0, 5], [5, 10]))
    found = diagnose_coding(table.select(), DiagnosticNames(("fear",), ("ann", "bob"), ("first",)))
    assert found[0].key == "few_units"
    assert found[0].message == "Only 2 units were judged by two coders or more."


def test_disagreement_at_the_bounds():
    shifted = {code: numbers for code, numbers in EVEN.items()}
    spans = [EVEN, shifted]
    found = findings(*spans, disagree=True)
    assert "boundary_disagreement" not in found
    table = SpanTable.build(
        lengths=[90],
        finished=[[True, True]],
        n_codes=1,
        source=[0, 0],
        annotator=[0, 1],
        code=[0, 0],
        start=[0, 0],
        end=[5, 7],
    )
    units = coding_builders.build_unit_coding(table, Units.characters(table.lengths)).select()
    names = DiagnosticNames(("fear",), ("ann", "bob"), ("first",))
    keys = {
        finding.key: finding
        for finding in diagnose_coding(units, names, disagreements=counts(table))
    }
    assert keys["boundary_disagreement"].message.startswith("1 of 1 disagreements")
