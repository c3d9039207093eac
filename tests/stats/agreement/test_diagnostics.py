"""What a reviewer would ask, with the numbers."""

import numpy as np
import pytest

from cstoannot.stats.agreement.diagnostics import (
    DiagnosedCoding,
    DiagnosticNames,
    is_rare_code,
    rank_findings,
)
from cstoannot.stats.agreement.disagreements import KINDS, build_disagreements
from cstoannot.stats.agreement.engine import build_statistics, compute_measure
from cstoannot.stats.agreement.reliability_checks import (
    compute_lower_bound,
    describe_alpha,
    diagnose_coding,
    is_weak_code,
)
from cstoannot.stats.results import Coefficient, ConfidenceInterval
from cstoannot.stats.tables import SpanTable, Units

SENTENCES = 40
CODERS = ("ann", "bob", "cem")


def spans_of(*sources, finished=None):
    """Each source is what its coders marked: {code: numbers of sentences of ten characters}."""
    rows = [
        (source, coder, code, 10 * number, 10 * number + 10)
        for source, coders in enumerate(sources)
        for coder, codes in enumerate(coders)
        for code, numbers in codes.items()
        for number in numbers
    ]
    columns = np.array(rows, np.int64).reshape(-1, 5).T
    return SpanTable.build(
        lengths=[10 * SENTENCES] * len(sources),
        finished=finished or [[True] * len(coders) for coders in sources],
        n_codes=2,
        **dict(zip(("source", "annotator", "code", "start", "end"), columns, strict=True)),
    )


def sentences_of(spans):
    starts = [10 * n for _ in spans.lengths for n in range(SENTENCES)]
    counts = [SENTENCES] * len(spans.lengths)
    return Units.build("sentence", counts, starts, [start + 10 for start in starts])


def diagnose(*sources, finished=None, codes=(0, 1), labels=None, shown_pairs=None, disagree=False):
    """The findings by their keys."""
    spans = spans_of(*sources, finished=finished)
    statistics = build_statistics("krippendorff_alpha", spans, sentences_of(spans))
    shared = np.flatnonzero(spans.finished.sum(axis=1) >= 2)
    chosen = {
        "sources": shared,
        "annotators": np.arange(spans.n_annotators),
        "codes": np.array(codes),
    }
    measured = compute_measure(statistics, **chosen)
    found = diagnose_coding(
        DiagnosedCoding(
            table=statistics.table.select(**chosen),
            names=DiagnosticNames(
                ("fear", "hope"), CODERS, [f"text {n}" for n in range(len(sources))]
            ),
            codes=codes,
            finished=spans.finished,
            overall=measured.overall,
            all_codes=len(codes) == 2,
            values={one.code: one.result for one in measured.codes},
            pairs={(one.first, one.second): one.result for one in measured.pairs},
            by_source={one.source: one.result for one in measured.by_source},
            labels=labels or {},
            disagreements=count_kinds(spans) if disagree else {},
            shown_pairs=shown_pairs,
        )
    )
    assert [one.key for one in found] == [one.key for one in rank_findings(found)]
    return {one.key: one for one in found}


def count_kinds(spans):
    table = build_disagreements(spans)
    return {kind.value: table.count(kind) for kind in KINDS}


def value_of(value, low=None, high=None, **more):
    interval = None if low is None else ConfidenceInterval(low, high, 0.95, "sources", 12)
    return Coefficient(value, None, 100, 2, interval, **more)


EVEN = {0: range(20), 1: range(10, 30)}
TEN = ([EVEN, EVEN],) * 10


def test_nothing_is_asked_of_even_data():
    assert diagnose(*TEN) == {}


def test_nothing_is_asked_where_nobody_compared_anything():
    assert diagnose([EVEN, EVEN], finished=[[True, False]]) == {}
    assert diagnose([EVEN]) == {}


def test_single_category_names_the_code():
    found = diagnose(*([{0: range(20)}, {0: range(20)}],) * 10)["single_category"]
    assert found.message == (
        "1 code was given nowhere or everywhere, so agreement on it is undefined: “hope”."
    )


def test_code_that_was_not_asked_for_is_not_said_to_be_given_nowhere():
    assert diagnose(*TEN, codes=(0,)) == {}


def test_sources_read_by_one_coder_are_told_with_their_share():
    found = diagnose(*TEN, [EVEN, EVEN], finished=[[True, True]] * 10 + [[True, False]])
    assert found["one_coder_alone"].message == (
        "1 of 11 finished sources was read by one coder only and does not count: “text 10”."
    )


def test_few_sources_are_told_with_their_units():
    assert diagnose([EVEN, EVEN])["few_data"].message == (
        "Only 1 source with 40 units was read by two coders or more."
    )
    assert diagnose(*TEN[:9])["few_data"].message.startswith("Only 9 sources with 360 units were")


def test_coder_with_nothing_is_named_once_with_their_sources():
    found = diagnose(*([EVEN, {}, {}],) * 10)["annotator_without_annotations"]
    assert found.message == (
        "Finished without marking anything, though others read the same: bob 10 sources, "
        "cem 10 sources."
    )


def test_coder_without_the_codes_in_view_may_have_marked_others():
    found = diagnose(*([EVEN, {0: range(20)}],) * 10, codes=(1,))
    assert "any of the codes in view" in found["annotator_without_annotations"].message


def test_weak_codes_come_with_the_weakest_first():
    found = diagnose(*([EVEN, {0: range(4, 24), 1: range(18, 38)}],) * 10)["weak_codes"]
    assert "2 of 2 codes" in found.message
    assert found.message.index("“hope”") < found.message.index("“fear”")
    assert ", 28 units)" not in found.message
    assert ", 280 units)" in found.message


