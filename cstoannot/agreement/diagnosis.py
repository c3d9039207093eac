"""Findings on a report's numbers, with the sources or passages behind each figure."""

from dataclasses import dataclass

from cstoannot.agreement.dataset import AgreementDataset
from cstoannot.agreement.disagreements import DisagreementFilter, count_disagreement_kinds
from cstoannot.agreement.project_cache import CachedAgreement, load_cached_agreement
from cstoannot.agreement.reports import (
    AgreementQuery,
    AgreementSelection,
    build_agreement_selection,
    check_agreement_query,
)
from cstoannot.projects.scope import Scope
from cstoannot.stats.agreement.counts import CodingTable
from cstoannot.stats.agreement.diagnostics import (
    DiagnosticFinding,
    DiagnosticNames,
    FigureKind,
    FindingFigure,
    diagnose_coding,
)

MEASURE, UNIT = "krippendorff_alpha", "sentence"


@dataclass(frozen=True)
class DiagnosisFigure:
    """A figure: its words and what it counts; `code` and `annotators` narrow it down."""

    words: str
    counts: FigureKind
    code: str
    annotators: tuple[str, ...]


@dataclass(frozen=True)
class Remark:
    """A finding, about `MEASURE` by `UNIT`: text and figures in `said`, and advice."""

    key: str
    said: tuple[str | DiagnosisFigure, ...]
    advice: str


def diagnose_report(scope: Scope, question: AgreementQuery) -> tuple[Remark, ...]:
    """Return findings on the selection, by sentences, the most serious first.

    Readers who know only results with their own work in them get findings on their own pairs only.
    """
    kept = load_cached_agreement(scope, question.meaning)
    asked = DisagreementFilter(
        annotators=question.annotators, sources=question.sources, meaning=question.meaning
    )
    with kept.lock:
        check_agreement_query(kept, question)
        chosen = build_agreement_selection(question, kept.coding)
        found: tuple[Remark, ...] = kept.answer(
            ("diagnosis", chosen), lambda: tuple(_build_remarks(kept, chosen, asked))
        )
    return found


def _build_remarks(
    kept: CachedAgreement, chosen: AgreementSelection, asked: DisagreementFilter
) -> list[Remark]:
    coding = kept.coding
    table = kept.statistics_for(MEASURE, UNIT).table
    if not isinstance(table, CodingTable) or not coding.annotators:
        return []
    found = diagnose_coding(
        table.select(sources=chosen.sources, annotators=chosen.annotators, codes=chosen.codes),
        DiagnosticNames(
            codes=[code.name for code in coding.codes],
            annotators=[one.username for one in coding.annotators],
            sources=[source.title for source in coding.sources],
        ),
        codes=chosen.codes,
        whole=table,
        disagreements=count_disagreement_kinds(kept, asked),
    )
    return [_build_remark(coding, one) for one in found if _may_show_finding(coding, one)]


def _may_show_finding(coding: AgreementDataset, finding: DiagnosticFinding) -> bool:
    pair = [coding.annotators[n].pk for n in finding.annotators]
    return coding.reader is None or len(pair) < 2 or coding.reader in pair


def _build_remark(coding: AgreementDataset, finding: DiagnosticFinding) -> Remark:
    said = tuple(
        _build_diagnosis_figure(coding, one) if isinstance(one, FindingFigure) else one
        for one in finding.said
    )
    return Remark(finding.key, said, finding.advice)


def _build_diagnosis_figure(coding: AgreementDataset, figure: FindingFigure) -> DiagnosisFigure:
    code = "" if figure.code is None else coding.codes[figure.code].slug
    names = tuple(coding.annotators[n].username for n in figure.annotators)
    return DiagnosisFigure(figure.words, figure.counts, code, names)
