"""Warnings about the data behind the numbers, such as a careful reviewer would raise.

Each finding names its subject, gives the figures and advises what to do. The limits are
conventions, defined only here; none of them changes a value.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cstoannot.stats.agreement.counts import CodeColumns, CodingTable, build_group_counts
from cstoannot.stats.agreement.disagreements import DisagreementKind
from cstoannot.stats.agreement.overlaps import has_coder_in_mask, sum_by_place
from cstoannot.stats.results import Bools, Floats

FEW_UNITS = 30
FEW_MARKED = 10
SKEWED = 0.05
UNEQUAL = 2.0
AT_THE_BOUNDS = 0.5


@dataclass(frozen=True, slots=True)
class DiagnosticNames:
    """The names of codes, annotators and sources, by number."""

    codes: Sequence[str]
    annotators: Sequence[str]
    sources: Sequence[str]


class FigureKind(StrEnum):
    """What a figure in a finding counts, so that the counted items can be listed."""

    SOURCES_ALONE = "sources_alone"
    """Sources that fewer than two coders finished."""
    SOURCES_FINISHED = "sources_finished"
    """Sources that at least one coder finished."""
    SOURCES_READ = "sources_read"
    """Sources in view that the annotator finished."""
    CODES_CONSTANT = "codes_constant"
    """Codes without a value because no unit or every unit has them."""
    UNITS = "units"
    """Units that were compared, for one code or for all."""
    UNITS_GIVEN = "units_given"
    """Of these, the units with the code: from any coder, or from the first of a pair."""
    BOUNDS = "bounds"
    """Disagreements about the bounds of a passage."""
    PASSAGES = "passages"
    """Disagreements about passages, not about their stance or voice."""


@dataclass(frozen=True, slots=True)
class FindingFigure:
    """A number in a finding, as text; ``code`` and ``annotators``, by number, narrow its count."""

    words: str
    counts: FigureKind
    code: int | None = None
    annotators: tuple[int, ...] = ()

    def __str__(self) -> str:
        return self.words


Said = tuple[str | FindingFigure, ...]


@dataclass(frozen=True, slots=True)
class DiagnosticFinding:
    """``key``: the kind of finding; ``said``: words and figures; ``advice``: what to do.

    ``codes``, ``annotators``, ``sources``: its subjects, by number; empty means all.
    """

    key: str
    said: Said
    advice: str
    codes: tuple[int, ...] = ()
    annotators: tuple[int, ...] = ()
    sources: tuple[int, ...] = ()

    @property
    def message(self) -> str:
        return "".join(map(str, self.said))


def diagnose_coding(
    table: CodingTable,
    names: DiagnosticNames,
    *,
    codes: Sequence[int] | None = None,
    whole: CodingTable | None = None,
    disagreements: Mapping[str, int] | None = None,
) -> list[DiagnosticFinding]:
    """Return the findings on a selected table of units (`CodingTable.select`), most serious first.

    ``codes``: those selected, by default all; ``whole``: the same table before sources with fewer
    than two coders were left out; ``disagreements``: their number by kind.
    """
    columns = CodeColumns.of(np.arange(table.n_codes), table.n_codes)
    total = build_group_counts(table, columns, ("positives",)).total()
    found = [*_diagnose_unshared_sources(whole, names)] if whole is not None else []
    found += _diagnose_few_units(table)
    found += _diagnose_silent_coders(table, names)
    view = range(table.n_codes) if codes is None else codes
    found += _diagnose_constant_codes(view, total["positives"], float(total["values"][0]), names)
    found += _diagnose_rare_codes(table, total["positives"], float(total["values"][0]), names)
    found += _diagnose_unequal_margins(table, names)
    if disagreements is not None:
        found += _diagnose_boundaries(disagreements)
    return found


def _diagnose_unshared_sources(
    whole: CodingTable, names: DiagnosticNames
) -> Iterator[DiagnosticFinding]:
    coders = whole.finished.sum(axis=1)
    alone = whole.source[coders < 2]
    if len(alone):
        yield DiagnosticFinding(
            "unshared_sources",
            (
                FindingFigure(str(len(alone)), FigureKind.SOURCES_ALONE),
                " of ",
                FindingFigure(str(len(whole.source)), FigureKind.SOURCES_FINISHED),
                " sources were finished by fewer than two coders and do not count: ",
                _format_examples([names.sources[s] for s in alone[:4]], len(alone)),
                ".",
            ),
            "Assign them to a second coder, or say which part of the material was coded twice "
            "and how it was chosen.",
            sources=tuple(alone.tolist()),
        )


def _diagnose_few_units(table: CodingTable) -> Iterator[DiagnosticFinding]:
    units = int((table.units * table.copies).sum())
    if units < FEW_UNITS:
        yield DiagnosticFinding(
            "few_units",
            (
                "Only ",
                FindingFigure(str(units), FigureKind.UNITS),
                " units were judged by two coders or more.",
            ),
            f"Have more coded twice before you rest on these values; under {FEW_UNITS} units an "
            "interval says more than the value.",
        )


def _diagnose_silent_coders(
    table: CodingTable, names: DiagnosticNames
) -> Iterator[DiagnosticFinding]:
    for coder in np.flatnonzero(table.finished.any(axis=0)).tolist():
        if not has_coder_in_mask(table.mask, coder).any():
            count = int(table.finished[:, coder].sum())
            yield DiagnosticFinding(
                "annotator_without_annotations",
                (
                    f"{names.annotators[coder]} finished ",
                    FindingFigure(str(count), FigureKind.SOURCES_READ, annotators=(coder,)),
                    " shared sources without marking anything in them.",
                ),
                "Ask whether these sources were really read to the end; if not, reopen them, as "
                "what is finished counts as silence.",
                annotators=(coder,),
            )


def _diagnose_constant_codes(
    codes: Sequence[int], positives: Floats, values: float, names: DiagnosticNames
) -> Iterator[DiagnosticFinding]:
    flat = [code for code in codes if positives[code] in (0, values)]
    if flat and values:
        yield DiagnosticFinding(
            "single_category",
            (
                FindingFigure(str(len(flat)), FigureKind.CODES_CONSTANT),
                " codes were given nowhere or everywhere, so agreement on them is undefined: ",
                _format_examples([names.codes[code] for code in flat[:4]], len(flat)),
                ".",
            ),
            "Leave them out of the report, or choose sources in which they occur.",
            codes=tuple(flat),
        )


def _diagnose_rare_codes(
    table: CodingTable, positives: Floats, values: float, names: DiagnosticNames
) -> Iterator[DiagnosticFinding]:
    marked = np.bincount(table.code, weights=table.n, minlength=table.n_codes)
    for code in np.flatnonzero((positives > 0) & (positives < values)).tolist():
        share = positives[code] / values
        if marked[code] < FEW_MARKED:
            yield DiagnosticFinding(
                "few_marked_units",
                (
                    f"“{names.codes[code]}” was given to ",
                    FindingFigure(str(int(marked[code])), FigureKind.UNITS_GIVEN, code),
                    " units only.",
                ),
                "One coder's oversight changes this value much: report the count beside it, or "
                "have more coded twice.",
                codes=(code,),
            )
        elif min(share, 1 - share) < SKEWED:
            yield DiagnosticFinding(
                "skewed_prevalence",
                (
                    f"“{names.codes[code]}” makes up ",
                    FindingFigure(f"{100 * share:.1f} %", FigureKind.UNITS, code),
                    " of the judgements.",
                ),
                "With so rare a code, chance-corrected values fall for few disagreements and "
                "percent agreement is high whatever the coders do. Report F1 of the passages or "
                "AC₁ beside α.",
                codes=(code,),
            )


def _diagnose_unequal_margins(
    table: CodingTable, names: DiagnosticNames
) -> Iterator[DiagnosticFinding]:
    """Find coders who give a code much more often than others in the sources that both finished."""
    coders = np.flatnonzero(table.finished.any(axis=0)).tolist()
    for place, first in enumerate(coders):
        for second in coders[place + 1 :]:
            both = (table.finished[:, first] & table.finished[:, second])[table.group]
            one, other = (
                _count_marked_units(table, both & has_coder_in_mask(table.mask, coder))
                for coder in (first, second)
            )
            yield from _diagnose_unequal_counts(one, other, (first, second), names)


def _count_marked_units(table: CodingTable, rows: Bools) -> Floats:
    return sum_by_place(table.code[rows], table.n[rows], table.n_codes)


def _diagnose_unequal_counts(
    one: Floats, other: Floats, coders: tuple[int, int], names: DiagnosticNames
) -> Iterator[DiagnosticFinding]:
    """Find codes given twice as often, if the difference is unlikely to be chance."""
    more, less = np.maximum(one, other), np.minimum(one, other)
    apart = (more >= FEW_MARKED) & (more >= UNEQUAL * less)
    # The difference of counts with equal expectation has about this variance.
    apart &= (more - less) ** 2 > 4.0 * (more + less)
    for code in np.flatnonzero(apart).tolist():
        first, second = (names.annotators[coder] for coder in coders)
        yield DiagnosticFinding(
            "unequal_margins",
            (
                f"“{names.codes[code]}”: {first} gave it to ",
                FindingFigure(str(int(one[code])), FigureKind.UNITS_GIVEN, code, coders),
                f" units, {second} to ",
                FindingFigure(str(int(other[code])), FigureKind.UNITS_GIVEN, code, coders[::-1]),
                " of the same.",
            ),
            "They use different thresholds for this code. Look at the passages that only one of "
            "them marked, and sharpen its definition.",
            codes=(code,),
            annotators=coders,
        )


def _diagnose_boundaries(disagreements: Mapping[str, int]) -> Iterator[DiagnosticFinding]:
    bounds = disagreements.get(DisagreementKind.BOUNDARY, 0)
    missed = disagreements.get(DisagreementKind.MISSED, 0)
    other = disagreements.get(DisagreementKind.DIFFERENT_CODE, 0)
    total = bounds + missed + other
    if total and bounds / total >= AT_THE_BOUNDS:
        yield DiagnosticFinding(
            "boundary_disagreement",
            (
                FindingFigure(str(bounds), FigureKind.BOUNDS),
                " of ",
                FindingFigure(str(total), FigureKind.PASSAGES),
                " disagreements over passages are about where they begin and end, not about the "
                "code.",
            ),
            "Agree on a unit (clause, sentence) in the guidelines, or report a measure by "
            "sentence, which does not mind them.",
        )


def _format_examples(some: list[str], count: int) -> str:
    return ", ".join(some) + (" and others" if count > len(some) else "")
