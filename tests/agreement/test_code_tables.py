"""Tables of codes and profiles of coders, against the demonstration's codings counted by hand."""

import math

import pytest

from cstoannot.agreement.code_tables import build_code_table
from cstoannot.agreement.disagreements import DisagreementFilter, compute_mixed_codes
from cstoannot.agreement.profiles import build_profile_report
from cstoannot.agreement.reports import AgreementQuery, build_agreement_report
from cstoannot.core.errors import Invalid
from tests.agreement.demo import CODERS, PAIRS, Codings, demo
from tests.stats.reference import slow


@pytest.fixture
def scope(db):
    return demo()


def cells_of(found):
    return {
        (row.code.slug, column.label): cell
        for row in found.rows
        for column, cell in zip(found.columns, row.cells, strict=True)
    }


def is_same(value, expected):
    if math.isnan(expected):
        return value is None
    return value is not None and abs(value - expected) < 1e-9


def test_codes_by_pair_and_by_source_of_the_demonstration(scope):
    said = Codings()
    by_pair = build_code_table(scope, AgreementQuery(), "pair")
    assert [column.label for column in by_pair.columns] == [", ".join(pair) for pair in PAIRS]
    assert {row.code.slug for row in by_pair.rows} == set(said.codes)
    for (code, label), cell in cells_of(by_pair).items():
        ratings = said.ratings(label.split(", "), code)
        assert cell.n == len(ratings)
        assert is_same(cell.value, slow.krippendorff_alpha(ratings))
    by_source = build_code_table(scope, AgreementQuery(), "source")
    numbers = {pk: number for number, pk in enumerate(said.pks)}
    for row in by_source.rows:
        for column, cell in zip(by_source.columns, row.cells, strict=True):
            ratings = said.ratings(CODERS, row.code.slug, [numbers[column.source.pk]])
            assert cell.n == len(ratings)
            assert is_same(cell.value, slow.krippendorff_alpha(ratings))


def test_a_page_of_columns_is_a_part_of_the_table(scope):
    for by in ("pair", "source", "coder"):
        whole = build_code_table(scope, AgreementQuery(), by)
        part = build_code_table(scope, AgreementQuery(), by, offset=1, limit=2)
        assert part.total == whole.total == len(whole.columns)
        assert part.columns == whole.columns[1:3]
        assert [row.cells for row in part.rows] == [row.cells[1:3] for row in whole.rows]


def test_frequencies_by_coder_are_in_the_unit_that_was_chosen(scope):
    said = Codings()
    found = build_code_table(scope, AgreementQuery(), "coder")
    for (code, coder), cell in cells_of(found).items():
        ratings = said.ratings([coder], code)
        assert (cell.marked, cell.n) == (sum(map(sum, ratings)), len(ratings))
        assert cell.value == cell.marked / cell.n
    text = build_code_table(scope, AgreementQuery(measure="u_alpha"), "coder")
    assert text.unit == "character"
    for (_, _), cell in cells_of(text).items():
        assert cell.n == sum(map(len, said.texts))


def test_one_column_is_what_the_report_of_its_selection_says(scope):
    whole = build_code_table(scope, AgreementQuery(measure="f1_exact"), "pair")
    for place, column in enumerate(whole.columns):
        names = tuple(one.username for one in column.annotators)
        report = build_agreement_report(
            scope, AgreementQuery(measure="f1_exact", annotators=names, interval="none")
        )
        for row, code in zip(whole.rows, report.codes, strict=True):
            assert (row.code, row.cells[place].n) == (code.code, code.result.n)
            assert row.cells[place].value == code.result.value


def test_rows_are_sorted_by_a_column_undefined_last(scope):
    found = build_code_table(scope, AgreementQuery(), "source")
    for number in range(found.total):
        for descending in (False, True):
            table = found.sort_rows(number, descending=descending)
            values = [row.cells[number].value for row in table.rows]
            defined = [value for value in values if value is not None]
            assert values == sorted(defined, reverse=descending) + [None] * values.count(None)
    assert found.sort_rows(99, descending=True) == found


@pytest.mark.parametrize("measure", ["stance_alpha", "cu_alpha", "u_alpha_1995"])
def test_measures_of_several_codes_at_once_are_refused(scope, measure):
    with pytest.raises(Invalid, match="not computed for one code at a time"):
        build_code_table(scope, AgreementQuery(measure=measure), "pair")
    assert build_code_table(scope, AgreementQuery(measure=measure), "coder").unit == "sentence"


def test_a_filtered_code_keeps_what_it_is_mixed_up_with(scope):
    whole = compute_mixed_codes(scope, DisagreementFilter())
    slugs = [code.slug for code in whole.codes]
    some = 0
    for place, row in enumerate(whole.matrix):
        found = compute_mixed_codes(scope, DisagreementFilter(codes=(slugs[place],)))
        beside = {slugs[n] for n, count in enumerate(row) if count} | {slugs[place]}
        assert {code.slug for code in found.codes} == beside
        some += len(beside) > 1
        own = [code.slug for code in found.codes].index(slugs[place])
        assert sum(found.matrix[own]) == sum(row)
        assert found.missed[own] == whole.missed[place]
    assert some


def test_profiles_of_the_demonstration(scope):
    said = Codings()
    found = build_profile_report(scope, AgreementQuery())
    assert [one.annotator.username for one in found.profiles] == list(CODERS)
    for profile in found.profiles:
        coder = profile.annotator.username
        others = [one for one in CODERS if one != coder]
        rows = [row for source in said.said[coder] for row in source]
        assert (profile.sources, profile.passages) == (5, len(rows))
        lengths = [row["end"] - row["start"] for row in rows]
        assert profile.length == pytest.approx(sum(lengths) / len(lengths))
        marked = sum(
            len({at for start, end, _ in said.spans(coder, n) for at in range(start, end)})
            for n in range(5)
        )
        assert profile.marked == pytest.approx(marked / sum(map(len, said.texts)))
        for code in profile.codes:
            slug = code.code.slug
            own = [row[0] for row in said.ratings([coder], slug)]
            theirs = said.ratings(others, slug)
            majority = [int(sum(row) > len(others) / 2) for row in theirs]
            against = code.against
            assert code.passages == sum(row["code"] == slug for row in rows)
            assert (against.own, against.majority) == (sum(own), sum(majority))
            assert against.others == pytest.approx(sum(map(sum, theirs)) / len(others))
            pairs = [list(pair) for pair in zip(own, majority, strict=True)]
            assert is_same(against.alpha, slow.krippendorff_alpha(pairs))
