import uuid

import pytest

from cstoannot.history.models import Event
from cstoannot.projects.actions import change_project
from tests.api.hostile import assert_problem, contents
from tests.builders import finish

SAID = {"code": "failure", "start": 4, "end": 12}


def _ids(answer):
    return [row["id"] for row in answer.json()["results"]]


@pytest.fixture
def path(world):
    return f"{world.api}annotations/"


@pytest.fixture
def ids(world):
    return {name: str(row["id"]) for name, row in world.said.items()}


def test_post_and_read(world, api, path):
    bob = api(world.bob)
    body = {**SAID, "source": world.shared.pk, "stance": "mixed", "voice": "A judge", "note": "N"}
    answer = bob.post(path, {**body, "quote": "alliance"})
    made = answer.json()
    assert (answer.status_code, answer["ETag"]) == (201, '"1"')
    assert {name: made[name] for name in body} == body
    assert uuid.UUID(made["id"]).version == 7
    rest = {name: made[name] for name in sorted(made.keys() - body.keys() - {"id"})}
    assert rest == {
        "after_look": False,
        "annotator": "bob",
        "created_at": made["created_at"],
        "layer": "individual",
        "quote": "alliance",
        "revision": 2,
        "stale": False,
        "updated_at": made["created_at"],
        "version": 1,
    }
    assert bob.get(f"{path}{made['id']}/").json() == made


