import pytest
from django.test import Client

from cstoannot.api import sources
from tests.api.hostile import assert_problem
from tests.api.test_blindness import PATHS

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@pytest.mark.parametrize(
    "path",
    [
        *["/api/", "/api/v1/", "/api/v2/me/", "/api/v1/nothing/", "/api/v1/projects/x/y/z/"],
        *["/api/v1/me/%00/", "/api/v1//me/", "/api/v1/../me/", "/api/v1/sources/1/"],
    ],
)
def test_addresses_that_there_are_not(world, client_for, path):
    for user in (world.alice, None):
        for method in METHODS:
            assert_problem(client_for(user).generic(method, path), 404)


def test_methods_that_there_are_not(world, api):
    lead = api(world.alice)
    for path, method in (("me/", "DELETE"), ("{}sources/", "PUT"), ("{}events/", "POST")):
        answer = lead.request(method, path.format(world.api))
        assert_problem(answer, 405)
        assert method not in answer["Allow"]
    assert_problem(lead.request("BREW", "me/"), 405)


@pytest.mark.parametrize("path", PATHS)
def test_nobody_is_asked_to_sign_in(world, client, path):
    for method in METHODS:
        address = path.format(world.api)
        address = address if address.startswith("/") else f"/api/v1/{address}"
        assert_problem(client.generic(method, address), 401)


@pytest.mark.parametrize("path", [path for path in PATHS if path.startswith("{}")])
def test_a_project_of_others_is_as_one_that_there_is_not(world, api, path):
    dan = api(world.dan)
    for method in METHODS:
        theirs = dan.request(method, path.format(world.api), {"x": 1})
        never = dan.request(method, path.format("projects/never/"), {"x": 1})
        if theirs.status_code != 405:
            assert_problem(theirs, 404)
        assert (theirs.status_code, theirs.content) == (never.status_code, never.content)


def test_a_fault_of_ours_is_a_problem_and_tells_nothing(world, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("secret")

    monkeypatch.setattr(sources, "filter_sources", broken)
    client = Client(raise_request_exception=False)
    client.force_login(world.alice)
    answer = client.get(f"{world.api}sources/")
    assert b"secret" not in answer.content
    assert_problem(answer, 500)


def test_errors_stand_by_their_field(world, api):
    answer = api(world.alice).post(f"{world.api}sources/", {"title": 5, "x": 1})
    assert assert_problem(answer, 400)["errors"]["x"][0].startswith("There is no such field.")
    answer = api(world.alice).post(f"{world.api}sources/", {"title": 5})
    assert assert_problem(answer, 400)["errors"] == {
        "title": ["Send a string."],
        "text": ["This field is required."],
    }
