"""Colours of codes."""

import pytest

from cstoannot.codebook.colours import PALETTE, check_colour, shade
from cstoannot.core.errors import Invalid


@pytest.mark.parametrize(("value", "kept"), [("#4C78A8", "#4c78a8"), (" #000000 ", "#000000")])
def test_colour_is_kept_in_lower_case(value, kept):
    assert check_colour(value) == kept


@pytest.mark.parametrize("value", ["", "4c78a8", "#4c78a", "#4c78a8ff", "#4c78ag", "red"])
def test_colour_that_is_none_is_refused(value):
    with pytest.raises(Invalid) as refusal:
        check_colour(value)
    assert refusal.value.field == "colour"


@pytest.mark.parametrize("colour", PALETTE)
def test_shades_of_a_family_are_colours_and_differ(colour):
    shades = [shade(colour, n, 7) for n in range(7)]
    assert [check_colour(value) for value in shades] == shades
    assert len(set(shades)) == 7
    assert check_colour(shade(colour, 0, 1))
