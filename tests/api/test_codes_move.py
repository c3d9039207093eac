"""A code goes to another place of the codebook."""

import pytest

from cstoannot.codebook.actions import change_code
from tests.api.hostile import assert_problem
from tests.builders import add_code


@pytest.fixture
def move(world, api):
    """Move “praise” as the lead does."""
    add_code(world.lead, "Praise")

    def ask(body, slug="praise", **headers):
        return api(world.alice).post(f"{world.api}codes/{slug}/move/", body, **headers)

    return ask


def test_code_stands_where_it_was_moved_to(world, api, move):
    answer = move({"parent": "failure", "position": 0}, if_match='"1"')
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["parent"], shown["position"], shown["version"]) == ("failure", 0, 2)
    assert answer["ETag"] == '"2"'
    codes = api(world.bob).get(f"{world.api}codes/").json()["results"]
    assert {code["slug"]: (code["parent"], code["position"]) for code in codes} == {
        "failure": (None, 0),
        "praise": ("failure", 0),
        "plea": ("failure", 1),
    }
    note = api(world.bob).get(f"{world.api}codebook/revisions/").json()["results"][0]["note"]
    assert note == "Moved “Praise”"


def test_same_move_again_changes_nothing(move):
    first = move({"parent": "failure", "position": 9}).json()
    assert move({"parent": "failure", "position": 9}).json() == first
    assert first["position"] == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"position": 0}, 400),
        ({"parent": None}, 400),
        ({"parent": None, "position": -1}, 400),
        ({"parent": None, "position": "1"}, 400),
        ({"parent": None, "position": 2**40}, 400),
        ({"parent": "praise", "position": 0}, 422),
        ({"parent": "nothing", "position": 0}, 422),
        ({"parent": None, "position": 0, "by": 1}, 400),
    ],
)
def test_what_is_no_place_is_refused(move, body, status):
    assert_problem(move(body), status)


def test_sibling_called_alike_and_retired_codes_are_conflicts(world, move):
    add_code(world.lead, "praise", slug="double", parent="failure")
    assert_problem(move({"parent": "failure", "position": 0}), 409)
    change_code(world.lead, "praise", retired=True)
    assert_problem(move({"parent": None, "position": 0}), 409)


def test_move_of_an_old_version_is_refused_and_shows_the_current_one(world, move):
    change_code(world.lead, "praise", claim="C")
    stale = move({"parent": None, "position": 0}, if_match='"1"')
    assert_problem(stale, 412)
    assert stale.json()["current"]["version"] == 2


def test_move_among_the_same_siblings_is_a_new_version(world, api, move):
    assert move({"parent": None, "position": 0}, if_match='"1"').json()["version"] == 2
    stale = move({"parent": None, "position": 1}, if_match='"1"')
    assert_problem(stale, 412)
    assert stale.json()["current"]["position"] == 0
    codes = api(world.alice).get(f"{world.api}codes/").json()["results"]
    assert {code["slug"]: code["version"] for code in codes if code["slug"] != "praise"} == {
        "failure": 1,
        "plea": 1,
    }


def test_only_those_who_edit_the_codebook_move(world, api, move):
    body = {"parent": None, "position": 0}
    assert_problem(api(world.bob).post(f"{world.api}codes/plea/move/", body), 403)