def test_only_code_in_view_needs_no_share():
    found = diagnose(*([EVEN, {0: range(15, 35)}],) * 10, codes=(0,))["weak_codes"]
    assert "is under .667 for the only code: “fear” (α = " in found.message


@pytest.mark.parametrize(
    ("value", "weak"),
    [
        (value_of(0.9, 0.7, 1.0), False),
        (value_of(0.9, 0.6, 1.0), True),
        (value_of(0.667), False),
        (value_of(0.6669), True),
    ],
)
def test_code_is_weak_by_its_lower_bound(value, weak):
    assert is_weak_code(value) == weak
    assert (compute_lower_bound(value) < 0.667) == weak


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (value_of(0.797), "α = 0.797"),
        (value_of(0.8), "α = 0.80"),
        (value_of(0.6671), "α = 0.67"),
        (value_of(0.6665), "α = 0.666"),
        (value_of(-0.25), "α = −0.25"),
        (value_of(0.7, 0.5, 0.9), "α = 0.70, 95 % interval 0.50 to 0.90"),
    ],
)
def test_values_have_the_decimals_that_the_limits_need(value, words):
    assert describe_alpha(value) == words


def test_weak_stances_and_voices_are_one_finding():
    labels = {"stance": value_of(0.5), "voice": value_of(0.9, 0.4, 1.0)}
    message = diagnose(*TEN, labels=labels)["weak_labels"].message
    assert "the stance (α = 0.50, 100 shared passages)" in message
    assert "the voice (α = 0.90, 95 % interval 0.40 to 1.00, 100 shared passages)" in message
    assert diagnose(*TEN, labels={"stance": value_of(0.9)}) == {}


def test_outlying_coder_is_told_with_every_pair():
    odd = {0: range(8, 28), 1: range(20, 40)}
    found = diagnose(*([EVEN, EVEN, odd],) * 10)["outlying_coder"]
    assert found.message.startswith("cem agrees less with the other coders (with ann: α = ")
    assert "ann and bob: α = 1.00, 400 units" in found.message


def test_outlying_coder_is_not_told_to_readers_of_their_own_pairs():
    odd = {0: range(8, 28), 1: range(20, 40)}
    coded = ([EVEN, EVEN, odd],) * 10
    assert "outlying_coder" not in diagnose(*coded, shown_pairs=frozenset({(0, 1), (0, 2)}))


def test_outlying_source_lowers_the_value_more_than_any_other():
    odd = [EVEN, {0: range(20, 40), 1: range(10)}]
    found = diagnose(*TEN[:4], odd)["outlying_source"]
    assert found.message.startswith("“text 4” (α = −")
    assert "outlying_source" not in diagnose(*(TEN * 8), odd)


def test_interval_across_a_limit_names_it():
    odd = [EVEN, {0: range(6, 26), 1: range(16, 36)}]
    found = diagnose(*TEN[:6], *([odd] * 6))["across_a_limit"]
    assert found.message.startswith("The interval of the value over all reaches across .")


def test_rare_codes_are_one_finding_with_their_units():
    rare = {**EVEN, 1: range(1)}
    found = diagnose(*([rare, rare],) * 10)["rare_codes"]
    assert found.message == (
        "Few oversights change the value of 1 of 2 codes, given or withheld so rarely: "
        "“hope” (10 units)."
    )


@pytest.mark.parametrize(
    ("marked", "prevalence", "rare"),
    [(9, 0.5, True), (10, 0.5, False), (90, 0.04, True), (90, 0.96, True), (0, 0.0, False)],
)
def test_code_is_rare_by_units_or_share(marked, prevalence, rare):
    assert is_rare_code(value_of(0.8, marked=marked, prevalence=prevalence)) == rare


def test_unequal_margins_are_one_finding():
    coded = ([{**EVEN, 1: range(30)}, {**EVEN, 1: range(8)}],) * 10
    found = diagnose(*coded)["unequal_margins"]
    assert found.message == "“hope”: ann gave it to 300 units, bob to 80 of the same."
    assert found.pairs == ((0, 1),)


def test_unequal_margins_of_hidden_pairs_are_not_told():
    coded = ([EVEN, {**EVEN, 1: range(30)}, {**EVEN, 1: range(8)}],) * 10
    assert (1, 2) in diagnose(*coded)["unequal_margins"].pairs
    found = diagnose(*coded, shown_pairs=frozenset({(0, 1), (0, 2)}))
    assert found["unequal_margins"].pairs == ((0, 2),)


def test_disagreement_at_the_bounds():
    assert "boundary_disagreement" not in diagnose(*TEN, disagree=True)
    spans = SpanTable.build(
        lengths=[90],
        finished=[[True, True]],
        n_codes=1,
        source=[0, 0],
        annotator=[0, 1],
        code=[0, 0],
        start=[0, 0],
        end=[5, 7],
    )
    kinds = count_kinds(spans)
    assert kinds["boundary"] == 1
    coded = DiagnosedCoding(
        table=build_statistics("krippendorff_alpha", spans, Units.characters([90])).table.select(),
        names=DiagnosticNames(("fear",), CODERS, ("text",)),
        codes=(0,),
        finished=spans.finished,
        overall=value_of(0.9),
        values={0: value_of(0.9)},
        disagreements=kinds,
    )
    messages = {one.key: one.message for one in diagnose_coding(coded)}
    assert messages["boundary_disagreement"].startswith("1 of 1 disagreement over passages is")
