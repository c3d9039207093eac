"""A code is taken up into another, with everything coded with it, and nothing is lost."""

import pytest

from cstoannot.annotations.models import Annotation
from cstoannot.codebook.actions import change_code
from cstoannot.decisions import merge_actions
from cstoannot.history.models import Event
from tests.api.hostile import assert_problem, contents
from tests.builders import add_code, recorded


@pytest.fixture
def merge(world, api):
    """Merge “plea” as somebody does."""

    def ask(user, body, slug="plea", **headers):
        return api(user).post(
            f"{world.api}codes/{slug}/merge/", {"stances": "carry"} | body, **headers
        )

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
    assert whole.after == {"name": "Plea", "into": "failure", "stances": "carry"}


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
    monkeypatch.setattr(merge_actions, "AT_ONCE", 1)
    with recorded() as events:
        merge(world.alice, {"into": "failure"})
    assert len([one for one in events if one.kind == "annotation"]) == 2
    assert not Annotation.objects.filter(code__slug="plea").exists()


@pytest.fixture
def after_the_first(monkeypatch):
    """Do something once the first annotation has moved, in a merge that moves one at a time."""

    def plan(act):
        go_on = merge_actions._continue_code_merge

        def go_on_once(*args):
            monkeypatch.setattr(merge_actions, "_continue_code_merge", act_first)
            return go_on(*args)

        def act_first(*args):
            monkeypatch.setattr(merge_actions, "_continue_code_merge", go_on)
            act()
            return go_on(*args)

        monkeypatch.setattr(merge_actions, "AT_ONCE", 1)
        monkeypatch.setattr(merge_actions, "_continue_code_merge", go_on_once)

    return plan


def _count(slug):
    return Annotation.objects.filter(code__slug=slug).count()


def test_interrupted_merge_leaves_each_annotation_once_and_goes_on(
    world, api, merge, after_the_first
):
    def lose_the_server():
        raise KeyboardInterrupt

    after_the_first(lose_the_server)
    with pytest.raises(KeyboardInterrupt):
        merge(world.alice, {"into": "failure"})
    assert (_count("plea"), _count("failure")) == (1, 4)
    assert api(world.bob).get(f"{world.api}codes/plea/").json()["retired"]
    assert not Event.objects.filter(action="merge").exists()
    assert merge(world.alice, {"into": "failure"}).status_code == 200
    assert (_count("plea"), _count("failure")) == (0, 5)
    assert Event.objects.filter(action="merge").count() == 1


@pytest.mark.parametrize(("slug", "retired"), [("plea", False), ("failure", True)])
def test_code_that_is_changed_meanwhile_ends_the_merge(
    world, merge, after_the_first, slug, retired
):
    after_the_first(lambda: change_code(world.lead, slug, retired=retired))
    answer = merge(world.alice, {"into": "failure"})
    assert_problem(answer, 409)
    assert "merge them again" in answer.json()["detail"]
    assert (_count("plea"), _count("failure")) == (1, 4)


def test_second_merge_of_the_same_code_ends_the_first(world, merge, after_the_first):
    add_code(world.lead, "Other")
    after_the_first(
        lambda: merge_actions.merge_code(world.lead, "plea", into="other", stances="carry")
    )
    assert_problem(merge(world.alice, {"into": "failure"}), 409)
    assert (_count("plea"), _count("failure"), _count("other")) == (0, 4, 1)


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


def _stances(slug):
    found = Annotation.objects.filter(code__slug=slug)
    return sorted(found.values_list("annotator__username", "stance"))


@pytest.fixture
def claims(world):
    """“Failure” and “Plea” state two claims, “Same” that of “Plea”, “Topic” none."""
    change_code(world.lead, "plea", claim="Somebody asked for help.")
    add_code(world.lead, "Same", claim="Somebody asked for help.")
    add_code(world.lead, "Topic")


@pytest.mark.parametrize("into", ["failure", "topic"])
def test_stances_towards_another_claim_are_never_carried_over_unasked(
    world, api, claims, merge, into
):
    before = contents()
    answer = api(world.alice).post(f"{world.api}codes/plea/merge/", {"into": into})
    assert_problem(answer, 422)
    assert answer.json()["type"].endswith("stances_not_said")
    assert "drop removes them, carry keeps them" in answer.json()["errors"]["stances"][0]
    assert_problem(merge(world.alice, {"into": into, "stances": "keep"}), 422)
    assert contents() == before


def test_codes_with_two_claims_ask_though_no_stance_was_given(world, api, claims):
    answer = api(world.alice).post(f"{world.api}codes/same/merge/", {"into": "failure"})
    assert answer.json()["type"].endswith("stances_not_said")
    answer = api(world.alice).post(f"{world.api}codes/topic/merge/", {"into": "failure"})
    assert answer.status_code == 200


def test_stances_are_dropped_or_carried_as_said(world, claims, merge):
    before = _stances("failure")
    with recorded() as events:
        assert merge(world.alice, {"into": "failure", "stances": "drop"}).status_code == 200
    assert _stances("failure") == sorted([*before, ("beth", ""), ("bob", "")])
    (mine,) = (one for one in events if one.about_id == world.beth.pk)
    assert (mine.before["stance"], mine.after["stance"]) == ("mixed", "")
    (whole,) = (one for one in events if one.action == "merge")
    assert whole.after["stances"] == "drop"


def test_stances_are_carried_over_if_that_is_said(world, claims, merge):
    merge(world.alice, {"into": "topic", "stances": "carry"})
    assert _stances("topic") == [("beth", "mixed"), ("bob", "")]


def test_stances_towards_the_same_claim_need_no_word(world, api, claims):
    answer = api(world.alice).post(f"{world.api}codes/plea/merge/", {"into": "same"})
    assert answer.status_code == 200
    assert _stances("same") == [("beth", "mixed"), ("bob", "")]


def test_stances_towards_the_same_claim_stay_whatever_is_said(world, claims, merge):
    with recorded() as events:
        assert merge(world.alice, {"into": "same", "stances": "drop"}).status_code == 200
    assert _stances("same") == [("beth", "mixed"), ("bob", "")]
    (whole,) = (one for one in events if one.action == "merge")
    assert "stances" not in whole.after
