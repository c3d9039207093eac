"""Slugs of names in any script."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cstoannot.core.fields import build_slug_stem, choose_free_slug


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Alliance failure", "alliance-failure"),
        ("Don’t / do", "dont-do"),
        ("Émile", "emile"),
        ("Größe", "grosse"),
        ("Двусторонность", "dvustoronnost"),
        ("Противовес НАТО", "protivoves-nato"),
        ("Ընդարձակում", "yndardzakowm"),
        ("集体安全", "ji-ti-an-quan"),
        ("ความมั่นคง", "khwammankhng"),
        ("???", "code"),
        ("", "code"),
    ],
)
def test_slug_is_readable_in_any_script(name, slug):
    assert build_slug_stem(name, "code") == slug


def test_slug_that_is_long_ends_with_a_word():
    assert build_slug_stem("collective " * 20, "code") == "-".join(["collective"] * 4)
    assert build_slug_stem("x" * 99, "code") == "x" * 50


@given(st.text())
def test_slug_stem_is_a_slug(name):
    assert re.fullmatch(r"[a-z0-9]([a-z0-9_-]{0,48}[a-z0-9])?", build_slug_stem(name, "code"))


def test_slug_that_is_taken_is_numbered():
    assert choose_free_slug("nato", set()) == "nato"
    assert choose_free_slug("nato", {"nato", "nato-2", "nato-security"}) == "nato-3"
