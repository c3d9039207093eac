"""Plans by the API: previewed, applied, extended, handed on; and what is refused."""

import pytest

from cstoannot.assignments.models import Assignment, Plan
from tests.api.hostile import NOT_LINES, NOT_NUMBERS, assert_problem
from tests.builders import add_source, finish


@pytest.fixture
def plans(world, api):
    for number in range(4):
        add_source(world.lead, f"More {number}", "Many words. " * (number + 1))
    return lambda path="", user="alice": (
        api(getattr(world, user)),
        f"{world.api}plans/{path}",
    )


BOTH = {"annotators": ["bob", "beth"], "each": 1, "name": "Main"}


def test_dry_run_stores_nothing_and_says_what_applying_does(world, plans):
    lead, path = plans()
    before = Assignment.objects.count()
    dry = lead.post(f"{path}?dry_run=true", BOTH)
    assert (dry.status_code, dry.json()["plan"]) == (200, None)
    assert (Assignment.objects.count(), Plan.objects.count()) == (before, 0)
    done = lead.post(path, BOTH)
    assert done.status_code == 201
    assert done.json()["preview"] == dry.json()["preview"]
    assert Assignment.objects.count() == before + dry.json()["preview"]["given"]
    assert [one["name"] for one in lead.get(path).json()["results"]] == ["Main"]
    assert done.json()["plan"]["annotators"] == ["beth", "bob"]
    told = lead.get(f"{path}{done.json()['plan']['id']}/").json()["handed_out"]
    assert sum(one["sources"] for one in told["coders"]) == dry.json()["preview"]["given"]


def test_extension_and_handing_on(world, plans):
    lead, path = plans()
    made = lead.post(path, BOTH).json()["plan"]["id"]
    add_source(world.lead, "Newest", "Fresh words.")
    dry = lead.post(f"{path}{made}/extend/?dry_run=true", {"annotators": ["ada"]})
    done = lead.post(f"{path}{made}/extend/", {"annotators": ["ada"]})
    assert (dry.status_code, done.status_code) == (200, 200)
    assert done.json()["preview"] == dry.json()["preview"]
    assert "ada" in done.json()["plan"]["annotators"]
    finish(world.scope(world.bob), world.shared)
    body = {"annotator": "bob", "to": ["ada"]}
    dry = lead.post(f"{path}hand-on/?dry_run=true", body)
    done = lead.post(f"{path}hand-on/", body)
    assert done.json() == dry.json()
    assert set(Assignment.objects.filter(annotator=world.bob).values_list("state", flat=True)) == {
        "done"
    }


def test_precision_comes_with_the_preview(world, plans):
    lead, path = plans()
    found = lead.post(f"{path}?dry_run=true", BOTH).json()["preview"]["precision"]
    assert (found["so_far"], found["sources"]) == (0, 1)
    assert {one["expected"] for one in found["codes"]} == {None}


@pytest.mark.parametrize("field", ["each", "shared", "seed"])
def test_numbers_are_numbers(world, plans, field):
    lead, path = plans()
    for value in [*NOT_NUMBERS, 10**9 * 4]:
        assert_problem(lead.post(path, {**BOTH, field: value}), 400)
    assert not Plan.objects.exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"annotators": "bob"}, 400),
        ({"annotators": [1]}, 400),
        ({"annotators": []}, 422),
        ({"annotators": ["nobody"]}, 422),
        ({"annotators": ["vera"]}, 422),
        ({"annotators": ["bob"], "each": 2}, 422),
        ({"annotators": ["bob"], "each": 0}, 422),
        ({"annotators": ["bob"], "each": 1, "sources": [10**12]}, 422),
        ({"annotators": ["bob"], "each": 1, "sources": ["1"]}, 400),
        ({"annotators": ["bob"], "each": 1, "deadline": "tomorrow"}, 400),
        ({"annotators": ["bob"], "each": 1, "deadline": "2026-02-30"}, 400),
        ({"annotators": ["bob"], "each": 1, "deadline": 5}, 400),
        ({"annotators": ["bob"], "each": 1, "unknown": 4}, 400),
    ],
)
def test_what_is_no_plan(world, plans, body, status):
    lead, path = plans()
    assert_problem(lead.post(path, body), status)
    assert not Plan.objects.exists()


def test_names_of_plans_are_lines(world, plans):
    lead, path = plans()
    for name in NOT_LINES.values():
        if name.strip():
            assert lead.post(path, {**BOTH, "name": name}).status_code in {400, 422}
    assert not Plan.objects.exists()


def test_foreign_sources_and_people_are_not_there(world, plans):
    lead, path = plans()
    assert_problem(lead.post(path, {**BOTH, "sources": [world.foreign_source.pk]}), 422)
    assert_problem(lead.post(path, {**BOTH, "annotators": ["charlie"]}), 422)
    assert_problem(lead.post(f"{path}hand-on/", {"annotator": "charlie"}), 422)
    assert_problem(lead.post(f"{path}hand-on/", {"annotator": "b\x00"}), 400)


@pytest.mark.parametrize("user", ["bob", "vera"])
def test_others_know_of_no_plan(world, plans, user):
    lead, path = plans()
    made = lead.post(path, BOTH).json()["plan"]["id"]
    client, _ = plans(user=user)
    for answer in (
        client.get(path),
        client.get(f"{path}{made}/"),
        client.post(path, BOTH),
        client.post(f"{path}hand-on/", {"annotator": "beth"}),
    ):
        assert_problem(answer, 403)
    kinds = {one["kind"] for one in client.get(f"{world.api}events/").json()["results"]}
    assert not kinds & {"plan", "round"}
