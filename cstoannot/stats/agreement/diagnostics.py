"""What a careful reviewer would ask of the coding behind the numbers.

Each finding names its subject, gives the figures and advises what to do. The limits are
conventions, defined only here; none of them changes a value. `reliability_checks` holds the checks
that start from values of α.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from cstoannot.core.plurals import count_of
from cstoannot.stats.agreement.counts import CodeColumns, CodingTable, build_group_counts
from cstoannot.stats.agreement.disagreements import DisagreementKind
from cstoannot.stats.agreement.overlaps import has_coder_in_mask, sum_by_place
from cstoannot.stats.results import Bools, Coefficient, Floats

FEW_SOURCES = 10
FEW_UNITS = 30
FEW_MARKED = 10
SKEWED = 0.05
UNEQUAL = 2.0
AT_THE_BOUNDS = 0.5
MOST_FINDINGS = 7
MOST_NAMED = 4
GRAVEST_FIRST = (
    "not_blind",
    "annotator_without_annotations",
    "weak_codes",
    "weak_labels",
    "stale_codings",
    "few_data",
    "one_coder_alone",
    "outlying_coder",
    "outlying_source",
    "one_place",
    "across_a_limit",
    "rare_codes",
    "unequal_margins",
    "single_category",
    "boundary_disagreement",
)
"""The keys of all findings, of whatever package."""


@dataclass(frozen=True, slots=True)
class DiagnosticNames:
    """The names of codes, annotators and sources, by number."""

    codes: Sequence[str]
    annotators: Sequence[str]
    sources: Sequence[str]


class FigureKind(StrEnum):
    """What a figure in a finding counts, so that the counted items can be listed."""

    SOURCES_ALONE = "sources_alone"
    """Sources that only one of the coders in view finished."""
    SOURCES_FINISHED = "sources_finished"
    """Sources that at least one of the coders in view finished."""
    SOURCES_COMPARED = "sources_compared"
    """Sources that at least two of them finished."""
    SOURCES_READ = "sources_read"
    """Of these, the sources that the annotator finished."""
    CODES = "codes"
    """Codes in view."""
    CODES_CONSTANT = "codes_constant"
    """Codes without a value because no unit or every unit has them."""
    CODES_WEAK = "codes_weak"
    """Codes whose α is below the lower limit, or whose interval reaches below it."""
    CODES_RARE = "codes_rare"
    """Codes given to few units, or to a small share of them."""
    UNITS = "units"
    """Units that were compared, for one code or for all, of some coders or of one source."""
    UNITS_GIVEN = "units_given"
    """Of these, the units with the code: from any coder, or from the first of a pair."""
    STANCES = "stances"
    """Passages that two coders coded alike, whose stances were compared."""
    VOICES = "voices"
    """The same, whose voices were compared."""
    BOUNDS = "bounds"
    """Disagreements about the bounds of a passage."""
    PASSAGES = "passages"
    """Disagreements about passages, not about their stance or voice."""
    CODERS = "coders"
    """Coders in view."""
    CLAIM = "claim"
    """The passages that speak to a code's claim: no count, the code's name."""


@dataclass(frozen=True, slots=True)
class FindingFigure:
    """Words with a number; ``code``, ``annotators``, ``source``, by number, narrow its count."""

    words: str
    counts: FigureKind
    code: int | None = None
    annotators: tuple[int, ...] = ()
    source: int | None = None

    def __str__(self) -> str:
        return self.words


Said = tuple[str | FindingFigure, ...]


@dataclass(frozen=True, slots=True)
class DiagnosticFinding:
    """``key``: one of `GRAVEST_FIRST`; ``said``: words and figures; ``advice``: what to do.

    ``pairs``: the pairs of annotators, by number, that it names.
    """

    key: str
    said: Said
    advice: str
    pairs: tuple[tuple[int, int], ...] = ()

    @property
    def message(self) -> str:
        return "".join(map(str, self.said))


@dataclass(frozen=True, eq=False)
class DiagnosedCoding:
    """What is looked at: a selection of units, and α of it.

    ``table``: the units of the selection (`CodingTable.select`); ``codes``: those selected, of
    which ``all_codes`` tells whether they are all; ``finished`` (S, A): who of the coders in view
    finished which of the sources asked for; others have no True. ``overall``, ``values`` (by code),
    ``pairs``, ``by_source``: α; ``labels``: α of ``stance`` and ``voice``; ``disagreements``: how
    many of each kind. ``shown_pairs``: the pairs that the reader may be told of; None for all.
    """

    table: CodingTable
    names: DiagnosticNames
    codes: Sequence[int]
    finished: Bools
    overall: Coefficient
    all_codes: bool = True
    values: Mapping[int, Coefficient] = field(default_factory=dict)
    pairs: Mapping[tuple[int, int], Coefficient] = field(default_factory=dict)
    by_source: Mapping[int, Coefficient] = field(default_factory=dict)
    labels: Mapping[str, Coefficient] = field(default_factory=dict)
    disagreements: Mapping[str, int] = field(default_factory=dict)
    shown_pairs: frozenset[tuple[int, int]] | None = None


def rank_findings(found: Iterable[DiagnosticFinding]) -> list[DiagnosticFinding]:
    """Sort by gravity."""
    return sorted(found, key=lambda one: GRAVEST_FIRST.index(one.key))


def is_rare_code(value: Coefficient) -> bool:
    """Return whether a code was given, but to few units or to a small (or great) share of them."""
    if not value.marked or value.prevalence is None or value.prevalence >= 1:
        return False
    return value.marked < FEW_MARKED or min(value.prevalence, 1 - value.prevalence) < SKEWED


def list_examples(some: Sequence[Said], count: int, separator: str = ", ") -> Said:
    """Join up to `MOST_NAMED` examples of ``count``."""
    parts: list[str | FindingFigure] = []
    for nth, one in enumerate(some[:MOST_NAMED]):
        parts += [separator, *one] if nth else one
    return (*parts, *((" and others",) if count > min(len(some), MOST_NAMED) else ()))


def build_count_figure(count: int, counts: FigureKind, noun: str = "") -> FindingFigure:
    return FindingFigure(count_of(count, noun) if noun else f"{count:,}", counts)


def describe_share(
    part: int, whole: int, thing: str, counts: tuple[FigureKind, FigureKind]
) -> Said:
    """Return "3 of 8 codes", or "the only code"."""
    if whole == 1:
        return (f"the only {thing}",)
    return (
        build_count_figure(part, counts[0]),
        " of ",
        build_count_figure(whole, counts[1], thing),
    )


def diagnose_data(coding: DiagnosedCoding) -> list[DiagnosticFinding]:
    """Return the findings that start from what was coded by whom, in no particular order."""
    found = [*_diagnose_single_readers(coding)]
    if not len(coding.table.source):
        return found
    columns = CodeColumns.of(np.arange(coding.table.n_codes), coding.table.n_codes)
    total = build_group_counts(coding.table, columns, ("positives",)).total()
    found += _diagnose_few_data(coding)
    found += _diagnose_silent_coders(coding)
    found += _diagnose_constant_codes(coding, total["positives"], float(total["values"][0]))
    found += _diagnose_rare_codes(coding)
    found += _diagnose_unequal_margins(coding)
    found += _diagnose_boundaries(coding.disagreements)
    return found


def _diagnose_single_readers(coding: DiagnosedCoding) -> Iterator[DiagnosticFinding]:
    readers = coding.finished.sum(axis=1)
    alone, every = np.flatnonzero(readers == 1), int((readers > 0).sum())
    if len(alone) and coding.finished.any(axis=0).sum() > 1:
        titles = [(f"“{coding.names.sources[one]}”",) for one in alone[:MOST_NAMED]]
        yield DiagnosticFinding(
            "one_coder_alone",
            (
                build_count_figure(len(alone), FigureKind.SOURCES_ALONE),
                " of ",
                build_count_figure(every, FigureKind.SOURCES_FINISHED, "finished source"),
                f" {'was' if len(alone) == 1 else 'were'} read by one coder only "
                f"and {'does' if len(alone) == 1 else 'do'} not count: ",
                *list_examples(titles, len(alone)),
                ".",
            ),
            "Assign them to a second coder, or say which part of the material was coded twice "
            "and how it was chosen.",
        )


def _diagnose_few_data(coding: DiagnosedCoding) -> Iterator[DiagnosticFinding]:
    table = coding.table
    units, sources = int(table.units.sum()), len(np.unique(table.source))
    if sources < FEW_SOURCES or units < FEW_UNITS:
        yield DiagnosticFinding(
            "few_data",
            (
                "Only ",
                build_count_figure(sources, FigureKind.SOURCES_COMPARED, "source"),
                " with ",
                build_count_figure(units, FigureKind.UNITS, "unit"),
                f" {'was' if sources == 1 else 'were'} read by two coders or more.",
            ),
            "An interval rests on the number of sources: with few it is wide, or there is none. "
            "Have more sources coded twice before you rest on these values.",
        )


def _diagnose_silent_coders(coding: DiagnosedCoding) -> Iterator[DiagnosticFinding]:
    table, names = coding.table, coding.names
    silent = [
        coder
        for coder in np.flatnonzero(table.finished.any(axis=0)).tolist()
        if not has_coder_in_mask(table.mask, coder).any()
    ]
    parts: list[Said] = []
    for coder in silent:
        count = len(np.unique(table.source[table.finished[:, coder]]))
        words = count_of(count, "source")
        figure = FindingFigure(words, FigureKind.SOURCES_READ, annotators=(coder,))
        parts.append((f"{names.annotators[coder]} ", figure))
    if parts:
        nothing = "anything" if coding.all_codes else "any of the codes in view"
        yield DiagnosticFinding(
            "annotator_without_annotations",
            (
                "Finished without marking ",
                f"{nothing}, though others read the same: ",
                *list_examples(parts, len(parts)),
                ".",
            ),
            "Ask whether these sources were really read to the end; if not, reopen them, as what "
            "is finished counts as silence.",
        )


def _diagnose_constant_codes(
    coding: DiagnosedCoding, positives: Floats, values: float
) -> Iterator[DiagnosticFinding]:
    flat = [code for code in coding.codes if positives[code] in (0, values)]
    if flat and values:
        names = [(f"“{coding.names.codes[code]}”",) for code in flat]
        yield DiagnosticFinding(
            "single_category",
            (
                build_count_figure(len(flat), FigureKind.CODES_CONSTANT, "code"),
                f" {'was' if len(flat) == 1 else 'were'} given nowhere "
                f"or everywhere, so agreement on {'it' if len(flat) == 1 else 'them'} is "
                "undefined: ",
                *list_examples(names, len(flat)),
                ".",
            ),
            "Leave them out of the report, or choose sources in which they occur.",
        )


def _diagnose_rare_codes(coding: DiagnosedCoding) -> Iterator[DiagnosticFinding]:
    rare = [code for code in coding.codes if is_rare_code(coding.values[code])]
    rare.sort(key=lambda code: (coding.values[code].marked or 0, code))
    if not rare:
        return
    parts: list[Said] = []
    for code in rare:
        marked = coding.values[code].marked or 0
        figure = FindingFigure(count_of(marked, "unit"), FigureKind.UNITS_GIVEN, code)
        parts.append((f"“{coding.names.codes[code]}” (", figure, ")"))
    counts = (FigureKind.CODES_RARE, FigureKind.CODES)
    share = describe_share(len(rare), len(coding.codes), "code", counts)
    yield DiagnosticFinding(
        "rare_codes",
        (
            "Few oversights change the value of ",
            *share,
            ", given or withheld so rarely: ",
            *list_examples(parts, len(rare)),
            ".",
        ),
        "Report the counts beside the values, and F1 of the passages or AC₁ beside α; percent "
        "agreement is high here whatever the coders do. Or have more coded twice.",
    )


def _diagnose_unequal_margins(coding: DiagnosedCoding) -> Iterator[DiagnosticFinding]:
    """Find coders who give a code much more often than others in the sources that both finished."""
    table = coding.table
    coders = np.flatnonzero(table.finished.any(axis=0)).tolist()
    found: list[tuple[float, tuple[int, int], Said]] = []
    for place, first in enumerate(coders):
        for second in coders[place + 1 :]:
            pair = (first, second)
            if coding.shown_pairs is not None and pair not in coding.shown_pairs:
                continue
            both = (table.finished[:, first] & table.finished[:, second])[table.group]
            one, other = (
                _count_marked_units(table, both & has_coder_in_mask(table.mask, coder))
                for coder in pair
            )
            found += _find_unequal_counts(one, other, pair, coding.names)
    if found:
        found.sort(key=lambda row: (-row[0], row[1]))
        parts = [said for _, _, said in found]
        yield DiagnosticFinding(
            "unequal_margins",
            (*list_examples(parts, len(parts), "; "), "."),
            "They use different thresholds for this code. Look at the passages that only one of "
            "them marked, and sharpen its definition.",
            pairs=tuple(pair for _, pair, _ in found[:MOST_NAMED]),
        )


def _count_marked_units(table: CodingTable, rows: Bools) -> Floats:
    return sum_by_place(table.code[rows], table.n[rows], table.n_codes)


def _find_unequal_counts(
    one: Floats, other: Floats, coders: tuple[int, int], names: DiagnosticNames
) -> Iterator[tuple[float, tuple[int, int], Said]]:
    """Find codes given twice as often, if the difference is unlikely to be chance."""
    more, less = np.maximum(one, other), np.minimum(one, other)
    apart = (more >= FEW_MARKED) & (more >= UNEQUAL * less)
    # The difference of counts with equal expectation has about this variance.
    apart &= (more - less) ** 2 > 4.0 * (more + less)
    for code in np.flatnonzero(apart).tolist():
        first, second = (names.annotators[coder] for coder in coders)
        said: Said = (
            f"“{names.codes[code]}”: {first} gave it to ",
            FindingFigure(f"{one[code]:,.0f}", FigureKind.UNITS_GIVEN, code, coders),
            f" units, {second} to ",
            FindingFigure(f"{other[code]:,.0f}", FigureKind.UNITS_GIVEN, code, coders[::-1]),
            " of the same",
        )
        yield float(more[code] - less[code]), coders, said


def _diagnose_boundaries(disagreements: Mapping[str, int]) -> Iterator[DiagnosticFinding]:
    bounds = disagreements.get(DisagreementKind.BOUNDARY, 0)
    missed = disagreements.get(DisagreementKind.MISSED, 0)
    other = disagreements.get(DisagreementKind.DIFFERENT_CODE, 0)
    total = bounds + missed + other
    if total and bounds / total >= AT_THE_BOUNDS:
        yield DiagnosticFinding(
            "boundary_disagreement",
            (
                build_count_figure(bounds, FigureKind.BOUNDS),
                " of ",
                build_count_figure(total, FigureKind.PASSAGES, "disagreement"),
                " over passages "
                f"{'is' if bounds == 1 else 'are'} about where they begin and end, not about the "
                "code.",
            ),
            "Agree on a unit (clause, sentence) in the guidelines, or report a measure by "
            "sentence, which does not mind them.",
        )
