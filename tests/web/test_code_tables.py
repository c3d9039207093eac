"""The pages of codes by pair, source and coder, and of the coders' profiles."""

import re

import pytest
from django.http import HttpResponse

from cstoannot.agreement.code_tables import build_code_table
from cstoannot.agreement.profiles import build_profile_report
from cstoannot.agreement.reports import AgreementQuery
from tests.web.pages import html_of, text_of
from tests.web.test_agreement import both_finish, heading_number, more_sources, read_csv

CELL = re.compile(r'<a href="([^"]*agreement/evidence/[^"]*)"')


@pytest.fixture
def coded(world):
    both_finish(world)
    more_sources(world, 3)
    return world


@pytest.mark.parametrize("by", ["pair", "source"])
def test_every_value_opens_as_many_units_as_it_counts(coded, lead, at, by):
    page = html_of(lead.get(f"{at('agreement/tables/')}?by={by}")).replace("&amp;", "&")
    table = build_code_table(coded.lead, AgreementQuery(), by)
    links = CELL.findall(page)
    counts = [cell.n for row in table.rows for cell in row.cells if cell.value is not None]
    assert len(links) == len(counts) > 1
    assert [heading_number(lead.get(link)) for link in links] == counts


def test_headings_sort_and_say_so(coded, lead, at):
    path = f"{at('agreement/tables/')}?by=source"
    table = build_code_table(coded.lead, AgreementQuery(), "source")
    for sort, state in (("0", "ascending"), ("-0", "descending")):
        page = html_of(lead.get(f"{path}&sort={sort}"))
        assert page.count("aria-sort=") == 1
        assert f'aria-sort="{state}"' in page
        rows = table.sort_rows(0, descending=state == "descending").rows
        assert re.findall(r'class="chip" data-code="([^"]+)"', page) == [r.code.slug for r in rows]
    assert "by=source&amp;page=1&amp;sort=-0" in html_of(lead.get(f"{path}&sort=0"))


def test_frequencies_are_shares_with_their_counts(coded, lead, at):
    page = text_of(lead.get(f"{at('agreement/tables/')}?by=coder"))
    table = build_code_table(coded.lead, AgreementQuery(), "coder")
    for row in table.rows:
        for cell in row.cells:
            assert f"{100 * cell.value:.1f} % {cell.marked} of {cell.n}" in page


def test_measure_without_tables_says_so(coded, lead, at):
    answer = lead.get(f"{at('agreement/tables/')}?measure=stance_alpha")
    assert answer.status_code == 422
    assert "is not computed for one code at a time" in text_of(answer)


def test_files_say_the_same(coded, lead, at):
    for by, heads in (("pair", ["first", "second"]), ("source", ["source", "title"])):
        rows = read_csv_stream(lead.get(f"{at('agreement/tables.csv')}?by={by}"))
        table = build_code_table(coded.lead, AgreementQuery(), by)
        cells = [cell for row in table.rows for cell in row.cells]
        assert [row["value"] for row in rows] == [
            "" if cell.value is None else repr(cell.value) for cell in cells
        ]
        assert set(heads) <= set(rows[0])
    rows = read_csv(lead.get(at("agreement/profiles.csv")))
    profiles = build_profile_report(coded.lead, AgreementQuery()).profiles
    assert [row["f1"] for row in rows if not row["code"]] == [
        repr(one.against.f1) for one in profiles
    ]
    assert len(rows) == sum(1 + len(one.codes) for one in profiles)


def read_csv_stream(response):
    return read_csv(HttpResponse(b"".join(response.streaming_content)))


def test_profiles_show_the_numbers_of_the_report(coded, lead, at):
    page = text_of(lead.get(at("agreement/profiles/")))
    for one in build_profile_report(coded.lead, AgreementQuery()).profiles:
        against = one.against
        assert f"{one.annotator.username} {one.sources} {one.passages}" in page
        assert f"{against.precision:.2f} {against.recall:.2f} {against.f1:.2f}" in page
    assert at("agreement/profiles/") in html_of(lead.get(at("agreement/")))
    assert at("agreement/tables/") in html_of(lead.get(at("agreement/")))
