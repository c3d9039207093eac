"""What a reviewer will ask: independence from the history, true under every filter, told alike."""

import csv
import io

import pytest
from django.utils.html import strip_tags

from cstoannot.agreement.diagnosis import diagnose_report
from cstoannot.agreement.reports import AgreementQuery
from cstoannot.assignments.actions import change_project_settings
from cstoannot.comparison.reviewer_remarks import list_reviewer_remarks
from cstoannot.projects.models import Role
from tests.builders import add_source, annotate, assign_to, finish, join, make_user


@pytest.fixture
def coded(world):
    """Bob and Beth finish the shared source."""
    for coder in (world.bob, world.beth):
        finish(world.scope(coder), world.shared)
    return world


def _texts(scope, **asked):
    return {one.key: one.text for one in diagnose_report(scope, AgreementQuery(**asked))}


def test_coders_of_a_blind_project_are_blind(coded):
    assert "not_blind" not in _texts(coded.lead)


def test_visibility_after_the_coding_changes_nothing(coded):
    change_project_settings(coded.lead, visibility="all")
    assert "not_blind" not in _texts(coded.scope(coded.alice))


def test_visibility_during_a_part_of_the_coding_is_told(world):
    finish(world.scope(world.bob), world.shared)
    change_project_settings(world.lead, visibility="all")
    annotate(world.scope(world.beth), world.shared, "hopes", "plea")
    change_project_settings(world.lead, visibility="own")
    finish(world.scope(world.beth), world.shared)
    assert _texts(world.scope(world.alice))["not_blind"] == (
        "Coders could see each other’s coding while they coded for a part of the time."
    )


def test_visibility_during_all_of_the_coding_is_told(world):
    change_project_settings(world.lead, visibility="all")
    source = add_source(world.lead, "Another")
    assign_to(world.lead, source, world.bob, world.beth)
    annotate(world.scope(world.bob), source, "hopes", "plea")
    for coder in (world.bob, world.beth):
        finish(world.scope(coder), source)
    assert _texts(world.scope(world.alice), sources=(source.pk,))["not_blind"] == (
        "Coders could see each other’s coding while they coded."
    )


def test_coder_whose_role_sees_everything_is_not_blind(coded):
    assign_to(coded.lead, coded.shared, coded.ada)
    finish(coded.scope(coded.ada), coded.shared)
    assert _texts(coded.lead)["not_blind"] == (
        "ada coded as adjudicator, a role that sees what all others mark."
    )
    assert "not_blind" not in _texts(coded.lead, annotators=("bob", "beth"))


def test_sources_alone_are_those_of_the_coders_in_view(coded):
    carl = make_user("carl")
    join(coded.lead, carl, Role.ANNOTATOR)
    source = add_source(coded.lead, "Another")
    assign_to(coded.lead, source, coded.bob, carl)
    for coder in (coded.bob, carl):
        finish(coded.scope(coder), source)
    assert "one_coder_alone" not in _texts(coded.lead)
    assert _texts(coded.lead, annotators=("bob", "beth"))["one_coder_alone"] == (
        "1 of 2 finished sources was read by one coder only and does not count: “Another”."
    )
    assert "one_coder_alone" not in _texts(
        coded.lead, annotators=("bob", "beth"), sources=(coded.shared.pk,)
    )


def test_claim_that_rests_on_one_place_is_named(lead):
    keys = {one.key: one.text for one in list_reviewer_remarks(lead, AgreementQuery())}
    assert keys["one_place"] == (
        "In the comparison, a side on “Article 2 consultations” rests on a single place of the "
        "text."
    )


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"codes": ("article-4",)},
        {"annotators": ("coder-a", "coder-b")},
        {"annotators": ("coder-a",)},
        {"unit": "source"},
        {"measure": "u_alpha"},
    ],
)
def test_remarks_are_at_most_seven_each_key_once(lead, asked):
    keys = [one.key for one in list_reviewer_remarks(lead, AgreementQuery(**asked))]
    assert len(keys) == len(set(keys)) <= 7


def _read_csv(response):
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("query", ["", "?code=plea", "?annotator=bob,beth&unit=paragraph"])
def test_page_api_and_csv_say_the_same(coded, api, client_for, query):
    assign_to(coded.lead, coded.shared, coded.ada)
    finish(coded.scope(coded.ada), coded.shared)
    remarks = api(coded.alice).get(f"{coded.api}agreement/remarks/{query}").json()["remarks"]
    client, base = client_for(coded.alice), f"/projects/{coded.slug}/agreement/"
    rows = _read_csv(client.get(f"{base}remarks.csv{query}"))
    assert [row["remark"] for row in rows] == [one["text"] for one in remarks]
    assert [row["advice"] for row in rows] == [one["advice"] for one in remarks]
    assert [row["rank"] for row in rows] == [str(n) for n in range(1, len(remarks) + 1)]
    page = " ".join(strip_tags(client.get(f"{base}diagnostics/{query}").content.decode()).split())
    assert remarks
    for one in remarks:
        assert all(figure["words"] in one["text"] for figure in one["figures"])
        assert one["advice"] in page
