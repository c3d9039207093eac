"""What a careful reviewer would ask of the values of α and their intervals."""

from collections.abc import Iterator, Sequence

import numpy as np

from cstoannot.core.plurals import count_of
from cstoannot.stats.agreement.counts import CodeColumns, build_group_counts
from cstoannot.stats.agreement.diagnostics import (
    MOST_NAMED,
    DiagnosedCoding,
    DiagnosticFinding,
    FigureKind,
    FindingFigure,
    Said,
    describe_share,
    diagnose_data,
    list_examples,
    rank_findings,
)
from cstoannot.stats.coefficients import krippendorff_alpha
from cstoannot.stats.results import Coefficient, Floats

LOWER_LIMIT, UPPER_LIMIT = 0.667, 0.8
"""Krippendorff (2019), chapter 12: for α only."""
LOWER_BY = 0.1
"""By so much the pairs of an outlying coder lie below the others, in the mean."""
RAISED_BY = 0.05
"""By so much α rises without an outlying source."""


def diagnose_coding(coding: DiagnosedCoding) -> list[DiagnosticFinding]:
    """Return all findings, the gravest first; none where nobody compared anything."""
    found = diagnose_data(coding)
    if len(coding.table.source):
        found += _diagnose_weak_codes(coding)
        found += _diagnose_weak_labels(coding)
        found += _diagnose_limits(coding)
        found += _diagnose_outlying_coders(coding)
        found += _diagnose_outlying_sources(coding)
    return rank_findings(found)


def compute_lower_bound(value: Coefficient) -> float | None:
    """Return the lower end of the interval; the value where there is no interval."""
    return value.interval.low if value.interval and value.value is not None else value.value


def is_weak_code(value: Coefficient) -> bool:
    """Return whether α of a code is below the lower limit, or its interval reaches below it."""
    low = compute_lower_bound(value)
    return low is not None and low < LOWER_LIMIT


def describe_alpha(value: Coefficient) -> str:
    """Return "α = 0.71, 95 % interval 0.60 to 0.82"."""
    words = f"α = {_format_alpha(value.value or 0.0)}"
    if value.interval:
        low, high = _format_alpha(value.interval.low), _format_alpha(value.interval.high)
        words += f", {100 * value.interval.level:.0f} % interval {low} to {high}"
    return words


def _format_alpha(value: float) -> str:
    """Format with two decimals, or with three where two would cross one of the limits."""
    crossed = any(
        (round(value, 2) >= limit) != (value >= limit) for limit in (LOWER_LIMIT, UPPER_LIMIT)
    )
    words = f"{value:.3f}" if crossed else f"{value:.2f}"
    return words.replace("-", "−")


def _build_alpha_figure(
    value: Coefficient,
    counted: str,
    counts: FigureKind,
    *,
    code: int | None = None,
    source: int | None = None,
) -> FindingFigure:
    """Return α, its interval and the number of what is counted, as one figure."""
    return FindingFigure(f"{describe_alpha(value)}, {counted}", counts, code, (), source)


def _diagnose_weak_codes(coding: DiagnosedCoding) -> Iterator[DiagnosticFinding]:
    weak = [code for code in coding.codes if is_weak_code(coding.values[code])]
    if not weak:
        return
    weak.sort(key=lambda code: (compute_lower_bound(coding.values[code]) or 0.0, code))
    parts: list[Said] = []
    for code in weak[:MOST_NAMED]:
        value = coding.values[code]
        given = count_of(value.marked or 0, "unit")
        figure = _build_alpha_figure(value, given, FigureKind.UNITS_GIVEN, code=code)
        parts.append((f"“{coding.names.codes[code]}” (", figure, ")"))
    counts = (FigureKind.CODES_WEAK, FigureKind.CODES)
    yield DiagnosticFinding(
        "weak_codes",
        (
            "α, or the lower bound of its interval, is under .667 for ",
            *describe_share(len(weak), len(coding.codes), "code", counts),
            ", the weakest first: " if len(weak) > 1 else ": ",
            *list_examples(parts, len(weak)),
            ".",
        ),
        "Draw no conclusions from these codes until the coders have discussed where they differ, "
        "their definitions are sharper and a new sample is coded. Report α and its interval "
        "beside every result that uses them.",
    )


def _diagnose_weak_labels(coding: DiagnosedCoding) -> Iterator[DiagnosticFinding]:
    counted = {"stance": FigureKind.STANCES, "voice": FigureKind.VOICES}
    parts: list[Said] = []
    for name, value in coding.labels.items():
        if is_weak_code(value):
            words = count_of(value.n, "shared passage")
            parts.append((f"the {name} (", _build_alpha_figure(value, words, counted[name]), ")"))
    if parts:
        yield DiagnosticFinding(
            "weak_labels",
            (
                "Verdicts of the comparison rest on labels that coders give differently to "
                "passages they coded alike: ",
                *list_examples(parts, len(parts)),
                ".",
            ),
            "Treat verdicts as tentative, or have the coders settle the passages on which these "
            "labels differ.",
        )


