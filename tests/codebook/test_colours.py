"""Colours of codes are told apart: by everybody, in the light and in the dark."""

import re
from itertools import combinations, pairwise
from math import atan2, degrees, dist

import pytest

from cstoannot.codebook.colours import (
    APART,
    NEIGHBOURS,
    PALETTE,
    check_colour,
    choose_colour,
    choose_distant_colour,
    compute_colour_distance,
    convert_to_linear_rgb,
    convert_to_oklab,
    list_near_pairs,
    simulate_colour_vision,
)
from cstoannot.core.errors import Invalid
from tests.architecture.code import APP

WHITE, DARK = "#ffffff", "#1f2124"
# As static/css/article.css paints passages: how much of the colour, and how much of that black.
PAINTED = {"light": (WHITE, 0.22, 0.0), "dark": (DARK, 0.52, 0.45)}


@pytest.mark.parametrize(("value", "kept"), [("#4C78A8", "#4c78a8"), (" #000000 ", "#000000")])
def test_colour_is_kept_in_lower_case(value, kept):
    assert check_colour(value) == kept


@pytest.mark.parametrize("value", ["", "4c78a8", "#4c78a", "#4c78a8ff", "#4c78ag", "red"])
def test_colour_that_is_none_is_refused(value):
    with pytest.raises(Invalid) as refusal:
        check_colour(value)
    assert refusal.value.field == "colour"


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ("#ffffff", (1.0, 0.0, 0.0)),
        ("#ff0000", (0.62796, 0.22486, 0.12585)),
        ("#00ff00", (0.86644, -0.23389, 0.17950)),
        ("#0000ff", (0.45201, -0.03246, -0.31153)),
    ],
)
def test_oklab_has_the_published_values(colour, expected):
    assert convert_to_oklab(convert_to_linear_rgb(colour)) == pytest.approx(expected, abs=2e-4)


def test_grey_is_the_same_for_every_kind_of_reader():
    views = simulate_colour_vision(convert_to_linear_rgb("#808080"))
    assert all(dist(views[0], view) < 0.001 for view in views)


def test_red_and_green_are_near_for_those_who_confuse_them():
    red, green = "#b04a3f", "#6b7a2e"
    plain = 100 * dist(
        convert_to_oklab(convert_to_linear_rgb(red)), convert_to_oklab(convert_to_linear_rgb(green))
    )
    assert (plain > 15, compute_colour_distance(red, green) < 5) == (True, True)


def test_palette_is_large_and_every_two_of_it_are_apart():
    assert [check_colour(colour) for colour in PALETTE] == list(PALETTE)
    assert len(set(PALETTE)) == 24
    assert min(compute_colour_distance(*pair) for pair in combinations(PALETTE, 2)) >= APART


def test_neighbours_in_the_palette_differ_in_lightness_and_hue():
    for one, other in pairwise((*PALETTE, PALETTE[0])):
        (first, *a), (second, *b) = (
            convert_to_oklab(convert_to_linear_rgb(one)),
            convert_to_oklab(convert_to_linear_rgb(other)),
        )
        turn = degrees(atan2(a[1], a[0]) - atan2(b[1], b[0]))
        assert compute_colour_distance(one, other) >= NEIGHBOURS
        assert abs(first - second) * 100 >= 8
        assert abs((turn + 180) % 360 - 180) >= 38


def _contrast(one: str, other: str) -> float:
    lights = [
        sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), convert_to_linear_rgb(c), strict=True))
        for c in (one, other)
    ]
    return (max(lights) + 0.05) / (min(lights) + 0.05)


@pytest.mark.parametrize("surface", [WHITE, DARK])
def test_palette_stands_out_from_either_surface(surface):
    assert min(_contrast(colour, surface) for colour in PALETTE) >= 1.75


def _painted(colour: str, theme: str) -> list[tuple[float, ...]]:
    """A passage's ground as each kind of reader sees it: mixed in OKLab, as in the style sheet."""
    surface, tint, black = PAINTED[theme]
    shown = []
    for ground, view in zip(
        simulate_colour_vision(convert_to_linear_rgb(surface)),
        simulate_colour_vision(convert_to_linear_rgb(colour)),
        strict=True,
    ):
        shaded = [part * (1 - black) for part in view]
        shown.append(tuple(tint * s + (1 - tint) * g for s, g in zip(shaded, ground, strict=True)))
    return shown


@pytest.mark.parametrize("theme", PAINTED)
def test_grounds_of_passages_are_apart_as_painted(theme):
    """Tints are a part of the colour: by so much less are they apart."""
    _, tint, black = PAINTED[theme]
    least = min(
        100
        * min(dist(a, b) for a, b in zip(_painted(one, theme), _painted(two, theme), strict=True))
        for one, two in pairwise((*PALETTE, PALETTE[0]))
    )
    assert least >= NEIGHBOURS * tint * (1 - black)


def test_style_sheet_paints_as_these_tests_say():
    sheet = (APP / "static/css/article.css").read_text()
    found = re.findall(r"--tint: (\d+)%; --tint-more: \d+%; --shade: (\d+)%", sheet)
    assert found == [
        (f"{tint * 100:.0f}", f"{black * 100:.0f}") for _, tint, black in PAINTED.values()
    ]


@pytest.mark.parametrize("above", [None, *PALETTE, "#000000", "#4c78a8", "#ff00ff"])
def test_colours_chosen_in_turn_are_apart(above):
    """24 siblings; those below a code differ from it too, as long as the palette has others."""
    chosen: list[str] = []
    for _ in range(24):
        chosen.append(choose_colour(chosen, above))
    assert min(compute_colour_distance(*pair) for pair in combinations(chosen, 2)) >= APART
    assert min(compute_colour_distance(*pair) for pair in pairwise(chosen)) >= APART
    if above:
        assert min(compute_colour_distance(above, colour) for colour in chosen[:14]) >= APART


def test_first_codes_follow_the_palette():
    chosen: list[str] = []
    for _ in range(60):
        chosen.append(choose_colour(chosen, None))
    assert tuple(chosen[:24]) == PALETTE
    assert set(chosen) == set(PALETTE)
    assert min(compute_colour_distance(*pair) for pair in pairwise(chosen)) >= APART


def test_siblings_too_near_are_found():
    assert list_near_pairs(["#4b8efe", "#b35713", "#4b8eff", "#b35713"]) == [(0, 2), (1, 3)]
    assert list_near_pairs(PALETTE) == []
    assert list_near_pairs([*PALETTE, *PALETTE]) == []
    assert list_near_pairs([*PALETTE, PALETTE[-1]]) == [(23, 24)]


def test_better_colour_is_apart_from_all_siblings():
    siblings = ["#4b8efe", "#b35713", "#222222"]
    better = choose_distant_colour(siblings, "#4b8eff")
    assert better in PALETTE
    assert min(compute_colour_distance(better, other) for other in siblings) >= NEIGHBOURS
