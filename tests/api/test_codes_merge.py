"""A code is taken up into another, with everything coded with it, and nothing is lost."""

import pytest

from cstoannot.annotations.merging import actions
from cstoannot.annotations.models import Annotation
from cstoannot.history.models import Event
from tests.api.hostile import assert_problem, contents
from tests.builders import recorded


@pytest.fixture
def merge(world, api):
    """Merge “plea” as somebody does."""

    def ask(user, body, slug="plea", **headers):
        return api(user).post(f"{world.api}codes/{slug}/merge/", body, **headers)

    return ask


def test_annotations_carry_the_other_code_and_a_new_version(world, api, merge):
    count = Annotation.objects.count()
    answer = merge(world.ada, {"into": "failure", "note": "The same thing"})
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["slug"], shown["count"]) == ("failure", 5)
    assert answer["ETag"] == f'"{shown["version"]}"'
    bob = api(world.bob)
    row = bob.get(f"{world.api}annotations/{world.said['bob plea']['id']}/").json()
    kept = ("start", "end", "quote", "stance", "voice", "note", "annotator", "revision")
    assert {name: row[name] for name in kept} == {
        name: world.said["bob plea"][name] for name in kept
    }
    assert (row["code"], row["version"]) == ("failure", 2)
    old = bob.get(f"{world.api}codes/plea/").json()
    assert (old["retired"], old["count"]) == (True, 0)
    note = bob.get(f"{world.api}codebook/revisions/").json()["results"][0]["note"]
    assert note == "The same thing"
    assert Annotation.objects.count() == count


def test_edit_begun_before_the_merge_overwrites_nothing(world, api, merge):
    merge(world.alice, {"into": "failure"})
    path = f"{world.api}annotations/{world.said['bob plea']['id']}/"
    stale = api(world.bob).patch(path, {"note": "x"}, if_match='"1"')
    assert_problem(stale, 412)
    assert stale.json()["current"]["code"] == "failure"


def test_history_says_of_each_annotation_what_it_was(world, merge):
    with recorded() as events:
        merge(world.alice, {"into": "failure"})
    (mine,) = (one for one in events if one.about_id == world.bob.pk)
    assert (mine.before["code"], mine.before["version"]) == ("plea", 1)
    assert (mine.after["code"], mine.after["version"]) == ("failure", 2)
    (whole,) = (one for one in events if one.action == "merge")
    assert whole.after == {"name": "Plea", "into": "failure"}


def test_blind_coder_is_told_of_the_merge_and_of_own_annotations_alone(world, api, merge):
    before = set(Event.objects.values_list("pk", flat=True))
    merge(world.alice, {"into": "failure"})
    told = api(world.bob).get(f"{world.api}events/").json()["results"]
    new = [one for one in told if one["id"] not in {str(pk) for pk in before}]
    assert [(one["kind"], one["action"]) for one in new] == [
        ("code", "merge"),
        ("annotation", "change"),
        ("code", "retire"),
    ]
    assert new[1]["object"] == str(world.said["bob plea"]["id"])


def test_many_are_moved_in_parts(world, merge, monkeypatch):
    monkeypatch.setattr(actions, "AT_ONCE", 1)
    with recorded() as events:
        merge(world.alice, {"into": "failure"})
    assert len([one for one in events if one.kind == "annotation"]) == 2
    assert not Annotation.objects.filter(code__slug="plea").exists()


def test_what_cannot_be_merged_is_refused_and_nothing_changes(world, api, merge):
    lead = api(world.alice)
    lead.post(f"{world.api}codes/", {"name": "Gone"})
    lead.patch(f"{world.api}codes/gone/", {"retired": True})
    before = contents()
    for body, status in (
        ({"into": "plea"}, 422),
        ({"into": "nothing"}, 422),
        ({"into": "strange"}, 422),
        ({"into": "gone"}, 422),
        ({}, 400),
    ):
        assert_problem(merge(world.alice, body), status)
    assert_problem(merge(world.alice, {"into": "plea"}, slug="failure"), 409)
    assert_problem(merge(world.alice, {"into": "failure"}, slug="nothing"), 404)
    assert_problem(merge(world.alice, {"into": "failure"}, if_match='"7"'), 412)
    assert_problem(merge(world.bob, {"into": "failure"}), 403)
    assert contents() == before
