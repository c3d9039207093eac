"""What names, notes and choices may hold."""

import pytest

from cstoannot.core.errors import Invalid
from cstoannot.core.fields import (
    ANY_VERSION,
    clean_choice,
    clean_line,
    clean_text,
    expect_version,
    parse_whole_number,
)


@pytest.mark.parametrize(
    ("value", "kept"),
    [("", ""), ("  a b ", "a b"), ("\u00a0Ö🙂\n", "Ö🙂"), ("a\u200db", "a\u200db")],
)
def test_line_is_stripped_and_otherwise_kept(value, kept):
    assert clean_line(value, field="name", longest=10) == kept


@pytest.mark.parametrize(
    "bad", ["\x00", "\x07", "\n", "\r", "\t", "\x7f", "\x85", "\u2028", "\ud800"], ids=ascii
)
def test_line_with_a_control_character_is_refused(bad):
    with pytest.raises(Invalid, match="Character 2 ") as refusal:
        clean_line(f"a{bad}b", field="name", longest=10)
    assert refusal.value.field == "name"


def test_line_too_long_or_missing_is_refused():
    assert clean_line("x" * 10 + " ", field="name", longest=10) == "x" * 10
    for value in ("x" * 11, "", " "):
        with pytest.raises(Invalid):
            clean_line(value, field="name", longest=10, required=True)


def test_line_too_long_is_refused_before_it_is_looked_at_closely(monkeypatch):
    """A megabyte of accents would keep the process busy for an hour."""
    monkeypatch.setattr("cstoannot.core.fields.build_comparison_key", pytest.fail)
    with pytest.raises(Invalid, match="characters; 10 are allowed"):
        clean_line("a" + "\u0301\u0323" * 5, field="name", longest=10, required=True)


def test_text_is_kept_as_given():
    for value in ("", " a\r\n\tb ", "\x07\u2028"):
        assert clean_text(value, field="note", longest=10) == value


@pytest.mark.parametrize("value", ["\x00", "a\udfff", "x" * 11])
def test_text_that_cannot_be_stored_is_refused(value):
    with pytest.raises(Invalid) as refusal:
        clean_text(value, field="note", longest=10)
    assert refusal.value.field == "note"


def test_choice_is_one_of_those_there_are():
    assert clean_choice("", field="stance", choices=["", "a"]) == ""
    with pytest.raises(Invalid, match=r"Stance is one of: \(empty\), a\."):
        clean_choice("A", field="stance", choices=["", "a"])


def test_expected_version_fits_itself_or_any():
    assert (expect_version(2).fits(2), expect_version(2).fits(3), ANY_VERSION.fits(3)) == (
        True,
        False,
        True,
    )


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("7", 7),
        ("007", 7),
        ("1" + "0" * 18, 10**18),
        (str(2**63 - 1), 2**63 - 1),
        (str(2**63), None),
        ("9" * 5_000, None),
        ("0" * 5_000, 0),
        ("", None),
        ("-1", None),
        ("+1", None),
        ("1.0", None),
        ("1e3", None),
        (" 1", None),
        ("1_0", None),
        ("²", None),
        ("٣", None),
    ],
)
def test_whole_number_is_ascii_digits_up_to_the_largest_id(text, number):
    assert parse_whole_number(text) == number
