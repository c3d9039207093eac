"""A decided source is given for practice; its coder is told how it went once they finish."""

import pytest

from cstoannot.core.errors import Conflict, Forbidden, Invalid, NotFound
from cstoannot.decisions.actions import decide_place
from cstoannot.decisions.drafts import DecisionDraft
from cstoannot.decisions.practice_actions import clear_practice, give_practice, withdraw_practice
from cstoannot.decisions.practice_queries import require_finished_practice, visible_practice
from cstoannot.decisions.queries import list_decidable_places
from cstoannot.models import Annotation, Assignment, Event
from cstoannot.projects.models import Role
from tests.builders import annotate, finish, join, make_user


@pytest.fixture
def cleo(world):
    """A new coder; the shared source is decided as Bob coded it."""
    for user in (world.bob, world.beth):
        finish(world.scope(user), world.shared)
    ada = world.scope(world.ada)
    for place in list_decidable_places(ada, world.shared.pk):
        bobs = next(
            one.number
            for one in place.readings
            for passage in one.passages
            if str(passage.annotation_id) in {str(said["id"]) for said in _bobs(world)}
        )
        decide_place(ada, place.id, DecisionDraft(outcome="adopted", reading=bobs, reason="Bob"))
    return join(world.lead, make_user("cleo"), Role.ANNOTATOR)


def _bobs(world):
    return [world.said["bob failure"], world.said["bob plea"]]


@pytest.fixture
def practice(world, cleo):
    ((given, new),) = give_practice(world.lead, source_ids=[world.shared.pk], annotators=["cleo"])
    assert new and given.practice
    return given


def _practise(world, cleo):
    annotate(cleo, world.shared, "The alliance failed its member.", stance="supports")
    annotate(cleo, world.shared, "Nobody came.", "plea")
    finish(cleo, world.shared)


def test_only_decided_sources_can_be_given(world, cleo):
    with pytest.raises(Invalid, match="decided"):
        give_practice(world.lead, source_ids=[world.bobs.pk], annotators=["cleo"])
    with pytest.raises(Forbidden):
        give_practice(cleo, source_ids=[world.shared.pk], annotators=["cleo"])
    with pytest.raises(Conflict):
        give_practice(world.lead, source_ids=[world.shared.pk], annotators=["bob"])


def test_nothing_is_told_before_it_is_finished(world, cleo, practice, api):
    path = f"{world.api}assignments/{practice.pk}/practice/"
    annotate(cleo, world.shared, "Nobody came.", "plea")
    assert api(cleo.user).get(path).status_code == 409
    said = api(cleo.user).get(f"{world.api}annotations/?source={world.shared.pk}").content
    assert b"We asked" not in said
    with pytest.raises(Conflict):
        require_finished_practice(world.lead, practice.pk)


def test_coder_and_owner_are_told_values_and_differences(world, cleo, practice, api):
    _practise(world, cleo)
    path = f"{world.api}assignments/{practice.pk}/practice/"
    told = api(cleo.user).get(path).json()
    assert told == api(world.alice).get(path).json()
    result = told["result"]
    assert (result["exact"]["precision"], result["exact"]["recall"]) == (0.5, 0.5)
    assert result["counts"] | {"missed": 1, "added": 1} == result["counts"]
    kinds = {one["kind"]: one for one in result["differences"]}
    assert kinds["missed"]["consensus"][0]["code"] == "plea"
    assert kinds["added"]["own"][0]["start"] == world.shared.text.index("Nobody came.")
    codes = {one["code"]: one for one in result["codes"]}
    assert codes["failure"]["overlap"]["f1"]["value"] == 1.0


@pytest.mark.parametrize("name", ["bob", "vera", "charlie"])
def test_others_are_told_nothing(world, cleo, practice, api, name):
    _practise(world, cleo)
    path = f"{world.api}assignments/{practice.pk}/practice/"
    assert api(getattr(world, name)).get(path).status_code in {403, 404}


def test_cleared_practice_begins_anew_and_stays_in_the_history(world, cleo, practice):
    _practise(world, cleo)
    assert clear_practice(cleo, practice.pk).state == "todo"
    assert not Annotation.objects.filter(annotator=cleo.user).exists()
    gone = Event.objects.filter(kind="annotation", action="delete", about=cleo.user)
    assert {one.before["start"] for one in gone} == {
        world.shared.text.index(quote) for quote in ("The alliance", "Nobody came.")
    }
    with pytest.raises(Conflict):
        require_finished_practice(cleo, practice.pk)
    _practise(world, cleo)
    assert require_finished_practice(cleo, practice.pk).pk == practice.pk


def test_withdrawn_practice_leaves_nothing_that_counts(world, cleo, practice, api):
    _practise(world, cleo)
    path = f"{world.api}assignments/{practice.pk}/"
    assert api(world.alice).delete(path).status_code == 409
    assert api(world.alice).delete(f"{path}?confirm=true").status_code == 204
    assert not Annotation.objects.filter(annotator=cleo.user).exists()
    assert not Assignment.objects.filter(annotator=cleo.user).exists()


def test_practice_of_the_study_is_none(world, cleo, practice):
    with pytest.raises(NotFound):
        clear_practice(world.lead, world.assignments["bob shared"].pk)
    with pytest.raises(NotFound):
        withdraw_practice(world.lead, world.assignments["bob shared"].pk)
    with pytest.raises(NotFound):
        clear_practice(world.scope(world.bob), practice.pk)
    assert list(visible_practice(world.scope(world.bob))) == []


def test_api_gives_practice(world, cleo, api):
    body = {"source": world.shared.pk, "annotator": "cleo", "practice": True}
    first = api(world.alice).post(f"{world.api}assignments/", body)
    again = api(world.alice).post(f"{world.api}assignments/", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["practice"] is True
    assert (
        api(world.alice)
        .delete(f"{world.api}assignments/{first.json()['id']}/practice/")
        .json()["state"]
        == "todo"
    )
