"""What a careful reviewer would ask about the numbers, before it is asked.

Each finding says what it is about, with the figures, and what to do. The limits are conventions,
written here once; none of them changes a value.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cstoannot.stats.coding import CodingTable
from cstoannot.stats.counts import Columns, crowd
from cstoannot.stats.disagreements import Disagreement
from cstoannot.stats.layers import has, summed
from cstoannot.stats.results import Bools, Floats

FEW_UNITS = 30
FEW_MARKED = 10
SKEWED = 0.05
UNEQUAL = 2.0
AT_THE_BOUNDS = 0.5


@dataclass(frozen=True, slots=True)
class Names:
    """What the numbers of codes, annotators and sources are called."""

    codes: Sequence[str]
    annotators: Sequence[str]
    sources: Sequence[str]


class Counts(StrEnum):
    """What a figure in a finding counts, so that it can be listed."""

    SOURCES_ALONE = "sources_alone"
    """Sources that fewer than two coders finished."""
    SOURCES_FINISHED = "sources_finished"
    """Sources that anybody finished."""
    SOURCES_READ = "sources_read"
    """Sources in view that the annotator finished."""
    CODES_CONSTANT = "codes_constant"
    """Codes without a value, as they were given nowhere or everywhere."""
    UNITS = "units"
    """Units that were compared, for the code if there is one."""
    UNITS_GIVEN = "units_given"
    """Of these, the ones given the code: by anybody, or of a pair's by the first of it."""
    BOUNDS = "bounds"
    """Disagreements about where a passage begins and ends."""
    PASSAGES = "passages"
    """Disagreements over passages, not over what was said of them."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in a finding, in words; ``code`` and ``annotators``, by number, narrow its count."""

    words: str
    counts: Counts
    code: int | None = None
    annotators: tuple[int, ...] = ()

    def __str__(self) -> str:
        return self.words


