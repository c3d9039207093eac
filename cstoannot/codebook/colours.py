"""Colours of codes: a palette whose every two colours are told apart, by colour-blind readers too.

How far two colours are from each other is their distance in OKLab times 100 (ΔEOK; about 2 can
just be seen), the least of four: as most people see them, and as people with protanopia,
deuteranopia and tritanopia do (Machado, Oliveira and Fernandes 2009, severity 1).
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Protocol, TypeVar

from cstoannot.core.errors import Invalid

# Every two are APART or further; two that follow each other, the last and the first among them,
# NEIGHBOURS or further, by 8 or more of lightness and 40° or more of hue. All have a contrast of
# 1.8 or more with white and with the dark surface.
PALETTE = (
    "#4b8efe",
    "#b35713",
    "#8aab67",
    "#8754ab",
    "#a1c5cc",
    "#91450d",
    "#6b748d",
    "#e6b816",
    "#413e96",
    "#3faff3",
    "#c8741d",
    "#6b4c68",
    "#70939a",
    "#c0c386",
    "#693ad4",
    "#888a5f",
    "#723a3b",
    "#ce7cc8",
    "#4b67fa",
    "#60ccfc",
    "#af62c1",
    "#eb881f",
    "#277a55",
    "#c3a1a0",
)
APART = 6.0  # siblings nearer than that are too near
NEIGHBOURS = 12.0
_HEX = re.compile(r"#[0-9a-f]{6}")
Triple = tuple[float, float, float]


class ColouredCode(Protocol):
    colour: Any
    parent_id: Any
    retired_at: Any


C = TypeVar("C", bound=ColouredCode)
_SEEN_BY = (
    ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
)


def check_colour(value: str) -> str:
    """The colour as #rrggbb in lower case; raises Invalid."""
    value = value.strip().lower()
    if not _HEX.fullmatch(value):
        raise Invalid("Give a colour as #rrggbb, such as #4c78a8.", field="colour")
    return value


def convert_to_linear_rgb(colour: str) -> Triple:
    """Red, green and blue of #rrggbb as amounts of light, from 0 to 1."""
    red, green, blue = (
        _linearise_channel(int(colour[place : place + 2], 16) / 255) for place in (1, 3, 5)
    )
    return red, green, blue


def _linearise_channel(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def convert_to_oklab(light: Triple) -> Triple:
    """Lightness, green to red, and blue to yellow (Ottosson 2020)."""
    red, green, blue = light
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def simulate_colour_vision(light: Triple) -> list[Triple]:
    """The light in OKLab, as each of the four kinds of reader sees it."""
    return [
        convert_to_oklab(
            (_apply_matrix_row(r, light), _apply_matrix_row(g, light), _apply_matrix_row(b, light))
        )
        for r, g, b in _SEEN_BY
    ]


def _apply_matrix_row(row: Triple, light: Triple) -> float:
    part = row[0] * light[0] + row[1] * light[1] + row[2] * light[2]
    return min(1.0, max(0.0, part))


@lru_cache(maxsize=5_000)
def _simulate_hex_colour(colour: str) -> list[Triple]:
    return simulate_colour_vision(convert_to_linear_rgb(colour))


@lru_cache(maxsize=50_000)
def compute_colour_distance(one: str, other: str) -> float:
    """How far apart two colours are for whoever tells them apart least."""
    pairs = zip(_simulate_hex_colour(one), _simulate_hex_colour(other), strict=True)
    return 100 * min(math.dist(first, second) for first, second in pairs)


def choose_colour(siblings: Sequence[str], above: str | None) -> str:
    """The colour of a code that comes after its siblings, of which these are the colours.

    The next of the palette that is far enough from all of them and from the code above; where
    none is, the one that is furthest. Beyond as many as the palette holds colours come again.
    """
    recent = siblings[-len(PALETTE) + 1 :]
    order = _rotate_palette(above)
    near = [*recent, *([above] if above else [])]
    for colour in order:
        last = compute_colour_distance(colour, siblings[-1]) if siblings else math.inf
        if last >= NEIGHBOURS and all(
            compute_colour_distance(colour, other) >= APART for other in near
        ):
            return colour
    return max(order, key=lambda colour: _compute_least_distance(colour, recent))


def choose_distant_colour(siblings: Sequence[str], above: str | None) -> str:
    """The colour furthest from all of these that the palette has for a code among them."""
    near = [*siblings, *([above] if above else [])]
    return max(_rotate_palette(above), key=lambda colour: _compute_least_distance(colour, near))


def _rotate_palette(above: str | None) -> Sequence[str]:
    """The palette, begun behind the colour most like that of the code above."""
    if above is None:
        return PALETTE
    place = min(range(len(PALETTE)), key=lambda n: compute_colour_distance(PALETTE[n], above)) + 1
    return PALETTE[place:] + PALETTE[:place]


def _compute_least_distance(colour: str, others: Iterable[str]) -> float:
    return min((compute_colour_distance(colour, other) for other in others), default=math.inf)


def list_near_pairs(colours: Sequence[str]) -> list[tuple[int, int]]:
    """Which of these siblings are too near each other, as pairs of places, each once.

    More than the palette holds cannot all be apart: of so many only neighbours are compared.
    """
    many = len(colours) > len(PALETTE)
    pairs = (
        (first, second)
        for second in range(1, len(colours))
        for first in ([second - 1] if many else range(second))
    )
    return [
        (one, two)
        for one, two in pairs
        if compute_colour_distance(colours[one], colours[two]) < APART
    ]


def list_near_siblings(codes: Iterable[C]) -> list[tuple[C, C]]:
    """Pairs of codes in use, each once, that stand side by side in colours too near each other."""
    families: dict[Any, list[C]] = defaultdict(list)
    for code in codes:
        if code.retired_at is None:
            families[code.parent_id].append(code)
    return [
        (family[first], family[second])
        for family in families.values()
        for first, second in list_near_pairs([code.colour for code in family])
    ]
