"""The words and signs for the cells and verdicts of a comparison, the same on every page."""

from collections.abc import Mapping, Sequence

from cstoannot.annotations.models import Layer
from cstoannot.codebook.meaning import CURRENT
from cstoannot.comparison.comparison_query import MAJORITY
from cstoannot.comparison.excerpts import ExcerptAnnotation
from cstoannot.comparison.reports import LIMIT, CodeAgreement, CodeAlpha, TentativeReason
from cstoannot.core.plurals import count_of
from cstoannot.stats.comparison.positions import CellState, Verdict
from cstoannot.stats.results import IntervalReason, UndefinedReason
from cstoannot.web.coefficient_display import format_coefficient

STATES = [state.name.lower() for state in CellState]
SIGNS = {
    "supports": "▲",
    "opposes": "▼",
    "mixed": "◆",
    "mentioned": "○",
    "contested": "≠",
    "quoted": "”",
    "silent": "·",
    "pending": "…",
    "unassigned": "–",
}
VERDICTS = {
    Verdict.AGREE: "at least two take a side, and all take the same one",
    Verdict.DIVERGE: "some support the claim, others oppose it",
    Verdict.SINGLE: "only one takes a side",
    Verdict.UNADDRESSED: "nobody takes a side",
}

# For one actor and for several.
_SIDES = {
    "supports": ("supports", "support"),
    "opposes": ("opposes", "oppose"),
    "mixed": ("mixed", "mixed"),
    "mentioned": ("mentioned only", "mentioned only"),
    "contested": ("contested", "contested"),
    "quoted": ("quoted", "quoted"),
    "silent": ("silent", "silent"),
    "pending": ("pending", "pending"),
    "unassigned": ("unassigned", "unassigned"),
}
READER_WORDS = {
    "supports": ("supports", "support"),
    "opposes": ("opposes", "oppose"),
    "mixed": ("is mixed", "are mixed"),
    "mentioned": ("marked it without a stance", "marked it without a stance"),
    "silent": ("is silent", "are silent"),
}
PLACE_WORDS = ("supporting", "opposing", "mixed", "without stance")


def name_verdict(verdict: Verdict, by: str = "source", *, closed: bool = False) -> str:
    """Return the verdict's name on pages: a single one is named for what is compared.

    `closed`: the reader sees only what is decided, so that nothing seen does not mean no side.
    """
    if verdict is Verdict.SINGLE:
        return f"one {by}"
    if verdict is Verdict.UNADDRESSED:
        return "not open yet" if closed else "no side taken"
    return str(verdict)


def describe_sides(counts: Mapping[str, int]) -> str:
    """Describe how many actors are in which state: 2 support · 1 opposes · 1 mixed · 1 silent."""
    return " · ".join(words for _, words in list_sides(counts))