Said = tuple[str | Figure, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """``key``: the kind of finding; ``said``: words and figures; ``advice``: what to do.

    ``codes``, ``annotators``, ``sources``: what it is about, by number; empty for all.
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


def diagnose(
    table: CodingTable,
    names: Names,
    *,
    codes: Sequence[int] | None = None,
    whole: CodingTable | None = None,
    disagreements: Mapping[str, int] | None = None,
) -> list[Finding]:
    """Findings on a selected table of units (`CodingTable.select`), the gravest first.

    ``codes``: those that were selected, all without it; ``whole`` is the same before sources that
    nobody shares were left out; ``disagreements`` says how many there are of each kind.
    """
    columns = Columns.of(np.arange(table.n_codes), table.n_codes)
    total = crowd(table, columns, ("positives",)).total()
    found = [*_unshared(whole, names)] if whole is not None else []
    found += _units(table)
    found += _silent(table, names)
    view = range(table.n_codes) if codes is None else codes
    found += _single(view, total["positives"], float(total["values"][0]), names)
    found += _rare(table, total["positives"], float(total["values"][0]), names)
    found += _margins(table, names)
    if disagreements is not None:
        found += _bounds(disagreements)
    return found


def _unshared(whole: CodingTable, names: Names) -> Iterator[Finding]:
    coders = whole.finished.sum(axis=1)
    alone = whole.source[coders < 2]
    if len(alone):
        yield Finding(
            "unshared_sources",
            (
                Figure(str(len(alone)), Counts.SOURCES_ALONE),
                " of ",
                Figure(str(len(whole.source)), Counts.SOURCES_FINISHED),
                " sources were finished by fewer than two coders and do not count: ",
                _listed([names.sources[s] for s in alone[:4]], len(alone)),
                ".",
            ),
            "Assign them to a second coder, or say which part of the material was coded twice "
            "and how it was chosen.",
            sources=tuple(alone.tolist()),
        )


def _units(table: CodingTable) -> Iterator[Finding]:
    units = int((table.units * table.copies).sum())
    if units < FEW_UNITS:
        yield Finding(
            "few_units",
            (
                "Only ",
                Figure(str(units), Counts.UNITS),
                " units were judged by two coders or more.",
            ),
            f"Have more coded twice before you rest on these values; under {FEW_UNITS} units an "
            "interval says more than the value.",
        )


def _silent(table: CodingTable, names: Names) -> Iterator[Finding]:
    for coder in np.flatnonzero(table.finished.any(axis=0)).tolist():
        if not has(table.mask, coder).any():
            count = int(table.finished[:, coder].sum())
            yield Finding(
                "annotator_without_annotations",
                (
                    f"{names.annotators[coder]} finished ",
                    Figure(str(count), Counts.SOURCES_READ, annotators=(coder,)),
                    " shared sources without marking anything in them.",
                ),
                "Ask whether these sources were really read to the end; if not, reopen them, as "
                "what is finished counts as silence.",
                annotators=(coder,),
            )


def _single(
    codes: Sequence[int], positives: Floats, values: float, names: Names
) -> Iterator[Finding]:
    flat = [code for code in codes if positives[code] in (0, values)]
    if flat and values:
        yield Finding(
            "single_category",
            (
                Figure(str(len(flat)), Counts.CODES_CONSTANT),
                " codes were given nowhere or everywhere, so agreement on them is undefined: ",
                _listed([names.codes[code] for code in flat[:4]], len(flat)),
                ".",
            ),
            "Leave them out of the report, or choose sources in which they occur.",
            codes=tuple(flat),
        )


def _rare(table: CodingTable, positives: Floats, values: float, names: Names) -> Iterator[Finding]:
    marked = np.bincount(table.code, weights=table.n, minlength=table.n_codes)
    for code in np.flatnonzero((positives > 0) & (positives < values)).tolist():
        share = positives[code] / values
        if marked[code] < FEW_MARKED:
            yield Finding(
                "few_marked_units",
                (
                    f"“{names.codes[code]}” was given to ",
                    Figure(str(int(marked[code])), Counts.UNITS_GIVEN, code),
                    " units only.",
                ),
                "One coder's oversight changes this value much: report the count beside it, or "
                "have more coded twice.",
                codes=(code,),
            )
        elif min(share, 1 - share) < SKEWED:
            yield Finding(
                "skewed_prevalence",
                (
                    f"“{names.codes[code]}” makes up ",
                    Figure(f"{100 * share:.1f} %", Counts.UNITS, code),
                    " of the judgements.",
                ),
                "With so rare a code, chance-corrected values fall for few disagreements and "
                "percent agreement is high whatever the coders do. Report F1 of the passages or "
                "AC₁ beside α.",
                codes=(code,),
            )


def _margins(table: CodingTable, names: Names) -> Iterator[Finding]:
    """Coders who give a code much more often than others in the sources both finished."""
    coders = np.flatnonzero(table.finished.any(axis=0)).tolist()
    for place, first in enumerate(coders):
        for second in coders[place + 1 :]:
            both = (table.finished[:, first] & table.finished[:, second])[table.group]
            one, other = (_given(table, both & has(table.mask, coder)) for coder in (first, second))
            yield from _apart(one, other, (first, second), names)


def _given(table: CodingTable, rows: Bools) -> Floats:
    return summed(table.code[rows], table.n[rows], table.n_codes)


def _apart(one: Floats, other: Floats, coders: tuple[int, int], names: Names) -> Iterator[Finding]:
    """Codes given twice as often, if that is more than chance would often bring about."""
    more, less = np.maximum(one, other), np.minimum(one, other)
    apart = (more >= FEW_MARKED) & (more >= UNEQUAL * less)
    # For counts of like expectation the difference has about this variance.
    apart &= (more - less) ** 2 > 4.0 * (more + less)
    for code in np.flatnonzero(apart).tolist():
        first, second = (names.annotators[coder] for coder in coders)
        yield Finding(
            "unequal_margins",
            (
                f"“{names.codes[code]}”: {first} gave it to ",
                Figure(str(int(one[code])), Counts.UNITS_GIVEN, code, coders),
                f" units, {second} to ",
                Figure(str(int(other[code])), Counts.UNITS_GIVEN, code, coders[::-1]),
                " of the same.",
            ),
            "They use different thresholds for this code. Look at the passages that only one of "
            "them marked, and sharpen its definition.",
            codes=(code,),
            annotators=coders,
        )


def _bounds(disagreements: Mapping[str, int]) -> Iterator[Finding]:
    bounds = disagreements.get(Disagreement.BOUNDARY, 0)
    missed = disagreements.get(Disagreement.MISSED, 0)
    other = disagreements.get(Disagreement.DIFFERENT_CODE, 0)
    total = bounds + missed + other
    if total and bounds / total >= AT_THE_BOUNDS:
        yield Finding(
            "boundary_disagreement",
            (
                Figure(str(bounds), Counts.BOUNDS),
                " of ",
                Figure(str(total), Counts.PASSAGES),
                " disagreements over passages are about where they begin and end, not about the "
                "code.",
            ),
            "Agree on a unit (clause, sentence) in the guidelines, or report a measure by "
            "sentence, which does not mind them.",
        )


def _listed(some: list[str], count: int) -> str:
    return ", ".join(some) + (" and others" if count > len(some) else "")
