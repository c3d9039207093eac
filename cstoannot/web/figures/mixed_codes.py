"""How often each two codes were mixed up, as an SVG figure for a paper."""

from collections.abc import Iterator

from cstoannot.agreement.disagreements import MixedCodes
from cstoannot.web.figures.svg import FONT, INK, MUTED, escape_svg_text, render_svg_text

CELL, LABELS, TOP, BOTTOM = 30, 210, 210, 24
LONGEST = 30  # characters of a label
MOST = 60  # codes; more are unreadable
SHADE = (15, 95, 102)
EMPTY = "#f2f0ea"


def render_mixed_codes_figure(mixed: MixedCodes) -> str:
    """Render a cell for each two codes, shaded by how often they were mixed up."""
    count = min(len(mixed.codes), MOST)
    names = [code.name for code in mixed.codes[:count]]
    width, height = LABELS + CELL * count + 24, TOP + CELL * count + BOTTOM
    title = "Codes mixed up with each other"
    most = max((mixed.matrix[a][b] for a in range(count) for b in range(a)), default=0)
    body = [
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        render_svg_text(16, 28, title, size=16, weight=600),
        render_svg_text(
            16,
            48,
            "how often one coder marked text with one code and another coder with the other",
            fill=MUTED,
        ),
    ]
    for place, name in enumerate(names):
        middle = place * CELL + CELL / 2
        body.append(
            render_svg_text(LABELS - 10, TOP + middle + 4, _shorten_code_label(name), anchor="end")
        )
        body.append(_render_upright_code(LABELS + middle + 4, TOP - 10, _shorten_code_label(name)))
    body += _render_mixed_codes_cells(mixed, count, most)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" font-family="{FONT}">'
        f"<title>{escape_svg_text(title)}</title>{''.join(body)}</svg>\n"
    )


def _render_mixed_codes_cells(mixed: MixedCodes, count: int, most: int) -> Iterator[str]:
    for row in range(count):
        for column in range(count):
            x, y = LABELS + column * CELL, TOP + row * CELL
            number = 0 if row == column else mixed.matrix[row][column]
            share = number / most if most else 0.0
            fill = EMPTY if row == column else _compute_shade_colour(share)
            yield (
                f'<rect x="{x + 1}" y="{y + 1}" width="{CELL - 2}" height="{CELL - 2}" '
                f'rx="3" fill="{fill}"/>'
            )
            if number:
                ink = "#ffffff" if share > 0.5 else INK
                yield render_svg_text(
                    x + CELL / 2, y + CELL / 2 + 4, str(number), anchor="middle", fill=ink
                )


def _compute_shade_colour(share: float) -> str:
    """Return white for 0, the full colour for 1."""
    mixed = (round(255 - (255 - part) * share) for part in SHADE)
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _shorten_code_label(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def _render_upright_code(x: float, y: float, words: str) -> str:
    return (
        f'<text transform="translate({x:.1f} {y:.1f}) rotate(-90)" font-size="13" '
        f'fill="{INK}">{escape_svg_text(words)}</text>'
    )
