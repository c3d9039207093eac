import pytest

from cstoannot.agreement.code_tables import build_code_table
from cstoannot.agreement.profiles import build_profile_report
from cstoannot.agreement.reports import AgreementQuery
from tests.api.hostile import assert_problem
from tests.builders import finish


@pytest.fixture
def done(world):
    """Both coders are done with the shared source, in which both marked two passages."""
    finish(world.scope(world.bob), world.shared)
    finish(world.scope(world.beth), world.shared)
    return world


@pytest.mark.parametrize("by", ["pair", "source", "coder"])
def test_tables_are_those_of_the_report(done, api, by):
    found = api(done.alice).get(f"{done.api}agreement/tables/?by={by}").json()
    table = build_code_table(done.lead, AgreementQuery(), by)
    assert (found["by"], found["unit"], found["total"]) == (by, table.unit, table.total)
    assert [(one["annotators"], one["source"]) for one in found["columns"]] == [
        ([annotator.username for annotator in one.annotators], one.source and one.source.pk)
        for one in table.columns
    ]
    assert [row["code"] for row in found["results"]] == [row.code.slug for row in table.rows]
    for row, expected in zip(found["results"], table.rows, strict=True):
        assert row["cells"] == [
            {
                "value": cell.value,
                "n": cell.n,
                "marked": cell.marked,
                "reason": cell.reason and cell.reason.value,
            }
            for cell in expected.cells
        ]


def test_columns_come_in_pages(done, api):
    lead, path = api(done.alice), f"{done.api}agreement/tables/?by=coder&page_size=1"
    first = lead.get(path).json()
    assert (first["columns"], first["previous"]) == (
        [{"annotators": ["beth"], "source": None}],
        None,
    )
    second = lead.get(first["next"].removeprefix("http://testserver")).json()
    assert second["columns"] == [{"annotators": ["bob"], "source": None}]
    assert second["next"] is None
    assert {len(row["cells"]) for row in second["results"]} == {1}


def test_measure_of_all_codes_at_once_has_no_table(done, api):
    answer = api(done.alice).get(f"{done.api}agreement/tables/?measure=stance_alpha")
    assert_problem(answer, 422)
    assert "measure" in answer.json()["errors"]


def test_profiles_are_those_of_the_report(done, api):
    found = api(done.alice).get(f"{done.api}agreement/profiles/").json()
    report = build_profile_report(done.lead, AgreementQuery())
    assert [one["annotator"] for one in found["results"]] == ["beth", "bob"]
    for one, expected in zip(found["results"], report.profiles, strict=True):
        for name in ("own", "others", "majority", "precision", "recall", "f1", "alpha"):
            assert one[name] == getattr(expected.against, name)
        assert one["passages"] == expected.passages == 2
        assert one["mean_length"] == expected.length
        assert one["share_marked"] == expected.marked
        assert [code["code"] for code in one["codes"]] == ["failure", "plea"]
