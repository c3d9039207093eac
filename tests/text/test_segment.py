"""Paragraphs, sentences and tokens."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cstoannot.text.segment import segment_text
from cstoannot.text.tokens import LINE_ENDS, VISIBLE, classify_characters

LINES = json.loads(
    Path(__file__).parents[1].joinpath("cases", "lines.json").read_text(encoding="utf-8")
)["cases"]
SEEDS = sorted(Path(__file__).parents[2].joinpath("seeds").glob("*.txt"))


def quotes(text, spans):
    return [text[start:end] for start, end in spans]


def check_segments(text, language="en"):
    """Every visible character lies in exactly one unit of each kind, and units hold one."""
    segments = segment_text(text, language)
    classes = classify_characters(text)
    visible = [at for at, kind in enumerate(classes) if kind in VISIBLE]
    for spans in (segments.paragraphs, segments.sentences, segments.tokens):
        ends = [place for span in spans for place in span]
        assert ends == sorted(ends)
        covered = [at for start, end in spans for at in range(start, end)]
        assert len(covered) == len(set(covered))
        assert set(visible) <= set(covered)
        assert all(any(kind in VISIBLE for kind in classes[start:end]) for start, end in spans)
    assert all(not set(LINE_ENDS) & set(text[start:end]) for start, end in segments.paragraphs)
    for sentence in quotes(text, segments.sentences):
        assert sentence == sentence.strip() and not set(LINE_ENDS) & set(sentence)
    return segments


def test_paragraphs_are_whole_lines_that_show_something():
    text = "Title \n\n \u00a0\n\t Body.\n\u200b\ufeff\nEnd"
    assert quotes(text, segment_text(text).paragraphs) == ["Title ", "\t Body.", "End"]


@pytest.mark.parametrize("case", LINES, ids=lambda case: case["name"])
def test_paragraphs_and_sentences_end_with_every_kind_of_line(case):
    segments = check_segments(case["text"])
    assert quotes(case["text"], segments.paragraphs) == case["paragraphs"]
    ends = {end for _, end in segments.sentences}
    assert {end for _, end in segments.paragraphs} <= ends


@pytest.mark.parametrize("text", ["", "\n", " \n\u00a0\u2003", "\u3164", "\u200d\ufe0f", "\x01"])
def test_segment_text_that_shows_nothing_has_no_units(text):
    segments = segment_text(text)
    assert [len(segments.paragraphs), len(segments.sentences), len(segments.tokens)] == [0, 0, 0]


def test_sentences_end_with_their_line_and_are_trimmed():
    text = "A heading\nDr. Smith came 😀. He stayed.\u00a0 \n  «Да». Нет!\n"
    assert quotes(text, segment_text(text, "en").sentences) == [
        "A heading",
        "Dr. Smith came 😀.",
        "He stayed.",
        "«Да».",
        "Нет!",
    ]


@pytest.mark.parametrize(
    ("language", "text", "sentences"),
    [
        ("hy", "Բարեւ։ Ինչպե՞ս ես։", ["Բարեւ։", "Ինչպե՞ս ես։"]),
        ("zh", "你好。再见！", ["你好。", "再见！"]),
        ("de-AT", "Das ist z.B. gut. Ja.", ["Das ist z.B. gut.", "Ja."]),
        ("", "One. Two.", ["One.", "Two."]),
        ("tlh", "One. Two.", ["One.", "Two."]),
        ("../en", "One. Two.", ["One.", "Two."]),
        ("\ud800", "One. Two.", ["One.", "Two."]),
    ],
)
def test_sentences_by_language(language, text, sentences):
    assert quotes(text, segment_text(text, language).sentences) == sentences


def test_sentence_does_not_begin_with_a_mark():
    text = "Really!\ufe0f\u0301 Yes. \u0301No."
    assert quotes(text, segment_text(text).sentences) == [
        "Really!\ufe0f\u0301",
        "Yes. \u0301",
        "No.",
    ]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Don't stop, mother-in-law’s!", ["Don't", "stop", ",", "mother-in-law’s", "!"]),
        ("'quoted' - rock'n'roll--", ["'", "quoted", "'", "-", "rock'n'roll", "-", "-"]),
        ("2,000.5 3. a.b", ["2,000.5", "3", ".", "a", ".", "b"]),
        ("snake_case №4½", ["snake_case", "№", "4½"]),
        ("cafe\u0301 не\u0301т", ["cafe\u0301", "не\u0301т"]),
        ("Ինչպե՞ս ես։", ["Ինչպե՞ս", "ես", "։"]),
        ("צה״ל קָמָץ", ["צה״ל", "קָמָץ"]),
        ("می\u200cخواهم", ["می\u200cخواهم"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("你好。カナ", ["你", "好", "。", "カ", "ナ"]),
        ("ดีคะ\u200bไป", ["ดี", "ค", "ะ", "ไ", "ป"]),
        ("བོད་ཡིག", ["བོད", "་", "ཡིག"]),
        ("𠀀𠀁", ["𠀀", "𠀁"]),
        ("👨‍👩‍👧👍🏽❤️1️⃣", ["👨‍👩‍👧", "👍🏽", "❤️", "1️⃣"]),
        ("🇦🇲🇷🇺🇦", ["🇦🇲", "🇷🇺", "🇦"]),
        ("\u0301\u200ba\u00ad\u202e b", ["\u0301", "a\u00ad\u202e", "b"]),
        ("\ufdd0\U0010ffff\ue000", ["\ufdd0", "\U0010ffff", "\ue000"]),
    ],
)
def test_tokens(text, tokens):
    assert quotes(text, segment_text(text).tokens) == tokens


@settings(max_examples=60, deadline=None)
@given(
    st.text(
        st.sampled_from(
            "aZ1 .,!?'’-\"«»()\n\x0b\x85\u2028\t\u00a0\u200b\u200d\ufe0f\u0301中。😀🇦Ա։א٣"
        ),
        max_size=60,
    )
)
def test_segment_covers_generated_text(text):
    check_segments(text)


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_segment_covers_any_text(text):
    check_segments(text)


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_segment_covers_articles(path):
    text = path.read_text(encoding="utf-8")
    segments = check_segments(text)
    lines = [line for line in text.split("\n") if line.strip()]
    assert quotes(text, segments.paragraphs) == lines


def test_sentences_of_a_long_line_are_those_of_its_parts():
    sentence = "The council met in Yerevan on 3 November, and Mr. Pashinyan (in person) spoke. "
    text = sentence * 200
    assert quotes(text, segment_text(text, "en").sentences) == [sentence.strip()] * 200


def test_sentence_longer_than_the_window_is_one():
    long = "word " * 1500
    text = f"First. {long}end. Last."
    assert quotes(text, segment_text(text, "en").sentences) == ["First.", f"{long}end.", "Last."]


@pytest.mark.parametrize(
    "unit", ["a", "a\n", "你。", "«A. ", " ", " \n", "e\u0301", "x'", "1.", "\u200d", "👨‍", "("]
)
def test_segment_long_text_takes_linear_time(unit):
    text = (unit * 20_000)[:20_000]
    began = time.process_time()
    segment_text(text)
    # Ten times what the slowest takes; a quadratic step costs more already at this length.
    assert time.process_time() - began < 0.5
