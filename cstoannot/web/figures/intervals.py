"""Coefficients and their intervals as an SVG figure."""

from collections.abc import Iterator, Sequence
from itertools import islice

from cstoannot.agreement.reports import AgreementReport
from cstoannot.agreement.round_trend import RoundTrend
from cstoannot.stats.coefficients.definitions import Measure
from cstoannot.stats.results import Coefficient
from cstoannot.web.coefficient_display import (
    CAUTIOUS,
    LEGEND,
    RELIABLE,
    CoefficientScale,
    classify_coefficient,
    compute_scale_minimum,
    format_coefficient,
)
from cstoannot.web.figures.svg import FONT, INK, MUTED, RULE, escape_svg_text, render_svg_text
from cstoannot.web.interval_words import INTERVAL_WORDS

WIDTH, ROW, TOP, BOTTOM = 820, 26, 84, 58
LABELS, VALUES = 240, 150  # pixels left and right of the lines
LONGEST = 36  # characters of a label
MOST = 200  # lines below the overall value; more are unreadable
OF = {"codes": "code", "pairs": "pair of coders", "sources": "source"}
COLOURS = {
    "high": "#1f7a4d",
    "cautious": "#8a6a10",
    "low": "#b3392f",
    "open": "#6a665e",
    "plain": "#0f5f66",
    "none": "#6a665e",
}


def render_interval_figure(report: AgreementReport, of: str = "codes") -> str:
    """Render a line for each code, pair of coders or source, below the overall value.

    `of`: a key of OF, else KeyError. Shows the first MOST lines.
    """
    named = {
        "codes": _iterate_code_results,
        "pairs": _iterate_pair_results,
        "sources": _iterate_source_results,
    }[of](report)
    rows = [
        (f"All codes, {report.measure.pooling.split()[0]}", report.overall),
        *islice(named, MOST),
    ]
    title = f"{report.measure.title} by {OF[of]}"
    return _render_interval_rows(title, _describe_interval_figure(report), rows, report.measure)


def render_round_figure(found: RoundTrend) -> str:
    """Render a line for each round, in their order."""
    rows = [(one.round.name, one.overall) for one in found.rounds[:MOST]]
    unit = f"unit: {found.unit}, 95 % intervals"
    return _render_interval_rows(f"{found.measure.title} by round", unit, rows, found.measure)


def _render_interval_rows(
    title: str, described: str, rows: Sequence[tuple[str, Coefficient]], measure: Measure
) -> str:
    scale = CoefficientScale(
        compute_scale_minimum(result for _, result in rows), LABELS, float(WIDTH - LABELS - VALUES)
    )
    height = TOP + ROW * len(rows) + BOTTOM
    body = [
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        render_svg_text(16, 28, title, size=16, weight=600),
        render_svg_text(16, 48, described, size=12, fill=MUTED),
        *_render_scale_axis(scale, height),
        *(_render_reliability_limits(scale, height) if measure.has_limits else ()),
    ]
    for place, (label, result) in enumerate(rows):
        body += _render_interval_row(scale, TOP + ROW * place + ROW / 2, label, result, measure)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" role="img" font-family="{FONT}">'
        f"<title>{escape_svg_text(title)}</title>"
        f"<desc>{escape_svg_text(described)}</desc>{''.join(body)}</svg>\n"
    )


def _iterate_code_results(report: AgreementReport) -> Iterator[tuple[str, Coefficient]]:
    return ((one.code.name, one.result) for one in report.codes)


def _iterate_pair_results(report: AgreementReport) -> Iterator[tuple[str, Coefficient]]:
    for one in report.pairs:
        yield f"{one.first.username}, {one.second.username}", one.result


def _iterate_source_results(report: AgreementReport) -> Iterator[tuple[str, Coefficient]]:
    return ((one.source.title, one.result) for one in report.by_source)


def _describe_interval_figure(report: AgreementReport) -> str:
    unit = f" · unit: {report.unit}" if len(report.measure.units) > 1 else ""
    known = (one.interval for one in (report.overall, *(code.result for code in report.codes)))
    interval = next((one for one in known if one), None)
    drawn = ""
    if interval:
        title = INTERVAL_WORDS[interval.method].title
        drawn = f" · {100 * interval.level:.0f} % intervals: {title}"
    return (
        f"{len(report.annotators)} coders, {len(report.sources):,} sources, "
        f"{report.overall.n:,} {report.measure.counts}{unit}{drawn}"
    )


def _render_scale_axis(scale: CoefficientScale, height: int) -> Iterator[str]:
    end = height - BOTTOM + 4
    for tick in scale.ticks():
        x = scale.x(tick)
        yield _render_vertical_rule(x, TOP - 4, end, RULE)
        yield render_svg_text(
            x, end + 16, f"{tick:.1f}".replace("-", "−"), anchor="middle", fill=MUTED
        )


def _render_reliability_limits(scale: CoefficientScale, height: int) -> Iterator[str]:
    end = height - BOTTOM + 4
    for limit, label in ((CAUTIOUS, ".667"), (RELIABLE, ".800")):
        x = scale.x(limit)
        yield _render_vertical_rule(x, TOP - 8, end, MUTED, dashed=limit == CAUTIOUS)
        yield render_svg_text(x, TOP - 13, label, anchor="middle", fill=MUTED)
    yield render_svg_text(scale.left, end + 38, LEGEND, size=11, fill=MUTED)


def _render_interval_row(
    scale: CoefficientScale, y: float, label: str, result: Coefficient, measure: Measure
) -> Iterator[str]:
    short = label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"
    yield render_svg_text(LABELS - 14, y + 4, short, anchor="end")
    right = scale.left + scale.width + 14
    if result.value is None:
        yield render_svg_text(right, y + 4, "undefined", fill=MUTED)
        return
    words = format_coefficient(result.value)
    if result.interval:
        low, high = result.interval.low, result.interval.high
        words += f" [{format_coefficient(low)}, {format_coefficient(high)}]"
        yield (
            f'<line x1="{scale.x(low):.1f}" x2="{scale.x(high):.1f}" y1="{y:g}" y2="{y:g}" '
            f'stroke="{INK}" stroke-width="1.5"/>'
        )
    colour = COLOURS[classify_coefficient(result, measure)]
    yield f'<circle cx="{scale.x(result.value):.1f}" cy="{y:g}" r="4.5" fill="{colour}"/>'
    yield render_svg_text(right, y + 4, words)


def _render_vertical_rule(
    x: float, top: float, bottom: float, colour: str, *, dashed: bool = False
) -> str:
    dashes = ' stroke-dasharray="3 3"' if dashed else ""
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top:g}" y2="{bottom:g}" stroke="{colour}"{dashes}/>'
    )
