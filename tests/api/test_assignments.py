from tests.api.hostile import assert_problem, contents


def _who(answer):
    return [(row["annotator"], row["source"], row["state"]) for row in answer.json()["results"]]


def test_list_is_what_one_may_know(world, api):
    path = f"{world.api}assignments/"
    shared, bobs, beths = world.shared.pk, world.bobs.pk, world.beths.pk
    mine = [("bob", shared, "started"), ("bob", bobs, "todo")]
    theirs = [("beth", shared, "started"), ("beth", beths, "started")]
    assert _who(api(world.alice).get(path)) == [theirs[0], *mine, theirs[1]]
    assert _who(api(world.bob).get(path)) == mine
    assert _who(api(world.vera).get(path)) == []


def test_filters(world, api):
    lead, path = api(world.alice), f"{world.api}assignments/"
    shared, bobs, beths = world.shared.pk, world.bobs.pk, world.beths.pk
    assert _who(lead.get(f"{path}?state=todo")) == [("bob", bobs, "todo")]
    assert _who(lead.get(f"{path}?annotator=beth&source={beths},{bobs}")) == [
        ("beth", beths, "started")
    ]
    assert _who(api(world.bob).get(f"{path}?annotator=beth")) == []
    assert _who(lead.get(f"{path}?annotator=bob,beth&source={shared}&state=started,done")) == [
        ("beth", shared, "started"),
        ("bob", shared, "started"),
    ]


def test_assign(world, api):
    lead = api(world.alice)
    body = {"source": world.beths.pk, "annotator": "bob"}
    first = lead.post(f"{world.api}assignments/", body)
    again = lead.post(f"{world.api}assignments/", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (first.json()["state"], first.json()["done_at"]) == ("todo", None)
    assert (
        api(world.bob).get(f"{world.api}assignments/{first.json()['id']}/").json() == first.json()
    )


def test_refusals(world, api):
    lead, path = api(world.alice), f"{world.api}assignments/"
    before = contents()
    for annotator in ("dan", "nobody", "vera", "charlie", ""):
        body = {"source": world.shared.pk, "annotator": annotator}
        answer = assert_problem(lead.post(path, body), 422)
        assert list(answer["errors"]) == ["annotator"]
    for source in (world.foreign_source.pk, 2**62, 0):
        answer = assert_problem(lead.post(path, {"source": source, "annotator": "bob"}), 422)
        assert list(answer["errors"]) == ["source"]
    assert contents() == before


def test_annotator_says_how_far_they_are(world, api):
    path = f"{world.api}assignments/{world.assignments['bob shared'].pk}/"
    done = api(world.bob).patch(path, {"state": "done"}).json()
    assert (done["state"], done["done_at"] is None) == ("done", False)
    again = api(world.alice).patch(path, {"state": "started"}).json()
    assert (again["state"], again["done_at"]) == ("started", None)
    assert_problem(api(world.bob).patch(path, {"state": "finished"}), 422)
    assert_problem(api(world.bob).patch(path, {"source": 1}), 400)


def test_assignments_of_others(world, api):
    path = f"{world.api}assignments/{world.assignments['beth shared'].pk}/"
    before = contents()
    for user in (api(world.bob), api(world.vera)):
        assert_problem(user.get(path), 404)
        assert_problem(user.patch(path, {"state": "done"}), 404)
        assert_problem(user.delete(path), 403)
        assert_problem(user.post(f"{world.api}assignments/", {}), 403)
    assert contents() == before


def test_taking_away_asks_twice_if_it_was_coded(world, api):
    lead = api(world.alice)
    coded, fresh = (world.assignments[name].pk for name in ("bob shared", "bob bobs"))
    answer = assert_problem(lead.delete(f"{world.api}assignments/{coded}/"), 409)
    assert "2 annotations" in answer["detail"]
    assert lead.delete(f"{world.api}assignments/{coded}/?confirm=true").status_code == 204
    assert lead.delete(f"{world.api}assignments/{fresh}/").status_code == 204
    assert len(lead.get(f"{world.api}annotations/?annotator=bob").json()["results"]) == 2
