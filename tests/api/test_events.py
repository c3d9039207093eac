def _told(answer):
    return [(event["actor"], event["action"], event["kind"]) for event in answer.json()["results"]]


def test_newest_first_with_what_was_before_and_after(world, api):
    lead = api(world.alice)
    lead.patch(f"{world.api}codes/plea/", {"name": "Call"})
    newest = lead.get(f"{world.api}events/?page_size=1").json()["results"][0]
    assert newest["before"]["name"] == "Plea"
    assert newest["after"]["name"] == "Call"
    del newest["id"], newest["at"], newest["before"], newest["after"]
    assert newest == {
        "actor": "alice",
        "action": "change",
        "kind": "code",
        "object": "plea",
        "source": None,
    }


def test_order_can_be_turned(world, api):
    lead = api(world.alice)
    newest = lead.get(f"{world.api}events/").json()["results"]
    oldest = lead.get(f"{world.api}events/?ordering=at").json()["results"]
    assert newest == oldest[::-1]
    assert oldest[0]["kind"] == "project"


def test_filters(world, api):
    lead, path = api(world.alice), f"{world.api}events/"
    coded = ("bob", "create", "annotation")
    began = ("bob", "change", "assignment")
    assert _told(lead.get(f"{path}?actor=bob")) == [coded, began, coded]
    assert _told(lead.get(f"{path}?actor=bob&kind=annotation")) == [coded, coded]
    assert _told(lead.get(f"{path}?actor=bob&action=change,delete")) == [began]
    one = world.said["bob plea"]["id"]
    assert _told(lead.get(f"{path}?object={one}")) == [coded]
    assert _told(lead.get(f"{path}?source={world.bobs.pk}&kind=assignment")) == [
        ("alice", "create", "assignment")
    ]
    now = lead.get(path).json()["results"][0]["at"]
    assert len(_told(lead.get(f"{path}?since={now}"))) == 1


def test_a_blind_coder_is_told_nothing_of_the_others(world, api):
    for user in (world.bob, world.vera):
        told = api(user).get(f"{world.api}events/").content.decode()
        for word in ("beth", "Secret", "silent"):
            assert word not in told
    bob, path = api(world.bob), f"{world.api}events/"
    for query in ("actor=beth", "kind=speaker", f"source={world.beths.pk}"):
        assert _told(bob.get(f"{path}?{query}")) == []
