"""Rounds by the API, and `round=` as far as there are rounds for the reader."""

import pytest

from cstoannot.assignments.models import Round
from tests.api.hostile import LINES, NOT_LINES, NOT_NUMBERS, assert_problem


def test_round_is_created_changed_and_deleted(world, api):
    lead, path = api(world.alice), f"{world.api}rounds/"
    made = lead.post(path, {"name": "Pilot", "sources": [world.shared.pk]})
    assert made.status_code == 201
    assert (made.json()["revision"], made.json()["sources"]) == (2, [world.shared.pk])
    one = f"{path}{made.json()['id']}/"
    changed = lead.patch(
        one, {"name": "Pilot 1", "add": [world.bobs.pk], "remove": [world.shared.pk]}
    )
    assert (changed.json()["name"], changed.json()["sources"]) == ("Pilot 1", [world.bobs.pk])
    assert lead.get(one).json() == changed.json()
    assert [round["name"] for round in lead.get(path).json()["results"]] == ["Pilot 1"]
    assert lead.delete(one).status_code == 204
    assert_problem(lead.get(one), 404)


def test_names_come_back_as_they_are(world, api):
    lead, path = api(world.alice), f"{world.api}rounds/"
    for name in LINES.values():
        assert lead.post(path, {"name": name}).json()["name"] == name.strip()
    for name in NOT_LINES.values():
        assert lead.post(path, {"name": name}).status_code in {400, 422}
    assert_problem(lead.post(path, {"name": LINES["a path"]}), 409)


@pytest.mark.parametrize("field", ["sources", "revision"])
def test_numbers_are_numbers(world, api, field):
    lead = api(world.alice)
    for value in NOT_NUMBERS:
        sent = [value] if field == "sources" else value
        answer = lead.post(f"{world.api}rounds/", {"name": "A", field: sent})
        assert_problem(answer, 400)
    assert not Round.objects.exists()


def test_foreign_sources_are_refused(world, api):
    lead = api(world.alice)
    body = {"name": "A", "sources": [world.foreign_source.pk]}
    assert_problem(lead.post(f"{world.api}rounds/", body), 422)
    assert not Round.objects.exists()
