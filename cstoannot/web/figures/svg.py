"""SVG text, colours and the font of all figures."""

import re
from html import escape

INK, MUTED, RULE = "#1d1c1a", "#6a665e", "#e2ded5"
FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', Helvetica, Arial, sans-serif"
# Characters that XML 1.0 forbids; names may contain them.
_UNFIT = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_svg_text(
    x: float,
    y: float,
    words: str,
    *,
    size: int = 12,
    weight: int = 400,
    anchor: str = "start",
    fill: str = INK,
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}" fill="{fill}">{escape_svg_text(words)}</text>'
    )


def escape_svg_text(words: str) -> str:
    return escape(_UNFIT.sub("", words))
