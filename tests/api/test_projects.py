from tests.api.hostile import assert_problem, contents

ALLIANCES = {
    "slug": "alliances",
    "name": "Alliances",
    "about": "",
    "guidelines": "",
    "visibility": "own",
    "open_sources": False,
    "counts_after_look": False,
    "agreed_bounds": "sentence",
    "names_while_deciding": False,
    "decide_apart": False,
    "decisions_opened": False,
    "results": "closed",
    "whole_articles": False,
    "version": 1,
}


def test_list_is_mine(world, api):
    assert api(world.bob).get("projects/").json() == {
        "next": None,
        "previous": None,
        "results": [{**ALLIANCES, "role": "annotator"}],
    }
    assert api(world.dan).get("projects/").json()["results"] == []


def test_anybody_signed_in_starts_a_project(world, api):
    dan = api(world.dan)
    body = {"name": "New one", "about": "A", "guidelines": "G", "visibility": "done"}
    body |= {"open_sources": True, "counts_after_look": True, "agreed_bounds": "majority"}
    body |= {"names_while_deciding": True, "decide_apart": True}
    body |= {"decisions_opened": True, "results": "viewers", "whole_articles": True}
    answer = dan.post("projects/", body)
    made = {**body, "slug": "new-one", "role": "owner", "version": 1}
    assert (answer.status_code, answer.json()) == (201, made)
    assert dan.get("projects/new-one/").json() == made


def test_one_project(world, api):
    for user, role in ((world.alice, "owner"), (world.vera, "viewer")):
        assert api(user).get(world.api).json() == {**ALLIANCES, "role": role}


def test_settings_are_the_owners(world, api):
    before = contents()
    for user in (world.ada, world.bob, world.vera):
        assert_problem(api(user).patch(world.api, {"name": "X"}), 403)
        assert_problem(api(user).delete(world.api), 403)
    assert contents() == before


def test_change(world, api):
    alice = api(world.alice)
    answer = alice.patch(world.api, {"visibility": "all"}, if_match='"1"')
    assert answer.json() == {**ALLIANCES, "visibility": "all", "version": 2, "role": "owner"}
    assert alice.get(world.api).json() == answer.json()
    assert alice.patch(world.api, {"visibility": "all"}).json()["version"] == 2


def test_choices_that_there_are_not(world, api):
    before = contents()
    assert_problem(api(world.alice).patch(world.api, {"visibility": "none"}), 422)
    assert_problem(api(world.alice).patch(world.api, {"slug": "other"}), 400)
    assert contents() == before


def test_delete_names_the_version_looked_at(world, api):
    before = contents()
    assert_problem(api(world.alice).delete(world.api, if_match='"2"'), 412)
    assert contents() == before
    assert api(world.alice).delete(world.api, if_match='"1"').status_code == 204


def test_deleted_project_is_gone_for_everybody(world, api):
    assert api(world.alice).delete(world.api).status_code == 204
    for user in (world.alice, world.bob):
        assert_problem(api(user).get(world.api), 404)
        assert_problem(api(user).get(f"{world.api}sources/"), 404)


def test_owner_restores_a_deleted_project(world, api):
    alice, before = api(world.alice), api(world.alice).get(world.api).json()
    assert alice.get("projects/?deleted=true").json()["results"] == []
    alice.delete(world.api)
    (deleted,) = alice.get("projects/?deleted=true").json()["results"]
    assert deleted.pop("deleted_at") < deleted.pop("restorable_until")
    assert deleted == before
    assert alice.get("projects/").json()["results"] == []
    for user in (world.ada, world.bob, world.charlie, world.dan):
        assert api(user).get("projects/?deleted=true").json()["results"] == []
        assert_problem(api(user).post(f"{world.api}restore/"), 404)
    answer = alice.post(f"{world.api}restore/")
    assert (answer.status_code, answer.json()) == (200, before)
    assert answer["ETag"] == '"1"'
    assert api(world.bob).get(world.api).status_code == 200
    assert alice.post(f"{world.api}restore/").json() == before


def test_deleted_is_yes_or_no(world, api):
    assert_problem(api(world.alice).get("projects/?deleted=perhaps"), 400)