def list_sides(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return the states that occur, each with its number in words: 2 support."""
    return [
        (state, f"{counts[state]:,} {words[counts[state] > 1]}")
        for state, words in _SIDES.items()
        if counts.get(state)
    ]


def describe_cell(
    state: str, counts: Sequence[int], readers: Mapping[str, int], too_early: int = 0
) -> str:
    """Describe a cell: supports: 3 places (2 supporting, 1 mixed). 2 of 3 coders support, 1 …

    ``counts``: passages by PLACE_WORDS; ``readers``: as `collect_reader_counts` returns them;
    ``too_early``: how many coders finished the source before the code existed.
    """
    said = [f"{n:,} {words}" for words, n in zip(PLACE_WORDS, counts, strict=True) if n]
    found = f"{state}: {count_of(sum(counts), 'place')} ({', '.join(said)})" if said else state
    coders = describe_readers(readers)
    if coders:
        found = f"{found}. {coders[0].upper()}{coders[1:]}"
    if too_early:
        found = f"{found}. {count_of(too_early, 'coder')} read it before this code existed"
    return found


def describe_readers(readers: Mapping[str, int]) -> str:
    """Describe who took which side: 2 of 3 coders support, 1 is silent; empty if not known."""
    if not readers:
        return ""
    total = readers["read_by"]
    parts = [
        (readers[name], words[readers[name] > 1])
        for name, words in READER_WORDS.items()
        if readers[name]
    ]
    first = f"{parts[0][0]} of {count_of(total, 'coder')} {parts[0][1]}"
    return ", ".join([first, *(f"{number} {word}" for number, word in parts[1:])])


def describe_codebook_changes(
    stale: int, read_before: int, meaning: str, code: str = "this code"
) -> list[str]:
    """Describe outdated annotations, and sources finished before a code existed: a phrase each."""
    said = []
    if stale:
        done = "left out" if meaning == CURRENT else "counted"
        said.append(f"{count_of(stale, 'outdated annotation')} {done}")
    if read_before:
        verb = "was" if read_before == 1 else "were"
        said.append(f"{count_of(read_before, 'finished source')} {verb} read before {code} existed")
    return said


def describe_speaking_layer(said: ExcerptAnnotation) -> str:
    """Return who says it: the consensus, 2 of 3 coders, or the annotator."""
    if said.layer == Layer.CONSENSUS:
        return said.layer
    if said.layer != MAJORITY:
        return said.annotator
    coders = f"{said.marked_by} of {count_of(said.read_by, 'coder')}"
    return f"{coders}, {' and '.join(said.tied)} by a tie" if said.tied else coders


def describe_tentative_reasons(
    reasons: Sequence[TentativeReason], agreement: CodeAgreement
) -> list[str]:
    """Describe why a verdict is tentative, a phrase for each reason."""
    words = {
        TentativeReason.ALPHA: lambda: _describe_weak_alpha("α", agreement.alpha),
        TentativeReason.STANCE_ALPHA: lambda: _describe_weak_alpha("stance α", agreement.stance),
        TentativeReason.ONE_READER: lambda: "a source that takes a side was read by one coder",
        TentativeReason.ONE_PLACE: lambda: "a side rests on one place",
    }
    return [words[reason]() for reason in reasons]


def _describe_weak_alpha(name: str, alpha: CodeAlpha) -> str:
    if alpha.value is None:
        return f"{name} is unknown: {_UNKNOWN.get(alpha.reason or '', 'no agreement measured')}"
    value = format_coefficient(alpha.value)
    if alpha.value < LIMIT:
        return f"{name} {value} is below .667"
    if alpha.interval:
        return f"{name} {value} may be as low as {format_coefficient(alpha.interval.low)}"
    why = _WITHOUT_INTERVAL.get(alpha.no_interval, "")
    return f"{name} {value} has no interval{why}"


_WITHOUT_INTERVAL: dict[IntervalReason | None, str] = {
    IntervalReason.FEW_SOURCES: ": fewer than three sources take part",
    IntervalReason.UNDEFINED_WITHOUT_SOME_SOURCE: ": it rests on one source",
}
_UNKNOWN = {
    UndefinedReason.SINGLE_CATEGORY.value: "nothing varied",
    UndefinedReason.NO_PAIRABLE_UNITS.value: "no two coders judged the same",
    UndefinedReason.ONE_ANNOTATOR.value: "fewer than two coders read it",
}


_FOUND = {
    "supports": "supports the claim",
    "opposes": "opposes the claim",
    "mixed": "neither side leads by more than a third",
    "mentioned": "marked, without a stance",
    "contested": "some who read it marked something, most did not",
    "quoted": "there, but only in voices that were not asked for",
}
_READ = {
    "silent": "read to the end, nothing found in any voice",
    "pending": "not yet read to the end for this claim",
    "unassigned": "not assigned to any of the compared coders",
}
_DECIDED = {
    "silent": "decided, no passage on this claim in the consensus",
    "pending": "not decided yet",
    "unassigned": "nothing to decide that you may see",
}


def list_empty_states(layer: str) -> Mapping[str, str]:
    """Return the meanings of the states without a passage."""
    nothing = _DECIDED if layer == "consensus" else _READ
    return {state: words for state, words in {**_FOUND, **nothing}.items() if state in _EMPTY}


_EMPTY = ("contested", "quoted", *_READ)


def build_state_legend(layer: str) -> Mapping[str, str]:
    """Return the meanings of all states, with the state's name where a sign is not enough."""
    named = {**_FOUND, **list_empty_states(layer)}
    plain = ("supports", "opposes")
    return {
        state: words if state in plain else f"{state}: {words}" for state, words in named.items()
    }
