"""Each coder against the consensus: values over all codes and by code, and what differs."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from cstoannot.agreement.consensus_queries import (
    ConsensusView,
    load_consensus_view,
    load_practice_view,
)
from cstoannot.agreement.dataset import AgreementCode, AgreementSource, Annotator
from cstoannot.agreement.disagreements import KIND_NAMES, CodedPassage, build_coded_passage
from cstoannot.agreement.project_cache import CachedAgreement
from cstoannot.agreement.reports import DEFAULT_MEASURE
from cstoannot.assignments.models import Assignment
from cstoannot.projects.scope import Scope
from cstoannot.stats.agreement.disagreements import (
    DisagreementCase,
    DisagreementKind,
    build_disagreements,
)
from cstoannot.stats.agreement.engine import SufficientStatistics, compute_measure
from cstoannot.stats.agreement.reference_shares import ReferenceShares, compute_reference_shares
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.results import Coefficient, Ints

UNIT = MEASURES[DEFAULT_MEASURE].units[0]
MATCHES = {"exact": "f1_exact", "overlap": "f1_overlap", "characters": "f1_characters"}
"""How passages are matched, and the measure of it."""
ADDED = "added"
"""What differs besides the kinds of disagreement: a passage that the consensus has not."""
DIFFERENCES = (DisagreementKind.MISSED.value, ADDED, *KIND_NAMES[1:])


@dataclass(frozen=True)
class MatchValues:
    shares: ReferenceShares
    f1: Coefficient


@dataclass(frozen=True)
class ConsensusValues:
    """A coder's values: by MATCHES, and α over units."""

    matches: dict[str, MatchValues]
    alpha: Coefficient


@dataclass(frozen=True)
class CodeAgainstConsensus:
    code: AgreementCode
    values: ConsensusValues


@dataclass(frozen=True)
class ConsensusDifference:
    """One difference: `kind` is one of DIFFERENCES; the coder's and the consensus's passages."""

    kind: str
    source: AgreementSource
    start: int
    end: int
    own: tuple[CodedPassage, ...]
    consensus: tuple[CodedPassage, ...]


@dataclass(frozen=True)
class CoderAgainstConsensus:
    """`sources`: how many decided ones the coder read; `counts`: differences by kind."""

    annotator: Annotator
    sources: int
    overall: ConsensusValues
    codes: tuple[CodeAgainstConsensus, ...]
    differences: tuple[ConsensusDifference, ...]

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(one.kind for one in self.differences)
        return {kind: found[kind] for kind in DIFFERENCES}


@dataclass(frozen=True)
class ConsensusReport:
    """`plural`: passages left out because several readings stand there."""

    coders: tuple[CoderAgainstConsensus, ...] = ()
    sources: tuple[AgreementSource, ...] = ()
    plural: int = 0


def build_consensus_report(scope: Scope) -> ConsensusReport:
    """Compare the study's coders with the consensus; a coder without SEE_ALL_CODING: themselves."""
    return _build_report(load_consensus_view(scope))


def build_practice_report(scope: Scope, given: Iterable[Assignment]) -> ConsensusReport:
    """Compare what coders practised with the consensus, each over their own of these finished."""
    return _build_report(load_practice_view(scope, given))


def _build_report(view: ConsensusView | None) -> ConsensusReport:
    if view is None:
        return ConsensusReport()
    with view.kept.lock:
        found: ConsensusReport = view.kept.answer("report", lambda: _compute_report(view))
    return found


def _compute_report(view: ConsensusView) -> ConsensusReport:
    people = view.coding.annotators[: view.consensus]
    return ConsensusReport(
        coders=tuple(_compare_coder(view, number) for number in range(len(people))),
        sources=view.coding.sources,
        plural=view.plural,
    )


def _compare_coder(view: ConsensusView, coder: int) -> CoderAgainstConsensus:
    coding = view.coding
    parts = view.kept.parts_for(())
    found = [_compute_values(part, coder, view.consensus) for part in parts]
    by_code = {number: values for _, codes in found for number, values in codes}
    marked = coding.spans.select(annotators=[coder, view.consensus])
    used = set(np.unique(marked.code).tolist())
    return CoderAgainstConsensus(
        annotator=coding.annotators[coder],
        sources=int(coding.finished[:, coder].sum()),
        overall=found[0][0],
        codes=tuple(
            CodeAgainstConsensus(coding.codes[number], by_code[number])
            for number in sorted(by_code)
            if number in used
        ),
        differences=tuple(_list_differences(view, coder)),
    )


def _compute_values(
    part: CachedAgreement, coder: int, consensus: int
) -> tuple[ConsensusValues, list[tuple[int, ConsensusValues]]]:
    """Return the values over the codes of a part, and those of each of them."""
    coding = part.coding
    codes = np.asarray(
        range(len(coding.codes)) if coding.counted is None else coding.counted, np.int64
    )
    pair = np.array([coder, consensus])
    alpha = compute_measure(
        part.statistics_for(DEFAULT_MEASURE, UNIT), annotators=pair, codes=codes
    )
    matches = {
        name: _compute_matches(part.statistics_for(key, "character"), pair, codes)
        for name, key in MATCHES.items()
    }
    overall = ConsensusValues({name: one[0] for name, one in matches.items()}, alpha.overall)
    each = [
        (
            value.code,
            ConsensusValues({name: one[1][n] for name, one in matches.items()}, value.result),
        )
        for n, value in enumerate(alpha.codes)
    ]
    return overall, each


def _compute_matches(
    statistics: SufficientStatistics, pair: Ints, codes: Ints
) -> tuple[MatchValues, list[MatchValues]]:
    coder, consensus = pair.tolist()
    measured = compute_measure(statistics, annotators=pair, codes=codes)
    pooled, each = compute_reference_shares(
        statistics, coder=coder, reference=consensus, codes=codes
    )
    values = [
        MatchValues(shares, one.result) for shares, one in zip(each, measured.codes, strict=True)
    ]
    return MatchValues(pooled, measured.overall), values


def _list_differences(view: ConsensusView, coder: int) -> Iterable[ConsensusDifference]:
    """Yield what differs between the coder and the consensus, in the order of the text."""
    coding = view.coding
    spans = coding.spans.select(annotators=[coder, view.consensus])
    for case in build_disagreements(spans):
        yield ConsensusDifference(
            kind=_name_difference(case),
            source=coding.sources[case.source],
            start=case.start,
            end=case.end,
            own=tuple(build_coded_passage(coding, row) for row in case.rows_first),
            consensus=tuple(build_coded_passage(coding, row) for row in case.rows_second),
        )


def _name_difference(case: DisagreementCase) -> str:
    if case.kind == DisagreementKind.MISSED and case.rows_first:
        return ADDED
    return case.kind.value
