import pytest

from cstoannot.agreement.precision import build_difference_report, build_precision_report
from cstoannot.agreement.reports import AgreementQuery
from cstoannot.projects.actions import change_project
from cstoannot.stats.agreement.more_sources import count_further_sources
from tests.agreement.demo import CODERS, demo
from tests.api.hostile import assert_problem
from tests.web.pages import text_of
from tests.web.test_agreement import both_finish, more_sources, read_csv


@pytest.fixture
def coded(world):
    both_finish(world)
    more_sources(world, 4)
    return world


def test_needs_are_those_of_the_reports_intervals(coded, api, client_for):
    found = api(coded.alice).get(f"{coded.api}agreement/precision/").json()
    report = build_precision_report(coded.lead, AgreementQuery())
    rows = read_csv(client_for(coded.alice).get(f"/projects/{coded.slug}/agreement/precision.csv"))
    assert [row["code"] for row in found["results"]] == ["failure", "plea"]
    for one, need, row in zip(found["results"], report.codes, rows, strict=True):
        result = need.code.result
        assert need.further == tuple(count_further_sources(result, width) for width in (0.1, 0.05))
        assert (one["further_for_10"], one["further_for_05"]) == need.further
        assert (one["value"], one["low"]) == (result.value, result.interval.low)
        assert row["further_sources_for_0.05"] == str(need.further[1])


def test_difference_is_that_of_the_report(coded, api, client_for):
    query = "?of=coders&first=beth&second=bob"
    found = api(coded.alice).get(f"{coded.api}agreement/difference/{query}").json()
    test = build_difference_report(coded.lead, AgreementQuery(), "coders", "beth", "bob").test
    assert (found["p"], found["ratio"], found["sources"]) == (test.p, test.ratio, 5)
    assert f"jackknife over {test.sources} sources" in text_of(
        client_for(coded.alice).get(f"/projects/{coded.slug}/agreement/precision/{query}")
    )


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("first=beth&second=beth", "second"),
        ("first=beth&second=nobody", "second"),
        ("of=codes&first=plea&second=failure&measure=cohen_kappa", "measure"),
        ("of=codes&first=plea&second=failure&measure=stance_alpha", "measure"),
    ],
)
def test_what_cannot_be_compared_is_refused(coded, api, query, field):
    answer = api(coded.alice).get(f"{coded.api}agreement/difference/?{query}")
    assert_problem(answer, 422)
    assert field in answer.json()["errors"]


def test_blind_coder_has_no_test_and_no_needs(coded, api):
    bob = api(coded.bob)
    query = "agreement/difference/?first=beth&second=bob"
    assert_problem(bob.get(coded.api + query), 422)
    needs = bob.get(f"{coded.api}agreement/precision/").json()["results"]
    assert {(one["value"], one["further_for_05"]) for one in needs} == {(None, None)}
    change_project(coded.lead, visibility="all")
    assert bob.get(coded.api + query).json()["sources"] == 5


@pytest.mark.django_db
def test_coders_of_the_demonstration():
    scope = demo()
    found = build_difference_report(scope, AgreementQuery(), "coders", *CODERS[:2])
    assert found.test.sources == 5
    assert found.test.low < found.test.ratio < found.test.high
    assert 0 < found.test.p <= 1