def test_post_with_an_id_is_as_put(world, api, path):
    bob = api(world.bob)
    body = {**SAID, "source": world.shared.pk, "id": str(uuid.uuid4())}
    first, again = bob.post(path, body), bob.post(path, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert_problem(bob.post(path, {**body, "note": "other"}), 428)


def test_put_is_the_same_however_often_it_arrives(world, api, path):
    bob = api(world.bob)
    one = f"{path}{uuid.uuid4()}/"
    body = {**SAID, "source": world.shared.pk}
    answers = [bob.put(one, body) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert Event.objects.filter(object=answers[0].json()["id"]).count() == 1


def test_capitals_in_an_id_make_no_difference(world, api, path):
    bob, id = api(world.bob), "0190ABCD-EF01-7ABC-8DEF-0123456789AB"
    body = {**SAID, "source": world.shared.pk}
    made = bob.put(f"{path}{id}/", body)
    assert (made.status_code, made.json()["id"]) == (201, id.lower())
    assert bob.put(f"{path}{id.lower()}/", body).status_code == 200
    assert bob.get(f"{path}{id}/").json() == made.json()


def test_change_names_the_version_it_started_from(world, api, path, ids):
    bob = api(world.bob)
    one = f"{path}{ids['bob failure']}/"
    current = bob.get(one).json()
    body = {**SAID, "source": world.shared.pk}
    refused = assert_problem(bob.put(one, body), 428)
    assert refused["current"] == current
    changed = bob.put(one, body, if_match='"1"')
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    late = assert_problem(bob.put(one, {**body, "note": "late"}, if_match='"1"'), 412)
    assert late["current"] == changed.json()
    # The same change once more, its answer having been lost, is no conflict.
    assert bob.put(one, body, if_match='"1"').json() == changed.json()


def test_tag_of_a_read_serves_as_the_version(world, api, path, ids):
    bob = api(world.bob)
    one = f"{path}{ids['bob failure']}/"
    tag = bob.get(one)["ETag"]
    assert bob.patch(one, {"note": "x"}, if_match=tag).json()["version"] == 2
    assert_problem(bob.patch(one, {"note": "y"}, if_match=tag), 412)


def test_patch_leaves_the_rest(world, api, path, ids):
    bob = api(world.bob)
    one = f"{path}{ids['bob plea']}/"
    before = bob.get(one).json()
    after = bob.patch(one, {"stance": "opposes"}, if_match="*").json()
    assert after == {
        **before,
        "stance": "opposes",
        "version": 2,
        "updated_at": after["updated_at"],
    }
    assert bob.patch(one, {}).json() == after


def test_quote_must_be_what_stands_there(world, api, path):
    before = contents()
    body = {**SAID, "source": world.shared.pk, "quote": "Alliance"}
    answer = assert_problem(api(world.bob).post(path, body), 422)
    assert answer["type"] == "urn:cstoannot:problem:quote_mismatch"
    assert "“alliance”" in answer["errors"]["quote"][0]
    assert contents() == before


def test_delete(world, api, path, ids):
    bob = api(world.bob)
    one = f"{path}{ids['bob plea']}/"
    assert_problem(bob.delete(one, if_match='"2"'), 412)
    assert bob.delete(one, if_match='"1"').status_code == 204
    assert_problem(bob.get(one), 404)
    assert_problem(bob.delete(one), 404)


def test_annotations_of_others_are_not_there_or_not_ones_own(world, api, path, ids):
    one = f"{path}{ids['beth plea']}/"
    body = {**SAID, "source": world.shared.pk}
    before = contents()
    for user in (world.bob, world.vera):
        assert_problem(api(user).get(one), 404)
        assert_problem(api(user).patch(one, {"note": "x"}), 404)
        assert_problem(api(user).delete(one), 404)
    assert_problem(api(world.bob).put(one, body), 404)
    for user in (world.alice, world.ada):
        assert api(user).get(one).status_code == 200
        assert_problem(api(user).delete(one), 403)
        assert_problem(api(user).put(one, body), 403)
    assert_problem(api(world.vera).post(path, body), 403)
    assert_problem(api(world.bob).post(path, {**SAID, "source": world.beths.pk}), 422)
    assert contents() == before


def test_filters(world, api, path, ids):
    lead = api(world.alice)
    shared = [ids[n] for n in ("bob failure", "beth failure")]
    pleas = {ids["bob plea"], ids["beth plea"]}
    own = ids["beth own"]
    everything = {*shared, *pleas, own}
    for query, expected in {
        "": everything,
        f"source={world.beths.pk}": {own},
        f"source={world.beths.pk},{world.shared.pk}": everything,
        f"source={world.bobs.pk}": set(),
        "code=plea": pleas,
        "code=failure": {*shared, own},
        "code=failure&descendants=true": everything,
        "code=plea&descendants=true": pleas,
        "code=failure,plea": everything,
        "annotator=bob": {ids["bob failure"], ids["bob plea"]},
        "annotator=bob,beth": everything,
        "layer=individual": everything,
        "layer=consensus": set(),
        "stance=supports": {ids["bob failure"], own},
        "stance=opposes,mixed": {ids["beth failure"], ids["beth plea"]},
        "stance=none": {ids["bob plea"]},
        "voice=": {ids["bob failure"], own},
        "voice=The%20minister": {ids["bob plea"], ids["beth failure"]},
        "voice=The%20minister&voice=": {*shared, ids["bob plea"], own},
        "voice=the%20%20MINISTER": {ids["bob plea"], ids["beth failure"]},
        "voice=ministers": set(),
        "stale=true": set(),
        "stale=false": everything,
        "q=asked": pleas,
        "q=ASKED": pleas,
        "q=secret": {ids["beth failure"]},
        "code=plea&annotator=bob": {ids["bob plea"]},
        "code=plea&stance=supports": set(),
    }.items():
        found = _ids(lead.get(f"{path}?{query}"))
        assert (set(found), len(found)) == (expected, len(expected)), query


def test_filter_by_time(world, api, path, ids):
    lead, bob = api(world.alice), api(world.bob)
    now = bob.patch(f"{path}{ids['bob plea']}/", {"note": "x"}, if_match="*").json()["updated_at"]
    assert _ids(lead.get(f"{path}?updated_since={now}")) == [ids["bob plea"]]


def test_order_is_that_of_the_text_or_of_time(world, api, path, ids):
    lead, bob = api(world.alice), api(world.bob)
    bob.patch(f"{path}{ids['bob failure']}/", {"note": "x"}, if_match="*")
    rows = lead.get(path).json()["results"]
    places = [(row["source"], row["start"], row["id"]) for row in rows]
    assert places == sorted(places)
    assert _ids(lead.get(f"{path}?ordering=-updated_at"))[0] == ids["bob failure"]
    assert _ids(lead.get(f"{path}?ordering=updated_at"))[-1] == ids["bob failure"]


UNKNOWN = ["annotator=beth", "annotator=charlie", "annotator=nobody", "source={beths}"]
UNKNOWN += ["source={foreign}", "source=999999", "code=strange", "code=nothing", "voice=x"]
UNKNOWN += ["voice=A%20silent%20witness", "q=Secret", "q=strange"]


def test_what_a_blind_coder_may_not_know_filters_as_what_is_not_there(world, api, path):
    bob = api(world.bob)
    answers = [
        bob.get(f"{path}?{query}".format(beths=world.beths.pk, foreign=world.foreign_source.pk))
        for query in UNKNOWN
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.content for answer in answers} == {b'{"next":null,"previous":null,"results":[]}'}
    assert len({answer["ETag"] for answer in answers}) == 1


def test_visibility_opens_what_is_finished_by_everybody(world, api, path, ids):
    change_project(world.lead, visibility="done")
    bob = api(world.bob)
    mine = {ids["bob failure"], ids["bob plea"]}
    finish(world.scope(world.bob), world.shared)
    assert set(_ids(bob.get(path))) == mine
    finish(world.scope(world.beth), world.shared)
    assert set(_ids(bob.get(path))) == mine | {ids["beth failure"], ids["beth plea"]}
    assert_problem(bob.get(f"{path}{ids['beth own']}/"), 404)
