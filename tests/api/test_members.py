import pytest

from tests.api.hostile import assert_problem, contents


def _names(answer):
    return [member["username"] for member in answer.json()["results"]]


def test_blind_members_are_told_of_those_who_lead(world, api):
    path = f"{world.api}members/"
    assert _names(api(world.alice).get(path)) == ["ada", "alice", "beth", "bob", "vera"]
    assert _names(api(world.bob).get(path)) == ["ada", "alice", "bob"]
    assert _names(api(world.vera).get(path)) == ["ada", "alice", "vera"]
    assert api(world.bob).get(path).json()["results"][2] == {
        "username": "bob",
        "display_name": "bob",
        "role": "annotator",
    }


def test_owner_adds_changes_and_removes(world, api):
    alice = api(world.alice)
    dan = {"username": "dan", "display_name": "dan", "role": "viewer"}
    answer = alice.post(f"{world.api}members/", {"username": "dan", "role": "viewer"})
    assert (answer.status_code, answer.json()) == (201, dan)
    answer = alice.patch(f"{world.api}members/dan/", {"role": "annotator"})
    assert answer.json() == {**dan, "role": "annotator"}
    assert api(world.dan).get(world.api).status_code == 200
    assert alice.delete(f"{world.api}members/dan/").status_code == 204
    assert_problem(api(world.dan).get(world.api), 404)


@pytest.mark.parametrize("who", ["ada", "bob", "vera"])
def test_members_are_the_owners_business(world, api, who):
    user = api(getattr(world, who))
    before = contents()
    assert_problem(user.post(f"{world.api}members/", {"username": "dan", "role": "owner"}), 403)
    # The same whether there is such a member or not.
    for name in ("beth", "dan", "nobody"):
        assert_problem(user.patch(f"{world.api}members/{name}/", {"role": "owner"}), 403)
        assert_problem(user.delete(f"{world.api}members/{name}/"), 403)
    assert contents() == before


def test_refusals(world, api):
    alice = api(world.alice)
    path = f"{world.api}members/"
    before = contents()
    assert_problem(alice.post(path, {"username": "nobody", "role": "viewer"}), 422)
    assert_problem(alice.post(path, {"username": "bob", "role": "viewer"}), 409)
    assert_problem(alice.post(path, {"username": "dan", "role": "king"}), 422)
    assert_problem(alice.patch(f"{path}dan/", {"role": "viewer"}), 404)
    assert_problem(alice.patch(f"{path}alice/", {"role": "viewer"}), 409)
    assert_problem(alice.delete(f"{path}alice/"), 409)
    assert contents() == before
