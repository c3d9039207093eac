"""One speaker, however somebody spells the name."""

import uuid

import pytest

from cstoannot.annotations.actions import add_listed_speaker, change_speaker, save_annotation
from cstoannot.annotations.bulk_actions import save_annotations
from cstoannot.annotations.models import Speaker
from cstoannot.annotations.serialization import Draft
from cstoannot.annotations.speaker_queries import list_duplicate_speakers, load_speakers_by_name
from cstoannot.core.errors import Conflict
from tests.builders import annotate

SPELLINGS = [
    "Vladimir Putin",
    "Vladimir\u00a0Putin",
    "vladimir putin",
    "Vladimir  Putin",
    "Vladimir Putin\u200b",
    "\u00c9mile",
    "E\u0301mile",
]
TWO = {"Vladimir Putin", "\u00c9mile"}


def _names(world) -> set[str]:
    speakers = Speaker.objects.filter(project=world.lead.project)
    return set(speakers.values_list("name", flat=True)) - {"The minister", "A silent witness"}


def _drafts(world) -> list[Draft]:
    return [
        Draft(source=world.shared.pk, code="failure", start=0, end=end, voice=voice)
        for end, voice in enumerate(SPELLINGS, 3)
    ]


def test_spellings_saved_one_by_one_are_two_speakers(world):
    bob = world.scope(world.bob)
    rows = [save_annotation(bob, uuid.uuid4(), draft)[0] for draft in _drafts(world)]
    assert [row["voice"] for row in rows] == ["Vladimir Putin"] * 5 + ["\u00c9mile"] * 2
    assert _names(world) == TWO


def test_spellings_saved_at_once_are_two_speakers(world):
    bob = world.scope(world.bob)
    named = [(uuid.uuid4(), draft) for draft in _drafts(world)]
    saved = save_annotations(bob, named)
    assert [row["voice"] for row in saved.rows] == ["Vladimir Putin"] * 5 + ["\u00c9mile"] * 2
    assert _names(world) == TWO
    again = save_annotations(bob, named)
    assert (again.rows, again.created) == (saved.rows, 0)


def test_save_repeated_in_another_spelling_is_the_same_annotation(world):
    bob = world.scope(world.bob)
    first, second = _drafts(world)[0], _drafts(world)[2]
    save_annotation(bob, uuid.uuid4(), first)
    pk = uuid.uuid4()
    made, created = save_annotation(bob, pk, second)
    again, created_again = save_annotation(bob, pk, second)
    assert (again, created, created_again) == (made, True, False)


def test_exact_name_goes_before_one_alike(world):
    for name in ("PUTIN", "Putin"):
        Speaker.objects.create(project=world.lead.project, name=name)
    found = load_speakers_by_name(world.lead, ["Putin", "PUTIN", "putin", "Nobody"])
    assert {name: one.name for name, one in found.items()} == {
        "Putin": "Putin",
        "PUTIN": "PUTIN",
        "putin": "PUTIN",
    }


def test_blind_coder_is_not_told_how_another_spells_a_name(world):
    """Beth alone has named a silent witness."""
    bob = world.scope(world.bob)
    for name in ("a silent witness", "A  silent witness"):
        said = annotate(bob, world.shared, "Nobody", voice=name)
        assert said["voice"] == "a silent witness"
    pairs = [
        (uuid.uuid4(), Draft(world.bobs.pk, "failure", 0, end, voice=voice))
        for end, voice in enumerate(("A SILENT WITNESS", "A silent witness"), 3)
    ]
    rows = save_annotations(bob, pairs).rows
    assert [row["voice"] for row in rows] == ["a silent witness"] * 2
    groups = list_duplicate_speakers(world.lead)
    assert [[one.name for one in group] for group in groups] == [
        ["A silent witness", "a silent witness"]
    ]
    assert list_duplicate_speakers(bob) == []


def test_names_typed_at_once_do_not_give_a_hidden_spelling_away(world):
    bob = world.scope(world.bob)
    pairs = [
        (uuid.uuid4(), Draft(world.bobs.pk, "failure", 0, end, voice=voice))
        for end, voice in enumerate(("a silent witness", "A silent witness"), 3)
    ]
    rows = save_annotations(bob, pairs).rows
    assert [row["voice"] for row in rows] == ["a silent witness", "A silent witness"]


def test_listed_spelling_is_taken_by_everybody(world):
    add_listed_speaker(world.lead, name="Nikol Pashinyan")
    said = annotate(world.scope(world.bob), world.shared, "Nobody", voice="nikol pashinyan")
    assert said["voice"] == "Nikol Pashinyan"


def test_speaker_who_is_named_already_is_put_on_the_list_as_they_are(world):
    speaker, created = add_listed_speaker(world.lead, name="the Minister")
    assert (speaker.name, speaker.listed, created) == ("The minister", True, False)
    with pytest.raises(Conflict, match="“The minister” is already on the list"):
        add_listed_speaker(world.lead, name="THE MINISTER")


def test_speaker_is_not_renamed_like_another(world):
    speaker, _ = add_listed_speaker(world.lead, name="Émile")
    with pytest.raises(Conflict, match="“The minister”"):
        change_speaker(world.lead, speaker.key, name="The  Minister")
    assert change_speaker(world.lead, speaker.key, name="E\u0301mile").name == "E\u0301mile"


def test_likeness_follows_the_name(world):
    speaker, _ = add_listed_speaker(world.lead, name="Émile")
    change_speaker(world.lead, speaker.key, name="Zola")
    speaker.refresh_from_db()
    assert speaker.likeness == "zola"