def _diagnose_limits(coding: DiagnosedCoding) -> Iterator[DiagnosticFinding]:
    """Find an interval of the overall value that holds one of the limits, or both."""
    interval = coding.overall.interval
    if interval is None:
        return
    held = [
        name
        for limit, name in ((LOWER_LIMIT, ".667"), (UPPER_LIMIT, ".800"))
        if interval.low < limit <= interval.high
    ]
    if held:
        units = count_of(int(coding.table.units.sum()), "unit")
        yield DiagnosticFinding(
            "across_a_limit",
            (
                f"The interval of the value over all reaches across {' and '.join(held)} (",
                _build_alpha_figure(coding.overall, units, FigureKind.UNITS),
                ").",
            ),
            "Name the interval, not the value alone, and claim only what holds at its lower "
            "bound. More sources coded twice make it narrower.",
        )


def _diagnose_outlying_coders(coding: DiagnosedCoding) -> Iterator[DiagnosticFinding]:
    """Find the coder whose pairs lie furthest below those of the others."""
    known = {pair: one for pair, one in coding.pairs.items() if one.value is not None}
    coders = sorted({coder for pair in known for coder in pair})
    if coding.shown_pairs is not None or len(coders) < 3:
        return
    gaps = [(_compute_gap(known, coder), -coder) for coder in coders]
    gap, negative = max(gaps)
    if gap < LOWER_BY:
        return
    coder = -negative
    own = sorted((pair for pair in known if coder in pair), key=lambda p: known[p].value or 0.0)
    rest = sorted((pair for pair in known if coder not in pair), key=lambda p: known[p].value or 0)
    yield DiagnosticFinding(
        "outlying_coder",
        (
            f"{coding.names.annotators[coder]} agrees less with the other coders (",
            *list_examples([_describe_pair(coding, pair, coder) for pair in own], len(own), "; "),
            ") than these among themselves (",
            *list_examples([_describe_pair(coding, pair) for pair in rest], len(rest), "; "),
            ").",
        ),
        "Look at the passages on which this coder differs: they may read the codebook in another "
        "way, or better than the others. Train anew and code again, or report the values without "
        "this coder as well.",
    )


def _compute_gap(pairs: dict[tuple[int, int], Coefficient], coder: int) -> float:
    own = [one.value or 0.0 for pair, one in pairs.items() if coder in pair]
    rest = [one.value or 0.0 for pair, one in pairs.items() if coder not in pair]
    return float(np.mean(rest) - np.mean(own)) if rest else 0.0


def _describe_pair(
    coding: DiagnosedCoding, pair: tuple[int, int], known: int | None = None
) -> Said:
    """Return "with ann: α = 0.41, 241 units"; both names where neither is ``known``."""
    value = coding.pairs[pair]
    others = [coding.names.annotators[one] for one in pair if one != known]
    words = f"α = {_format_alpha(value.value or 0.0)}, {count_of(value.n, 'unit')}"
    figure = FindingFigure(words, FigureKind.UNITS, annotators=pair)
    return (f"{'with ' if known is not None else ''}{' and '.join(others)}: ", figure)


def _diagnose_outlying_sources(coding: DiagnosedCoding) -> Iterator[DiagnosticFinding]:
    """Find the source without which α over all rises most."""
    numbers, without = _compute_alpha_without(coding)
    if len(numbers) < 3 or coding.overall.value is None:
        return
    rise = without - coding.overall.value
    place = int(np.nanargmax(rise)) if not np.isnan(rise).all() else 0
    source = int(numbers[place])
    value = coding.by_source.get(source)
    if not rise[place] >= RAISED_BY or value is None or value.value is None:
        return
    units = count_of(int(coding.table.units.sum()), "unit")
    yield DiagnosticFinding(
        "outlying_source",
        (
            f"“{coding.names.sources[source]}” (",
            _build_alpha_figure(value, count_of(value.n, "unit"), FigureKind.UNITS, source=source),
            ") lowers the value over all (",
            _build_alpha_figure(coding.overall, units, FigureKind.UNITS),
            ") more than any other source.",
        ),
        "Look at what is different in this source; if it is of another kind, say so, and report "
        "the values without it as well.",
    )


def _compute_alpha_without(coding: DiagnosedCoding) -> tuple[Sequence[int], Floats]:
    """Return the sources, and α over all others for each; NaN where undefined."""
    table = coding.table
    columns = CodeColumns.of(np.asarray(coding.codes, np.int64), table.n_codes)
    counts = build_group_counts(table, columns, krippendorff_alpha.BINARY.needs)
    values = [krippendorff_alpha.BINARY.pooled(sums) for _, sums in counts.without_each()]
    return table.source.tolist(), np.concatenate(values or [np.zeros(0)])
