"""A speaker is taken up into another, with everything said in that voice."""

import uuid

import pytest

from cstoannot.annotations.merging import actions
from cstoannot.annotations.models import Annotation, Speaker
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
    monkeypatch.setattr(actions, "AT_ONCE", 1)
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
    assert whole.after == {"name": "A Silent  Witness", "into": "A silent witness"}


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
    assert "“A Silent  Witness” is now “A silent witness”" in answer.content.decode()
    assert "Names that look alike" not in answer.content.decode()
    assert Event.objects.filter(kind="speaker", action="merge").count() == 1


def test_page_asks_whom_a_speaker_is_to_be_merged_into(world, keys, client_for):
    lead = client_for(world.alice)
    path = f"/projects/{world.slug}/speakers/"
    page = lead.get(f"{path}?merge={keys['The minister']}").content.decode()
    assert "Merge The minister" in page
    assert f'<option value="{keys["A silent witness"]}">' in page
    answer = lead.post(f"{path}{keys['The minister']}/merge/", {"into": ""}, follow=True)
    assert "Choose the speaker who is meant." in answer.content.decode()
    assert lead.get(f"{path}?merge=nonsense").status_code == 422


def test_page_tells_a_blind_coder_of_their_own_passages_alone(world, keys, client_for):
    bob = client_for(world.bob).get(f"/projects/{world.slug}/speakers/").content.decode()
    assert "A Silent  Witness" in bob
    assert "A silent witness" not in bob
    assert '<b>The minister</b> <span class="muted">1 passage</span>' in " ".join(bob.split())
    assert "Merge" not in bob
