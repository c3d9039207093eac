"""A value and its interval on one line, for a table's cell; its colours are the page's."""

from cstoannot.stats.results import Coefficient
from cstoannot.web.figures.scale import RELIABLE, TENTATIVE, Scale, level_of

WIDTH, HEIGHT = 200.0, 18.0
EDGE = 5.0  # room for the dot at either end


def whisker(result: Coefficient, *, low: float, judged: bool) -> str:
    """The drawing; nothing for what has no value. The cell beside it says the same in words."""
    if result.value is None:
        return ""
    scale = Scale(low, EDGE, WIDTH - 2 * EDGE)
    middle = HEIGHT / 2
    parts = [_line(scale, TENTATIVE, ".25"), _line(scale, RELIABLE, ".5")] if judged else []
    if low < 0:
        parts.append(_line(scale, 0.0, ".12"))
    if result.interval:
        one, other = scale.x(result.interval.low), scale.x(result.interval.high)
        parts.append(
            f'<line x1="{one:.1f}" x2="{other:.1f}" y1="{middle:g}" y2="{middle:g}" '
            'stroke="currentColor" stroke-width="1.5"/>'
        )
    level = level_of(result.value, judged=judged)
    parts.append(
        f'<circle cx="{scale.x(result.value):.1f}" cy="{middle:g}" r="4" data-level="{level}"/>'
    )
    return (
        f'<svg class="whisker" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" aria-hidden="true">'
        f"{''.join(parts)}</svg>"
    )


def _line(scale: Scale, value: float, opacity: str) -> str:
    x = scale.x(value)
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{HEIGHT:g}" stroke="currentColor" '
        f'opacity="{opacity}"/>'
    )
