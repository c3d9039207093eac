"""How a text is stored, and what is refused."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cstoannot.core.errors import Invalid, TooLarge
from cstoannot.text import normalise
from cstoannot.text.normalise import compute_text_hash, decode_text, normalise_text

HOSTILE = {
    "white space at both ends": "\t \n a \n ",
    "separators": "a\x85b\u2028c\u2029d\x0ce\x0bf",
    "controls": "".join(map(chr, [*range(1, 10), 11, 12, *range(14, 32), *range(127, 160)])),
    "noncharacters": "\ufdd0\ufffe\uffff\U0001ffff\U0010ffff",
    "every plane": "".join(chr(plane * 0x10000 + 0x100) for plane in range(17)),
    "NFD": "e\u0301",
    "NFC": "é",
    "zalgo": "z\u0335\u0321\u0307" * 20,
    "zero width": "\u200b\u200c\u200d\u2060",
    "bidi controls": "\u202ea\u202c\u2067b\u2069",
    "only no-break space": "\u00a0",
    "hangul filler": "\u3164",
    "mark inside": "a\ufeffb\ufeff",
    "turkish i and kelvin sign": "İıi \u212a",
    "CJK extension B": "\U00020000",
    "markup": "<script>alert(1)</script> {{ x }} &amp;",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_normalise_gives_hostile_text_back(text):
    assert normalise_text(text) == text
    assert normalise_text(decode_text(text.encode())) == text


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("\r\r\n\n\r", "\n\n\n\n"),
        ("\ufeffa", "a"),
        ("\ufeff\ufeffa", "\ufeffa"),
    ],
)
def test_normalise_changes_line_ends_and_one_mark(given, stored):
    assert normalise_text(given) == stored


@pytest.mark.parametrize("text", ["", "\ufeff"])
def test_normalise_empty_text_is_refused(text):
    with pytest.raises(Invalid) as caught:
        normalise_text(text)
    assert (caught.value.code, caught.value.field) == ("empty", "text")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\ufeff😀\r\n\x00", "The text has NUL at position 2."),
        ("a\ud800", "The text has half a surrogate pair (U+D800) at position 1."),
        ("\udfffa\x00", "The text has half a surrogate pair (U+DFFF) at position 0."),
    ],
)
def test_normalise_refused_character_is_named_with_position(text, message):
    with pytest.raises(Invalid) as caught:
        normalise_text(text)
    assert caught.value.code == "character"
    assert caught.value.message == f"{message} Remove it and send the text again."


def test_normalise_longer_than_limit_is_refused(monkeypatch):
    monkeypatch.setattr(normalise, "MAX_LENGTH", 3)
    assert normalise_text("😀\r\nb") == "😀\nb"
    with pytest.raises(TooLarge) as caught:
        normalise_text("abcd")
    assert caught.value.message == "The text has 4 characters; 3 are allowed. Split it."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_decode_accepts_unicode(encoding):
    assert normalise_text(decode_text("été 😀".encode(encoding))) == "été 😀"


def test_decode_utf_16_big_endian_with_mark():
    assert decode_text(b"\xfe\xff\x00a\xd8\x3d\xde\x00") == "\ufeffa😀"


def test_decode_two_marks_one_stays():
    assert normalise_text(decode_text("\ufeff\ufeffa".encode())) == "\ufeffa"


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        ("café".encode("latin-1"), "UTF-8: byte 3"),
        (b"\xef\xbb\xbfa\xc0\x80", "UTF-8: byte 4"),
        (b"\xed\xa0\x80", "UTF-8: byte 0"),
        (b"\xff\xfea\x00\x00\xd8", "UTF-16-LE: byte 4"),
        (b"\xff\xfea\x00b", "UTF-16-LE: byte 4"),
    ],
)
def test_decode_other_encoding_is_refused_with_byte(raw, place):
    with pytest.raises(Invalid) as caught:
        decode_text(raw)
    assert caught.value.code == "encoding"
    assert caught.value.message == (
        f"The text is not {place} does not fit. Save it as UTF-8 and send it again."
    )


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1))
def test_normalise_changes_nothing_else(text):
    expected = text[1:] if text[0] == "\ufeff" else text
    expected = "\n".join(expected.replace("\r\n", "\r").split("\r"))
    if expected:
        assert normalise_text(text) == expected


def test_hash_is_of_utf_8():
    assert compute_text_hash("é😀") == hashlib.sha256(b"\xc3\xa9\xf0\x9f\x98\x80").hexdigest()
