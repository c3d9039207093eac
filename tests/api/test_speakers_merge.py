"""A speaker is taken up into another, with everything said in that voice."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from django.utils import timezone

from cstoannot.annotations.models import Annotation, Speaker
from cstoannot.core.errors import Conflict
from cstoannot.decisions import merge_actions
from cstoannot.history.models import Event
from tests.api.hostile import assert_problem, contents
from tests.builders import annotate, recorded


@pytest.fixture
def keys(world) -> dict[str, str]:
    """Of the speakers by name; Bob and Beth have each named the witness, blind to each other."""
    annotate(world.scope(world.bob), world.shared, "Nobody", voice="A Silent  Witness")
    found = Speaker.objects.filter(project=world.lead.project)
    return {name: str(key) for name, key in found.values_list("name", "key")}


def _merge(world, api, keys, old, new):
    path = f"{world.api}speakers/{keys[old]}/merge/"
    return api(world.ada).post(path, {"into": keys.get(new, new)})


def test_everything_in_that_voice_follows(world, api, keys, monkeypatch):
    monkeypatch.setattr(merge_actions, "AT_ONCE", 1)
    annotate(world.scope(world.bob), world.bobs, "Nobody", voice="A Silent  Witness")
    with recorded() as events:
        answer = _merge(world, api, keys, "A Silent  Witness", "A silent witness")
    assert (answer.status_code, answer.json()["name"]) == (200, "A silent witness")
    voices = Annotation.objects.filter(project=world.lead.project, annotator=world.bob)
    assert sorted(voices.exclude(voice=None).values_list("voice__name", "version")) == [
        ("A silent witness", 2),
        ("A silent witness", 2),
        ("The minister", 1),
    ]
    assert "A Silent  Witness" not in Speaker.objects.values_list("name", flat=True)
    *changes, whole = events
    assert [(one.before["voice"], one.after["voice"]) for one in changes] == [
        ("A Silent  Witness", "A silent witness")
    ] * 2
    assert (whole.kind, whole.action, whole.object) == (
        "speaker",
        "merge",
        keys["A Silent  Witness"],
    )
    assert whole.after == {
        "name": "A Silent  Witness",
        "into": "A silent witness",
        "into_id": keys["A silent witness"],
        "passages": 2,
    }


def test_merge_that_means_nothing_changes_nothing(world, api, keys):
    before = contents()
    for into in (keys["The minister"], str(uuid.uuid4())):
        assert_problem(_merge(world, api, keys, "The minister", into), 422)
    assert contents() == before


def test_stranger_takes_nothing(world, api, keys):
    foreign = Speaker.objects.get(name="A stranger")
    assert_problem(_merge(world, api, keys, "The minister", str(foreign.key)), 422)


def test_page_lists_doubles_and_merges_them_by_one_click(world, keys, client_for):
    lead = client_for(world.alice)
    page = lead.get(f"/projects/{world.slug}/speakers/").content.decode()
    assert "Names that look alike" in page
    assert "Merge into A silent witness" in page
    path = f"/projects/{world.slug}/speakers/{keys['A Silent  Witness']}/merge/"
    answer = lead.post(path, {"into": keys["A silent witness"]}, follow=True)
    assert "“A Silent  Witness” was merged into “A silent witness”" in answer.content.decode()
    assert "Names that look alike" not in answer.content.decode()
    assert Event.objects.filter(kind="speaker", action="merge").count() == 1


def test_page_asks_whom_a_speaker_is_to_be_merged_into(world, keys, client_for):
    lead = client_for(world.alice)
    path = f"/projects/{world.slug}/speakers/"
    page = lead.get(f"{path}?merge={keys['The minister']}").content.decode()
    assert "Merge The minister" in page
    assert f'<option value="{keys["A silent witness"]}">' in page
    answer = lead.post(f"{path}{keys['The minister']}/merge/", {"into": ""}, follow=True)
    assert "Choose a speaker." in answer.content.decode()
    assert lead.get(f"{path}?merge=nonsense").status_code == 422


def test_page_tells_a_blind_coder_of_their_own_passages_alone(world, keys, client_for):
    bob = client_for(world.bob).get(f"/projects/{world.slug}/speakers/").content.decode()
    assert "A Silent  Witness" in bob
    assert "A silent witness" not in bob
    assert '<b>The minister</b> <span class="muted">1 passage</span>' in " ".join(bob.split())
    assert "Merge" not in bob


def _undo(world, api, keys, name):
    return api(world.ada).delete(f"{world.api}speakers/{keys[name]}/merge/")


def _voices():
    return dict(Annotation.objects.order_by("pk").values_list("pk", "voice__name"))


def test_undone_merge_gives_back_what_it_took_and_nothing_else(world, api, keys, monkeypatch):
    monkeypatch.setattr(merge_actions, "AT_ONCE", 1)
    bob = world.scope(world.bob)
    again = annotate(bob, world.bobs, "Nobody", voice="A Silent  Witness")
    before, speakers = _voices(), set(Speaker.objects.values_list("key", "name", "listed", "note"))
    _merge(world, api, keys, "A Silent  Witness", "A silent witness")
    later = annotate(bob, world.bobs, "came", voice="A Silent  Witness")
    with recorded() as events:
        answer = _undo(world, api, keys, "A Silent  Witness")
    assert (answer.status_code, answer.json()["id"]) == (200, keys["A Silent  Witness"])
    assert _voices() == {**before, later["id"]: "A silent witness"}
    assert set(Speaker.objects.values_list("key", "name", "listed", "note")) == speakers
    assert Annotation.objects.get(pk=again["id"]).version == 3
    *changes, whole = events
    assert [(one.before["voice"], one.after["voice"]) for one in changes] == [
        ("A silent witness", "A Silent  Witness")
    ] * 2
    assert (whole.kind, whole.action) == ("speaker", "unmerge")


def test_undone_merge_leaves_what_has_another_voice_by_now(world, api, keys):
    bob = world.scope(world.bob)
    said = annotate(bob, world.bobs, "Nobody", voice="A Silent  Witness")
    _merge(world, api, keys, "A Silent  Witness", "A silent witness")
    path = f"{world.api}annotations/{said['id']}/"
    changed = api(world.bob).patch(path, {"voice": "The queen"}, if_match='"2"')
    assert changed.status_code == 200, changed.json()
    assert _undo(world, api, keys, "A Silent  Witness").status_code == 200
    assert Annotation.objects.get(pk=said["id"]).voice.name == "The queen"


@contextmanager
def _fail_at(monkeypatch, call: int) -> Iterator[None]:
    """Annotations are rewritten until the given call, which fails."""
    calls, rewrite = count(1), merge_actions._rewrite_annotations

    def rewrite_or_fail(*args, **columns):
        if next(calls) == call:
            raise InterruptedError
        return rewrite(*args, **columns)

    with monkeypatch.context() as patch:
        patch.setattr(merge_actions, "_rewrite_annotations", rewrite_or_fail)
        with pytest.raises(InterruptedError):
            yield


def test_interrupted_merge_goes_on_when_it_is_asked_for_again(world, keys, monkeypatch):
    monkeypatch.setattr(merge_actions, "AT_ONCE", 1)
    annotate(world.scope(world.bob), world.bobs, "Nobody", voice="A Silent  Witness")
    old, new = (uuid.UUID(keys[name]) for name in ("A Silent  Witness", "A silent witness"))
    with _fail_at(monkeypatch, 2):
        merge_actions.merge_speakers(world.lead, old, into=new)
    assert sorted(name for name in _voices().values() if name and "ilent" in name) == [
        "A Silent  Witness",
        "A silent witness",
        "A silent witness",
    ]
    merge_actions.merge_speakers(world.lead, old, into=new)
    assert not Speaker.objects.filter(key=old).exists()
    assert set(_voices().values()) & {"A Silent  Witness"} == set()


def test_interrupted_undo_goes_on_when_it_is_asked_for_again(world, keys, monkeypatch):
    monkeypatch.setattr(merge_actions, "AT_ONCE", 1)
    annotate(world.scope(world.bob), world.bobs, "Nobody", voice="A Silent  Witness")
    before = _voices()
    old, new = (uuid.UUID(keys[name]) for name in ("A Silent  Witness", "A silent witness"))
    merge_actions.merge_speakers(world.lead, old, into=new)
    with _fail_at(monkeypatch, 2):
        merge_actions.undo_speaker_merge(world.lead, old)
    assert _voices() != before
    merge_actions.undo_speaker_merge(world.lead, old)
    assert _voices() == before
    with pytest.raises(Conflict, match="already exists again"):
        merge_actions.undo_speaker_merge(world.lead, old)


def test_undone_merge_leaves_what_others_changed_in_the_same_way_meanwhile(
    world, api, keys, monkeypatch
):
    monkeypatch.setattr(merge_actions, "AT_ONCE", 1)
    bob = world.scope(world.bob)
    own = annotate(bob, world.bobs, "Nobody", voice="A Silent  Witness")
    annotate(bob, world.bobs, "came", voice="A Silent  Witness")
    rewrite = merge_actions._rewrite_annotations

    def rewrite_after_bob(*args, **columns):
        path = f"{world.api}annotations/{own['id']}/"
        api(world.bob).patch(path, {"voice": "A silent witness"}, if_match='"1"')
        return rewrite(*args, **columns)

    old, new = (uuid.UUID(keys[name]) for name in ("A Silent  Witness", "A silent witness"))
    with monkeypatch.context() as patch:
        patch.setattr(merge_actions, "_rewrite_annotations", rewrite_after_bob)
        merge_actions.merge_speakers(world.lead, old, into=new)
    merge_actions.undo_speaker_merge(world.lead, old)
    voices = _voices()
    assert voices.pop(uuid.UUID(str(own["id"]))) == "A silent witness"
    assert sorted(voices.values(), key=str).count("A Silent  Witness") == 2


def test_undone_merge_takes_back_the_note_and_the_place_on_the_list(world, api, keys):
    old = Speaker.objects.get(name="A Silent  Witness")
    Speaker.objects.filter(pk=old.pk).update(listed=True, note="Of the first trial")
    _merge(world, api, keys, "A Silent  Witness", "A silent witness")
    new = Speaker.objects.get(name="A silent witness")
    assert (new.listed, new.note) == (True, "Of the first trial")
    answer = _undo(world, api, keys, "A Silent  Witness").json()
    assert (answer["listed"], answer["note"]) == (True, "Of the first trial")
    new.refresh_from_db()
    assert (new.listed, new.note) == (False, "")


def test_merge_is_undone_once_and_while_the_taker_is_there(world, api, keys):
    assert_problem(_undo(world, api, keys, "The minister"), 404)
    _merge(world, api, keys, "A Silent  Witness", "A silent witness")
    _merge(world, api, keys, "A silent witness", "The minister")
    assert_problem(_undo(world, api, keys, "A Silent  Witness"), 409)
    for name in ("A silent witness", "A Silent  Witness"):
        assert _undo(world, api, keys, name).status_code == 200
    before = contents()
    assert_problem(_undo(world, api, keys, "A Silent  Witness"), 409)
    assert contents() == before


def test_merge_told_otherwise_by_an_archive_is_not_undone(world, api, keys):
    for after in ({}, {"into_id": 7, "name": "", "into": "", "passages": "many"}, None):
        Event.objects.create(
            project=world.lead.project,
            action="merge",
            kind="speaker",
            object=keys["The minister"],
            before={"name": "", "note": "", "listed": False, "into": 3},
            after=after,
            at=timezone.now(),
        )
        assert_problem(_undo(world, api, keys, "The minister"), 404)


def test_page_says_why_a_merge_cannot_be_undone(world, api, keys, client_for):
    _merge(world, api, keys, "A Silent  Witness", "A silent witness")
    _merge(world, api, keys, "A silent witness", "The minister")
    lead = client_for(world.alice)
    path = f"/projects/{world.slug}/speakers/{keys['A Silent  Witness']}/unmerge/"
    page = lead.post(path, follow=True).content.decode()
    assert "“A silent witness” no longer exists" in page
