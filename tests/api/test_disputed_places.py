import pytest

from cstoannot.agreement.disagreements import DisagreementFilter
from cstoannot.agreement.places import list_disputed_places
from tests.api.hostile import assert_problem
from tests.builders import annotate, finish


@pytest.fixture
def done(world):
    bob, beth = world.scope(world.bob), world.scope(world.beth)
    annotate(bob, world.shared, "Nobody came.", "plea")
    annotate(beth, world.shared, "Nobody came.", "failure")
    annotate(beth, world.shared, "hopes", "plea")
    for coder in (bob, beth):
        finish(coder, world.shared)
    return world


def _ask(client, world, query=""):
    answer = client.get(f"{world.api}disagreements/places/{query}")
    assert answer.status_code == 200
    return answer.json()


def test_places_are_those_of_the_page_with_who_holds_what(done, api):
    found = _ask(api(done.alice), done)
    listed = list_disputed_places(done.lead, DisagreementFilter())
    assert list(found) == ["next", "previous", "total", "every", "counts", "results"]
    assert (found["total"], found["every"], found["counts"]) == (
        *(listed.total, listed.every, listed.counts),
    )
    assert [(row["start"], row["kinds"]) for row in found["results"]] == [
        (entry.start, list(entry.kinds)) for entry in listed.entries
    ]
    (missed,) = [row for row in found["results"] if row["kinds"] == ["missed"]]
    assert missed["disagreements"] == 1
    held = [
        (one["annotators"], [passage["code"] for passage in one["passages"]])
        for one in missed["readings"]
    ]
    assert held == [(["beth"], ["plea"]), (["bob"], [])]


def test_pages_hold_every_place_once(done, api):
    lead = api(done.alice)
    whole, rows, page = _ask(lead, done)["results"], [], _ask(lead, done, "?page_size=1")
    rows += page["results"]
    while page["next"]:
        page = lead.get(page["next"].removeprefix("http://testserver")).json()
        rows += page["results"]
    assert rows == whole


@pytest.mark.parametrize("path", ["disagreements/", "disagreements/places/"])
def test_pair_of_codes_leaves_what_they_are_mixed_up_in(done, api, path):
    found = api(done.alice).get(f"{done.api}{path}?between=plea,failure").json()
    (row,) = found["results"]
    assert sorted(row["codes"]) == ["failure", "plea"]
    wrong = api(done.alice).get(f"{done.api}{path}?between=plea")
    assert_problem(wrong, 422)
    assert wrong.json()["errors"]["between"] == ["between names two codes."]


def test_blind_coder_is_listed_no_place(done, api):
    found = _ask(api(done.bob), done)
    assert (found["total"], found["every"], found["results"]) == (0, 0, [])
