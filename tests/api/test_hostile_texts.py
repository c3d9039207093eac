import hashlib

import pytest

from tests.api.hostile import TEXTS, assert_problem, contents


def _add(lead, world, text, **details):
    return lead.post(f"{world.api}sources/", {"title": "T", "text": text, **details})


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_text_comes_back_code_point_by_code_point(world, api, text):
    lead = api(world.alice)
    source = _add(lead, world, text).json()
    answer = lead.get(f"{world.api}sources/{source['id']}/text/")
    assert answer.content.decode() == text
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert source["length"] == len(text)
    assert source["sha256"] == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_passage_note_and_quote_come_back_code_point_by_code_point(world, api, text):
    lead, bob = api(world.alice), api(world.bob)
    source = _add(lead, world, f"x{text}y").json()["id"]
    lead.post(f"{world.api}assignments/", {"source": source, "annotator": "bob"})
    place = {"source": source, "code": "failure", "start": 1, "end": 1 + len(text)}
    answer = bob.post(f"{world.api}annotations/", {**place, "quote": text, "note": text})
    assert answer.status_code == 201, answer.content
    read = bob.get(f"{world.api}annotations/{answer.json()['id']}/").json()
    assert (read["quote"], read["note"]) == (text, text)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("\ufeffabc", "abc"),
        ("\ufeff\ufeffabc", "\ufeffabc"),
        ("a\r\nb\rc\n", "a\nb\nc\n"),
        ("\r\r\n\n", "\n\n\n"),
    ],
)
def test_mark_and_line_ends_are_all_that_changes(world, api, sent, kept):
    lead = api(world.alice)
    source = _add(lead, world, sent).json()["id"]
    assert lead.get(f"{world.api}sources/{source}/text/").content.decode() == kept


@pytest.mark.parametrize(
    ("text", "position"), [("ab\x00c", 2), ("a\r\n\ud800", 2), ("\udfff", 0), ("\udc00\ud800", 0)]
)
def test_nul_and_half_pairs_are_refused_with_their_position(world, api, text, position):
    before = contents()
    body = assert_problem(_add(api(world.alice), world, text), 422)
    assert f"at position {position}" in body["errors"]["text"][0]
    assert contents() == before


def test_empty_text_is_refused(world, api):
    before = contents()
    lead = api(world.alice)
    for text in ("", "\ufeff"):
        assert_problem(_add(lead, world, text), 422)
    for text in (None, 5, [], {}, True):
        assert_problem(_add(lead, world, text), 400)
    assert contents() == before


def test_five_million_characters_are_taken_and_one_more_is_not(world, api):
    lead = api(world.alice)
    text = ("word " * 20 + "\n") * 49_504 + "x" * 96
    assert len(text) == 5_000_000
    source = _add(lead, world, text).json()["id"]
    assert lead.get(f"{world.api}sources/{source}/text/").content.decode() == text
    before = contents()
    assert_problem(_add(lead, world, text + "x"), 413)
    assert contents() == before


def test_one_line_of_a_million_characters(world, api):
    lead = api(world.alice)
    text = "ab " * 333_333 + "c"
    source = _add(lead, world, text).json()["id"]
    assert lead.get(f"{world.api}sources/{source}/text/").content.decode() == text
    assert_problem(lead.get(f"{world.api}sources/{source}/segments/?unit=token"), 413)
    part = lead.get(f"{world.api}sources/{source}/segments/?unit=token&start=3&end=7").json()
    assert part["spans"] == [[3, 5], [6, 8]]


def test_one_paragraph_a_character(world, api):
    lead = api(world.alice)
    source = _add(lead, world, "a\n" * 1000).json()["id"]
    spans = lead.get(f"{world.api}sources/{source}/segments/?unit=paragraph").json()["spans"]
    assert spans == [[2 * n, 2 * n + 1] for n in range(1000)]
