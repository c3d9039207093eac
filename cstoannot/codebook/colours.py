"""Colours of codes: a palette of distinguishable colours, for colour-blind readers, too.

The distance of two colours is that in OKLab times 100 (ΔEOK; about 2 is just visible): the least of
four, for normal vision, protanopia, deuteranopia and tritanopia (Machado, Oliveira and Fernandes
2009, severity 1).
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Protocol, TypeVar

from cstoannot.core.errors import Invalid

# All pairs have a distance of at least APART; adjacent ones, also last and first, at least
# NEIGHBOURS, with a difference of at least 8 in lightness and 40° in hue. All have a contrast of at
# least 1.8 with white and with the dark surface.
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
APART = 6.0  # siblings with a smaller distance are too similar
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
    """Return the colour as #rrggbb in lower case; raise Invalid."""
    value = value.strip().lower()
    if not _HEX.fullmatch(value):
        raise Invalid("Enter a colour as #rrggbb, such as #4c78a8.", field="colour")
    return value


def convert_to_linear_rgb(colour: str) -> Triple:
    """Return linear red, green and blue of #rrggbb, from 0 to 1."""
    red, green, blue = (
        _linearise_channel(int(colour[place : place + 2], 16) / 255) for place in (1, 3, 5)
    )
    return red, green, blue


def _linearise_channel(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def convert_to_oklab(light: Triple) -> Triple:
    """Return lightness, green–red and blue–yellow (Ottosson 2020)."""
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
    """Return the colour in OKLab for each of the four kinds of vision."""
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
    """Return the least distance of two colours over the four kinds of vision."""
    pairs = zip(_simulate_hex_colour(one), _simulate_hex_colour(other), strict=True)
    return 100 * min(math.dist(first, second) for first, second in pairs)


def choose_colour(siblings: Sequence[str], above: str | None) -> str:
    """Return a colour for a new code after siblings with these colours.

    The next in the palette with enough distance from all of them and from the parent's; if none
    has, the most distant one. Colours repeat when the palette is used up.
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
    """Return the palette's colour with the largest distance from all of these."""
    near = [*siblings, *([above] if above else [])]
    return max(_rotate_palette(above), key=lambda colour: _compute_least_distance(colour, near))


def _rotate_palette(above: str | None) -> Sequence[str]:
    """Return the palette, starting after the colour most similar to the parent's."""
    if above is None:
        return PALETTE
    place = min(range(len(PALETTE)), key=lambda n: compute_colour_distance(PALETTE[n], above)) + 1
    return PALETTE[place:] + PALETTE[:place]


def _compute_least_distance(colour: str, others: Iterable[str]) -> float:
    return min((compute_colour_distance(colour, other) for other in others), default=math.inf)


def list_near_pairs(colours: Sequence[str]) -> list[tuple[int, int]]:
    """Return the pairs of siblings, as indexes, whose colours are too similar; each once.

    With more siblings than colours, only adjacent ones are compared.
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
    """Return pairs of sibling codes in use whose colours are too similar; each once."""
    families: dict[Any, list[C]] = defaultdict(list)
    for code in codes:
        if code.retired_at is None:
            families[code.parent_id].append(code)
    return [
        (family[first], family[second])
        for family in families.values()
        for first, second in list_near_pairs([code.colour for code in family])
    ]
