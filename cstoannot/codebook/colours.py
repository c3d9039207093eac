"""Colours of codes: a palette that colour-blind readers tell apart, and shades within a family."""

import colorsys
import re

from cstoannot.core.errors import Invalid

PALETTE = (
    "#4c78a8",
    "#e45756",
    "#3f8f89",
    "#f58518",
    "#b279a2",
    "#54a24b",
    "#9d755d",
    "#d4a72c",
    "#6f6fb5",
    "#79706e",
)
_HEX = re.compile(r"#[0-9a-f]{6}")


def check_colour(value: str) -> str:
    """The colour as #rrggbb in lower case; raises Invalid."""
    value = value.strip().lower()
    if not _HEX.fullmatch(value):
        raise Invalid("Give a colour as #rrggbb, such as #4c78a8.", field="colour")
    return value


def shade(colour: str, index: int, count: int) -> str:
    """The colour of child `index` of `count` under a parent: same family, told apart.

    Hue turns a little and lightness steps, so that siblings differ and still belong together.
    """
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    step = 0.0 if count < 2 else index / (count - 1) - 0.5
    hue = (hue + step * 0.07) % 1
    lightness = min(0.74, max(0.3, lightness + step * 0.28))
    parts = colorsys.hls_to_rgb(hue, lightness, saturation)
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)
