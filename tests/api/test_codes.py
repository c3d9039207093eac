from tests.api.hostile import assert_problem, contents

PLEA = {
    "slug": "plea",
    "name": "Plea",
    "parent": "failure",
    "shortcut": "",
    "claim": "",
    "definition": "Somebody asks for help.",
    "include": "",
    "exclude": "",
    "example": "",
    "position": 0,
    "retired": False,
    "version": 1,
    "revision": 2,
    "near_colours": [],
}


def test_counts_are_of_what_one_may_see(world, api):
    path = f"{world.api}codes/"
    for user, counts in (
        (world.alice, {"failure": 3, "plea": 2}),
        (world.bob, {"failure": 1, "plea": 1}),
        (world.beth, {"failure": 2, "plea": 1}),
        (world.vera, {"failure": 0, "plea": 0}),
    ):
        listed = api(user).get(path).json()["results"]
        assert {code["slug"]: code["count"] for code in listed} == counts
        one = api(user).get(f"{path}plea/").json()
        assert one in listed
        assert one == {**PLEA, "colour": one["colour"], "count": counts["plea"]}


def test_add(world, api):
    lead = api(world.alice)
    body = {"name": "Blame", "parent": "failure", "colour": "#ABCDEF", "shortcut": "B"}
    texts = {"claim": "C", "definition": "D", "include": "I", "exclude": "E", "example": "X"}
    answer = lead.post(f"{world.api}codes/", {**body, **texts, "note": "Needed"})
    assert answer.status_code == 201
    assert answer.json() == {
        **PLEA,
        **texts,
        "slug": "blame",
        "name": "Blame",
        "colour": "#abcdef",
        "shortcut": "b",
        "position": 1,
        "revision": 3,
        "count": 0,
    }
    newest = lead.get(f"{world.api}codebook/revisions/?page_size=1").json()["results"][0]
    assert (newest["number"], newest["by"], newest["note"]) == (3, "alice", "Needed")


def test_change_of_meaning_makes_what_was_coded_stale(world, api):
    lead, bob = api(world.alice), api(world.bob)
    stale = f"{world.api}annotations/?stale=true"
    lead.patch(f"{world.api}codes/failure/", {"name": "Fault"})
    assert bob.get(stale).json()["results"] == []
    changed = lead.patch(f"{world.api}codes/failure/", {"claim": "New."}, if_match='"2"').json()
    assert (changed["version"], changed["revision"]) == (3, 4)
    assert [row["id"] for row in bob.get(stale).json()["results"]] == [
        str(world.said["bob failure"]["id"])
    ]


def test_move_retire_and_restore(world, api):
    lead = api(world.alice)
    path = f"{world.api}codes/plea/"
    assert lead.patch(path, {"parent": None, "position": 7}).json()["parent"] is None
    assert lead.patch(path, {"retired": True}).json()["retired"] is True
    assert lead.get(path).json()["retired"] is True
    assert lead.patch(path, {"retired": False}).json()["retired"] is False


def test_delete(world, api):
    lead = api(world.alice)
    before = contents()
    assert_problem(lead.delete(f"{world.api}codes/plea/"), 409)
    assert_problem(lead.delete(f"{world.api}codes/failure/"), 409)
    assert contents() == before
    lead.post(f"{world.api}codes/", {"name": "Unused"})
    assert_problem(lead.delete(f"{world.api}codes/unused/", if_match='"2"'), 412)
    assert lead.delete(f"{world.api}codes/unused/", if_match='"1"').status_code == 204
    assert_problem(lead.get(f"{world.api}codes/unused/"), 404)


def test_revisions(world, api):
    bob = api(world.bob)
    path = f"{world.api}codebook/revisions/"
    listed = bob.get(path).json()["results"]
    assert [(one["number"], one["by"], one["note"]) for one in listed] == [
        (2, "alice", "Added “Plea”"),
        (1, "alice", "Added “Failure”"),
    ]
    one = bob.get(f"{path}1/").json()
    snapshot = one.pop("snapshot")
    assert one == listed[1]
    assert [code["slug"] for code in snapshot] == ["failure"]
    assert_problem(bob.get(f"{path}3/"), 404)


def test_codebook_is_edited_by_those_who_lead(world, api):
    before = contents()
    for user in (api(world.bob), api(world.vera)):
        assert_problem(user.post(f"{world.api}codes/", {"name": "X"}), 403)
        assert_problem(user.patch(f"{world.api}codes/plea/", {"name": "X"}), 403)
        assert_problem(user.delete(f"{world.api}codes/plea/"), 403)
    assert contents() == before
    assert api(world.ada).patch(f"{world.api}codes/plea/", {"name": "X"}).status_code == 200


def test_siblings_whose_colours_are_too_near_are_named(world, api):
    lead, path = api(world.alice), f"{world.api}codes/"
    first = lead.get(f"{path}failure/").json()["colour"]
    added = lead.post(path, {"name": "Praise", "colour": first}).json()
    assert added["near_colours"] == ["failure"]
    listed = api(world.bob).get(path).json()["results"]
    near = {code["slug"]: code["near_colours"] for code in listed}
    assert near == {"failure": ["praise"], "plea": [], "praise": ["failure"]}
    assert lead.get(f"{path}failure/").json()["near_colours"] == ["praise"]
    assert lead.patch(f"{path}praise/", {"parent": "failure"}).json()["near_colours"] == []
    lead.patch(f"{path}praise/", {"parent": None})
    lead.patch(f"{path}praise/", {"retired": True})
    assert lead.get(f"{path}failure/").json()["near_colours"] == []


def test_codes_added_together_name_near_colours(world, api):
    colours = ("#123456", "#123457")
    codes = [{"name": f"Code {n}", "colour": colour} for n, colour in enumerate(colours)]
    added = api(world.alice).post(f"{world.api}codes/", codes).json()
    assert [code["near_colours"] for code in added] == [["code-1"], ["code-0"]]
