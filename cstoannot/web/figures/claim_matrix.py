"""The matrix of claims and actors as an SVG figure for a paper."""

from collections.abc import Iterator, Sequence

from cstoannot.comparison.reports import ComparisonReport
from cstoannot.stats.comparison.positions import CellState, Verdict
from cstoannot.web.cell_words import SIGNS, name_verdict
from cstoannot.web.figures.svg import FONT, INK, MUTED, escape_svg_text, render_svg_text

ROW, COLUMN, LABELS, VERDICT = 30, 46, 250, 110
TOP, HEADS, BOTTOM = 64, 196, 60
LONGEST, LONGEST_HEAD = 38, 28  # characters
MOST_ROWS, MOST_COLUMNS = 200, 100  # more are unreadable
COLOURS = {
    CellState.SUPPORTS: (31, 122, 77),
    CellState.OPPOSES: (179, 57, 47),
    CellState.MIXED: (138, 106, 16),
    CellState.MENTIONED: (106, 102, 94),
}
LEGEND = "; ".join((", ".join(f"{sign} {state}" for state, sign in SIGNS.items()), "* tentative"))
LEAST, MOST = 0.1, 0.42  # strength of the tint at a balance of 0 and of ±1


def render_claim_matrix(
    found: ComparisonReport,
    claims: Sequence[int],
    actors: Sequence[int],
    about: str,
    *,
    closed: bool,
) -> str:
    """Render a cell for each claim and actor, in these orders; at most MOST_ROWS, MOST_COLUMNS.

    `closed`: the reader sees only what is decided.
    """
    rows, columns = claims[:MOST_ROWS], actors[:MOST_COLUMNS]
    width = LABELS + COLUMN * len(columns) + VERDICT + 16
    width = max(width, 760)
    height = TOP + HEADS + ROW * len(rows) + BOTTOM
    title = "Where they agree and diverge"
    body = [
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        render_svg_text(16, 28, title, size=16, weight=600),
        render_svg_text(16, 48, about, fill=MUTED),
        *(
            _render_column_head(
                LABELS + COLUMN * (n + 0.5) + 4, TOP + HEADS - 10, found.actors[place].name
            )
            for n, place in enumerate(columns)
        ),
    ]
    for n, claim in enumerate(rows):
        body += _render_claim_row(found, claim, columns, TOP + HEADS + ROW * n, closed=closed)
    body.append(render_svg_text(16, height - 34, LEGEND, size=11, fill=MUTED))
    if left := _describe_undrawn_cells(len(claims) - len(rows), len(actors) - len(columns)):
        body.append(render_svg_text(16, height - 16, left, size=11, fill=MUTED))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" font-family="{FONT}">'
        f"<title>{escape_svg_text(title)}</title><desc>{escape_svg_text(about)}</desc>{''.join(body)}</svg>\n"
    )


def _render_claim_row(
    found: ComparisonReport, claim: int, actors: Sequence[int], y: float, *, closed: bool
) -> Iterator[str]:
    foot = y + ROW / 2 + 4
    yield render_svg_text(
        LABELS - 12, foot, _shorten_matrix_label(found.claims[claim].name, LONGEST), anchor="end"
    )
    for n, actor in enumerate(actors):
        yield from _render_claim_cell(found, claim, actor, LABELS + COLUMN * n, y)
    verdict = found.verdicts[claim]
    colour = {Verdict.AGREE: "#1f7a4d", Verdict.DIVERGE: "#b3392f"}.get(verdict, MUTED)
    words = name_verdict(verdict, found.question.by, closed=closed)
    words += " *" if found.tentative[claim] else ""
    right = LABELS + COLUMN * len(actors) + 14
    yield render_svg_text(right, foot, words, weight=600, fill=colour)


def _render_claim_cell(
    found: ComparisonReport, claim: int, actor: int, x: float, y: float
) -> Iterator[str]:
    cells = found.matrix
    state = CellState(int(cells.state[actor, claim]))
    middle, foot = x + COLUMN / 2, y + ROW / 2 + 4
    if state not in COLOURS:
        dashes = ' stroke="#c9c4b8" stroke-dasharray="2 2"' if state is CellState.PENDING else ""
        yield _render_cell_box(x, y, "none", dashes)
        yield render_svg_text(middle, foot, SIGNS[state.name.lower()], anchor="middle", fill=MUTED)
        return
    share = abs(float(cells.balance[actor, claim])) if state < CellState.MIXED else 0.4
    if state is not CellState.MENTIONED:
        yield _render_cell_box(
            x, y, _compute_tint_colour(COLOURS[state], LEAST + (MOST - LEAST) * share)
        )
    parts = (cells.supports, cells.opposes, cells.mixed, cells.mentioned)
    count = sum(int(part[actor, claim]) for part in parts)
    words = f"{SIGNS[state.name.lower()]} {count}"
    yield render_svg_text(middle, foot, words, anchor="middle", fill=INK)


def _render_cell_box(x: float, y: float, fill: str, more: str = "") -> str:
    return (
        f'<rect x="{x + 2:g}" y="{y + 2:g}" width="{COLUMN - 4}" height="{ROW - 4}" rx="4" '
        f'fill="{fill}"{more}/>'
    )


def _compute_tint_colour(colour: tuple[int, int, int], share: float) -> str:
    mixed = (round(255 - (255 - part) * share) for part in colour)
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _describe_undrawn_cells(claims: int, actors: int) -> str:
    parts = [f"{claims:,} more claims"] if claims > 0 else []
    parts += [f"{actors:,} more columns"] if actors > 0 else []
    return f"Not drawn: {' and '.join(parts)}." if parts else ""


def _shorten_matrix_label(words: str, longest: int) -> str:
    return words if len(words) <= longest else f"{words[: longest - 1]}…"


def _render_column_head(x: float, y: float, words: str) -> str:
    return (
        f'<text transform="translate({x:.1f} {y:.1f}) rotate(-90)" font-size="12" '
        f'fill="{INK}">{escape_svg_text(_shorten_matrix_label(words, LONGEST_HEAD))}</text>'
    )
