"""Rows of values against the consensus, and of the passages behind them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cstoannot.agreement.consensus_reports import (
    CoderAgainstConsensus,
    ConsensusDifference,
    ConsensusValues,
    MatchValues,
)
from cstoannot.agreement.dataset import AgreementCode
from cstoannot.agreement.disagreements import CodedPassage
from cstoannot.decisions.own_queries import OwnDecision
from cstoannot.decisions.places import ProposedPassage
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import load_source_texts
from cstoannot.web.coefficient_display import describe_basis, format_coefficient, format_interval

MATCH_TITLES = {
    "exact": "Same bounds",
    "overlap": "Overlap",
    "characters": "Characters",
}
DIFFERENCE_TITLES = {
    "missed": "Missed",
    "added": "Added",
    "boundary": "Other bounds",
    "different_code": "Other code",
    "different_stance": "Other stance",
    "different_voice": "Other voice",
}
LONGEST = 400  # characters of a passage that are shown


@dataclass(frozen=True)
class MatchCells:
    precision: str
    recall: str
    f1: str
    interval: str
    basis: str


@dataclass(frozen=True)
class ConsensusRow:
    """A row of the table: a code (None: all codes) with its values as text."""

    code: AgreementCode | None
    chosen: MatchCells
    alpha: str
    interval: str
    basis: str
    own: int
    consensus: int


@dataclass(frozen=True)
class PassageText:
    passage: CodedPassage
    quote: str


@dataclass(frozen=True)
class NamedPassage:
    """A passage of a decision, with the name of its code."""

    code: str
    name: str
    stance: str
    voice: str
    quote: str


@dataclass(frozen=True)
class OwnDecisionRow:
    decision: OwnDecision
    own: tuple[NamedPassage, ...]
    decided: tuple[NamedPassage, ...]


@dataclass(frozen=True)
class DifferenceRow:
    difference: ConsensusDifference
    title: str
    own: tuple[PassageText, ...]
    consensus: tuple[PassageText, ...]


def build_consensus_rows(one: CoderAgainstConsensus, match: str) -> list[ConsensusRow]:
    """Build the rows of a coder, all codes first."""
    rows = [(None, one.overall), *((row.code, row.values) for row in one.codes)]
    return [build_consensus_row(code, values, match) for code, values in rows]


def build_consensus_row(
    code: AgreementCode | None, values: ConsensusValues, match: str
) -> ConsensusRow:
    chosen = values.matches[match]
    passages = values.matches["exact"].shares
    return ConsensusRow(
        code=code,
        chosen=_build_match_cells(chosen),
        alpha=format_coefficient(values.alpha.value),
        interval=format_interval(values.alpha.interval),
        basis=describe_basis(values.alpha),
        own=passages.own,
        consensus=passages.reference,
    )


def _build_match_cells(match: MatchValues) -> MatchCells:
    return MatchCells(
        precision=format_coefficient(match.shares.precision),
        recall=format_coefficient(match.shares.recall),
        f1=format_coefficient(match.f1.value),
        interval=format_interval(match.f1.interval),
        basis=describe_basis(match.f1),
    )


def build_difference_rows(
    scope: Scope, found: Iterable[ConsensusDifference]
) -> list[DifferenceRow]:
    """Build the rows of differences, with the text of their passages."""
    shown = list(found)
    texts = load_source_texts(scope, sorted({one.source.pk for one in shown}))
    return [
        DifferenceRow(
            one,
            DIFFERENCE_TITLES[one.kind],
            _quote_passages(one.own, texts.get(one.source.pk, "")),
            _quote_passages(one.consensus, texts.get(one.source.pk, "")),
        )
        for one in shown
    ]


def _quote_passages(passages: Iterable[CodedPassage], text: str) -> tuple[PassageText, ...]:
    return tuple(PassageText(one, shorten_quote(text[one.start : one.end])) for one in passages)


def shorten_quote(quote: str) -> str:
    """Leave out the end of a long passage."""
    return quote if len(quote) <= LONGEST else f"{quote[:LONGEST].rstrip()} …"


def build_own_decision_rows(
    found: Iterable[OwnDecision], names: Mapping[str, str]
) -> list[OwnDecisionRow]:
    """Build the rows of decisions; `names`: those of codes by slug."""
    return [
        OwnDecisionRow(one, _name_passages(one.own, names), _name_passages(one.decided, names))
        for one in found
    ]


def _name_passages(
    passages: Iterable[ProposedPassage], names: Mapping[str, str]
) -> tuple[NamedPassage, ...]:
    return tuple(
        NamedPassage(
            one.code, names.get(one.code, one.code), one.stance, one.voice, shorten_quote(one.quote)
        )
        for one in passages
    )
