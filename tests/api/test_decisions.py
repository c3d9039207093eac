"""Places and decisions through the API: shapes, versions, pages, refusals."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.hostile import assert_problem, contents
from tests.builders import annotate, finish


@pytest.fixture
def finished(world):
    finish(world.scope(world.bob), world.shared)
    finish(world.scope(world.beth), world.shared)
    return world


def places(client, world, query=""):
    return client.get(f"{world.api}decisions/{query}").json()["results"]


def test_place_has_its_readings_without_names_or_ids(finished, api):
    first, second = places(api(finished.ada), finished, f"?source={finished.shared.pk}")
    assert {**first, "readings": None, "majority": None, "id": None} == {
        "id": None,
        "source": finished.shared.pk,
        "start": 0,
        "end": 31,
        "state": "undecided",
        "agreed": False,
        "version": 0,
        "kinds": ["boundary", "different_stance", "different_voice"],
        "read_by": 2,
        "readings": None,
        "majority": None,
        "decision": None,
        "apart": [],
    }
    reading = next(one for one in first["readings"] if one["annotations"][0]["start"] == 4)
    assert reading == {
        "reading": reading["reading"],
        "coders": 1,
        "annotators": [],
        "annotations": [
            {
                "code": "failure",
                "start": 4,
                "end": 19,
                "quote": "alliance failed",
                "stance": "opposes",
                "voice": "The minister",
            }
        ],
    }
    assert second["start"] == 34


def test_place_is_decided_changed_and_withdrawn(finished, api):
    ada, alice = api(finished.ada), api(finished.alice)
    first = places(ada, finished, f"?source={finished.shared.pk}")[0]
    path = f"{finished.api}decisions/{first['id']}/"
    answer = ada.put(path, {"outcome": "majority", "rule": "Article 4 asks."})
    assert (answer.status_code, answer["ETag"]) == (200, '"1"')
    decision = answer.json()["decision"]
    assert (decision["outcome"], decision["by"], decision["rule"]) == (
        "majority",
        "ada",
        "Article 4 asks.",
    )
    assert ada.put(path, {"outcome": "majority", "rule": "Article 4 asks."}).json() == answer.json()
    nothing = {"outcome": "nothing", "reason": "No."}
    refused = alice.put(path, nothing)
    assert_problem(refused, 428)
    assert refused.json()["current"] == answer.json()
    assert_problem(alice.put(path, nothing, if_match='"9"'), 412)
    tag = alice.get(path)["ETag"]
    assert alice.put(path, nothing, if_match=tag).json()["decision"]["by"] == "alice"
    assert_problem(ada.delete(path), 428)
    assert ada.delete(path, if_match='"2"').status_code == 204
    assert_problem(ada.delete(path), 404)


def test_place_that_changed_is_409(finished, api):
    first = places(api(finished.ada), finished, f"?source={finished.shared.pk}")[0]
    annotate(finished.scope(finished.bob), finished.shared, "failed", stance="opposes")
    path = f"{finished.api}decisions/{first['id']}/"
    assert_problem(api(finished.ada).get(path), 409)
    assert_problem(api(finished.ada).put(path, {"outcome": "majority"}), 409)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"outcome": 1}, 400),
        ({"outcome": "majority", "annotations": [{"code": "plea"}]}, 400),
        ({"outcome": "plural", "readings": ["1"]}, 400),
        ({"outcome": "majority", "by": "bob"}, 400),
        ({"outcome": "maybe"}, 422),
        ({"outcome": "nothing"}, 422),
        ({"outcome": "adopted", "reading": 10**15}, 422),
        ({"outcome": "majority", "reason": "x" * 10_001}, 422),
    ],
)
def test_bodies_that_decide_nothing(finished, api, body, status):
    first = places(api(finished.ada), finished, f"?source={finished.shared.pk}")[0]
    before = contents()
    assert_problem(api(finished.ada).put(f"{finished.api}decisions/{first['id']}/", body), status)
    assert contents() == before


def test_pages_of_one_source_and_of_all(finished, api):
    ada = api(finished.ada)
    finish(finished.scope(finished.beth), finished.beths)
    everything = [one["id"] for one in places(ada, finished)]
    assert len(everything) == 3
    found, path = [], f"{finished.api}decisions/?page_size=1"
    while path:
        page = ada.get(path.replace("http://testserver", "")).json()
        found += [one["id"] for one in page["results"]]
        path = page["next"]
    assert found == everything
    first = ada.get(f"{finished.api}decisions/?source={finished.shared.pk}&page_size=1").json()
    second = ada.get(first["next"].replace("http://testserver", "")).json()
    assert [one["id"] for one in first["results"] + second["results"]] == everything[:2]
    assert second["next"] is None
    for state, number in (("undecided", 3), ("decided", 0), ("again,decided", 0)):
        assert len(places(ada, finished, f"?state={state}")) == number


@pytest.mark.parametrize(
    "query", ["?cursor=x", "?state=done", "?source=x", "?source=-1", "?page_size=0", "?order=x"]
)
def test_queries_that_mean_nothing(finished, api, query):
    assert_problem(api(finished.ada).get(f"{finished.api}decisions/{query}"), 400)


def test_agreed_places_are_counted_and_adopted(finished, api):
    for coder in (finished.bob, finished.beth):
        annotate(finished.scope(coder), finished.shared, "Nobody came.", stance="supports")
    ada, path = api(finished.ada), f"{finished.api}decisions/adopt/"
    body = {"source": finished.shared.pk}
    counted = ada.post(f"{path}?dry_run=true", body).json()
    assert (counted["dry_run"], counted["places"], counted["sources"]) == (True, 1, 1)
    assert [one["agreed"] for one in counted["listed"]] == [True]
    assert places(ada, finished, "?state=decided") == []
    assert ada.post(path, body).json() == {**counted, "dry_run": False}
    assert ada.post(path, {}).json()["places"] == 0
    assert_problem(ada.post(path, {"source": 10**15}), 404)


def test_number_of_queries_does_not_grow(finished, api):
    ada = api(finished.ada)

    def count():
        with CaptureQueriesContext(connection) as captured:
            found = places(ada, finished, f"?source={finished.shared.pk}")
        return len(found), len(captured)

    few, before = count()
    for quote in ("Nobody", "came", "hopes", "cafe"):
        annotate(finished.scope(finished.bob), finished.shared, quote)
    for place in places(ada, finished, f"?source={finished.shared.pk}")[:2]:
        ada.put(f"{finished.api}decisions/{place['id']}/", {"outcome": "majority"})
    many, after = count()
    assert (few, many, after <= before) == (2, 6, True)
