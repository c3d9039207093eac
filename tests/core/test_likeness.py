"""Which names a person cannot tell apart."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cstoannot.core.likeness import (
    build_comparison_key,
    choose_common_spellings,
    find_alike,
    group_alike,
)

SPELLINGS = [
    "Vladimir Putin",
    "Vladimir\u00a0Putin",
    "vladimir putin",
    "Vladimir  Putin",
    "Vladimir Putin\u200b",
    "\u00c9mile",
    "E\u0301mile",
]


def test_spellings_of_two_people_are_two():
    assert group_alike(SPELLINGS) == [SPELLINGS[:5], SPELLINGS[5:]]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NATO", "nato"),
        ("NATO", " NATO "),
        ("NATO", "ＮＡＴＯ"),
        ("NATO", "NA\u00adTO"),
        ("NATO", "\u202aNATO\u202c"),
        ("NATO", "N\ufe0fATO"),
        ("NATO", "NА\u0422О"),
        ("СССР", "CCCP"),
        ("ΝΑΤΟ", "NATO"),
        ("НАТО", "нато"),
        ("Straße", "STRASSE"),
        ("Non-aligned", "Non\u2011aligned"),
        ("East – West", "East - West"),
        ("Armenia’s exit", "Armenia's exit"),
        ("“Exit”", '"Exit"'),
        ("and/or", "and\u2215or"),
        ("집단", unicodedata.normalize("NFD", "집단")),
        ("Ёлка", unicodedata.normalize("NFD", "ёлка")),
        ("علی", "علي"),
        ("a\u2003b", "a b"),
        ("…", "..."),
    ],
)
def test_names_that_look_alike_have_one_key(one, other):
    assert build_comparison_key(one) == build_comparison_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NATO", "NATO 2"),
        ("Article 1", "Article I"),
        ("Emile", "Émile"),
        ("Все", "Всё"),
        ("East-West", "East West"),
        ("East West", "EastWest"),
        ("Security", "Security?"),
        ("Двусторонность", "Многосторонность"),
        ("集体安全", "集体"),
        ("على", "علي"),
    ],
)
def test_names_that_are_told_apart_have_two_keys(one, other):
    assert build_comparison_key(one) != build_comparison_key(other)


def test_letters_of_one_script_never_become_one():
    blocks = [(0x370, 0x400), (0x400, 0x530), (0x530, 0x590)]
    for first, stop in blocks:
        small = {
            unicodedata.normalize("NFKC", chr(point)).casefold().strip()
            for point in range(first, stop)
            if chr(point).isalpha()
        }
        groups = group_alike(sorted(small))
        assert [group for group in groups if len(group) > 1] == []


def test_name_that_nobody_sees_has_no_key():
    assert build_comparison_key("\u200b\u2060 \ufe0f") == ""


@given(st.text())
def test_key_of_a_key_is_itself(name):
    key = build_comparison_key(name)
    assert build_comparison_key(key) == key
    assert build_comparison_key(f" {name} ") == key
    assert build_comparison_key(unicodedata.normalize("NFD", name)) == key


def test_alike_is_found_by_what_it_is_called():
    assert find_alike("pism", ["EVN", "PISM", "Pism"]) == "PISM"
    assert find_alike("pism", [("PISM", 1)], lambda pair: pair[0]) == ("PISM", 1)
    assert find_alike("pism", ["EVN"]) is None


def test_common_spelling_is_the_one_most_used():
    counted = [("PISM", 1), ("Pism", 3), ("pism ", 3), ("EVN", 1)]
    assert choose_common_spellings(counted) == {
        "Pism": "Pism",
        "pism ": "Pism",
        "PISM": "Pism",
        "EVN": "EVN",
    }


def test_what_is_too_long_for_a_name_is_compared_as_it_stands():
    long = "a" + "\u0301\u0323" * 100_000
    assert build_comparison_key(long) is long
