from tests.api.hostile import assert_problem, contents


def _names(answer):
    return [speaker["name"] for speaker in answer.json()["results"]]


def test_list_is_what_one_may_know(world, api):
    path = f"{world.api}speakers/"
    assert _names(api(world.alice).get(path)) == ["A silent witness", "The minister"]
    assert _names(api(world.bob).get(path)) == ["The minister"]
    assert _names(api(world.beth).get(path)) == ["A silent witness", "The minister"]
    assert _names(api(world.vera).get(path)) == []


def test_listed_for_all(world, api):
    lead, path = api(world.alice), f"{world.api}speakers/"
    first = lead.post(path, {"name": "A general", "note": "N"})
    assert first.status_code == 201
    assert first.json() == {
        "id": first.json()["id"],
        "name": "A general",
        "note": "N",
        "listed": True,
    }
    assert lead.post(path, {"name": "A silent witness"}).status_code == 200
    assert_problem(lead.post(path, {"name": "A general"}), 409)
    assert _names(api(world.vera).get(path)) == ["A general", "A silent witness"]


def test_rename_is_followed_by_every_annotation(world, api):
    lead, bob = api(world.alice), api(world.bob)
    speaker = bob.get(f"{world.api}speakers/").json()["results"][0]
    path = f"{world.api}speakers/{speaker['id']}/"
    changed = lead.patch(path, {"name": "Minister X", "note": "Since 2018"}).json()
    assert changed == {**speaker, "name": "Minister X", "note": "Since 2018"}
    said = bob.get(f"{world.api}annotations/{world.said['bob plea']['id']}/").json()
    assert said["voice"] == "Minister X"
    assert_problem(lead.patch(path, {"name": "A silent witness"}), 409)


def test_speakers_are_edited_by_those_who_lead(world, api):
    speaker = api(world.bob).get(f"{world.api}speakers/").json()["results"][0]
    before = contents()
    for user in (api(world.bob), api(world.vera)):
        assert_problem(user.post(f"{world.api}speakers/", {"name": "X"}), 403)
        assert_problem(user.patch(f"{world.api}speakers/{speaker['id']}/", {"name": "X"}), 403)
    assert contents() == before
